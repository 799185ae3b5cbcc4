"""Who carries a parcel: given on by staff, listed for whoever has it (PRODUCT, "courier")."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.cash import rules as cash_rules
from core.cash import store as cash
from core.cash.rules import Cash
from core.errors import NotFound, OutOfDate, Refused
from core.fulfilment import moves
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.orders import notices, store
from core.orders import service as access
from core.orders.rules import CARRIED, Order
from core.people import store as people
from core.people.rules import Person, Rank
from core.settings import store as settings
from core.shop import Shop

PAGE = 10
"""As many parcels, and as many hands to give one to, stand on one page."""
NO_CASH = Cash()


@dataclass(frozen=True, slots=True)
class Load:
    """One page of what somebody carries: out with them first, then ready for them, the oldest first.

    ``held`` is the cash they have in hand, ``today`` what of it they took since the shop's own midnight.
    """

    parcels: tuple[Order, ...]
    page: int = 0
    more: bool = False
    held: Cash = NO_CASH
    today: Cash = NO_CASH


@dataclass(frozen=True, slots=True)
class Hands:
    """An order, and one page of those it can be given to: couriers first, each group by name."""

    order: Order
    people: tuple[Person, ...]
    page: int = 0
    more: bool = False


async def load(shop: Shop, person: Person, page: int = 0) -> Load:
    """Read one page of what the person carries, and their cash; the first where that page is gone. Couriers and up."""
    person.must_be(Rank.COURIER)
    now = shop.clock.now()

    def read(tx: Connection) -> Load:
        at = max(page, 0)
        found = store.carried(tx, person.id, PAGE + 1, at * PAGE)
        if not found and at:
            at, found = 0, store.carried(tx, person.id, PAGE + 1)
        days = cash_rules.by_day(cash.held(tx, person.id), shop.config.zone)
        today = [day.taken for day in days if day.day == now.astimezone(shop.config.zone).date()]
        held = cash_rules.together(day.taken for day in days)
        return Load(tuple(found[:PAGE]), at, len(found) > PAGE, held, cash_rules.together(today))

    return await shop.db.read(read)


async def hands(shop: Shop, person: Person, order_id: int, page: int = 0) -> Hands:
    """Read whom a parcel can be given to, without who has it; staff only. ``OutOfDate`` where it is none to carry."""
    person.must_be(Rank.STAFF)

    def read(tx: Connection) -> Hands:
        order, at = store.by_id(tx, order_id), max(page, 0)
        if order is None or not access.may_see(order, person):
            raise NotFound
        if order.status not in CARRIED:
            raise OutOfDate("moved_on")
        others = [one for one in people.workers(tx) if one.id != order.courier_id]
        return Hands(order, tuple(others[at * PAGE :][:PAGE]), at, len(others) > (at + 1) * PAGE)

    return await shop.db.read(read)


async def give(shop: Shop, person: Person, order_id: int, to_id: int, version: int, *, shown_in: int = 0) -> Order:
    """Put a ready or out parcel, as it was at ``version``, into somebody's hands; staff only. Both hands are told.

    ``OutOfDate`` names who was faster, or says that they have it; ``Refused`` where they do not work here any more.
    """
    person.must_be(Rank.STAFF)
    await shop.refresh()

    def write(tx: Connection) -> Order:
        order, now = moves.fresh(tx, order_id), shop.clock.now()
        moves.must_be_as_seen(tx, order, version, person)
        if order.status not in CARRIED:
            raise OutOfDate("moved_on")
        to = people.by_id(tx, to_id)
        if to is None or to.rank < Rank.COURIER:
            raise Refused("no_worker", name=to.name if to else "?")
        if order.courier_id == to.id:
            raise OutOfDate("given_already", name=to.name)
        if not store.compare_and_set(tx, order, now, courier_id=to.id):
            raise moves.faster(tx, order_id, person)
        store.write_event(
            tx, order_id, moves.GIVEN, now, actor_id=person.id, actor_name=person.name, detail={"to": to.id}
        )
        settings.write_audit(tx, now, person.id, "order.give", "order", order_id, {"to": to.id})
        after = moves.fresh(tx, order_id)
        notices.staff_card(tx, shop.policy, after, now, shown_in=shown_in)
        for hand in {to.id, order.courier_id} - {None, person.id}:
            _tell(tx, hand, order_id, now)
        return after

    return await shop.db.write(write)


def _tell(tx: Connection, person_id: int | None, order_id: int, now: datetime) -> None:
    """Owe somebody the word that a parcel came to them, or went from them: which is read when it is sent."""
    hand = people.by_id(tx, person_id) if person_id else None
    if hand is not None and hand.telegram_id and not hand.blocked:
        messages.owe(tx, hand.telegram_id, MessageKind.PARCEL_GIVEN, order_id, now)
