"""The forms a backup has, a folder or one readable file, read in the same way whichever it is."""

import re
from collections.abc import Iterator
from pathlib import Path

from core.backups import archive, plain
from core.backups.archive import Fault
from core.backups.manifest import Manifest, TableFile
from core.errors import Refused

NAME = re.compile(r"db_backup_(\d{8}_\d{6})(?:_\d+)?(?P<end>\.json|\.json\.gz)?")


def read_manifest(path: Path, identity: str = "") -> Manifest:
    """Read what a backup says of itself, cheaply; ``Refused`` when that is missing, damaged or for another's key."""
    return plain.read_manifest(path) if _is_plain(path) else archive.read_manifest(path, identity)


def check(path: Path, identity: str = "") -> Manifest:
    """Read a whole backup back; ``Refused`` for anything that is not as it was written."""
    return plain.check(path) if _is_plain(path) else archive.check(path, identity)


def faults(path: Path, identity: str = "") -> tuple[Fault, ...]:
    """Find everything that is wrong with a backup, file by file; ``Refused`` as :func:`read_manifest` does."""
    return plain.faults(path) if _is_plain(path) else archive.faults(path, identity)


def walk(path: Path, manifest: Manifest, identity: str = "") -> Iterator[tuple[TableFile, Iterator[bytes]]]:
    """Read every table, in the manifest's order: each some whole lines at a time, and to its end before the next.

    ``Refused`` at the latest after a table's last line when anything is not as the manifest says.
    """
    if _is_plain(path):
        return plain.walk(path)
    return ((table, archive.read_table(path, table, identity)) for table in manifest.tables)


def at(folder: Path, name: str) -> Path:
    """Find a backup by its name in ``folder``; ``Refused`` for a name that is none, or names nothing there."""
    path = folder / name
    found = NAME.fullmatch(name)
    if not found or path.is_symlink() or not (path.is_file() if found["end"] else path.is_dir()):
        raise Refused("backup_missing", name=Path(name).name[:80])
    return path


def _is_plain(path: Path) -> bool:
    return path.name.endswith(plain.ENDS)
