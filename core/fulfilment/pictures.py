"""Pictures that nobody asked for: whose payment they may be of."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from core.fulfilment import cases, money
from core.orders import store as orders
from core.orders.rules import Order, PaymentMethod, PaymentStatus, Status
from core.people.rules import Person
from core.settlements.rules import Case
from core.shop import Shop

SOON = timedelta(minutes=10)
"""A picture within so long of a claim belongs to that, whatever else waits to be paid."""
LATELY = timedelta(days=1)
"""A picture within so long of an order's unpaid end may be of its payment."""


class Awaited(NamedTuple):
    """An order whose payment a picture may show, and its customer's ``claim`` while that is looked at."""

    order: Order
    claim: Case | None


async def awaited(shop: Shop, person: Person) -> list[Awaited]:
    """Read whose payment a picture of this person may be of, the newest order first."""
    now = shop.clock.now()

    def read(tx: Connection) -> list[Awaited]:
        newest = orders.of_person(tx, person.id)
        return [Awaited(order, cases.open_claim(tx, order.id)) for order in newest if _may_be_paid(order, now)]

    return await shop.db.read(read)


def _may_be_paid(order: Order, now: datetime) -> bool:
    """Tell whether money may be on its way to an order: it waits for it, or ended without it a short while ago."""
    if order.payment_method is not PaymentMethod.KHQR or order.payment_status not in money.WANTED:
        return False
    if order.status is Status.PENDING:
        return True
    ended = order.status in {Status.EXPIRED, Status.CANCELLED}
    looked_at = order.status is Status.EXPIRED and order.payment_status is PaymentStatus.REVIEW
    return ended and (looked_at or now - order.updated_at < LATELY)


def joins(found: Sequence[Awaited], now: datetime) -> Awaited | None:
    """Name the order whose claim a picture joins; None where it may as well be of another's payment."""
    claimed = [one for one in found if one.claim is not None]
    if len(found) == len(claimed) == 1:
        return claimed[0]
    soon = [one for one in claimed if one.claim is not None and now - one.claim.opened_at < SOON]
    return max(soon, key=lambda one: one.claim.opened_at if one.claim else now, default=None)
