"""Take the last move of an order back, within a minute: by who made it, or an admin, if nothing happened since."""

from sqlalchemy import Connection

from core.errors import NotFound, OutOfDate, Refused
from core.fulfilment import moves
from core.messages import store as messages
from core.orders import notices, store, undoing
from core.orders import service as orders
from core.orders.rules import Order
from core.orders.undoing import Undoing
from core.people import store as people
from core.people.rules import Person, Rank
from core.settings import store as settings
from core.shop import Shop
from core.stock import store as stock

UNDONE = "undo"


async def undo(shop: Shop, person: Person, order_id: int, version: int, *, shown_in: int = 0) -> Order:
    """Bring an order back to before its last tap: status, holder, courier, stock, each with its event and movements.

    ``OutOfDate`` where something happened since or the minute is over, ``Refused`` where another did it (an admin may).
    The customer's card follows; the message that told of the move goes where it was not sent yet.
    """
    await shop.refresh()

    def write(tx: Connection) -> Order:
        order, now = moves.fresh(tx, order_id), shop.clock.now()
        if not orders.may_see(order, person):
            raise NotFound
        moves.must_be_as_seen(tx, order, version, person)
        found = undoing.last(store.events(tx, order_id), order)
        if found is None or not found.in_time(now):
            raise OutOfDate("undo_over")
        _must_be_theirs(found, person)
        _tell_no_more(tx, order, found)
        to = found.steps[-1].to
        if not store.compare_and_set(tx, order, now, status=to, **found.before):
            raise moves.faster(tx, order_id, person)
        for step in found.steps:
            if step.holds is not None:
                stock.take_back(tx, order_id, step.holds, now, person.id)
        store.write_event(
            tx, order_id, UNDONE, now, actor_id=person.id, actor_name=person.name, source=order.status, to=to,
            detail={"move": found.steps[0].move},
        )  # fmt: skip
        settings.write_audit(tx, now, person.id, "order.undo", "order", order_id)
        after = moves.fresh(tx, order_id)
        notices.announce(tx, shop.policy, after, None, now, shown_in=shown_in, by=person.id)
        return after

    return await shop.db.write(write)


def _tell_no_more(tx: Connection, order: Order, found: Undoing) -> None:
    """Owe the customer no more the message that tells of the move, where it waits to be sent."""
    customer = people.by_id(tx, order.person_id)
    chat = customer.telegram_id if customer else None
    notes = [notices.NOTES[step.move] for step in found.steps if step.move in notices.NOTES]
    for note in notes if chat else ():
        messages.unowe(tx, chat or 0, note, order.id)


def _must_be_theirs(found: Undoing, person: Person) -> None:
    """Refuse who did not do it with the name of who did; who works here no more, as everywhere."""
    person.must_be(Rank.COURIER)
    if not found.theirs(person):
        raise Refused("undo_theirs", name=found.actor_name)
