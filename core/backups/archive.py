"""The format of a backup: a folder with ``data/<table>.jsonl.zst`` and, written last, ``manifest.json``.

Format 1: every table a zstd frame (RFC 8878, with its checksum) of JSON lines (``values.py``); the manifest names, for
each, columns, rows, and bytes and SHA-256 both raw and compressed, and ends with a digest of itself. Nothing is
believed: python-zstandard reads a truncated frame without complaint, so counts and digests are compared each time.

Encrypted, every table's file ends with ``.age``; ``manifest.json`` is without the digests of what was encrypted, which
stand in ``manifest.json.age``. So who has no key still sees every bit that flipped.
"""

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import pyrage
import zstandard

from core.backups import encryption
from core.backups.manifest import FORMAT, Manifest, TableFile, parse
from core.errors import Refused
from core.files import digest, sync_folder

__all__ = ["FORMAT", "MANIFEST", "Fault", "Manifest", "TableFile", "check", "faults", "read_manifest", "read_table",
           "table_path", "write_manifest", "write_table"]  # fmt: skip
MANIFEST = "manifest.json"
SEALED = MANIFEST + encryption.END
CHUNK = 1 << 18
BROKEN = (OSError, EOFError, zstandard.ZstdError, pyrage.DecryptError)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one file of a backup: missing, another, strange, or (``manifest``) not read at all."""

    file: str
    kind: str


# ── manifests ────────────────────────────────────────────────────────────────────────────────────────────────────────
def read_manifest(folder: Path, identity: str = "") -> Manifest:
    """Read a backup's manifest, with ``identity`` (an age secret key) the whole one of an encrypted backup.

    ``Refused`` when it is missing, of another format or not as it was written, or for another's key.
    """
    try:
        manifest = parse((folder / MANIFEST).read_bytes(), folder.name)
    except (FileNotFoundError, NotADirectoryError):
        raise Refused("backup_missing", name=folder.name) from None
    if not (manifest.recipient and identity):
        return manifest
    try:
        with encryption.decrypted(folder / SEALED, identity, folder.name) as file:
            whole = parse(file.read(), folder.name)
    except BROKEN:
        raise Refused("backup_damaged", name=folder.name) from None
    if whole.in_the_open(manifest.sealed) != manifest:
        raise Refused("backup_damaged", name=folder.name)
    return whole


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest and sync it and the folders: after this the backup is complete."""
    if manifest.recipient:
        _write(folder / SEALED, io.BytesIO(manifest.to_bytes()), manifest.recipient)
        manifest = manifest.in_the_open(digest(folder / SEALED)[1])
    _write(folder / MANIFEST, io.BytesIO(manifest.to_bytes()), "")
    sync_folder(folder / "data")
    sync_folder(folder)


# ── tables ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def table_path(folder: Path, table: str, recipient: str = "") -> Path:
    """Where a backup keeps a table."""
    return folder / "data" / f"{table}.jsonl.zst{encryption.END if recipient else ''}"


def write_table(
    folder: Path, table: str, columns: tuple[str, ...], blocks: Iterable[bytes], recipient: str = ""
) -> TableFile:
    """Write one table and sync it; ``blocks`` are whole lines. With ``recipient``, for its eyes only."""
    source, path = _Blocks(blocks), table_path(folder, table, recipient)
    with zstandard.ZstdCompressor(level=3, write_checksum=True).stream_reader(cast("IO[bytes]", source)) as packed:
        proved = _Proved(packed) if recipient else None
        _write(path, proved or packed, recipient)
    if proved and proved.hash.digest() != source.hash.digest():  # nobody here can read it again
        raise Refused("backup_damaged", name=table)
    return TableFile(table, columns, source.rows, source.bytes, source.hash.hexdigest(), *digest(path))


def read_table(folder: Path, expected: TableFile, identity: str = "") -> Iterator[bytes]:
    """Read one table, some whole lines at a time; ``Refused`` at the latest after the last for what is not as written.

    ``expected`` is of a whole manifest: for an encrypted backup, of one that was read with ``identity``.
    """
    rest = b""
    for chunk in _proved(folder, expected, identity):
        end = chunk.rfind(b"\n") + 1
        if end:
            yield rest + chunk[:end]
            rest = b""
        rest += chunk[end:]
    if rest:
        yield rest


def _proved(folder: Path, expected: TableFile, identity: str) -> Iterator[bytes]:
    """Unpack a table's bytes; ``Refused`` for any that the manifest does not know."""
    raw, rows, size = hashlib.sha256(), 0, 0
    path, sealed = table_path(folder, expected.table), table_path(folder, expected.table, encryption.END)
    if sealed.exists() and not identity:
        raise Refused("backup_needs_key", name=folder.name, option="--identity")
    path, identity = (sealed, identity) if sealed.exists() else (path, "")
    try:
        if digest(path) != (expected.packed_bytes, expected.packed_sha256):
            raise Refused("backup_damaged", name=folder.name)
        for chunk in _unpacked(path, expected.bytes, identity):
            raw.update(chunk)
            rows, size = rows + chunk.count(b"\n"), size + len(chunk)
            yield chunk
    except BROKEN:
        raise Refused("backup_damaged", name=folder.name) from None
    if (rows, size, raw.hexdigest()) != (expected.rows, expected.bytes, expected.sha256):
        raise Refused("backup_damaged", name=folder.name)


# ── checking ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def check(folder: Path, identity: str = "") -> Manifest:
    """Read a whole backup back; ``Refused`` for a bit that flipped, a byte that is missing, a file too many.

    Without ``identity`` an encrypted one is compared as it lies there: what is in it was compared as it was written.
    """
    manifest = read_manifest(folder, identity)
    if faults(folder, identity):
        raise Refused("backup_damaged", name=folder.name)
    return manifest


def faults(folder: Path, identity: str = "") -> tuple[Fault, ...]:
    """Find everything that is wrong with a backup, file by file; ``Refused`` as :func:`read_manifest` does."""
    manifest = read_manifest(folder, identity)
    wanted = {MANIFEST: True} | ({SEALED: _is_sealed(folder, manifest)} if manifest.recipient else {})
    for table in manifest.tables:
        path = table_path(folder, table.table, manifest.recipient)
        wanted[path.relative_to(folder).as_posix()] = _is_whole(folder, path, table, manifest, identity)
    found = {Path(place, name).relative_to(folder).as_posix() for place, _, names in os.walk(folder) for name in names}
    missing = [Fault(name, "missing") for name in wanted if name not in found]
    other = [Fault(name, "changed") for name, whole in wanted.items() if name in found and not whole]
    return (*missing, *other, *(Fault(name, "strange") for name in sorted(found - set(wanted))))


def _is_sealed(folder: Path, manifest: Manifest) -> bool:
    try:
        return not manifest.sealed or digest(folder / SEALED)[1] == manifest.sealed
    except OSError:
        return False


def _is_whole(folder: Path, path: Path, table: TableFile, manifest: Manifest, identity: str) -> bool:
    if manifest.recipient and not identity:
        try:
            return digest(path) == (table.packed_bytes, table.packed_sha256)
        except OSError:
            return False
    try:
        for _chunk in _proved(folder, table, identity):
            pass
    except Refused:
        return False
    return True


# ── bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────────
class _Blocks:
    """Blocks of whole lines as a file that is read, counted on the way."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self.rows, self.bytes, self.hash = 0, 0, hashlib.sha256()
        self._blocks, self._left = iter(blocks), b""

    def read(self, size: int = -1) -> bytes:
        block = self._left or next(self._blocks, b"")
        if not self._left:
            self.hash.update(block)
            self.rows, self.bytes = self.rows + block.count(b"\n"), self.bytes + len(block)
        found, self._left = (block[:size], block[size:]) if 0 <= size < len(block) else (block, b"")
        return found


class _Proved:
    """A compressed stream that is unpacked again as it is read: what will be encrypted is proved before."""

    def __init__(self, packed: zstandard.ZstdCompressionReader) -> None:
        self.hash = hashlib.sha256()
        self._packed, self._unpacking = packed, zstandard.ZstdDecompressor().decompressobj()

    def read(self, size: int = -1) -> bytes:
        found = self._packed.read(size)
        self.hash.update(self._unpacking.decompress(found) if found else b"")
        return found


def _write(path: Path, reader: "IO[bytes] | zstandard.ZstdCompressionReader | _Proved", recipient: str) -> None:
    with path.open("xb") as file:
        if recipient:
            encryption.encrypt(reader, file, recipient)
        else:
            while chunk := reader.read(CHUNK):
                file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def _unpacked(path: Path, most: int, identity: str) -> Iterator[bytes]:
    """Unpack, never more than ``most`` bytes and one chunk: a bomb is refused by the count."""
    size = 0
    with (
        encryption.decrypted(path, identity) if identity else path.open("rb") as file,
        zstandard.ZstdDecompressor().stream_reader(file, read_size=CHUNK, closefd=False) as reader,
    ):
        while size <= most and (chunk := reader.read(CHUNK)):
            size += len(chunk)
            yield chunk
