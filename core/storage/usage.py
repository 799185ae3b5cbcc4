"""Measure files by kind; links are neither followed nor counted."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from core.config import Config
from core.storage.rules import Disk, Kind

MEDIA = ("products", "qr_codes", "hero_slides", "videos", "other")


def sqlite_file(config: Config) -> Path | None:
    """The database's own file, when there is one."""
    return None if config.database_url else config.data_dir / "haang.sqlite3"


def sqlite_bytes(path: Path) -> int:
    """Bytes of a SQLite database with its write-ahead log."""
    files = (path, path.with_name(path.name + "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def disk(config: Config) -> Disk:
    """The disk under the data folder; what only root may use counts as used."""
    space = shutil.disk_usage(config.data_dir)
    return Disk(space.used + space.free, space.free)


def kinds(config: Config) -> tuple[Kind, ...]:
    """Everything on disk by kind: pictures by their folder, logs, backups. A folder that is not there holds nothing."""
    sizes = {name: [0, 0] for name in (*MEDIA, "logs", "backups")}
    folders = ((config.media_dir, None), (config.log_dir, "logs"), (config.backup_dir, "backups"))
    for folder, name in folders:
        for path, size in files(folder):
            found = sizes[name or _media_kind(path.relative_to(folder).parts)]
            found[0] += size
            found[1] += 1
    return tuple(Kind(name, size, count) for name, (size, count) in sizes.items())


def files(folder: Path) -> Iterator[tuple[Path, int]]:
    """Every regular file below ``folder`` and its bytes; what vanishes meanwhile is passed over."""
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from files(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            try:
                yield Path(entry.path), entry.stat(follow_symlinks=False).st_size
            except FileNotFoundError:
                continue


def _media_kind(parts: tuple[str, ...]) -> str:
    if parts[:2] == ("hero_slides", "videos"):
        return "videos"
    return parts[0] if len(parts) > 1 and parts[0] in MEDIA else "other"
