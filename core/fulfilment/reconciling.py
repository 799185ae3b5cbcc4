"""Hold every order beside its ledger, cases and cash, and tell the admins what does not add up (PRODUCT S13)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from core.cash import store as cash
from core.money import Currency
from core.orders import store as orders
from core.payments import store as payments
from core.settlements import rules, store
from core.settlements.rules import ELSEWHERE, Difference, Kind, Settlement, Source
from core.shop import Shop
from core.storage.alerts import owe_alert

BACK = timedelta(days=45)
"""How far back the daily run looks; money of an older order changes the order, and so comes into its sight again."""
TELL_AGAIN = timedelta(hours=20)
"""How long the admins are left in peace, however often it is run: less than a day, so that each day's own run tells."""
AT_ONCE = 500
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not add up about one order; with ``order_id`` 0 about one hand-in, ``cash-7``."""

    order_id: int
    number: str
    found: tuple[str, ...]


async def differences(shop: Shop, since: datetime = BEGINNING, *, at_once: int = AT_ONCE) -> list[Finding]:
    """Compare the orders that changed since then, some at a time, so that nobody waits behind it."""
    found: list[Finding] = []
    after = 0
    while ids := await shop.db.read(store.changed, since, after, at_once):
        found += await shop.db.read(_compare, ids)
        after = ids[-1]
    unlike = await shop.db.read(cash.unlike, since)
    return found + [Finding(0, f"cash-{one}", (str(Difference.HAND_IN_DIFFERS),)) for one in unlike]


async def reconcile(shop: Shop) -> int:
    """Do the daily run; returns how many orders do not add up, of which the admins hear."""
    await shop.refresh()
    found = await differences(shop, shop.clock.now() - BACK)
    if found:
        numbers = ", ".join(one.number for one in found[:10]) + (" …" if len(found) > 10 else "")  # noqa: PLR2004 - a line
        data = {"metric": "books", "level": "warning", "number": numbers, "count": len(found)}
        await shop.db.write(owe_alert, shop.policy, "books", data, shop.clock.now(), apart=TELL_AGAIN)
    return len(found)


def _compare(tx: Connection, ids: list[int]) -> list[Finding]:
    return list(_findings(tx, ids))


def _findings(tx: Connection, ids: list[int]) -> Iterator[Finding]:
    ledgers, cases = store.of_orders(tx, ids)
    unseen, collected = payments.paid_hashes(tx, ids), cash.of_orders(tx, ids)
    for order in orders.by_ids(tx, ids):
        rows, mine = ledgers.get(order.id, []), cases.get(order.id, [])
        found = [str(one) for one in rules.differences(order, rows, mine)]
        known = {row.bank_hash for row in rows} | {case.bank_hash for case in mine if case.kind in ELSEWHERE}
        known |= {case.bank_hash for case in mine if not case.amount.amount}
        if unseen.get(order.id, set()) - known:
            found.append(Difference.BANK_NOT_BOOKED)
        if _booked(rows) != (collected[order.id].taken.sums if order.id in collected else (0, 0)):
            found.append(Difference.CASH_DIFFERS)
        if found:
            yield Finding(order.id, order.number, tuple(found))


def _booked(rows: Iterable[Settlement]) -> tuple[int, int]:
    """The cash in an order's ledger, in cents and in riel, without what was booked before anybody asked who took it."""
    sums: Counter[Currency] = Counter()
    for row in rows:
        if row.kind is Kind.RECEIVED and row.source is Source.CASH and row.actor_id is not None:
            sums[row.amount.currency] += row.amount.amount
    return sums[Currency.USD], sums[Currency.KHR]
