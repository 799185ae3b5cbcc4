"""Write a backup: snapshot, export, read back, and only then give it its name.

It is staged as ``.<name>.partial`` beside its place: whatever stands under ``db_backup_…`` is whole and verified.
This runs in a process of its own (``worker.py``); everything here may take its time.
"""

import hashlib
import re
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.backups import archive, forms, plain
from core.backups.manifest import Manifest, TableFile
from core.backups.snapshot import Source, View, on_snapshot
from core.errors import Refused
from core.files import sync_folder

_PARTIAL = re.compile(r"\.db_backup_\d{8}_\d{6}(_\d+)?(\.json|\.json\.gz)?\.partial")
_STALE = 6 * 3600  # seconds
Told = Callable[[str, int, int], None]
"""Called with a table's name when it stands, how many do, and of how many."""


@dataclass(frozen=True, slots=True)
class About:
    """What a manifest says that the database does not; ``end`` is ``.json`` or ``.json.gz`` for a readable file.

    ``order_number`` is the highest that an order may have had so far; ``recipient`` whom it is encrypted for.
    """

    order_number: int = 0
    app: str = ""
    series: str = "database"
    note: str = ""
    recipient: str = ""
    end: str = ""


def make(
    source: Source, folder: Path, at: datetime, about: About | None = None, told: Told = lambda *_: None
) -> tuple[Path, Manifest]:
    """Write and verify a backup into ``folder``; ``at`` names it as the shop's zone writes that moment.

    ``OSError`` or ``sqlite3.Error`` when the disk is full or read-only, ``Refused`` when what was read back is not what
    was written; then nothing is left behind.
    """
    about = about or About()
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    if about.recipient and source.dialect == "sqlite":
        sweep(Path(source.where).parent)
    partial, place = _stage(folder, at, about.end)
    within = partial / place.name if about.end else partial
    try:
        made_at = at.astimezone(UTC).isoformat()
        scratch = _scratch(source, partial, about)
        manifest = on_snapshot(source, scratch, lambda view: _export(view, within, made_at, about, told))
        if forms.check(within) != _in_the_open(within, manifest):  # pragma: no cover - a disk that forgets
            raise Refused("backup_damaged", name=place.name)
        within.rename(place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    sync_folder(folder)
    return place, manifest


def _scratch(source: Source, partial: Path, about: About) -> Path:
    """Say where the snapshot may be copied: what will be encrypted stands open nowhere but where the database does."""
    return Path(source.where).with_name(partial.name) if about.recipient else partial / "scratch.sqlite3"


def _export(view: View, place: Path, made_at: str, about: About, told: Told) -> Manifest:
    wanted = view.tables()
    tables = []
    for table, columns in wanted:
        blocks = view.blocks(table)
        if about.end:
            written = _counted(table, columns, blocks)
        else:
            written = archive.write_table(place, table, columns, blocks, about.recipient)
        if written.rows != view.count(table):
            raise Refused("backup_damaged", name=table)
        tables.append(written)
        told(table, len(tables), len(wanted))
    manifest = Manifest(
        made_at, view.schema(), view.dialect, tuple(tables), order_number=about.order_number, app=about.app,
        series=about.series, shop=view.shop(), note=about.note, recipient=about.recipient,
    )  # fmt: skip
    if about.end:
        plain.write(place, manifest, view.blocks)
    else:
        archive.write_manifest(place, manifest)
    return manifest


def _counted(table: str, columns: tuple[str, ...], blocks: Iterable[bytes]) -> TableFile:
    found, rows, size = hashlib.sha256(), 0, 0
    for block in blocks:
        found.update(block)
        rows, size = rows + block.count(b"\n"), size + len(block)
    return TableFile(table, columns, rows, size, found.hexdigest())


def _in_the_open(place: Path, manifest: Manifest) -> Manifest:
    """Say what can be read of a manifest without a key."""
    return manifest.in_the_open(forms.read_manifest(place).sealed) if manifest.recipient else manifest


def _stage(folder: Path, at: datetime, end: str) -> tuple[Path, Path]:
    """Make the partial folder; two backups in one second get ``_2`` and so on."""
    stem = f"db_backup_{at:%Y%m%d_%H%M%S}"
    for number in range(1, 100):
        place = folder / ((stem if number == 1 else f"{stem}_{number}") + end)
        partial = folder / f".{place.name}.partial"
        try:
            partial.mkdir()
        except FileExistsError:
            continue
        if not place.exists():
            (partial / "data").mkdir()
            return partial, place
        partial.rmdir()
    raise Refused("backup_exists", name=stem)


def sweep(folder: Path) -> None:
    """Remove what a killed backup left, once it is surely nobody's any more."""
    old = time.time() - _STALE  # file times are the machine's, not the shop's clock
    for path in folder.iterdir():
        if _PARTIAL.fullmatch(path.name) and path.lstat().st_mtime < old and not path.is_symlink():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
