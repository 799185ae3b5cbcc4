"""Write a backup: snapshot, export, read back, and only then give it its name.

It is staged as ``.<name>.partial`` beside its place: whatever stands under ``db_backup_…`` is whole and verified.
This runs in a process of its own (``worker.py``); everything here may take its time.
"""

import re
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from core.database.tables import metadata
from core.errors import Refused
from core.files import sync_folder
from core.storage import archive, store, values
from core.storage.archive import Manifest
from core.storage.snapshot import Source, on_snapshot

NAME = re.compile(r"db_backup_(\d{8}_\d{6})(?:_\d+)?")
_PARTIAL = re.compile(r"\.db_backup_\d{8}_\d{6}(_\d+)?\.partial")
_STALE = 6 * 3600  # seconds


def make(source: Source, folder: Path, at: datetime, order_number: int = 0) -> tuple[Path, Manifest]:
    """Write and verify a backup into ``folder``; ``at`` names it as the shop's zone writes that moment.

    ``order_number`` is the highest that an order may have had so far.

    ``OSError`` or ``sqlite3.Error`` when the disk is full or read-only, ``Refused`` when what was read back is not what
    was written; then nothing is left behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    partial, place = _stage(folder, at)
    try:
        manifest = on_snapshot(source, partial / "scratch.sqlite3", lambda tx: _export(tx, partial, at, order_number))
        archive.write_manifest(partial, manifest)
        if archive.check(partial) != manifest:  # pragma: no cover - a disk that forgets
            raise Refused("backup_damaged", name=place.name)
        partial.rename(place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    sync_folder(folder)
    return place, manifest


def _export(tx: Connection, partial: Path, at: datetime, order_number: int) -> Manifest:
    tables = []
    for table in metadata.sorted_tables:
        blocks = values.lines(table, store.rows(tx, table))
        written = archive.write_table(partial, table.name, tuple(table.columns.keys()), blocks)
        if written.rows != store.count(tx, table):
            raise Refused("backup_damaged", name=table.name)
        tables.append(written)
    made_at = at.astimezone(UTC).isoformat()
    return Manifest(made_at, store.schema(tx), tx.dialect.name, tuple(tables), order_number=order_number)


def _stage(folder: Path, at: datetime) -> tuple[Path, Path]:
    """Make the partial folder; two backups in one second get ``_2`` and so on."""
    stem = f"db_backup_{at:%Y%m%d_%H%M%S}"
    for number in range(1, 100):
        place = folder / (stem if number == 1 else f"{stem}_{number}")
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


def _sweep(folder: Path) -> None:
    """Remove what a killed backup left, once it is surely nobody's any more."""
    old = time.time() - _STALE  # file times are the machine's, not the shop's clock
    for path in folder.iterdir():
        if _PARTIAL.fullmatch(path.name) and path.lstat().st_mtime < old and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
