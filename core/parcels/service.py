"""Use cases of parcels: print for them, open what their code leads to, give them a new code (PRODUCT S6, S7)."""

from sqlalchemy import Connection

from core.doors import Door
from core.errors import NotFound, Refused
from core.fulfilment import moves
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.orders import notices
from core.orders import service as orders
from core.orders import store as orders_store
from core.orders.rules import Order, Status, new_token
from core.parcels import rules, store
from core.parcels.rules import Batch
from core.people.rules import Person, Rank
from core.settings import store as settings
from core.shop import Shop


def link(shop: Shop, order: Order) -> str:
    """What the code on a parcel carries; ``Refused`` while the shop does not know its bot's name."""
    found = shop.door(Door(parcel=order.parcel_token).payload)
    if found is None:
        raise Refused("parcel_no_link")
    return found


async def printed(shop: Shop, person: Person, order_id: int) -> Order:
    """Read an order for which label or slip may be printed; staff only, ``Refused`` where there is no parcel."""
    person.must_be(Rank.STAFF)
    order = await orders.get(shop, person, order_id)
    rules.must_print(order)
    return order


async def ready(shop: Shop, person: Person, after: int = 0) -> Batch:
    """Read the parcels that are ready to go, from the one after ``after``: as many as one file holds; staff only."""
    person.must_be(Rank.STAFF)
    found = await shop.db.read(orders_store.in_status, Status.READY, rules.MOST + 1, after)
    return rules.batch(found)


async def opened(shop: Shop, person: Person, token: str) -> Order | None:
    """Find the order whose parcel has this code; nothing about it changes.

    ``NotFound`` for a code of nothing, forged or revoked: who does not work here may try twenty of them, then is not
    answered for an hour, whatever they open. None: say nothing.
    """

    def look(tx: Connection) -> tuple[bool, Order | None]:
        since = shop.clock.now() - rules.SILENCE
        silent = person.rank < Rank.COURIER and store.count(tx, person.id, store.SILENCED, since) > 0
        return silent, None if silent else orders_store.by_parcel(tx, token)

    silent, order = await shop.db.read(look)
    if order is None and not silent:
        await shop.db.write(_guessed, shop, person)
        raise NotFound("parcel_code")
    return order


def _guessed(tx: Connection, shop: Shop, person: Person) -> None:
    """Write down that somebody opened a code of nothing, and that they are silenced from now on where it is enough."""
    now = shop.clock.now()
    settings.write_audit(tx, now, person.id, store.GUESS, "person", person.id)
    guesses = store.count(tx, person.id, store.GUESS, now - rules.SILENCE)
    if person.rank < Rank.COURIER and rules.silenced(guesses):
        settings.write_audit(tx, now, person.id, store.SILENCED, "person", person.id)


async def show_own(shop: Shop, person: Person, order: Order) -> None:
    """Bring its customer's card of an order below all else, by the outbox; that one lives from now on."""

    def write(tx: Connection) -> None:
        if order.person_id == person.id and person.telegram_id:
            messages.no_card(tx, person.telegram_id, MessageKind.ORDER_CARD, order.id)
            messages.owe(tx, person.telegram_id, MessageKind.ORDER_CARD, order.id, shop.clock.now())

    await shop.db.write(write)


async def renew(shop: Shop, person: Person, order_id: int, version: int, *, shown_in: int = 0) -> Order:
    """Give a parcel a new code: the old one leads nowhere from now on. Admins only.

    ``OutOfDate`` names who was faster.
    """
    person.must_be(Rank.ADMIN)
    await shop.refresh()

    def write(tx: Connection) -> Order:
        order, now = moves.fresh(tx, order_id), shop.clock.now()
        moves.must_be_as_seen(tx, order, version, person)
        if not orders_store.compare_and_set(tx, order, now, parcel_token=new_token()):
            raise moves.faster(tx, order_id, person)
        orders_store.write_event(tx, order_id, moves.NEW_CODE, now, actor_id=person.id, actor_name=person.name)
        settings.write_audit(tx, now, person.id, "order.new_code", "order", order_id)
        after = moves.fresh(tx, order_id)
        notices.announce(tx, shop.policy, after, None, now, shown_in=shown_in, by=person.id)
        return after

    return await shop.db.write(write)
