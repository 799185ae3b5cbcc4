"""Measure files by kind; links are neither followed nor counted."""

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from core.config import ROOT, Config
from core.storage.figures import File, MediaFile
from core.storage.rules import Disk, Kind

STATIC = ROOT / "web" / "static"
LONGEST = 300
"""Letters of a path that its row can hold."""


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
    """What there is beside the media, counted on the disk: few files. A folder that is not there holds nothing."""
    return tuple(_kind(name, folder) for name, folder in _beside(config).items())


def _beside(config: Config) -> dict[str, Path]:
    return {"static": STATIC, "logs": config.log_dir, "backups": config.backup_dir,
            "quarantine": config.data_dir / "quarantine"}  # fmt: skip


def _kind(name: str, folder: Path) -> Kind:
    found = [size for _, size in files(folder)]
    return Kind(name, sum(found), len(found))


def large(config: Config, at_least: int) -> Iterator[File]:
    """Files of so many bytes beside the media and below the data or backup folder; the database is one of them."""
    for name, folder in _beside(config).items():
        if name != "static":
            yield from (File(below(folder, path, name), size) for path, size in files(folder) if size >= at_least)
    database = sqlite_file(config)
    if database and (size := sqlite_bytes(database)) >= at_least:
        yield File(database.name, size)


def files(folder: Path) -> Iterator[tuple[Path, int]]:
    """Every regular file below ``folder`` and its bytes; what vanishes meanwhile is passed over."""
    return ((Path(folder, name), status.st_size) for name, status in _walk(os.fspath(folder)))


def media(folder: Path) -> dict[str, os.stat_result]:
    """Every file below the media folder by the path of its row."""
    return {row_name(name): status for name, status in _walk(os.fspath(folder))}


def is_file(path: Path) -> bool:
    """Whether a file stands there: no link, no folder."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def made(path: str, status: os.stat_result) -> MediaFile:
    """Write a file's row; when it was written is told by the machine's clock."""
    return MediaFile(path, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


def _walk(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Names below a folder with ``/`` between their parts."""
    folders = [(folder, "")]
    while folders:
        at, prefix = folders.pop()
        try:
            entries = list(os.scandir(at))
        except (FileNotFoundError, NotADirectoryError):
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append((entry.path, f"{prefix}{entry.name}/"))
            elif entry.is_file(follow_symlinks=False):
                try:
                    yield prefix + entry.name, entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue


def below(folder: Path, path: Path, name: str) -> str:
    """Write a path below ``folder`` for people, ``name`` standing for the folder."""
    return f"{name}/{row_name(path.relative_to(folder).as_posix())}"


def media_name(config: Config, path: Path) -> str:
    """The path of a media file's row; ``ValueError`` for a file that lies anywhere else."""
    folder = config.media_dir
    below = path.relative_to(folder if path.is_relative_to(folder) else folder.resolve())
    return row_name(below.as_posix())


def row_name(path: str) -> str:
    """Name a file's row: its path, or where no database takes that (too long, no text) one that ends in its digest."""
    if len(path) <= LONGEST and (path.isascii() or path == _plain(path)):
        return path
    mark = hashlib.sha256(os.fsencode(path)).hexdigest()[:24]
    return f"{_plain(path)[: LONGEST - len(mark) - 1]}#{mark}"


def _plain(path: str) -> str:
    return path.encode("utf-8", "replace").decode()
