"""Use cases of storage, the same behind command, job and button: how much is there, clean up, back up, watch."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.database import marker
from core.inbox import store as inbox
from core.messages import store as messages
from core.shop import Shop
from core.storage import accounting, alerts, qr, store, watching

log = logging.getLogger(__name__)

AHEAD = 100
"""Orders between two looks at the counter, at the very most; restored numbers leave a gap of up to twice as many."""
INBOX_DAYS, OUTBOX_DAYS, CART_DAYS = 7, 30, 90


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows went, of each kind."""

    updates: int
    messages: int
    carts: int
    told: int
    samples: int


usage, report, large_files = accounting.usage, accounting.report, accounting.large_files
written, removed, reconcile = accounting.written, accounting.removed, accounting.reconcile
cleanup_qr = qr.cleanup_qr


async def watch_database(shop: Shop) -> bool:
    """Tell whether the database's file stands where it was opened; the admins hear of it once when it does not.

    The shop goes on in the file that it holds open, so even the alert is kept there: it is lost when the shop stops.
    How far order numbers have come is kept beside the database, for the day it is restored from before.
    """
    await shop.refresh()
    await _note_numbers(shop)
    metric = watching.file_metric(there=shop.db.in_place())
    if metric.bytes or metric.name in await shop.db.read(store.alerts):
        await shop.db.write(alerts.take, shop.policy, (metric,), shop.clock.now())
    return not metric.bytes


async def _note_numbers(shop: Shop) -> None:
    """Write down, well ahead, a number that no order has had yet: seldom, and before it can be reached.

    A folder that takes nothing is said in the log, and by whoever writes there for more than this.
    """
    given, folder = await shop.db.read(store.order_number), shop.config.data_dir
    if given + AHEAD <= marker.number(folder):
        return
    try:
        await asyncio.to_thread(marker.write, folder, marker.Marker(given + 2 * AHEAD))
    except OSError as error:
        log.warning("how far order numbers have come is not written down: %s", type(error).__name__)


async def forget_old(shop: Shop) -> Forgotten:
    """Remove rows that nobody needs any more: updates after 7 days, sent messages after 30, idle carts after 90.

    Who was told that something is back leaves that list with the message. What was measured is thinned out.
    """
    return await shop.db.write(_forget, shop.clock.now())


def _forget(tx: Connection, now: datetime) -> Forgotten:
    return Forgotten(
        inbox.forget_done(tx, now - timedelta(days=INBOX_DAYS)),
        messages.forget_sent(tx, now - timedelta(days=OUTBOX_DAYS))
        + store.forget_papers(tx, now - timedelta(days=OUTBOX_DAYS)),
        store.forget_carts(tx, now - timedelta(days=CART_DAYS)),
        store.forget_told(tx, now - timedelta(days=OUTBOX_DAYS)),
        store.forget_samples(tx, now),
    )
