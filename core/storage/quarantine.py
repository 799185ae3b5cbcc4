"""Media files set aside for a week, at ``quarantine/<day>/<path>`` in the data folder; each can be put back.

A move never takes another file's place: a second name is given, then the first taken away. Where the media folder is a
disk of its own, the copy is whole and synced before the file goes.
"""

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path, PurePosixPath

from core.config import Config
from core.errors import NotFound, Refused
from core.files import sync_folder
from core.storage import candidates
from core.storage.candidates import Candidate, Cleanup, Tick

KEPT = timedelta(days=7)
_DAY = re.compile(r"(\d{8})(?:-\d+)?")
_MOST = 100


@dataclass(frozen=True, slots=True)
class SetAside:
    """One file in quarantine: its path below the media folder, the day it came, its bytes, and where it is."""

    path: str
    day: date
    bytes: int
    place: Path

    @property
    def until(self) -> date:
        """From this day on it may be gone."""
        return self.day + KEPT

    @property
    def mark(self) -> str:
        """Know this very file again in a button: twelve letters of where it is and how large."""
        return hashlib.sha256(os.fsencode(self.place) + b" %d" % self.bytes).hexdigest()[:12]


def folder(config: Config) -> Path:
    """Where it is; it need not be there yet."""
    return config.data_dir.resolve() / "quarantine"


def listing(config: Config) -> Iterator[SetAside]:
    """Everything set aside, the newest day first."""
    for day, place in _days(config):
        for path, status in candidates.below(place):
            yield SetAside(path.relative_to(place).as_posix(), day, status.st_size, path)


def take_in(config: Config, found: Iterable[Candidate], today: date, tick: Tick = bool) -> Cleanup:
    """Set aside what is still as it was seen; ``OSError`` when nothing could be moved for the disk's sake."""
    media = config.media_dir.resolve()

    def move(one: Candidate) -> bool:
        inside = one.path.is_relative_to(media) and candidates.unchanged(one)
        return inside and _carry(one.path, _free(config, one.path.relative_to(media), today))

    return candidates.each(found, move, tick)


def put_back(config: Config, name: str) -> Path:
    """Bring back the newest file set aside from ``name`` (a path below the media folder, or ``<day>/<path>``).

    ``NotFound`` where there is none, ``Refused("quarantine_taken")`` where another file stands there by now.
    """
    wanted = PurePosixPath(name.replace("\\", "/")).as_posix()
    found = next((one for one in listing(config) if _is(one, config, wanted)), None)
    if found is None:
        raise NotFound("quarantine_missing", name=name)
    media = config.media_dir.resolve()
    target = media / found.path
    if os.path.lexists(target) or not target.parent.resolve().is_relative_to(media):
        raise Refused("quarantine_taken", name=found.path)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _carry(found.place, target)
    except FileExistsError:
        raise Refused("quarantine_taken", name=found.path) from None
    return target


def days(config: Config, before: date | None = None) -> tuple[Candidate, ...]:
    """List whole days that were set aside before ``before``; all of them without it."""
    found = (
        candidates.look(place, f"quarantine since {day}") for day, place in _days(config) if not before or day < before
    )
    return tuple(sorted((one for one in found if one), key=lambda one: one.path))


def over(config: Config, now: datetime) -> tuple[Candidate, ...]:
    """List the days whose week is over."""
    return days(config, (now.astimezone(config.zone) - KEPT).date())


def _days(config: Config) -> list[tuple[date, Path]]:
    """Every day's folder, the newest first."""
    place = folder(config)
    if not place.is_dir():
        return []
    found = []
    for path in place.iterdir():
        if (name := _DAY.fullmatch(path.name)) and path.is_dir() and not path.is_symlink():
            try:
                found.append((datetime.strptime(name[1], "%Y%m%d").date(), path))  # noqa: DTZ007 - a day, no moment
            except ValueError:
                continue
    return sorted(found, reverse=True)


def _is(one: SetAside, config: Config, wanted: str) -> bool:
    return wanted in {one.path, one.place.relative_to(folder(config)).as_posix()}


def _free(config: Config, path: Path, today: date) -> Path:
    """Find a place for a path: what came from there on the same day before stays where it is."""
    for number in range(1, _MOST):
        day = f"{today:%Y%m%d}" if number == 1 else f"{today:%Y%m%d}-{number}"
        place = folder(config) / day / path
        if not os.path.lexists(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            return place
    raise OSError(errno.EEXIST, os.strerror(errno.EEXIST), path.name)


def _carry(source: Path, target: Path) -> bool:
    try:
        _move(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(source, target)
        source.unlink()
    sync_folder(target.parent)
    sync_folder(source.parent)
    return True


def _move(source: Path, target: Path) -> None:
    """Give a file another place on its disk; ``FileExistsError`` where something stands there by now.

    A disk that knows no second names (FAT, some of a network's) renames, as it was looked at a moment ago.
    """
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno in {errno.EXDEV, errno.EEXIST}:
            raise
        source.rename(target)
    else:
        source.unlink()


def _copy(source: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.partial")
    try:
        shutil.copy2(source, temporary, follow_symlinks=False)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        _move(temporary, target)
        sync_folder(target.parent)
    finally:
        temporary.unlink(missing_ok=True)
