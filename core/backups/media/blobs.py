"""Keep the contents of media backups: remove what no manifest names, find what is damaged, put files back."""

import os
import secrets
import shutil
import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from core.backups import names, retention
from core.backups.media import backup as media
from core.backups.media.backup import MediaFile, MediaManifest
from core.backups.retention import Backup, Retention, RetentionPlan
from core.errors import Refused
from core.files import digest, sync_folder

GRACE = 24 * 3600
"""Seconds that a content may lie there without a manifest: a run that was killed left it, the next one wants it."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What went: the plan of the manifests with a reason for each, contents, bytes."""

    plan: RetentionPlan
    contents: int
    bytes: int


@dataclass(frozen=True, slots=True)
class MediaRestored:
    """What became of each file; ``newer`` were left as they are, ``damaged`` could not be put back."""

    written: int
    same: int
    newer: tuple[str, ...]
    damaged: tuple[str, ...]


def prune(folder: Path, policy: Retention, now: datetime, zone: ZoneInfo) -> Swept:
    """Remove the manifests that no rule keeps, then the contents that no manifest names, but for new ones.

    Where a manifest cannot be read, nothing goes: it may name anything.
    """
    kept = {path.stem: path for path in media.manifests(folder)}
    found = [Backup(name, names.made_at(name, zone)) for name in kept]
    plan = retention.plan(found, policy, now, zone)
    named = {file.sha256 for one in plan.keep for file in media.read_manifest(kept[one.name]).files}
    for one in plan.remove:
        media.read_manifest(kept[one.name])
    for one in plan.remove:
        kept[one.name].unlink()
    sync_folder(folder)
    return Swept(plan, *sweep(folder, named))


def sweep(folder: Path, named: Collection[str]) -> tuple[int, int]:
    """Remove contents that are not ``named`` and not new; returns how many, and their bytes."""
    old, count, freed = time.time() - GRACE, 0, 0
    for sha in set(media.blobs(folder)).difference(named):
        path = media.blob_path(folder, sha)
        seen = path.lstat()
        if seen.st_mtime < old:
            path.unlink()
            count, freed = count + 1, freed + seen.st_size
    return count, freed


def faults(folder: Path, manifest: MediaManifest) -> tuple[str, ...]:
    """Read every content that a manifest names; the paths of those that are missing or damaged."""
    wanted: dict[str, list[MediaFile]] = {}
    for file in manifest.files:
        wanted.setdefault(file.sha256, []).append(file)
    bad = [files for sha, files in wanted.items() if not _is_whole(media.blob_path(folder, sha), files[0])]
    return tuple(sorted(file.path for files in bad for file in files))


def set_aside(folder: Path, damaged: Iterable[str]) -> None:
    """Take damaged contents' names away; what may still be of use lies beside."""
    for sha in set(damaged):
        path = media.blob_path(folder, sha)
        with suppress(FileNotFoundError):
            path.rename(path.with_name(f"{sha}.damaged"))


def restore(folder: Path, manifest: MediaManifest, target: Path, *, force: bool = False) -> MediaRestored:
    """Put a backup's files back below ``target``; one that is newer there stays, unless ``force``.

    Every content is read back before it takes a file's name. ``Refused("media_no_room")`` where the disk has too little
    room for what is missing, before anything is written.
    """
    target.mkdir(parents=True, exist_ok=True)
    root = target.resolve()
    todo, same, newer, damaged = _sorted(root, manifest.files, force=force)
    if sum(file.bytes for file in todo) > shutil.disk_usage(root).free:
        raise Refused("media_no_room", name=manifest.name)
    written = 0
    for file in todo:
        if _put_back(media.blob_path(folder, file.sha256), root / file.path, file):
            written += 1
        else:
            damaged.append(file.path)
    return MediaRestored(written, same, tuple(newer), tuple(damaged))


def _sorted(
    root: Path, files: Iterable[MediaFile], *, force: bool
) -> tuple[list[MediaFile], int, list[str], list[str]]:
    todo, same, newer, damaged = list[MediaFile](), 0, list[str](), list[str]()
    for file in files:
        if not _inside(root, file.path):
            damaged.append(file.path)
        elif _is_whole(root / file.path, file):
            same += 1
        elif not force and _is_newer(root / file.path, file):
            newer.append(file.path)
        else:
            todo.append(file)
    return todo, same, newer, damaged


def _inside(root: Path, path: str) -> bool:
    """Whether a path leads below ``root``, through no link and to no folder."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or "\\" in path or "\0" in path or set(parts) & {"..", ".", ""}:
        return False
    steps = [root.joinpath(*parts[:depth]) for depth in range(1, len(parts) + 1)]
    return not any(step.is_symlink() for step in steps) and not steps[-1].is_dir()


def _is_whole(path: Path, file: MediaFile) -> bool:
    try:
        seen = path.lstat()
        return seen.st_size == file.bytes and digest(path) == (file.bytes, file.sha256)
    except OSError:
        return False


def _is_newer(path: Path, file: MediaFile) -> bool:
    try:
        return path.lstat().st_mtime_ns > file.mtime_ns
    except FileNotFoundError:
        return False


def _put_back(blob: Path, place: Path, file: MediaFile) -> bool:
    """Copy a content to a file's place, whole or not at all; False for one that is not what it should be."""
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with suppress(FileNotFoundError), blob.open("rb") as source, temporary.open("xb") as target:
            shutil.copyfileobj(source, target, media.CHUNK)
            target.flush()
            os.fsync(target.fileno())
        if not _is_whole(temporary, file):
            return False
        os.utime(temporary, ns=(file.mtime_ns, file.mtime_ns))
        temporary.replace(place)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(place.parent)
    return True
