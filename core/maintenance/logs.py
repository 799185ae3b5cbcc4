"""Rotate the logs: by day and by size, packed, a month in one file, three months and so many bytes kept.

Several processes write and each of them looks (``core/jobs.py``), for each machine has logs of its own: a lock beside
the files lets one work. A log is renamed first, packed when nobody can write to it any more (``core.logs.Shared``).
"""

import asyncio
import gzip
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, groupby
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from core import environment, logs
from core.clock import SystemClock
from core.errors import Refused
from core.files import sync_folder
from core.shop import Shop
from core.storage import health
from core.storage.rules import MB

NAMES = ("app", "security")
BIGGEST = 10 * MB
"""Bytes from which a log is rotated before its day is over."""
MONTHS = 3
"""Whole months that are kept beside the one that runs."""
_LIVE = re.compile(r"(?P<log>app|security)\.log")
_TURNED = re.compile(r"(?P<log>app|security)-(?P<at>\d{8}_\d{6})(?:_\d+)?\.log(?P<packed>\.gz)?")
_MONTH = re.compile(r"(?P<log>app|security)-(?P<at>\d{4}-\d{2})\.log\.gz")
_STAMP = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file of the logs: ``kind`` is live, turned (not packed yet), packed or month; bytes; when it begins."""

    path: Path
    log: str
    kind: str
    begins: datetime
    bytes: int

    @property
    def month(self) -> str:
        """The month it belongs to, as ``2026-11``."""
        return f"{self.begins:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was done, by file name: renamed, packed, put into a month's file, removed. ``bytes``: what all take now."""

    turned: tuple[str, ...]
    packed: tuple[str, ...]
    archived: tuple[str, ...]
    removed: tuple[str, ...]
    bytes: int


async def rotate(shop: Shop, *, now: bool = False) -> Rotated | None:
    """Rotate what is due, everything with ``now``; None while another process does. By the machine's own time.

    ``Refused`` when the disk is full or takes nothing: then the logs stand as they were, but old ones go.
    """
    folder, most = shop.config.log_dir, shop.policy.logs_limit_mb * MB
    return await asyncio.to_thread(rotate_folder, folder, SystemClock().now(), shop.config.zone, most, now=now)


def rotate_folder(folder: Path, at: datetime, zone: ZoneInfo, most: int, *, now: bool = False) -> Rotated | None:
    """Do what :func:`rotate` says in one folder; ``most`` bytes are kept in all."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with environment.alone(folder / ".rotating", wait=False):
            return _Rotation(folder, at.astimezone(zone)).run(most, now=now)
    except BlockingIOError:
        return None
    except OSError as error:
        raise Refused(health.reason(error), folder=folder.name) from error


def listing(folder: Path, zone: ZoneInfo) -> tuple[LogFile, ...]:
    """Every file of the logs, the oldest first; what is not ours is not named."""
    found = [one for path in folder.glob("*.log*") if (one := _look(path, zone)) is not None]
    return tuple(sorted(found, key=lambda one: (one.begins, one.path.name)))


def _look(path: Path, zone: ZoneInfo) -> LogFile | None:
    """Take one file's name apart; None for a stranger, and for what has just gone."""
    turned, month = _TURNED.fullmatch(path.name), _MONTH.fullmatch(path.name)
    name = turned or month or _LIVE.fullmatch(path.name)
    try:
        if name is None or path.is_symlink() or not path.is_file():
            return None
        if month:
            begins, kind = datetime.strptime(month["at"], "%Y-%m").replace(tzinfo=zone), "month"
        elif turned:
            begins = datetime.strptime(turned["at"], "%Y%m%d_%H%M%S").replace(tzinfo=zone)
            kind = "packed" if turned["packed"] else "turned"
        else:
            begins, kind = first_moment(path).astimezone(zone), "live"
        return LogFile(path, name["log"], kind, begins, path.stat().st_size)
    except (ValueError, FileNotFoundError):  # a date that is none
        return None


def first_moment(path: Path) -> datetime:
    """When a log's first line was written, as it says itself in the machine's zone; else when its last one was."""
    with path.open("rb") as file:
        begin = file.read(19).decode("ascii", "replace")
    try:
        return datetime.strptime(begin, _STAMP).astimezone()
    except ValueError:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)


@contextmanager
def _written(place: Path) -> Iterator[IO[bytes]]:
    """Write a file beside its place, synced before it takes its name; gone where that fails."""
    partial = place.with_name(f".{place.name}.partial")
    try:
        with partial.open("xb") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        partial.replace(place)
    finally:
        partial.unlink(missing_ok=True)


class _Rotation:
    """One run, by whoever holds the lock. ``at`` is now, in the shop's zone."""

    def __init__(self, folder: Path, at: datetime) -> None:
        self._folder, self._at = folder, at
        self._turned: list[str] = []
        self._packed: list[str] = []
        self._archived: list[str] = []
        self._removed: list[str] = []

    def run(self, most: int, *, now: bool) -> Rotated:
        """Rename, pack, put months together, and throw away what is too old or too much, whatever failed before."""
        for partial in self._folder.glob(".*.log.gz.partial"):  # a killed run's: the lock says that nobody writes it
            partial.unlink()
        try:
            for file in self._files("live"):
                self._turn(file, now=now)
            for file in self._files("turned"):
                self._pack(file)
            self._put_months_together()
        finally:
            self._throw_away(most)
            sync_folder(self._folder)
        size = sum(file.bytes for file in self._files())
        return Rotated(tuple(self._turned), tuple(self._packed), tuple(self._archived), tuple(self._removed), size)

    def _files(self, *kinds: str) -> list[LogFile]:
        zone = self._at.tzinfo
        assert isinstance(zone, ZoneInfo)  # noqa: S101 - it was made so above
        return [file for file in listing(self._folder, zone) if not kinds or file.kind in kinds]

    def _turn(self, file: LogFile, *, now: bool) -> None:
        """Rename a log that is of another day, or big."""
        due = now or file.bytes > BIGGEST or file.begins.date() != self._at.date()
        if not file.bytes or not due:
            return
        stem = f"{file.log}-{file.begins:%Y%m%d_%H%M%S}"
        taken = {path.name.split(".")[0] for path in self._folder.glob(f"{stem}*")}
        name = next(name for end in count(1) if (name := stem if end == 1 else f"{stem}_{end}") not in taken)
        logs.let_go()
        file.path.rename(self._folder / f"{name}.log")
        self._turned.append(f"{name}.log")

    def _pack(self, file: LogFile) -> None:
        """Pack what nobody writes to; else the next look does."""
        if not logs.nobody_writes(file.path):
            return
        place = file.path.with_name(f"{file.path.name}.gz")
        with file.path.open("rb") as source, _written(place) as target:
            packed = gzip.GzipFile(file.path.name, "wb", 6, target, file.begins.timestamp())
            shutil.copyfileobj(source, packed)
            packed.close()
        file.path.unlink()
        self._packed.append(place.name)

    def _put_months_together(self) -> None:
        """Join the packed files of each month that is over: gzip files one after the other are one.

        Not one that a killed run packed whose lines still stand beside it: it will be packed once more.
        """
        whole = [file for file in self._files("packed") if not file.path.with_suffix("").exists()]
        over = [file for file in whole if file.month < f"{self._at:%Y-%m}"]
        over.sort(key=lambda file: (file.log, file.month))
        for (log, month), files in groupby(over, key=lambda file: (file.log, file.month)):
            self._join(self._folder / f"{log}-{month}.log.gz", tuple(files))

    def _join(self, place: Path, files: Sequence[LogFile]) -> None:
        """Add files to a month's; what a killed run had added already is not added again."""
        whole = place.read_bytes() if place.exists() else b""
        new = [part for file in files if (part := file.path.read_bytes()) not in whole]
        if new:
            with _written(place) as target:
                target.write(whole)
                target.writelines(new)
        for file in files:
            file.path.unlink()
        self._archived.append(place.name)

    def _throw_away(self, most: int) -> None:
        """Remove packed files of months long gone, then the oldest until all of them fit."""
        files = self._files()
        size = sum(file.bytes for file in files)
        for file in files:
            if file.kind == "live" or (size <= most and months_since(file.begins, self._at) <= MONTHS):
                continue
            file.path.unlink()
            self._removed.append(file.path.name)
            size -= file.bytes


def months_since(begin: datetime, now: datetime) -> int:
    """Count the months between two moments by the calendar: from 31 October to 1 November is one."""
    return (now.year - begin.year) * 12 + now.month - begin.month
