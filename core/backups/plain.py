"""A backup as one file for the eye: ``db_backup_….json``, or ``.json.gz``; whole again from it as from any other.

The manifest stands first, then every table's rows as objects, one a line. Each row is spelled in one way, so the file
is compared byte by byte as it is read; it is read line by line, however long it is.
"""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, cast

from core.backups.archive import Fault
from core.backups.line import dump
from core.backups.manifest import Manifest, TableFile, parse
from core.errors import Refused

ENDS = (".json", ".json.gz")
LONGEST = 1 << 26
"""Bytes of one line, at the most: a row is never so long."""
ABOUT = (
    "A whole backup of a Haang shop. python run.py restore brings it back; python run.py check reads it.",
    "Money is in minor units: 1250 is $12.50 where the currency is USD; KHR has none, 1250 is 1,250 riel.",
    "Moments are ISO 8601 in UTC. Where text is meant to be unknown it is empty; null is nothing at all.",
    "It is not encrypted: names, phones and addresses stand here.",
)
BROKEN = (OSError, EOFError, ValueError, KeyError, TypeError, RecursionError, zlib.error)


def write(path: Path, manifest: Manifest, lines: Callable[[str], Iterable[bytes]]) -> None:
    """Write and sync a file; ``lines`` gives a table's blocks of lines, again, as ``manifest`` counted them."""
    with path.open("xb") as file:
        if path.name.endswith(".gz"):
            with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
                _fill(cast("IO[bytes]", packed), manifest, lines)
        else:
            _fill(file, manifest, lines)
        file.flush()
        os.fsync(file.fileno())


def _fill(file: IO[bytes], manifest: Manifest, lines: Callable[[str], Iterable[bytes]]) -> None:
    file.write(_head(manifest))
    for place, table in enumerate(manifest.tables):
        file.write(_opening(table, place))
        first = True
        for block in lines(table.table):
            rows = b",\n".join(_row(table.columns, line) for line in block.splitlines())
            file.write(rows if first else b",\n" + rows)
            first = False
        file.write(b"\n]" if not first else b"]")
    file.write(_END)


_END = b"\n}\n}\n"


def _head(manifest: Manifest) -> bytes:
    return _before() + manifest.to_bytes().rstrip() + b',\n"tables": {\n'


def _opening(table: TableFile, place: int) -> bytes:
    return (b",\n" if place else b"") + f'"{table.table}": ['.encode() + (b"\n" if table.rows else b"")


def _row(columns: tuple[str, ...], line: bytes) -> bytes:
    """Spell one row for the eye."""
    return json.dumps(dict(zip(columns, json.loads(line), strict=True)), ensure_ascii=False).encode()


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def read_manifest(path: Path) -> Manifest:
    """Read the file's beginning; ``Refused`` for a file that is none of ours or not as it was written."""
    try:
        with closing(_open(path)) as file:
            return _begin(file, path.name)
    except FileNotFoundError:
        raise Refused("backup_missing", name=path.name) from None
    except BROKEN:
        raise Refused("backup_damaged", name=path.name) from None


def walk(path: Path) -> Iterator[tuple[TableFile, Iterator[bytes]]]:
    """Read every table's lines in one pass: each must be read to its end before the next is asked for."""
    try:
        with closing(_open(path)) as file:
            for place, table in enumerate(_begin(file, path.name).tables):
                yield table, _table(file, table, place)
    except BROKEN:
        raise Refused("backup_damaged", name=path.name) from None


def check(path: Path) -> Manifest:
    """Read the whole file; ``Refused`` for a byte that is not as it was written."""
    try:
        with closing(_open(path)) as file:
            manifest = _begin(file, path.name)
            for place, table in enumerate(manifest.tables):
                for _ in _table(file, table, place):
                    pass
            _expect(file, _END)
            if file.read(1):
                raise ValueError("more")
            return manifest
    except FileNotFoundError:
        raise Refused("backup_missing", name=path.name) from None
    except BROKEN:
        raise Refused("backup_damaged", name=path.name) from None


def faults(path: Path) -> tuple[Fault, ...]:
    """Say whether the file is as it was written; ``Refused`` when it cannot be told what it was."""
    read_manifest(path)
    try:
        check(path)
    except Refused:
        return (Fault(path.name, "changed"),)
    return ()


def _open(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, "rb")) if path.name.endswith(".gz") else path.open("rb")


def _begin(file: IO[bytes], name: str) -> Manifest:
    for expected in _before().splitlines(keepends=True):
        if file.readline(LONGEST) != expected:
            raise Refused("backup_missing", name=name)
    raw = b""
    while (line := file.readline(LONGEST)) not in {b"},\n", b""}:
        raw += line
    manifest = parse(raw + b"}\n", name)
    _expect(file, b'"tables": {\n')
    return manifest


def _before() -> bytes:
    about = json.dumps(ABOUT, indent=1, ensure_ascii=False).encode()
    return b'{"haang_backup":\n' + about + b',\n"manifest":\n'


def _expect(file: IO[bytes], wanted: bytes) -> None:
    if file.read(len(wanted)) != wanted:
        raise ValueError("other bytes")


def _table(file: IO[bytes], table: TableFile, place: int) -> Iterator[bytes]:
    """Read a table's rows as lines; ``ValueError`` at the latest after the last when any is not as it was."""
    raw, size = hashlib.sha256(), 0
    _expect(file, _opening(table, place))
    for number in range(1, table.rows + 1):
        written = file.readline(LONGEST)
        row = json.loads(written.rstrip(b",\n"))
        line = dump([row[column] for column in table.columns]).encode() + b"\n"
        if _row(table.columns, line) + (b",\n" if number < table.rows else b"\n") != written:
            raise ValueError("another row")
        raw.update(line)
        size += len(line)
        yield line
    _expect(file, b"]")
    if (size, raw.hexdigest()) != (table.bytes, table.sha256):
        raise ValueError("other rows")
