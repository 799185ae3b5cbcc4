"""Read orders; what changes them lives in ``checkout`` and ``fulfilment``."""

from sqlalchemy import Connection

from core.errors import NotFound
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef
from core.orders import store
from core.orders.rules import CARRIED, Order, OrderPage, Turn
from core.people.rules import Person, Rank
from core.shop import Shop

PAGE = 10
"""As many orders stand on one page."""


def may_see(order: Order, person: Person) -> bool:
    """Tell whether this person may see the order at all: their own, or by role."""
    return order.person_id == person.id or person.rank >= Rank.COURIER


def may_read_address(order: Order, person: Person) -> bool:
    """Tell whether they may read where it goes, and what was noted on it.

    A courier reads it of parcels that are ready or on their way and of those they carried: no other is theirs to bring.
    """
    if order.person_id == person.id or person.rank >= Rank.STAFF:
        return True
    return person.rank >= Rank.COURIER and (order.status in CARRIED or order.courier_id == person.id)


async def get(shop: Shop, person: Person, order_id: int) -> Order:
    """Read an order this person may see; ``NotFound`` for any other, as if it were not there."""
    order = await shop.db.read(store.by_id, order_id)
    if order is None or not may_see(order, person):
        raise NotFound
    return order


async def tracked(shop: Shop, token: str) -> Order:
    """Read the order of a tracking link; ``NotFound`` when no order has this token."""
    order = await shop.db.read(store.by_tracking, token) if len(token) <= 32 else None  # noqa: PLR2004 - the column
    if order is None:
        raise NotFound
    return order


async def first_parcel(shop: Shop, order: Order) -> bool:
    """Tell whether a delivered order is the first that was delivered to its customer."""
    return not await shop.db.read(store.delivered_before, order)


async def at_counter(shop: Shop, person: Person, order: Order, message: MessageRef | None) -> bool:
    """Tell whether a message is the counter's card of an order; without a group it stands in a private chat."""
    if message is None or person.rank < Rank.COURIER:
        return False
    card = await shop.db.read(messages.ref, message.chat_id, MessageKind.STAFF_CARD, order.id)
    return card is not None and card.message_id == message.message_id


async def standing(shop: Shop, person: Person, message: MessageRef | None) -> Order | None:
    """Read the person's order whose live card stands in a message, None where none does."""
    order_id = await shop.db.read(messages.standing, MessageKind.ORDER_CARD, message) if message else None
    order = await shop.db.read(store.by_id, order_id) if order_id else None
    return order if order is not None and order.person_id == person.id else None


async def stand(shop: Shop, order: Order, message: MessageRef) -> None:
    """Make a message the customer's live card of an order."""
    await shop.db.write(messages.remember, MessageKind.ORDER_CARD, order.id, message, shop.clock.now())


async def mine(shop: Shop, person: Person, turn: Turn = Turn.OLDER, edge: int | None = None) -> OrderPage:
    """Read one page of the person's orders: the newest, or those on from their order ``edge``.

    Turned to what is newer, with less than a page there, it is the newest page, whole.
    """

    def read(tx: Connection) -> OrderPage:
        newer = turn is Turn.NEWER and edge is not None
        found = store.of_person(tx, person.id, PAGE + 1, edge, newer=newer)
        if newer and len(found) > PAGE:
            return OrderPage(tuple(found[1:]), newer=True, older=True)
        if newer or (edge is not None and not found):
            newest = store.of_person(tx, person.id, PAGE + 1)
            return OrderPage(tuple(newest[:PAGE]), older=len(newest) > PAGE)
        return OrderPage(tuple(found[:PAGE]), newer=edge is not None, older=len(found) > PAGE)

    return await shop.db.read(read)
