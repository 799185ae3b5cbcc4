"""Tidy the database: a little every night, all of it each quarter after a backup. The same by command, job and button.

What may hold writers up for a second (SQLite copies itself) is done at night or where somebody asked for it.
"""

import asyncio
import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from core.backups import service as backups
from core.database import REFUSALS, tidying
from core.errors import Refused
from core.people.rules import Person, Rank
from core.settings import hours
from core.settings import store as settings
from core.shop import Shop
from core.storage import health
from core.storage.rules import MB

STEP = 0.006
"""Seconds that giving pages back may hold writers up at a time."""
LEAST, MOST = 32, 64
"""Pages of the first and shortest step (below that a disk's sync is all it takes), and of the longest."""
SPARE = 0.05
"""So much of a database may be free pages: the next orders take them."""
ROOM = 32 * MB
Tick = Callable[[str], None]
"""Hears what is being done: backup, pages, statistics, whole, indexes."""


@dataclass(frozen=True, slots=True)
class Optimised:
    """Bytes before and after; ``full``: all of it was written anew; ``backup`` is the name of the one made before."""

    before: int
    after: int
    full: bool
    backup: str
    seconds: float

    @property
    def freed(self) -> int:
        """Bytes that are free again."""
        return max(self.before - self.after, 0)


async def quarterly(shop: Shop) -> Optimised:
    """Do all of it, as the schedule does at night."""
    return await optimise(shop, full=True)


async def optimise(
    shop: Shop, person: Person | None = None, *, full: bool | None = None, tick: Tick = lambda _: None
) -> Optimised:
    """Back up, then tidy: an admin's to ask for, or the terminal's (nobody). ``full`` None: at night only.

    ``Refused`` where there is no room, or no backup could be made: then nothing was tidied.
    """
    if person is not None:
        person.must_be(Rank.ADMIN)
    await shop.refresh()
    wholly = at_night(shop) if full is None else full
    begun, before = time.monotonic(), await shop.db.read(tidying.size)
    await asyncio.to_thread(must_have_room, shop, before, wholly=wholly)
    tick("backup")
    made = await backups.backup(shop)
    try:
        await (_wholly(shop, tick) if wholly else tidy(shop, tick))
    except REFUSALS as error:
        raise _refused(error) from error
    after = await shop.db.read(tidying.size)
    done = Optimised(before, after, wholly, made.path.name, time.monotonic() - begun)
    await shop.db.write(_note, shop, person, done)
    return done


def _note(tx: Connection, shop: Shop, person: Person | None, done: Optimised) -> None:
    detail = {"before": done.before, "after": done.after, "full": done.full}
    by = person.id if person else None
    settings.write_audit(tx, shop.clock.now(), by, "optimised", "storage", detail=detail)


async def tidy(shop: Shop, tick: Tick = lambda _: None) -> int:
    """Give free pages back and count anew what the planner goes by, a few milliseconds at a time; returns the steps."""
    if shop.db.dialect == "postgresql":
        tick("statistics")
        await shop.db.apart("VACUUM (ANALYZE)")
        return 0
    tick("statistics")
    await shop.db.write(tidying.learn)
    tick("pages")
    pages, steps = LEAST, 0
    while spare := await shop.db.write(_to_give_back):  # a reader knows nothing of what a VACUUM turned on
        begun = time.monotonic()
        await shop.db.write(tidying.give_back, min(pages, spare))
        took = time.monotonic() - begun
        pages, steps = next_step(pages, took), steps + 1
        await asyncio.sleep(took)  # as long for everybody else
    return steps


def next_step(pages: int, took: float) -> int:
    """How many pages the next step may give back, by how long the last one took in seconds."""
    return max(LEAST, min(MOST, pages * 2, int(pages * STEP / max(took, 1e-6))))


def _to_give_back(tx: Connection) -> int:
    free, all_of_them = tidying.free_pages(tx)
    return max(free - int(all_of_them * SPARE), 0)


async def _wholly(shop: Shop, tick: Tick) -> None:
    tick("whole")
    for statement in tidying.whole(shop.db.dialect):
        await shop.db.apart(statement)
    tick("indexes")
    for statement in await shop.db.read(tidying.rebuilding):
        await shop.db.apart(statement)
    if shop.db.dialect != "postgresql":
        await shop.db.write(tidying.learn)


def must_have_room(shop: Shop, size: int, *, wholly: bool) -> None:
    """Refuse where the disk has too little: SQLite writes a second copy into its log, a backup makes a third."""
    copies = 3 if wholly and shop.db.dialect == "sqlite" else 1
    needed, free = copies * size + ROOM, shutil.disk_usage(shop.config.data_dir).free
    if needed > free:
        raise Refused("optimise_no_room", needed=f"{needed / MB:,.0f} MB", free=f"{free / MB:,.0f} MB")


def at_night(shop: Shop) -> bool:
    """Whether it is the time at which the shop writes to nobody."""
    return hours.quiet_until(shop.policy, shop.clock.now().astimezone(shop.config.zone)) is not None


def _refused(error: Exception) -> Refused:
    plain = getattr(error, "orig", None) or error
    key = health.reason(plain) if isinstance(plain, OSError | sqlite3.Error) else "storage_failed"
    return Refused(key, folder="data")
