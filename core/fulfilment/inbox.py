"""The payment inbox as staff read it: a case with its order, whose money it is, and who decided about it."""

from dataclasses import dataclass

from sqlalchemy import Connection

from core.errors import NotFound
from core.money import Money
from core.orders import store as orders
from core.orders.rules import Order
from core.people import store as people
from core.people.rules import Person, Rank
from core.settlements import store
from core.settlements.rules import Case
from core.shop import Shop

PAGE = 10


@dataclass(frozen=True, slots=True)
class Seen:
    """One case. ``beside`` is other money of the order that waits too; ``by`` is who decided last, "" for the shop."""

    case: Case
    order: Order
    beside: tuple[Money, ...] = ()
    customer: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Cases that wait, the oldest first, from the one after ``after``; ``more`` come behind them."""

    cases: tuple[tuple[Case, str], ...]
    after: int = 0
    more: bool = False


async def look(shop: Shop, person: Person, case_id: int) -> Seen:
    """Read one case; staff's eyes only."""
    person.must_be(Rank.STAFF)
    found = await shop.db.read(seen, case_id)
    if found is None:
        raise NotFound
    return found


def seen(tx: Connection, case_id: int) -> Seen | None:
    """Read a case with all that its card says; None where it is gone."""
    case = store.case(tx, case_id)
    order = orders.by_id(tx, case.order_id) if case else None
    if case is None or order is None:
        return None
    customer = people.by_id(tx, order.person_id)
    others = [one.amount for one in store.cases(tx, order.id) if one.id != case.id and one.waits_with_money]
    acted = [row.actor_id for row in store.of_order(tx, order.id) if row.case_id == case.id]
    decided = case.closed_by or (acted[-1] if acted else None)
    by = people.by_id(tx, decided) if decided else None
    name = customer.name if customer and not order.forgotten else ""
    return Seen(case, order, tuple(others), name, by.name if by else "")


async def waiting(shop: Shop, person: Person, after: int = 0) -> Waiting:
    """Read a page of the cases that wait, each with its order's number; staff's eyes only."""
    person.must_be(Rank.STAFF)

    def read(tx: Connection) -> Waiting:
        found = store.inbox(tx, PAGE + 1, after)
        numbers = {order.id: order.number for order in orders.by_ids(tx, [case.order_id for case in found])}
        listed = tuple((case, numbers[case.order_id]) for case in found[:PAGE])
        return Waiting(listed, after, more=len(found) > PAGE)

    return await shop.db.read(read)
