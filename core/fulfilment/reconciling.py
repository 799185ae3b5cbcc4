"""Hold every order beside its ledger, cases and cash, and tell the admins what does not add up (PRODUCT S13)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from core.orders import store as orders
from core.payments import store as payments
from core.settlements import rules, store
from core.settlements.rules import ELSEWHERE, Difference
from core.shop import Shop
from core.storage.alerts import owe_alert

BACK = timedelta(days=45)
"""How far back the daily run looks; money of an older order changes the order, and so comes into its sight again."""
AT_ONCE = 500
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not add up about one order."""

    order_id: int
    number: str
    found: tuple[str, ...]


async def differences(shop: Shop, since: datetime = BEGINNING) -> list[Finding]:
    """Compare the orders that changed since then, some at a time, so that nobody waits behind it."""
    found: list[Finding] = []
    after = 0
    while ids := await shop.db.read(store.changed, since, after, AT_ONCE):
        found += await shop.db.read(_compare, ids)
        after = ids[-1]
    return found


async def reconcile(shop: Shop) -> int:
    """Do the daily run; returns how many orders do not add up, of which the admins hear."""
    found = await differences(shop, shop.clock.now() - BACK)
    if found:
        numbers = ", ".join(one.number for one in found[:10]) + (" …" if len(found) > 10 else "")  # noqa: PLR2004 - a line
        data = {"metric": "books", "level": "warning", "number": numbers, "count": len(found)}
        await shop.db.write(owe_alert, shop.policy, "books", data, shop.clock.now())
    return len(found)


def _compare(tx: Connection, ids: list[int]) -> list[Finding]:
    return list(_findings(tx, ids))


def _findings(tx: Connection, ids: list[int]) -> Iterator[Finding]:
    ledgers, cases = store.of_orders(tx, ids)
    unseen = payments.paid_hashes(tx, ids)
    for order in orders.by_ids(tx, ids):
        rows, mine = ledgers.get(order.id, []), cases.get(order.id, [])
        found = [str(one) for one in rules.differences(order, rows, mine)]
        known = {row.bank_hash for row in rows} | {case.bank_hash for case in mine if case.kind in ELSEWHERE}
        known |= {case.bank_hash for case in mine if not case.amount.amount}
        if unseen.get(order.id, set()) - known:
            found.append(Difference.BANK_NOT_BOOKED)
        if found:
            yield Finding(order.id, order.number, tuple(found))
