"""The format of a backup: a folder with ``data/<table>.jsonl.zst`` and, written last, ``manifest.json``.

Format 1: every table a zstd frame (RFC 8878, with its checksum) of JSON lines (``values.py``); the manifest names, for
each, columns, rows, and bytes and SHA-256 both raw and compressed, and ends with a digest of itself. Nothing is
believed: python-zstandard reads a truncated frame without complaint, so counts and digests are compared each time.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import zstandard

from core.errors import Refused
from core.files import sync_folder

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class TableFile:
    """One table of a backup: sizes in bytes, digests in hex."""

    table: str
    columns: tuple[str, ...]
    rows: int
    bytes: int
    sha256: str
    packed_bytes: int
    packed_sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: when it was made (ISO, UTC), of which schema (Alembic revision) and engine.

    ``order_number``: no order had a higher one when it was made; 0 in a backup that does not say.
    """

    made_at: str
    schema: str
    dialect: str
    tables: tuple[TableFile, ...]
    format: int = field(default=FORMAT)
    order_number: int = 0

    @property
    def rows(self) -> int:
        """Rows in all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def packed_bytes(self) -> int:
        """Bytes on disk, the manifest aside."""
        return sum(table.packed_bytes for table in self.tables)

    def to_bytes(self) -> bytes:
        """Write it, with its digest."""
        plain = asdict(self)
        if not self.order_number:
            del plain["order_number"]  # as it was written before there was such a thing
        return _json(plain | {"digest": hashlib.sha256(_json(plain)).hexdigest()})


def read_manifest(folder: Path) -> Manifest:
    """Read a backup's manifest; ``Refused`` when it is missing, of another format or not as it was written."""
    try:
        raw = (folder / MANIFEST).read_bytes()
        plain: dict[str, Any] = json.loads(raw)
        if plain["format"] != FORMAT:
            raise Refused("backup_format", name=folder.name)
        del plain["digest"]
        tables = tuple(TableFile(**t | {"columns": tuple(t["columns"])}) for t in plain.pop("tables"))
        manifest = Manifest(**plain, tables=tables)
    except (FileNotFoundError, NotADirectoryError):
        raise Refused("backup_missing", name=folder.name) from None
    except (ValueError, KeyError, TypeError):
        raise Refused("backup_damaged", name=folder.name) from None
    if manifest.to_bytes() != raw:
        raise Refused("backup_damaged", name=folder.name)
    return manifest


def table_path(folder: Path, table: str) -> Path:
    """Where a backup keeps a table."""
    return folder / "data" / f"{table}.jsonl.zst"


def write_table(folder: Path, table: str, columns: tuple[str, ...], blocks: Iterable[bytes]) -> TableFile:
    """Write one table and sync it; ``blocks`` are whole lines."""
    raw, rows, size = hashlib.sha256(), 0, 0
    path = table_path(folder, table)
    with path.open("xb") as file:
        with zstandard.ZstdCompressor(level=3, write_checksum=True).stream_writer(file, closefd=False) as out:
            for block in blocks:
                raw.update(block)
                rows, size = rows + block.count(b"\n"), size + len(block)
                out.write(block)
        file.flush()
        os.fsync(file.fileno())
    return TableFile(table, columns, rows, size, raw.hexdigest(), *_packed(path))


def read_table(folder: Path, expected: TableFile) -> Iterator[bytes]:
    """Read one table's lines; ``Refused`` at the latest after the last when anything is not as the manifest says."""
    raw, rows, size = hashlib.sha256(), 0, 0
    path = table_path(folder, expected.table)
    try:
        if _packed(path) != (expected.packed_bytes, expected.packed_sha256):
            raise Refused("backup_damaged", name=folder.name)
        for line in _lines(path, expected.bytes):
            raw.update(line)
            rows, size = rows + 1, size + len(line)
            yield line
    except (OSError, zstandard.ZstdError):
        raise Refused("backup_damaged", name=folder.name) from None
    if (rows, size, raw.hexdigest()) != (expected.rows, expected.bytes, expected.sha256):
        raise Refused("backup_damaged", name=folder.name)


def check(folder: Path) -> Manifest:
    """Read a whole backup back; ``Refused`` for a bit that flipped, a byte that is missing, a file too many."""
    manifest = read_manifest(folder)
    for table in manifest.tables:
        for _line in read_table(folder, table):
            pass
    wanted = {table_path(folder, table.table) for table in manifest.tables} | {folder / MANIFEST}
    found = {Path(place, name) for place, _, names in os.walk(folder) for name in names}
    if found != wanted:
        raise Refused("backup_damaged", name=folder.name)
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest and sync it and the folders: after this the backup is complete."""
    with (folder / MANIFEST).open("xb") as file:
        file.write(manifest.to_bytes())
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder / "data")
    sync_folder(folder)


def _packed(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return os.fstat(file.fileno()).st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _lines(path: Path, most: int) -> Iterator[bytes]:
    """Unpack lines, never more than ``most`` bytes and one chunk: a bomb is refused by the count."""
    rest, size = b"", 0
    with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file, read_size=CHUNK) as reader:
        while size <= most and (chunk := reader.read(CHUNK)):
            size += len(chunk)
            *whole, rest = (rest + chunk).split(b"\n")
            yield from (line + b"\n" for line in whole)
    if rest:
        yield rest


def _json(plain: dict[str, Any]) -> bytes:
    return (json.dumps(plain, indent=1, ensure_ascii=False) + "\n").encode()
