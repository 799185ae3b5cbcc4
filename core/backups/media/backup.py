"""Backups of the pictures and films: every content once, under its SHA-256, and a manifest a run that names them all.

``media/blobs/aa/<sha256>`` and ``media/media_backup_YYYYMMDD_HHMMSS.json`` below the backup folder. What is as the last
manifest saw it (bytes, time, inode) is not read again, so that a run that finds nothing new takes as long as looking at
the names. QR pictures are left out: the shop draws them again. Nothing is packed: pictures are.
"""

import hashlib
import json
import os
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from core.errors import Refused
from core.files import digest, sync_folder, write_atomically

FORMAT = 1
FOLDER, BLOBS, SERIES = "media", "blobs", "media_backup"
LEFT_OUT = frozenset({"qr_codes"})
CHUNK = 1 << 20
_STALE = 6 * 3600  # seconds
_FRESH = 2 * 10**9  # nanoseconds: a file may change twice within what a file system's clock can tell apart
_END = ".tmp"
_BETWEEN, _LAST = b',\n"files": ', b"}\n"
_NAME = re.compile(rf"{SERIES}_\d{{8}}_\d{{6}}(?:_\d+)?")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class MediaFile(NamedTuple):
    """One file: its path below the media folder, bytes, nanoseconds since the epoch, inode, SHA-256 in hex.

    A tuple, for there may be a hundred thousand in a manifest, read and written at each run.
    """

    path: str
    bytes: int
    mtime_ns: int
    inode: int
    sha256: str


@dataclass(frozen=True, slots=True)
class MediaManifest:
    """What one run found, by path. ``began_ns`` is the machine's time before it looked at the first file.

    Written as JSON of two lines: what it is, with the SHA-256 of the second, which has the files. ``body`` is that
    one's list as it was read: a run that finds nothing new writes it again as it is.
    """

    name: str
    made_at: str
    began_ns: int
    files: tuple[MediaFile, ...]
    body: bytes = field(default=b"", compare=False, repr=False)

    @property
    def total(self) -> int:
        """Bytes of all files."""
        return sum(file.bytes for file in self.files)

    def to_bytes(self) -> bytes:
        """Write it, with its digests."""
        body = self.body or json.dumps(self.files).encode()
        head: dict[str, Any] = {
            "format": FORMAT, "series": SERIES, "name": self.name, "made_at": self.made_at, "began_ns": self.began_ns,
            "files_sha256": hashlib.sha256(body).hexdigest(),
        }  # fmt: skip
        return json.dumps(head | {"digest": _digest(head)})[:-1].encode() + _BETWEEN + body + _LAST


@dataclass(frozen=True, slots=True)
class MediaBackup:
    """A finished run: files and bytes that were copied, paths that changed while they were read and are left out."""

    path: Path
    manifest: MediaManifest
    copied: int
    copied_bytes: int
    unquiet: tuple[str, ...]


def read_manifest(path: Path) -> MediaManifest:
    """Read a manifest; ``Refused`` when it is missing, of another format or not as it was written."""
    try:
        return parse(path.read_bytes(), path.stem)
    except OSError:
        raise Refused("backup_missing", name=path.stem) from None


def parse(raw: bytes, name: str) -> MediaManifest:
    """Read a manifest's bytes; ``Refused`` as above."""
    first, _, rest = raw.partition(_BETWEEN)
    body = rest.removesuffix(_LAST)
    try:
        head: dict[str, Any] = json.loads(first + b"}")
        if head["format"] != FORMAT:
            raise Refused("backup_format", name=name)
        said = head.pop("digest"), head["files_sha256"], head["name"], rest
        files = tuple(map(MediaFile._make, json.loads(body)))
        manifest = MediaManifest(name, str(head["made_at"]), int(head["began_ns"]), files, body)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused("backup_damaged", name=name) from None
    if said != (_digest(head), hashlib.sha256(body).hexdigest(), name, body + _LAST) or not all(map(_is_sound, files)):
        raise Refused("backup_damaged", name=name)
    return manifest


def _is_sound(file: MediaFile) -> bool:
    return type(file[0]) is str and type(file[1]) is type(file[2]) is int and type(file[4]) is str


def blob_path(folder: Path, sha256: str) -> Path:
    """Where a content lies; ``Refused`` for what is no digest."""
    if not _DIGEST.fullmatch(sha256):
        raise Refused("backup_damaged", name=folder.name)
    return folder / BLOBS / sha256[:2] / sha256


def manifests(folder: Path) -> tuple[Path, ...]:
    """Every media backup's manifest, the oldest first."""
    found = folder.glob(f"{SERIES}_*.json") if folder.is_dir() else ()
    return tuple(sorted(path for path in found if _NAME.fullmatch(path.stem)))


def make(media: Path, folder: Path, at: datetime, stop: threading.Event | None = None) -> MediaBackup:
    """Back up what lies below ``media`` into ``folder``; ``at`` names the run as the shop's zone writes that moment.

    ``OSError`` when the disk is full or read-only: what was copied so far stays for the next run, no manifest is
    written. Setting ``stop`` from another thread ends it with ``Refused``.
    """
    began = time.time_ns()  # file times are the machine's, not the shop's clock
    (folder / BLOBS).mkdir(parents=True, exist_ok=True)
    _sweep_temporary(folder / BLOBS)
    last = _last(folder)
    run = _Run(folder, last, stop or threading.Event())
    found = (run.file(path, full) for path, full in _regular(media))
    files = tuple(sorted((file for file in found if file is not None), key=itemgetter(0)))
    run.sync()
    path = _free_name(folder, at)
    body = last.body if last is not None and files == last.files else b""
    manifest = MediaManifest(path.stem, at.astimezone(UTC).isoformat(), began, files, body)
    write_atomically(path, manifest.to_bytes())
    return MediaBackup(path, manifest, run.copied, run.copied_bytes, tuple(run.unquiet))


def blobs(folder: Path) -> Iterator[str]:
    """Name every content that lies in ``folder``."""
    return (name for name in _names(folder) if _DIGEST.fullmatch(name))


def _names(folder: Path) -> Iterator[str]:
    for place in os.scandir(folder / BLOBS) if (folder / BLOBS).is_dir() else ():
        if place.is_dir(follow_symlinks=False):
            yield from os.listdir(place.path)  # noqa: PTH208 - names are all that is wanted


class _Run:
    """One run: what is known of each path, which contents are there."""

    def __init__(self, folder: Path, last: MediaManifest | None, stop: threading.Event) -> None:
        self._folder, self._stop = folder, stop
        quiet = last.began_ns - _FRESH if last else 0
        self._known = {file[0]: file for file in last.files if file[2] < quiet} if last else {}
        self._there = set(_names(folder))
        self._touched: set[Path] = set()
        self.copied, self.copied_bytes = 0, 0
        self.unquiet: list[str] = []

    def file(self, path: str, full: str) -> MediaFile | None:
        """Know a file's content, copied where it is new; None for one that vanished or does not stand still."""
        before = self._known.get(path)
        for _ in range(2):
            try:
                seen = os.lstat(full)
            except FileNotFoundError:
                return None
            if before is not None and before[1:4] == _facts(seen) and before[4] in self._there:
                return before
            if self._stop.is_set():
                raise Refused("storage_failed", folder=self._folder.name)
            found = self._copy(Path(full), seen)
            if found is not None:
                return MediaFile(path, *_facts(seen), found)
        self.unquiet.append(path)
        return None

    def _copy(self, full: Path, seen: os.stat_result) -> str | None:
        temporary = self._folder / BLOBS / f"{secrets.token_hex(8)}{_END}"
        try:
            with full.open("rb") as source, temporary.open("xb") as target:
                sha = _pour(source, target)
                if _facts(os.fstat(source.fileno())) != _facts(seen):
                    return None
            self._keep(temporary, sha, seen.st_size)
        except FileNotFoundError:
            return None
        finally:
            temporary.unlink(missing_ok=True)
        return sha

    def _keep(self, temporary: Path, sha: str, size: int) -> None:
        if sha in self._there:
            return
        if digest(temporary) != (size, sha):
            raise Refused("backup_damaged", name=temporary.name)
        place = blob_path(self._folder, sha)
        place.parent.mkdir(exist_ok=True)
        temporary.rename(place)
        self._touched.add(place.parent)
        self._there.add(sha)
        self.copied, self.copied_bytes = self.copied + 1, self.copied_bytes + size

    def sync(self) -> None:
        """Make the names of the new contents last."""
        for place in (*self._touched, self._folder / BLOBS) if self._touched else ():
            sync_folder(place)


def _pour(source: BinaryIO, target: BinaryIO) -> str:
    """Copy to the end and sync; the SHA-256 of what was read."""
    sha = hashlib.sha256()
    while chunk := source.read(CHUNK):
        sha.update(chunk)
        target.write(chunk)
    target.flush()
    os.fsync(target.fileno())
    return sha.hexdigest()


def _facts(seen: os.stat_result) -> tuple[int, int, int]:
    return seen.st_size, seen.st_mtime_ns, seen.st_ino


def _last(folder: Path) -> MediaManifest | None:
    """What the newest readable run found."""
    for path in reversed(manifests(folder)):
        with suppress(Refused):
            return read_manifest(path)
    return None


def _regular(media: Path) -> Iterator[tuple[str, str]]:
    """Every file below the media folder, by its path there and its whole path; no links, no QR pictures."""
    folders = [("", str(media))]
    while folders:
        below, folder = folders.pop()
        try:
            entries = list(os.scandir(folder))  # read to its end, it is closed
        except (FileNotFoundError, NotADirectoryError):
            continue
        for entry in entries:
            path = below + entry.name
            if entry.name[0] == "." or path in LEFT_OUT:
                continue
            if entry.is_file(follow_symlinks=False):
                yield path, entry.path
            elif entry.is_dir(follow_symlinks=False):
                folders.append((path + "/", entry.path))


def _sweep_temporary(place: Path) -> None:
    """Remove what a killed run left, once it is surely nobody's any more."""
    old = time.time() - _STALE
    for entry in os.scandir(place):
        if entry.name.endswith(_END) and entry.stat(follow_symlinks=False).st_mtime < old:
            Path(entry.path).unlink(missing_ok=True)


def _free_name(folder: Path, at: datetime) -> Path:
    stem = f"{SERIES}_{at:%Y%m%d_%H%M%S}"
    for name in (stem, *(f"{stem}_{number}" for number in range(2, 100))):
        if not (folder / f"{name}.json").exists():
            return folder / f"{name}.json"
    raise Refused("backup_exists", name=stem)


def _digest(head: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(head).encode()).hexdigest()
