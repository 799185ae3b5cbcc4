"""Use cases of the counter's card: take over, tell the others, name the carrier, read what happened (S1, S9, S10)."""

from collections.abc import Callable

from sqlalchemy import Connection

from core.counter import rules, store
from core.counter.rules import Desk, History
from core.errors import NotFound, OutOfDate
from core.fulfilment import moves
from core.orders import notices, undoing
from core.orders import service as access
from core.orders import store as orders
from core.orders.carriers import Carrier, tracking_number
from core.orders.rules import Order
from core.people import store as people
from core.people.rules import Person, Question, Rank, clean_line
from core.settings import store as settings
from core.shop import Shop

OURS = frozenset({"note", "take_over"})
"""What no customer's card says anything of."""


async def desk(shop: Shop, order: Order) -> Desk:
    """Read what the counter's card has beside the order."""
    now = shop.clock.now()

    def read(tx: Connection) -> Desk:
        notes = store.notes(tx, order.id, rules.SHOWN)
        earlier = store.count_notes(tx, order.id) - len(notes) if len(notes) == rules.SHOWN else 0
        fresh = abs(now - order.updated_at) < undoing.WINDOW
        last = undoing.last(orders.events(tx, order.id), order) if fresh else None
        return Desk(tuple(notes), earlier, last if last and last.in_time(now) else None)

    return await shop.db.read(read)


async def take_over(shop: Shop, person: Person, order_id: int, version: int, *, shown_in: int = 0) -> Order:
    """Hold from now on an order that another holds, as the person saw it; who held it hears so at their next tap.

    ``OutOfDate`` where somebody was faster, where nobody holds it, or where it is theirs already.
    """
    person.must_be(Rank.STAFF)

    def act(tx: Connection, order: Order) -> str:
        now = shop.clock.now()
        moves.must_be_as_seen(tx, order, version, person)
        rules.must_be_held(order, person)
        if not orders.compare_and_set(tx, order, now, holder_id=person.id, held_at=now):
            raise moves.faster(tx, order_id, person)
        _event(tx, shop, person, order_id, moves.TAKEN_OVER, {"from": order.holder_id})
        return "take_over"

    return await _act(shop, person, order_id, act, shown_in)


async def taken_from(shop: Shop, person: Person, order: Order, *, moved: bool = False) -> str:
    """Tell who took an order over from this person, where they have done nothing on it since; empty for nobody.

    ``moved``: the last that happened is their own move of this moment, with which they hear of it.
    """
    if order.holder_id in {None, person.id} or person.rank < Rank.STAFF:
        return ""

    def read(tx: Connection) -> str:
        for event in reversed(orders.events(tx, order.id)[: -1 if moved else None]):
            if event.actor_id == person.id:
                return ""
            if event.kind == moves.TAKEN_OVER and (event.detail or {}).get("from") == person.id:
                return event.actor_name
        return ""

    return await shop.db.read(read)


async def note(shop: Shop, person: Person, order_id: int, text: str, question: Question | None = None) -> Order:
    """Tell the others something about an order, in one line; its customer never reads it.

    ``question`` is what it answers: said again for the same one it is not noted twice. ``Refused`` for a line that says
    nothing or has more than 500 characters.
    """
    person.must_be(Rank.COURIER)
    line = clean_line(text, rules.LONGEST)

    def act(tx: Connection, _order: Order) -> str:
        if question is not None and not people.take(tx, person.id, question):
            return ""
        store.add_note(tx, order_id, person.id, line, shop.clock.now())
        return "note"

    return await _act(shop, person, order_id, act)


async def ship(
    shop: Shop, person: Person, order_id: int, carrier: Carrier, number: str, seen: int,
    question: Question | None = None,
) -> Order:  # fmt: skip
    """Write down which carrier brings it, and their number for it; ``seen`` is the stamp of what stood there, 0 none.

    The ``question`` that was answered by it is closed in the same transaction. ``Refused`` for what is no tracking
    number; ``OutOfDate`` where another wrote one meanwhile, or it is over.
    """
    person.must_be(Rank.STAFF)
    taken = tracking_number(number)

    def act(tx: Connection, order: Order) -> str:
        _must_be_seen(tx, order, person, seen)
        orders.compare_and_set(tx, order, shop.clock.now())  # what customers are shown is another
        store.ship(tx, order_id, carrier, taken, person.id, shop.clock.now())
        _event(tx, shop, person, order_id, moves.SHIPMENT, {"carrier": carrier})
        people.close_question(tx, person.id, question)
        return "ship"

    return await _act(shop, person, order_id, act)


async def unship(shop: Shop, person: Person, order_id: int, seen: int, *, shown_in: int = 0) -> Order:
    """Take the carrier off again; ``OutOfDate`` as for :func:`ship`."""
    person.must_be(Rank.STAFF)

    def act(tx: Connection, order: Order) -> str:
        _must_be_seen(tx, order, person, seen)
        if order.shipment is None:
            raise OutOfDate("moved_on")
        orders.compare_and_set(tx, order, shop.clock.now())
        store.unship(tx, order_id)
        _event(tx, shop, person, order_id, moves.SHIPMENT, {"removed": order.shipment.carrier})
        return "unship"

    return await _act(shop, person, order_id, act, shown_in)


async def history(shop: Shop, person: Person, order_id: int) -> History:
    """Read what happened to an order and what was noted about it, the oldest first; staff only."""
    person.must_be(Rank.STAFF)
    order = await access.get(shop, person, order_id)

    def read(tx: Connection) -> History:
        events = orders.events(tx, order_id)
        hands = {int((one.detail or {}).get("to", 0)) for one in events if one.kind == moves.GIVEN}
        known = [one for one in (people.by_id(tx, hand) for hand in sorted(hands)) if one is not None]
        together = rules.together(events, store.notes(tx, order_id))
        return History(order, together, {one.id: one.name for one in known if one.name != "?"})

    return await shop.db.read(read)


def _must_be_seen(tx: Connection, order: Order, person: Person, seen: int) -> None:
    """Refuse what was not said of the parcel as it is: it is over, or another named a carrier meanwhile."""
    if not rules.can_ship(order, person):
        raise OutOfDate("moved_on")
    if seen == (order.shipment.stamp if order.shipment else 0):
        return
    last = next((one for one in reversed(orders.events(tx, order.id)) if one.kind == moves.SHIPMENT), None)
    if last is None or last.actor_id == person.id:
        raise OutOfDate("done_already")
    raise OutOfDate("somebody_faster", name=last.actor_name)


def _event(tx: Connection, shop: Shop, person: Person, order_id: int, kind: str, detail: dict[str, object]) -> None:
    orders.write_event(
        tx, order_id, kind, shop.clock.now(), actor_id=person.id, actor_name=person.name, detail=detail
    )  # fmt: skip


async def _act(
    shop: Shop, person: Person, order_id: int, act: Callable[[Connection, Order], str], shown_in: int = 0
) -> Order:
    """Do something on an order that this person may see; the audit calls it as ``act`` does, "" for nothing done.

    All who see it see it drawn; what is the counter's own business is drawn there alone.
    """
    await shop.refresh()

    def write(tx: Connection) -> Order:
        order, now = moves.fresh(tx, order_id), shop.clock.now()
        if not access.may_see(order, person):
            raise NotFound
        if not (done := act(tx, order)):
            return order
        settings.write_audit(tx, now, person.id, f"order.{done}", "order", order_id)
        after = moves.fresh(tx, order_id)
        if done in OURS:
            notices.staff_card(tx, shop.policy, after, now, shown_in=shown_in)
        else:
            notices.announce(tx, shop.policy, after, None, now, shown_in=shown_in, by=person.id)
        return after

    return await shop.db.write(write)
