"""The use case of old QR pictures, the same behind command, job, button and emergency plan."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.errors import Refused
from core.files import reason
from core.people.rules import Person, Rank
from core.settings import store as settings
from core.shop import Shop
from core.storage import accounting, cleanup, references, store
from core.storage.candidates import Candidate, Cleanup, Tick
from core.storage.figures import readable

STRAY = timedelta(days=1)
"""So old a picture is before it counts that no order has its number."""


async def cleanup_qr(
    shop: Shop, days: int | None = None, *, dry_run: bool = False, force: bool = False, person: Person | None = None,
    tick: Tick = bool,
) -> Cleanup:  # fmt: skip
    """Remove QR pictures older than ``days`` (else the shop's rule), of any age with ``force``; never one being paid.

    After a day already what no order has any more. An admin's to ask for, or nobody's: schedule and terminal.
    ``Refused("storage_read_only")`` when the folder lets nothing go.
    """
    if person is not None:
        person.must_be(Rank.ADMIN)
    keep = timedelta(days=shop.policy.qr_days if days is None else days)
    found = await plan(shop, None if force else shop.clock.now() - keep)
    return Cleanup(found, dry_run=True) if dry_run else await apply(shop, found, person.id if person else None, tick)


async def plan(shop: Shop, older_than: datetime | None) -> tuple[Candidate, ...]:
    """List the pictures written before ``older_than`` (None: all), and strays; none that somebody may be paying."""
    media, before = shop.config.media_dir, shop.clock.now() - STRAY
    live, strays = await shop.db.read(_standing, await asyncio.to_thread(cleanup.numbers, media))
    return await asyncio.to_thread(cleanup.plan, media, older_than, live, strays=strays, strays_before=before)


async def apply(shop: Shop, found: tuple[Candidate, ...], by: int | None = None, tick: Tick = bool) -> Cleanup:
    """Remove what is still as it was found, and is not being paid by now; and write down who wanted it."""
    try:
        done = await clear(shop, found, tick)
    except OSError as error:
        raise Refused(reason(error), folder=cleanup.FOLDER) from error
    if done.removed:
        await accounting.removed(shop, [one.path for one in done.removed])
        detail = {"files": len(done.removed), "bytes": done.freed, "amount": readable(done.freed)}
        await shop.db.write(
            lambda tx: settings.write_audit(tx, shop.clock.now(), by, "storage.qr", "storage", detail=detail)
        )
    return done


async def clear(shop: Shop, found: tuple[Candidate, ...], tick: Tick = bool) -> Cleanup:
    """Remove them without a word; ``OSError`` when the folder lets nothing go."""
    live = await shop.db.read(store.live_numbers)
    return await asyncio.to_thread(cleanup.apply, found, live, tick)


def _standing(tx: Connection, numbers: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Whose pictures stay, and whose order is not there."""
    return store.live_numbers(tx), references.without_an_order(tx, numbers)
