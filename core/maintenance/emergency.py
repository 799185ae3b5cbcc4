"""The emergency plan: what can go when the disk is nearly full, in its order, each step with its files and bytes.

Nobody's data is in it: what was never finished, old QR pictures, packed logs, the quarantine, and backups that no rule
keeps. Large files are named for a person to decide. It works on a disk that takes no byte more: the reserve goes first.
"""

import asyncio
import hashlib
import logging
import re
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.backups import service as backups
from core.backups import shelf
from core.config import Config
from core.database import REFUSALS
from core.errors import OutOfDate
from core.maintenance import logs
from core.people.rules import Person, Rank
from core.settings import store as settings
from core.shop import Shop
from core.storage import accounting, candidates, leftovers, qr, quarantine, reserve, usage
from core.storage.candidates import Candidate, Cleanup, Tick
from core.storage.figures import File, readable
from core.storage.rules import MB

log = logging.getLogger(__name__)

QR_OLD = timedelta(days=1)
LARGE = 10 * MB
"""Bytes from which a file is named."""
STANDS = timedelta(hours=1)
"""So long a plan that was seen may be run."""
_PACKED = {"packed", "month"}
_HEX = re.compile("[0-9a-f]{1,9}")


class Part(StrEnum):
    """What goes, in this order."""

    LEFTOVERS = "leftovers"
    QR = "qr"
    LOGS = "logs"
    QUARANTINE = "quarantine"
    BACKUPS = "backups"


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of thing that can go."""

    part: Part
    found: tuple[Candidate, ...]

    @property
    def bytes(self) -> int:
        """What it frees."""
        return candidates.total(self.found)


@dataclass(frozen=True, slots=True)
class Emergency:
    """The plan as it stood at ``at``: its steps, the large files nobody touches, and the bytes held in reserve.

    ``stamp`` tells this plan from any other, in 24 characters: a button carries it.
    """

    at: datetime
    steps: tuple[Step, ...]
    large: tuple[File, ...]
    reserve: int
    stamp: str

    @property
    def bytes(self) -> int:
        """What all steps free."""
        return sum(step.bytes for step in self.steps)

    @property
    def files(self) -> int:
        """How many files and folders go."""
        return sum(len(step.found) for step in self.steps)


@dataclass(frozen=True, slots=True)
class Relief:
    """What was done: by step, and all together; ``written`` tells whether the audit could be."""

    steps: tuple[tuple[Part, Cleanup], ...]
    written: bool = True

    @property
    def freed(self) -> int:
        """Bytes that are free again."""
        return sum(done.freed for _, done in self.steps)

    @property
    def files(self) -> int:
        """How many files and folders went."""
        return sum(len(done.removed) for _, done in self.steps)


NOTHING = Relief(())


async def plan(shop: Shop, at: datetime | None = None) -> Emergency:
    """Look at what could go, as of ``at`` (now); nothing is touched."""
    at = (at or shop.clock.now()).replace(microsecond=0)
    old_qr = await qr.plan(shop, at - QR_OLD)
    steps = (
        Step(Part.LEFTOVERS, await asyncio.to_thread(leftovers.plan, shop.config, _machine(shop, at))),
        Step(Part.QR, old_qr),
        Step(Part.LOGS, await asyncio.to_thread(_packed_logs, shop.config)),
        Step(Part.QUARANTINE, await asyncio.to_thread(quarantine.days, shop.config)),
        Step(Part.BACKUPS, await _surplus(shop)),
    )
    return Emergency(at, steps, await large(shop), reserve.held(shop.config.data_dir), _stamp(at, steps))


async def large(shop: Shop, at_least: int = LARGE) -> tuple[File, ...]:
    """Name the files of so many bytes and more, the largest first, by what is on the disk now.

    The rows of media files know of what was put there by hand only after the night's count.
    """
    return await asyncio.to_thread(_large, shop.config, at_least)


def _large(config: Config, at_least: int) -> tuple[File, ...]:
    media = config.media_dir.resolve()
    found = [File(f"media/{path.relative_to(media).as_posix()}", status.st_size)
             for path, status in candidates.below(media) if status.st_size >= at_least]  # fmt: skip
    return tuple(sorted((*found, *usage.large(config, at_least)), key=lambda file: (-file.bytes, file.path)))


def first_aid(config: Config) -> Relief:
    """Free what no row tells of, where the disk is too full for a database to be opened; with room, nothing."""
    if shutil.disk_usage(config.data_dir).free >= reserve.FULL:
        return Relief(())
    steps = (
        Step(Part.LEFTOVERS, leftovers.plan(config)),
        Step(Part.LOGS, _packed_logs(config)),
        Step(Part.QUARANTINE, quarantine.days(config)),
    )
    return Relief(tuple((step.part, _remove(step, bool)) for step in steps), written=False)


async def run(
    shop: Shop, person: Person | None, stamp: str, tick: Tick = bool, *, before: Relief = NOTHING
) -> Relief:  # fmt: skip
    """Do what was seen, no more: an admin's to ask for, or the terminal's (nobody).

    What :func:`first_aid` freed ``before`` the database was open is counted and written down with the rest.
    ``OutOfDate("emergency_changed")`` where it is another plan by now; then nothing was touched.
    """
    if person is not None:
        person.must_be(Rank.ADMIN)
    seen = await plan(shop, _moment(stamp, shop.clock.now()))
    if seen.stamp != stamp:
        raise OutOfDate("emergency_changed")
    await asyncio.to_thread(reserve.give_up, shop.config.data_dir)
    first = dict(before.steps)
    done = tuple([(step.part, _both(first.get(step.part), await _do(shop, step, tick))) for step in seen.steps])
    relief = Relief(done, await _note(shop, done, person))
    await asyncio.to_thread(reserve.tend, shop.config.data_dir)
    return relief


async def _do(shop: Shop, step: Step, tick: Tick) -> Cleanup:
    """Do one step; what cannot be removed stays, and the next step is done all the same."""
    if step.part is not Part.QR:
        return await asyncio.to_thread(_remove, step, tick)
    try:
        return await qr.clear(shop, step.found, tick)
    except OSError as error:
        return _stays(step, error)


def _remove(step: Step, tick: Tick) -> Cleanup:
    try:
        done = candidates.remove(step.found, tick=tick)
        for one in done.removed if step.part is Part.BACKUPS else ():
            shelf.forget(one.path)
    except OSError as error:
        return _stays(step, error)
    return done


def _stays(step: Step, error: OSError) -> Cleanup:
    log.warning("emergency: %s cannot be removed: %s", step.part, error.strerror)
    return Cleanup(step.found, kept=step.found)


def _both(first: Cleanup | None, then: Cleanup) -> Cleanup:
    """Add up what was removed before the database was open and what was afterwards."""
    if first is None:
        return then
    return Cleanup((*first.removed, *then.found), (*first.removed, *then.removed), then.kept)


async def _note(shop: Shop, done: tuple[tuple[Part, Cleanup], ...], person: Person | None) -> bool:
    """Write down who freed what; a disk on which even now nothing can be written does not undo it."""
    freed: dict[str, Any] = {
        part.value: {"files": len(one.removed), "bytes": one.freed} for part, one in done if one.removed
    }
    freed["amount"] = readable(sum(one.freed for _, one in done))
    pictures = [one.path for part, each in done if part is Part.QR for one in each.removed]
    await accounting.removed(shop, pictures)
    try:
        await shop.db.write(
            lambda tx: settings.write_audit(
                tx, shop.clock.now(), person.id if person else None, "storage.emergency", "storage", detail=freed
            )
        )
    except REFUSALS as error:
        log.warning("emergency: freed %s, which could not be written down: %s", freed, type(error).__name__)
        return False
    return True


def _packed_logs(config: Config) -> tuple[Candidate, ...]:
    """Logs that were rotated and packed; the ones that are written to stay."""
    old = [one.path for one in logs.listing(config.log_dir.resolve(), config.zone) if one.kind in _PACKED]
    return _seen(old, "logs packed")


async def _surplus(shop: Shop) -> tuple[Candidate, ...]:
    """Backups that no rule keeps; never the last verified one, nor one that somebody pinned."""
    decided = await backups.prune(shop, dry_run=True)
    return await asyncio.to_thread(_seen, [one.path.resolve() for one in decided.remove], "backups kept by no rule")


def _seen(paths: list[Path], reason: str) -> tuple[Candidate, ...]:
    found = (candidates.look(path, reason) for path in sorted(paths))
    return tuple(one for one in found if one)


def _machine(shop: Shop, at: datetime) -> float:
    """Say when ``at`` was by the machine's own clock, which files go by; seconds since the epoch."""
    return time.time() - (shop.clock.now() - at).total_seconds()


def _stamp(at: datetime, steps: tuple[Step, ...]) -> str:
    every = [f"{step.part} {one.path} {one.size} {one.mtime_ns} {one.inode}" for step in steps for one in step.found]
    return f"{int(at.timestamp()):x}-{hashlib.sha256(chr(10).join(every).encode()).hexdigest()[:12]}"


def _moment(stamp: str, now: datetime) -> datetime:
    """Read when a plan was made; it says itself what was a day old then. ``OutOfDate`` for an old or odd one."""
    made, _, _ = stamp.partition("-")
    if not _HEX.fullmatch(made):
        raise OutOfDate("emergency_changed")
    at = datetime.fromtimestamp(int(made, 16), UTC)
    if not now - STANDS <= at <= now:
        raise OutOfDate("emergency_changed")
    return at
