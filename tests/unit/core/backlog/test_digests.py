"""Many new orders in a busy group: named in rows, each once, whatever dies between."""

import asyncio
from datetime import timedelta

from sqlalchemy import update

from core.backlog import service as backlog
from core.backlog import store
from core.backlog.rules import FILLED_FOR, FOLD, MOST_NAMED, NAMING, SEEN_WITHIN
from core.database.tables import outbox
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef, Owed
from core.orders.rules import Order
from core.privacy import store as privacy
from core.settings import service as settings
from core.shop import Shop
from tests.support import builders

GROUP = builders.STAFF_CHAT
CARD, DIGEST = MessageKind.STAFF_CARD, MessageKind.ORDER_DIGEST


async def _rush(shop: Shop, size: int) -> list[Order]:
    """So many new orders of people who are told nothing, each of whose cards the group is owed."""
    await settings.change(shop.db, shop.clock, "staff_chat_id", GROUP, None)
    rose, buyers = await builders.product(shop, size), await builders.crowd(shop, size)
    made = [await builders.order(shop, person, rose) for person in buyers]
    await shop.db.write(lambda tx: tx.execute(outbox.delete().where(outbox.c.chat_id != GROUP)))
    return made


async def _take(shop: Shop, room: int) -> list[Owed]:
    return await backlog.claim(shop, "me", 20, (), {GROUP: room})


async def _sent(shop: Shop, owed: Owed, message_id: int) -> None:
    """Telegram has it."""
    ref = MessageRef(GROUP, message_id, has_photo=False)
    if owed.kind is DIGEST:
        await backlog.sent(shop, owed, ref)
    else:
        await shop.db.write(messages.sent, owed, shop.clock.now(), ref)


def _what(owed: list[Owed]) -> list[tuple[str, int]]:
    return [(one.kind, one.subject_id) for one in owed]


async def test_few_come_as_cards_and_many_in_a_digest(sqlite_shop: Shop) -> None:
    """Ten wait: cards, the oldest first, as many as have room. One more: a digest of all, and no card before it."""
    shop = sqlite_shop
    made = await _rush(shop, FOLD + 1)
    await shop.db.write(lambda tx: tx.execute(outbox.delete().where(outbox.c.subject_id == made[-1].id)))
    assert await _take(shop, 0) == []
    assert _what(await _take(shop, 2)) == [(CARD, made[0].id), (CARD, made[1].id)]
    await shop.db.write(lambda tx: tx.execute(update(outbox).values(state="pending", due_at=shop.clock.now())))
    await shop.db.write(messages.owe, GROUP, CARD, made[-1].id, shop.clock.now())
    (digest,) = await _take(shop, 1)
    assert (digest.kind, digest.data["orders"]) == (DIGEST, [order.id for order in made])


async def test_an_order_is_named_once_and_its_card_comes_with_room(sqlite_shop: Shop) -> None:
    """Forty wait: two digests of twenty, then the cards of the oldest; after its last card a digest is counted anew."""
    shop = sqlite_shop
    made = await _rush(shop, 2 * MOST_NAMED)
    (one,) = await _take(shop, 1)
    await _sent(shop, one, 71)
    shop.clock.move(FILLED_FOR + timedelta(seconds=1))
    (two,) = await _take(shop, 1)
    assert one.data["orders"] + two.data["orders"] == [order.id for order in made]
    await _sent(shop, two, 72)
    cards = await _take(shop, MOST_NAMED)
    assert [card.subject_id for card in cards] == one.data["orders"]
    for number, card in enumerate(cards):
        await _sent(shop, card, 100 + number)
    rest = await _take(shop, 30)
    assert _what(rest)[-1] == (DIGEST, one.subject_id)
    told = await backlog.digest(shop, GROUP, one.subject_id)
    assert ([named.stands for named in told.orders], told.waiting) == ([True] * MOST_NAMED, 0)
    assert len((await backlog.digest(shop, GROUP, two.subject_id)).orders) == MOST_NAMED


async def test_a_fresh_digest_takes_in_more(sqlite_shop: Shop) -> None:
    """Twelve are named; eleven more within the minute: eight by an edit of the same message, three in another."""
    shop = sqlite_shop
    made = await _rush(shop, 23)
    late = [order.id for order in made[12:]]
    later = update(outbox).where(outbox.c.subject_id.in_(late)).values(due_at=shop.clock.now() + timedelta(seconds=30))
    await shop.db.write(lambda tx: tx.execute(later))
    (one,) = await _take(shop, 1)
    await _sent(shop, one, 71)
    shop.clock.move(timedelta(seconds=40))
    (more,) = await _take(shop, 1)
    assert (more.subject_id, more.data["orders"]) == (one.subject_id, late[:8])
    await _sent(shop, more, 71)
    told = await backlog.digest(shop, GROUP, one.subject_id)
    assert [named.order.id for named in told.orders] == [order.id for order in made[:20]]
    assert [owed.subject_id for owed in await _take(shop, 3)] == late[8:]


async def test_a_digest_that_never_came_is_owed_again(shop: Shop) -> None:
    """Killed while it was sent: the next process sends the same; given up: its orders are named in another."""
    made = await _rush(shop, FOLD + 1)
    (digest,) = await _take(shop, 1)
    await shop.db.write(messages.bury, "another", shop.clock.now())
    again = next(owed for owed in await _take(shop, 0) if owed.kind is DIGEST)
    assert (again.id, again.data) == (digest.id, digest.data)
    await shop.db.write(messages.fail, again, "no")
    shop.clock.move(NAMING + timedelta(seconds=1))
    (another,) = await _take(shop, 1)
    assert (another.kind, another.data["orders"]) == (DIGEST, [order.id for order in made])


async def test_processes_name_an_order_once(shop: Shop) -> None:
    """All ask for the group's turns at once: no order is named twice, no message taken twice."""
    await _rush(shop, 30)
    found = await asyncio.gather(*(backlog.claim(shop, name, 20, (), {GROUP: 3}) for name in "abcdef"))
    ids = [owed.id for one in found for owed in one]
    named = [number for one in found for owed in one for number in owed.data.get("orders", ())]
    assert (len(ids), len(named)) == (len(set(ids)), len(set(named)))


async def test_who_opens_a_named_order_has_its_card_next(sqlite_shop: Shop) -> None:
    """Called up it comes first, before money; where it stands already nothing is owed; a stranger cannot."""
    shop = sqlite_shop
    made = await _rush(shop, FOLD + 5)
    staff = await builders.worker(shop)
    (digest,) = await _take(shop, 1)
    await _sent(shop, digest, 71)
    assert await backlog.call_up(shop, staff, GROUP, made[9].id) == (made[9], False)
    await shop.db.write(messages.owe, GROUP, MessageKind.PAYMENT_CASE, 1, shop.clock.now())
    (card,) = await _take(shop, 1)
    assert (card.kind, card.subject_id) == (CARD, made[9].id)
    await _sent(shop, card, 72)
    assert (await backlog.call_up(shop, staff, GROUP, made[9].id))[1]
    assert await shop.db.read(store.next_due, GROUP) is not None


async def test_when_the_worker_looks_again(sqlite_shop: Shop) -> None:
    """A group's messages are due when it has room, another chat's at once; for a group that is served nobody waits."""
    shop = sqlite_shop
    await _rush(shop, 1)
    now = shop.clock.now()
    room = now + timedelta(seconds=9)
    assert await backlog.next_due(shop, (), {GROUP: room}) == room
    assert await backlog.next_due(shop, (GROUP,), {GROUP: room}) is None
    await shop.db.write(messages.owe, 5000, MessageKind.ORDER_CARD, 1, now)
    assert await backlog.next_due(shop, (), {GROUP: room}) == now


async def test_a_forgotten_name_goes_from_the_digest_too(sqlite_shop: Shop) -> None:
    """Its customer is forgotten: the digest that names an order is owed once more."""
    shop = sqlite_shop
    made = await _rush(shop, FOLD + 1)
    (digest,) = await _take(shop, 1)
    await _sent(shop, digest, 71)
    await shop.db.write(privacy._draw_again, made[3].person_id, None, shop.clock.now())
    assert (DIGEST, digest.subject_id) in _what(await _take(shop, 40))


async def test_no_order_waits_unnamed_for_long(sqlite_shop: Shop) -> None:
    """Two orders that a group had no room for in a minute are named together, however few they are."""
    shop = sqlite_shop
    made = await _rush(shop, 2)
    shop.clock.move(SEEN_WITHIN + timedelta(seconds=1))
    (digest,) = await _take(shop, 1)
    assert digest.data["orders"] == [order.id for order in made]
