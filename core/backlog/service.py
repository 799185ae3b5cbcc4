"""A busy group's next messages, and its digests of new orders."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from core.backlog import rules, store
from core.backlog.rules import Digest
from core.errors import NotFound
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef, Owed
from core.orders import store as orders
from core.orders.rules import Order
from core.people.rules import Person, Rank
from core.shop import Shop


async def claim(shop: Shop, owner: str, most: int, busy: Collection[int], rooms: Mapping[int, int]) -> list[Owed]:
    """Take what is due for chats that are not ``busy``: ``most`` messages, and into each group as many as have room."""
    return await shop.db.write(_claim, owner, shop.clock.now(), most, busy, rooms)


def _claim(
    tx: Connection, owner: str, now: datetime, most: int, busy: Collection[int], rooms: Mapping[int, int]
) -> list[Owed]:
    owed = messages.claim_owed(tx, owner, now, most, busy=busy, apart=rooms)
    for chat_id, room in rooms.items():
        if room > 0 and chat_id not in busy:
            owed += _turns(tx, owner, now, chat_id, room)
    return owed


def _turns(tx: Connection, owner: str, now: datetime, chat_id: int, room: int) -> list[Owed]:
    """Take a group's next messages; where too many new orders wait, they are named together first."""
    store.in_turn(tx)
    waiting = store.waiting(tx, chat_id, now)
    if new := rules.to_name(waiting, now):
        store.name(tx, chat_id, new, now)
        waiting = store.waiting(tx, chat_id, now)
    going = rules.first(waiting, now, room)
    owed = messages.claim_these(tx, owner, [one.id for one in going], now)
    store.recount(tx, chat_id, rules.finished(waiting, going), now)
    return owed


async def next_due(shop: Shop, busy: Collection[int], groups: Mapping[int, datetime]) -> datetime | None:
    """When something becomes due for a chat that is not ``busy``; ``groups`` name when each has room again."""

    def read(tx: Connection) -> datetime | None:
        due = [messages.next_due(tx, busy, groups)]
        due += [max(at, room) for chat, room in groups.items() if chat not in busy and (at := store.next_due(tx, chat))]
        return min((at for at in due if at), default=None)

    return await shop.db.read(read)


async def sent(shop: Shop, owed: Owed, ref: MessageRef) -> None:
    """Write down that a digest was delivered, and which orders it names there."""
    await shop.db.write(store.sent, owed, shop.clock.now(), ref)


async def digest(shop: Shop, chat_id: int, subject_id: int, more: Collection[int] = ()) -> Digest:
    """Read what a group's digest says now; ``more``: orders that it is about to name."""
    return await shop.db.read(store.digest, chat_id, subject_id, more)


async def digest_at(shop: Shop, person: Person, ref: MessageRef) -> Digest:
    """Read the digest that stands in a message; ``NotFound`` where none does."""
    person.must_be(Rank.COURIER)
    subject = await shop.db.read(messages.standing, MessageKind.ORDER_DIGEST, ref)
    if subject is None:
        raise NotFound
    return await digest(shop, ref.chat_id, subject)


async def call_up(shop: Shop, person: Person, chat_id: int, order_id: int) -> tuple[Order, bool]:
    """Let an order's card be the next in a group; returns the order, and True where its card stands there already."""
    person.must_be(Rank.COURIER)
    now = shop.clock.now()

    def write(tx: Connection) -> tuple[Order, bool]:
        order = orders.by_id(tx, order_id)
        if order is None:
            raise NotFound
        there = messages.ref(tx, chat_id, MessageKind.STAFF_CARD, order_id) is not None
        if not there:
            store.hurry(tx, chat_id, order_id, now)
        return order, there

    return await shop.db.write(write)
