"""What a backup gives to whoever loads it, whatever its form: the manifest and, table by table, lines of JSON.

A backup may come from anywhere: nothing is read that is not a plain file of the names ours have, nothing is followed,
and nothing is unpacked that claims to be far more than it can be.
"""

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.backups import forms
from core.backups.manifest import Manifest, TableFile
from core.errors import Refused

_TABLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_TIMES = 2000
"""What a table unpacks to, at the most, in times of what is packed: rows as ours come to fifty."""
_SMALL = 1 << 20


@dataclass(frozen=True, slots=True)
class Contents:
    """A backup that was read once from end to end and found as it was written.

    ``walk`` reads every table again, those first that others point to, in blocks of whole lines (``values.py``), and
    refuses what has changed since; each is read to its end before the next.
    """

    name: str
    manifest: Manifest
    walk: Callable[[], Iterator[tuple[TableFile, Iterator[bytes]]]]

    @property
    def files(self) -> dict[str, TableFile]:
        """The tables by name."""
        return {table.table: table for table in self.manifest.tables}


def peek(path: Path, identity: str = "") -> Manifest:
    """Read what a backup says of itself, once it is sure that no link, pipe or strange name stands in it."""
    _must_be_plain(path)
    manifest = forms.read_manifest(path, identity)
    names = [table.table for table in manifest.tables]
    bombs = (table.packed_bytes and table.bytes > _TIMES * table.packed_bytes + _SMALL for table in manifest.tables)
    if len(set(names)) < len(names) or not all(map(_TABLE.fullmatch, names)) or any(bombs):
        raise Refused("backup_damaged", name=path.name)
    if any(table.rows < 0 or table.bytes < 0 for table in manifest.tables):
        raise Refused("backup_damaged", name=path.name)
    return manifest


def opened(path: Path, identity: str = "") -> Contents:
    """Read a whole backup; ``Refused`` for one that is damaged, missing, encrypted for another, or not ours."""
    manifest = peek(path, identity)
    if manifest.recipient and not identity:
        raise Refused("backup_needs_key", name=path.name, option="--identity")
    forms.check(path, identity)
    return Contents(path.name, manifest, lambda: forms.walk(path, manifest, identity))


def _must_be_plain(path: Path) -> None:
    """Refuse links, devices and pipes before anything is opened: one that never ends would be read for ever."""
    try:
        kind = path.stat().st_mode
        found = [Path(place, name) for place, folders, names in os.walk(path) for name in (*folders, *names)]
        kinds = [entry.lstat().st_mode for entry in found]
    except OSError:
        raise Refused("backup_missing", name=path.name) from None
    if not (stat.S_ISDIR(kind) or stat.S_ISREG(kind)):
        raise Refused("backup_missing", name=path.name)
    if not all(stat.S_ISREG(mode) or stat.S_ISDIR(mode) for mode in kinds):
        raise Refused("backup_damaged", name=path.name)
