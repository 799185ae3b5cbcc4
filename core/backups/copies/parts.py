"""A backup as files that a chat can hold: packed (tar), encrypted (age), cut into parts; and put together again.

Bots may send 50 MB but download only 20 MB; a part is much smaller, so that a slow line sends it in time. The parts one
after the other are an age file whose content is a tar: the stock tools read it,
``cat part-* | age --decrypt --identity key.txt | tar x``.
"""

import hashlib
import json
import os
import shutil
import tarfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import pyrage

from core.backups import archive, encryption, forms, names
from core.backups.copies.staging import staged
from core.errors import Refused
from core.files import sync_folder

PART = 4 << 20
"""Bytes: at 2 Mbit/s within the 20 seconds that a call with a file may take."""
MOST_PARTS = 999
MANIFEST_END, PACKED_END = ".haang.json", ".tar.age"
_FORMAT = 1
_LARGEST = 1 << 40


@dataclass(frozen=True, slots=True)
class Part:
    """One part: bytes, SHA-256 in hex, and the name that Telegram knows it by; ``good`` when it was read back."""

    bytes: int
    sha256: str
    file_id: str = ""
    good: bool = False

    def plain(self) -> list[Any]:
        """As it is written down."""
        return [self.bytes, self.sha256, self.file_id, self.good]


def pack(path: Path, place: Path, recipient: str) -> tuple[Part, ...]:
    """Write a backup's parts into the new folder ``place``, for the eyes of ``recipient`` (``age1…``).

    ``Refused("copy_too_big")`` for more parts than a chat should hold, ``OSError`` when the disk is full, or when the
    backup went or cannot be read while it was packed: half of it is encrypted, cut and sent as well as a whole one.
    """
    place.mkdir(parents=True)
    cutter = _Cutter(place)
    trouble: list[OSError] = []
    reading, writing = os.pipe()
    thread = threading.Thread(target=_tar, args=(path, writing, trouble), daemon=True)
    thread.start()
    try:
        with os.fdopen(reading, "rb") as stream:
            encryption.encrypt(stream, cutter, recipient)
    finally:
        thread.join()
    for error in trouble:
        raise error
    return cutter.finished()


def part_path(place: Path, number: int) -> Path:
    """Where a part lies; numbers begin at 0."""
    return place / f"part-{number:03}"


def to_manifest(name: str, parts: Sequence[Part]) -> bytes:
    """Write what the last message holds: everything that is needed to fetch the parts."""
    named = [{"file_id": part.file_id, "bytes": part.bytes, "sha256": part.sha256} for part in parts]
    plain = {"haang": _FORMAT, "backup": name, "parts": named}
    return (json.dumps(plain, indent=1) + "\n").encode()


def from_manifest(raw: bytes) -> tuple[str, tuple[Part, ...]]:
    """Read it: the backup's name and its parts; ``Refused("copy_no_manifest")`` for anything else."""
    try:
        plain = json.loads(raw)
        name, found = str(plain["backup"]), plain["parts"]
        parts = tuple(Part(int(one["bytes"]), str(one["sha256"]), str(one["file_id"])) for one in found)
        whole = plain["haang"] == _FORMAT and names.NAME.fullmatch(name) and 0 < len(parts) <= MOST_PARTS
    except (ValueError, KeyError, TypeError, RecursionError):
        whole = None
    if not whole or any(not 0 < part.bytes <= PART for part in parts):
        raise Refused("copy_no_manifest")
    return name, parts


def unpack(file: Path, root: Path, identity: str) -> Path:
    """Decrypt a backup that was put together again, check it whole, and give it its name below ``root``.

    ``Refused`` for another's key, for what is damaged, and where one of that name is there.
    """
    name = file.name.removesuffix(PACKED_END)
    if not names.NAME.fullmatch(name):
        raise Refused("backup_missing", name=file.name[:80])
    if (root / name).exists():
        raise Refused("backup_exists", name=name)
    try:
        with staged(root, name) as partial:
            _unpack(file, partial, identity)
            found = partial / name
            forms.check(found, identity if found.is_dir() and archive.read_manifest(found).recipient else "")
            sync_folder(partial)
            found.rename(root / name)
    except (tarfile.TarError, pyrage.DecryptError, EOFError):
        raise Refused("backup_damaged", name=name) from None
    except OSError as error:  # age's word for a damaged stream has no number, the disk's has one
        if error.errno is not None:
            raise
        raise Refused("backup_damaged", name=name) from None
    return root / name


def _unpack(file: Path, partial: Path, identity: str) -> None:
    with encryption.decrypted(file, identity) as stream:
        whole = cast("IO[bytes]", _Readable(stream))
        with tarfile.open(fileobj=whole, mode="r|") as tar:
            _extract(tar, partial)


def _extract(tar: tarfile.TarFile, place: Path) -> None:
    """Take out plain files and folders only; ``data`` refuses links, devices, absolute paths and ``..``."""
    size = 0
    for member in tar:
        size += member.size
        if not (member.isfile() or member.isdir()) or size > min(_LARGEST, shutil.disk_usage(place).free):
            raise tarfile.TarError(member.name)
        tar.extract(member, place, filter="data")


def _tar(path: Path, writing: int, trouble: list[OSError]) -> None:
    form = tarfile.PAX_FORMAT
    try:
        with os.fdopen(writing, "wb") as stream, tarfile.open(fileobj=stream, mode="w|", format=form) as tar:
            tar.add(path, arcname=path.name, filter=_nobodys)
    except OSError as error:
        trouble.append(error)


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


class _Readable:
    """What ``tarfile`` wants of a stream: exactly as many bytes as it asks for, until the end."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size and (chunk := self._stream.read(size - len(found))):
            found += chunk
        return bytes(found)


class _Cutter:
    """A writer that begins a new file every :data:`PART` bytes."""

    def __init__(self, place: Path) -> None:
        self._place, self._parts = place, list[Part]()
        self._left = bytearray()

    def write(self, chunk: bytes) -> int:
        self._left += chunk
        while len(self._left) >= PART:
            self._cut()
        return len(chunk)

    def flush(self) -> None:
        """Nothing: a part is written when it is full."""

    def _cut(self) -> None:
        content = bytes(self._left[:PART])
        del self._left[:PART]
        if len(self._parts) == MOST_PARTS:
            raise Refused("copy_too_big")
        path = part_path(self._place, len(self._parts))
        path.write_bytes(content)
        self._parts.append(Part(len(content), hashlib.sha256(content).hexdigest()))

    def finished(self) -> tuple[Part, ...]:
        if self._left:
            self._cut()
        return tuple(self._parts)
