"""What stands in the backup folder, and what people and checks said of it.

Beside a backup may lie ``NAME.pin`` (somebody wants it kept) and ``NAME.checked`` (when it was last read back whole,
and whether it was as it was written): files, so that they outlive whatever is restored into the database.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.backups import archive, forms
from core.backups.manifest import Manifest
from core.errors import Refused
from core.files import sync_folder, write_atomically

log = logging.getLogger(__name__)
PIN, CHECKED = ".pin", ".checked"


@dataclass(frozen=True, slots=True)
class Check:
    """A whole reading back: when, and whether everything was as it was written."""

    at: datetime
    whole: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A backup in the folder. ``manifest`` is None for one that cannot be read; ``bytes`` is what it takes up.

    ``in_place``: its files are there with the sizes that the manifest names.
    """

    path: Path
    manifest: Manifest | None
    bytes: int
    in_place: bool
    pinned: bool
    checked: Check | None

    @property
    def name(self) -> str:
        """Its name, by which people speak of it."""
        return self.path.name

    @property
    def verified(self) -> bool:
        """Whether it was read back when it was written, is still there, and no check found anything since."""
        return self.manifest is not None and self.in_place and (self.checked is None or self.checked.whole)

    @property
    def at(self) -> datetime:
        """When it was made; ``ValueError`` for one that cannot be read."""
        if self.manifest is None:
            raise ValueError(self.name)
        return datetime.fromisoformat(self.manifest.made_at)


def standing(folder: Path) -> Iterator[Standing]:
    """Every backup in ``folder`` by its name; a link, or a file where a folder should be, is none of ours."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        try:
            forms.at(folder, path.name)
        except Refused:
            continue
        yield look(path)


def look(path: Path) -> Standing:
    """Read what a backup says of itself and what is said of it, without reading it whole."""
    pinned, checked = _beside(path, PIN).exists(), _last_check(path)
    try:
        manifest = forms.read_manifest(path)
        datetime.fromisoformat(manifest.made_at)
    except (Refused, OSError, ValueError) as error:
        log.warning("backup %s cannot be read and is left alone: %s", path.name, type(error).__name__)
        return Standing(path, None, _bytes(path), in_place=False, pinned=pinned, checked=checked)
    return Standing(path, manifest, _bytes(path), _in_place(path, manifest), pinned, checked)


def _in_place(path: Path, manifest: Manifest) -> bool:
    try:
        return path.is_file() or all(
            archive.table_path(path, table.table, manifest.recipient).stat().st_size == table.packed_bytes
            for table in manifest.tables
        )
    except OSError:
        return False


def _bytes(path: Path) -> int:
    try:
        files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
        return sum(file.stat().st_size for file in files)
    except OSError:
        return 0


# ── beside it ────────────────────────────────────────────────────────────────────────────────────────────────────────
def pin(path: Path, now: datetime) -> None:
    """Let no rule remove a backup; ``OSError`` where the folder takes nothing."""
    write_atomically(_beside(path, PIN), json.dumps({"at": now.isoformat()}).encode())


def unpin(path: Path) -> None:
    """Let the rules decide again."""
    _beside(path, PIN).unlink(missing_ok=True)
    sync_folder(path.parent)


def note_check(path: Path, check: Check) -> None:
    """Write down that a backup was read back."""
    said = {"at": check.at.isoformat(), "whole": check.whole}
    write_atomically(_beside(path, CHECKED), json.dumps(said).encode())


def forget(path: Path) -> None:
    """Remove what was said of a backup that is gone."""
    for end in (PIN, CHECKED):
        _beside(path, end).unlink(missing_ok=True)


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def _last_check(path: Path) -> Check | None:
    try:
        said = json.loads(_beside(path, CHECKED).read_bytes())
        return Check(datetime.fromisoformat(said["at"]), said["whole"] is True)
    except (OSError, ValueError, KeyError, TypeError):
        return None
