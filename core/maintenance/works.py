"""Work that an admin starts by a button: it goes on while the shop does, its card says how far it is and what came out.

One of a kind at a time, whoever asks and in whichever process: a row of the ledger, taken by compare-and-set and kept
by a lease. What a stopped or killed process had begun is said to be broken off, never left as if it still went on.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from core.backups import service as backups
from core.backups import shelf
from core.database import REFUSALS, log_failure
from core.errors import OutOfDate, Refused, ShopError
from core.maintenance import emergency, images, optimise, store
from core.maintenance.rules import Run, Work, numbered
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.people import store as people
from core.people.rules import Person, Rank
from core.settings import store as settings
from core.sheets import service as sheets
from core.shop import Shop
from core.storage import orphans, qr

log = logging.getLogger(__name__)

Figures = dict[str, Any]
LEASE = timedelta(minutes=1)
LOOK = 10.0
"""Seconds between two looks at a run that goes on: its lease is kept, its card says how long it has taken."""
_OWNER = secrets.token_hex(8)
BROKEN = {"error": "errors.work_broken"}


async def start(shop: Shop, person: Person, work: Work, chat_id: int, *about: str) -> Run:
    """Begin a work and go on; an admin's. ``OutOfDate`` while somebody's run of the same goes on."""
    person.must_be(Rank.ADMIN)
    now = shop.clock.now()

    def write(tx: Connection) -> Run:
        asked = {"chat": chat_id, "by": person.id, "about": list(about)}
        run = store.take(tx, work, _OWNER, now, now + LEASE, asked)
        if run is None:
            raise OutOfDate("work_runs", name=_name(tx, store.read(tx, work)))
        settings.write_audit(tx, now, person.id, f"work.{work}", "storage")
        messages.owe(tx, chat_id, MessageKind.WORK, run.number, now)
        return run

    run = await shop.db.write(write)
    task = asyncio.create_task(_hold(shop, person, run, about), name=f"work {work}")
    shop.works.add(task)
    task.add_done_callback(shop.works.discard)
    return run


def _name(tx: Connection, run: Run | None) -> str:
    found = people.by_id(tx, int(run.result.get("by", 0))) if run else None
    return found.name if found else "?"


async def _hold(shop: Shop, person: Person, run: Run, about: tuple[str, ...]) -> None:
    """Do the work and keep its lease; write down how it went, also when the shop is closed meanwhile."""
    doing = asyncio.ensure_future(RUNNERS[run.work](shop, person, *about))
    try:
        while not (await asyncio.wait({doing}, timeout=LOOK))[0]:
            if not await _kept(shop, run):
                return
        error = doing.exception()
        result = _why(run, error) if error else doing.result()
        await shop.db.write(_end, shop, run, result, done=error is None)
    except asyncio.CancelledError:
        if run.work is Work.IMPORT:  # one transaction, which is carried to its end whoever gives it up
            await asyncio.wait({doing})
        await shop.db.write(_broken_off, shop, run)
        raise
    finally:
        if doing.cancel():
            await asyncio.wait({doing})


async def _kept(shop: Shop, run: Run) -> bool:
    """Keep the lease; a disk too full to write that down breaks no work off that is making room on it."""
    try:
        return await shop.db.write(_keep, shop, run)
    except REFUSALS as error:
        log.warning("%s goes on, which could not be written down: %s", run.work, type(error).__name__)
        return True


def _why(run: Run, error: BaseException) -> Figures:
    if isinstance(error, ShopError):
        return {"error": error.key, "values": {name: str(value) for name, value in error.values.items()}}
    log_failure(log, f"{run.work}, started from the chat, failed", error)
    return {"error": "errors.work_failed", "values": {"why": type(error).__name__}}


def _keep(tx: Connection, shop: Shop, run: Run) -> bool:
    now = shop.clock.now()
    messages.owe(tx, int(run.result["chat"]), MessageKind.WORK, run.number, now)
    return store.keep(tx, run, now + LEASE)


def _end(tx: Connection, shop: Shop, run: Run, result: Figures, *, done: bool) -> None:
    now = shop.clock.now()
    if store.end(tx, run, now, result, done=done):
        messages.owe(tx, int(run.result["chat"]), MessageKind.WORK, run.number, now)


def _broken_off(tx: Connection, shop: Shop, run: Run) -> None:
    """Say what stands of a work whose process is gone: a list is whole or not there, and its own row knows which."""
    if run.work is not Work.IMPORT:
        return _end(tx, shop, run, BROKEN, done=False)
    counts = sheets.applied(tx, int(next(iter(run.result.get("about", ())), 0)))
    if counts is None:
        return _end(tx, shop, run, {"error": "errors.sheet_broken_off"}, done=False)
    return _end(tx, shop, run, counts, done=True)


async def sweep(shop: Shop) -> int:
    """Say of every work whose process is gone that it was broken off; returns how many those were."""

    def write(tx: Connection) -> int:
        left = store.broken_off(tx, shop.clock.now())
        for run in left:
            _broken_off(tx, shop, run)
        return len(left)

    return await shop.db.write(write)


def shown(tx: Connection, number: int) -> tuple[Run, str] | None:
    """A run as its card shows it, with the name of who started it; None where a later one of its kind was started."""
    known = numbered(number)
    run = store.read(tx, known[0]) if known else None
    return (run, _name(tx, run)) if run is not None and known is not None and run.attempt == known[1] else None


# ── what is done ─────────────────────────────────────────────────────────────────────────────────────────────────────
async def _clean(shop: Shop, person: Person) -> Figures:
    """QR pictures that are old, then what no row names."""
    pictures = await qr.cleanup_qr(shop, person=person)
    tidied = await orphans.tidy(shop, person)
    freed = pictures.freed + tidied.leftovers.freed + tidied.purged.freed
    gone = len(pictures.removed) + len(tidied.leftovers.removed) + len(tidied.purged.removed)
    return {"bytes": freed, "files": gone, "aside": len(tidied.set_aside.removed)}


async def _backup(shop: Shop, person: Person) -> Figures:
    made = await backups.backup(shop, by=person)
    stands = await asyncio.to_thread(shelf.look, made.path)
    return {"bytes": stands.bytes, "made": made.manifest.made_at}


async def _check(shop: Shop, person: Person) -> Figures:
    """Read the newest backup back; ``Refused`` where it is not whole any more."""
    found = await backups.listing(shop, person)
    if not found:
        raise Refused("backup_none")
    newest = found[0].standing
    name = newest.name
    if faults := await backups.check(shop, name, by=person):
        raise Refused("backup_faults", name=name, count=len(faults))
    made = newest.manifest.made_at if newest.manifest else ""
    return {"bytes": newest.bytes, "made": made}


async def _optimise(shop: Shop, person: Person) -> Figures:
    """A backup first; all of it at night only."""
    done = await optimise.optimise(shop, person)
    return {"before": done.before, "after": done.after}


async def _emergency(shop: Shop, person: Person, stamp: str) -> Figures:
    """What was seen in the plan of this stamp, no more."""
    done = await emergency.run(shop, person, stamp)
    return {"bytes": done.freed, "files": done.files}


async def _photos(shop: Shop, person: Person) -> Figures:
    """Photos made smaller; what was there stays for a week."""
    done = await images.optimise(shop, person=person)
    return {"files": len(done.made), "before": done.before, "after": done.after, "trouble": len(done.trouble)}


async def _import(shop: Shop, person: Person, number: str = "0", stamp: str = "") -> Figures:
    """A list that was shown, if it still does what was seen."""
    return dict((await sheets.apply(shop, person, int(number), stamp)).counts)


RUNNERS: Mapping[Work, Callable[..., Awaitable[Figures]]] = {
    Work.CLEAN: _clean,
    Work.BACKUP: _backup,
    Work.CHECK: _check,
    Work.OPTIMISE: _optimise,
    Work.EMERGENCY: _emergency,
    Work.PHOTOS: _photos,
    Work.IMPORT: _import,
}
"""What does each work; its figures are what its card says."""
