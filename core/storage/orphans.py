"""Media files that no row names: found by ``plan``, set aside by ``apply``, which looks at each again.

A file that is a day old, is named by no row, neither before nor after it is moved, is set aside for a week
(``quarantine.py``). QR pictures are no orphans, they have a rule of their own (``cleanup.py``); nor are hidden names.
"""

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from core.errors import OutOfDate, Refused
from core.files import reason
from core.people.rules import Person, Rank
from core.settings import store as settings
from core.shop import Shop
from core.storage import accounting, candidates, cleanup, leftovers, quarantine, references
from core.storage.candidates import Candidate, Cleanup, Tick
from core.storage.figures import readable

log = logging.getLogger(__name__)

OLD = timedelta(days=1)
FEW = 20
"""So many may go unasked even if they are most of what is there."""


@dataclass(frozen=True, slots=True)
class Orphans:
    """What no row names, and what was never finished; ``files`` is how many files were looked at."""

    found: tuple[Candidate, ...]
    leftovers: tuple[Candidate, ...]
    files: int

    @property
    def too_many(self) -> bool:
        """Whether it is more than half of everything: then it is rather the database that is wrong."""
        return len(self.found) > FEW and 2 * len(self.found) > self.files


@dataclass(frozen=True, slots=True)
class Tidied:
    """What a week's tidying did: set aside, removed as never finished, removed after its week."""

    set_aside: Cleanup
    leftovers: Cleanup
    purged: Cleanup


async def plan(shop: Shop, now: float | None = None) -> Orphans:
    """Look for what no row names; ``now`` is the machine's own clock, seconds since the epoch."""
    at = time.time() if now is None else now
    named = await shop.db.read(references.named)
    found, files = await asyncio.to_thread(_unnamed, shop.config.media_dir, named, at)
    return Orphans(found, await asyncio.to_thread(leftovers.plan, shop.config, at), files)


def _unnamed(media: Path, named: references.Named, now: float) -> tuple[tuple[Candidate, ...], int]:
    root, found, files = media.resolve(), [], 0
    for path, status in candidates.below(root, hidden=False):
        files += 1
        ours = path.parent == root / cleanup.FOLDER and cleanup.NAMES.fullmatch(path.name)
        arrived = max(status.st_mtime, status.st_ctime)  # a copy may bring an old mtime along
        if not ours and arrived < now - OLD.total_seconds() and path.relative_to(root).as_posix() not in named:
            found.append(candidates.seen(path, status, "orphan named by no row"))
    return tuple(found), files


async def apply(
    shop: Shop, person: Person | None = None, *, seen: Orphans | None = None, force: bool = False, tick: Tick = bool
) -> Cleanup:
    """Set aside what was seen, or is there now; an admin's to ask for, or the terminal's (nobody).

    ``Refused("orphans_too_many")`` where it is most of what there is, unless ``force``.
    """
    if person is not None:
        person.must_be(Rank.ADMIN)
    orphans = seen or await plan(shop)
    if orphans.too_many and not force:
        raise Refused("orphans_too_many", count=len(orphans.found), files=orphans.files)
    return await set_aside(shop, orphans.found, person.id if person else None, tick)


async def set_aside(shop: Shop, found: tuple[Candidate, ...], by: int | None = None, tick: Tick = bool) -> Cleanup:
    """Move into quarantine what no row names now; what one names afterwards, while it was being moved, comes back."""
    media = shop.config.media_dir.resolve()
    named = await shop.db.read(references.named)
    still = tuple(one for one in found if _name(one, media) not in named)
    today = shop.clock.now().astimezone(shop.config.zone).date()
    try:
        moved = await asyncio.to_thread(quarantine.take_in, shop.config, still, today, tick)
    except OSError as error:
        raise Refused(reason(error), folder=media.name) from error
    named = await shop.db.read(references.named)
    wanted = [one for one in moved.removed if _name(one, media) in named]
    for one in wanted:
        await asyncio.to_thread(quarantine.put_back, shop.config, _name(one, media))
    gone = tuple(one for one in moved.removed if one not in wanted)
    done = replace(moved, found=found, removed=gone, kept=tuple(one for one in found if one not in gone))
    if gone:
        await accounting.removed(shop, [one.path for one in gone])
        detail = {"files": len(gone), "bytes": done.freed, "amount": readable(done.freed)}
        await shop.db.write(
            lambda tx: settings.write_audit(tx, shop.clock.now(), by, "storage.aside", "storage", detail=detail)
        )
    return done


async def put_back(shop: Shop, name: str, person: Person | None = None) -> Path:
    """Bring one file back from quarantine: ``NotFound``, or ``Refused`` where another stands there by now."""
    if person is not None:
        person.must_be(Rank.ADMIN)
    try:
        back = await asyncio.to_thread(quarantine.put_back, shop.config, name)
    except OSError as error:
        raise Refused(reason(error), folder=shop.config.media_dir.name) from error
    await accounting.written(shop, back, back.stat().st_size)
    by, detail = person.id if person else None, {"to": back.relative_to(shop.config.media_dir.resolve()).as_posix()}
    await shop.db.write(
        lambda tx: settings.write_audit(tx, shop.clock.now(), by, "storage.back", "storage", detail=detail)
    )
    return back


async def aside(shop: Shop, person: Person) -> list[quarantine.SetAside]:
    """List what is set aside, the newest day first; an admin's."""
    person.must_be(Rank.ADMIN)
    return await asyncio.to_thread(lambda: list(quarantine.listing(shop.config)))


async def bring_back(shop: Shop, person: Person, mark: str) -> quarantine.SetAside:
    """Bring back the one file that was seen, as :func:`put_back`; ``OutOfDate`` where it is not set aside any more."""
    one = next((found for found in await aside(shop, person) if found.mark == mark), None)
    if one is None:
        raise OutOfDate("aside_gone")
    await put_back(shop, one.place.relative_to(quarantine.folder(shop.config)).as_posix(), person)
    return one


async def tidy(
    shop: Shop, person: Person | None = None, *, force: bool = False, tick: Tick = bool, now: float | None = None
) -> Tidied:
    """Remove what was never finished, and what was set aside more than a week ago; then set orphans aside.

    An admin's to ask for, as :func:`apply`, which may refuse: then the rest is done all the same.
    """
    if person is not None:
        person.must_be(Rank.ADMIN)
    seen = await plan(shop, now)
    try:
        never = await asyncio.to_thread(candidates.remove, seen.leftovers)
        over = await asyncio.to_thread(quarantine.over, shop.config, shop.clock.now())
        purged = await asyncio.to_thread(candidates.remove, over)
    except OSError as error:
        raise Refused(reason(error), folder=shop.config.data_dir.name) from error
    done = await apply(shop, person, seen=seen, force=force, tick=tick)
    log.info("set aside: %d files; never finished: %d; a week old: %d",
             len(done.removed), len(never.removed), len(purged.removed))  # fmt: skip
    return Tidied(done, never, purged)


def _name(candidate: Candidate, media: Path) -> str:
    return candidate.path.relative_to(media).as_posix()
