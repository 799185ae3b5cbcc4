"""The list for what is sold out: whoever asked is told once, in the order they asked, whatever brought it back."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from core.carts import service as carts
from core.config import Config
from core.database.tables import outbox, people, products, waitlist
from core.errors import NotFound, Refused
from core.fulfilment import expiry
from core.fulfilment.polling import poll
from core.messages import store as messages
from core.messages.rules import MessageKind, Owed
from core.orders.rules import Move, PaymentMethod
from core.people import service as people_service
from core.people.rules import Person, Role
from core.shop import Shop
from core.stock import store as stock
from core.storage import service as storage
from core.waiting import service as waiting
from core.waiting import store
from core.waiting.service import AT_ONCE
from tests.conftest import OpenShop
from tests.support import builders

BACK = MessageKind.BACK_IN_STOCK


async def _sold_out(shop: Shop, waiters: int = 1) -> tuple[int, list[Person]]:
    """A serum of which none is left, and who waits for it, in the order they asked."""
    rose, crowd = await builders.product(shop, 0), await builders.crowd(shop, waiters)
    for person in reversed(crowd):
        assert await waiting.ask(shop, person, rose)
    return rose, crowd[::-1]


async def _receive(shop: Shop, variant: int, units: int = 1) -> None:
    await shop.db.write(stock.receive, variant, units, shop.clock.now())


async def _told(shop: Shop) -> list[int]:
    """The chats that were ever owed a note about something back, in the order it was owed."""
    return [chat for chat, _ in await builders.owed(shop, BACK)]


async def _owed(shop: Shop) -> list[Owed]:
    """What a worker takes now: every note that is due."""
    return await shop.db.write(messages.claim_owed, "worker", shop.clock.now(), 500)


async def _send(shop: Shop) -> None:
    """Deliver all that is owed now."""
    for owed in await _owed(shop):
        await shop.db.write(messages.sent, owed, shop.clock.now(), None)


async def _tell_all(shop: Shop) -> None:
    """Run job and worker in turn until nobody is left."""
    while await waiting.tell(shop):
        await _send(shop)


async def _waits(shop: Shop, person: Person, variant_id: int) -> bool:
    return (await carts.beside(shop, person, 0, variant_id)).waits


async def _waiting(shop: Shop) -> list[Any]:
    query = select(waitlist).where(waitlist.c.told_at.is_(None)).order_by(waitlist.c.id)
    return list(await shop.db.read(lambda tx: tx.execute(query).all()))


# ── on the list ──────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_on_the_list_once_and_off_it(shop: Shop) -> None:
    """Asking again is no second place; leaving twice is leaving; who left is not told."""
    rose, (dara, bopha) = await _sold_out(shop, 2)
    assert not await waiting.ask(shop, dara, rose)
    assert await _waits(shop, dara, rose)
    for _ in range(2):
        await waiting.leave(shop, dara, rose)
    assert not await _waits(shop, dara, rose)
    await _receive(shop, rose)
    await _tell_all(shop)
    assert await _told(shop) == [bopha.telegram_id]


async def test_what_is_there_is_not_waited_for(shop: Shop) -> None:
    """One that is there is refused, one that is hidden or never was is not found; the list stays empty."""
    rose, dara = await builders.product(shop, 1), await builders.customer(shop)
    with pytest.raises(Refused, match="back_already"):
        await waiting.ask(shop, dara, rose)
    await builders.retire(shop, rose)
    for variant in (rose, 0, -1, 2**60):
        with pytest.raises(NotFound):
            await waiting.ask(shop, dara, variant)
    assert await builders.count(shop, waitlist) == 0


# ── whatever brought it back ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("way", ["cancelled", "expired", "returned", "received"])
async def test_told_whatever_brought_it_back(shop: Shop, way: str) -> None:
    """Sold out nobody is told; a cancel, an expiry, a return, goods that came: each tells once."""
    await builders.with_khqr(shop)
    rose, buyer = await builders.product(shop, 1), await builders.customer(shop)
    staff = await builders.worker(shop, Role.ADMIN)
    method = PaymentMethod.KHQR if way == "expired" else PaymentMethod.COD
    order = await builders.order(shop, buyer, rose, method=method)
    dara = await builders.customer(shop, 1002)
    assert await waiting.ask(shop, dara, rose)
    assert (await waiting.tell(shop), await _told(shop)) == (0, [])

    if way == "cancelled":
        await builders.moved(shop, buyer, order, Move.CANCEL)
    elif way == "expired":
        shop.clock.move(timedelta(minutes=15))
        await poll(shop)
        await expiry.expire_orders(shop)
    elif way == "returned":
        await builders.moved(shop, staff, order, Move.PREPARE, Move.READY, Move.OUT, Move.RETURN, Move.CANCEL)
    else:
        await _receive(shop, rose)
    assert await shop.db.read(stock.left, {rose: 1}) == {rose: 1}
    assert (await waiting.tell(shop), await waiting.tell(shop)) == (1, 0)
    assert await _told(shop) == [1002]
    await _send(shop)
    assert (await waiting.tell(shop), await _waiting(shop)) == (0, [])


# ── in order, in bounded batches, by several processes ───────────────────────────────────────────────────────────────
async def test_all_who_asked_in_their_order(shop: Shop) -> None:
    """One unit back, twenty-five wait: all are told once, in the order they asked, never more than a few at a time."""
    rose, crowd = await _sold_out(shop, 2 * AT_ONCE + 5)
    await _receive(shop, rose)
    batches = []
    while taken := await waiting.tell(shop):
        assert await waiting.tell(shop) == 0, "what was owed is not sent yet"
        await _send(shop)
        batches.append(taken)
    assert batches == [AT_ONCE, AT_ONCE, 5]
    assert await _told(shop) == [person.telegram_id for person in crowd]


async def test_a_cancel_writes_to_nobody_who_waits(shop: Shop) -> None:
    """Where stock comes back nothing is written for those who wait, however many they are: the job does it."""
    rose, buyer = await builders.product(shop, 1), await builders.customer(shop)
    order = await builders.order(shop, buyer, rose)
    for person in await builders.crowd(shop, 30):
        await waiting.ask(shop, person, rose)
    await builders.moved(shop, buyer, order, Move.CANCEL)
    assert (len(await _waiting(shop)), await _told(shop)) == (30, [])


async def test_put_off_notes_hold_up_nobody(shop: Shop) -> None:
    """Chats that must wait for an hour keep their notes; those behind them are told meanwhile."""
    rose, crowd = await _sold_out(shop, AT_ONCE + 3)
    await _receive(shop, rose)
    await waiting.tell(shop)
    for owed in await _owed(shop):
        await shop.db.write(messages.put_off, owed, shop.clock.now() + timedelta(hours=1), "flood", counted=False)
    assert await waiting.tell(shop) == 3
    assert await _told(shop) == [person.telegram_id for person in crowd]


async def test_processes_that_look_at_once(config: Config, open_shop: OpenShop) -> None:
    """Three processes fan out at once while a worker sends: nobody is told twice, nobody is forgotten."""
    shops = [await open_shop(config) for _ in range(3)]
    rose, crowd = await _sold_out(shops[0], 50)
    await _receive(shops[0], rose)
    while any(await asyncio.gather(*(waiting.tell(shop) for shop in shops for _ in range(2)))):
        assert await builders.count(shops[0], outbox, outbox.c.state == "pending") <= 2 * AT_ONCE
        await _send(shops[0])
    told = await _told(shops[0])
    assert (sorted(told), len(told)) == (sorted(person.telegram_id or 0 for person in crowd), 50)


async def test_two_looked_and_one_took(shop: Shop) -> None:
    """Two processes found the same few; the first told them and sent it all: the second finds none of them to tell."""
    rose, crowd = await _sold_out(shop, 3)
    await _receive(shop, rose)
    seen = await shop.db.read(store.due, 10)
    assert await waiting.tell(shop) == 3
    await _send(shop)
    assert await shop.db.write(store.tell, seen, shop.clock.now()) == []
    assert await _told(shop) == [person.telegram_id for person in crowd]


@pytest.mark.parametrize("when", ["before it was sent", "after it was sent"])
async def test_a_process_that_died_between_batches(config: Config, open_shop: OpenShop, when: str) -> None:
    """The first process owes one batch and dies, with it sent or not: the next goes on where it stopped."""
    first = await open_shop(config)
    rose, crowd = await _sold_out(first, AT_ONCE + 5)
    await _receive(first, rose)
    assert await waiting.tell(first) == AT_ONCE
    if when.startswith("after"):
        await _send(first)
    await first.close()
    second = await open_shop(config)
    await _send(second)
    await _tell_all(second)
    assert await _told(second) == [person.telegram_id for person in crowd]
    assert await builders.count(second, outbox, outbox.c.state != "sent") == 0


# ── when the note is sent ────────────────────────────────────────────────────────────────────────────────────────────
async def test_sold_out_again_before_it_was_sent(shop: Shop) -> None:
    """The note is not sent, the person stands where they stood, before who asked later; next time it is once."""
    rose, (dara, bopha) = await _sold_out(shop, 2)
    places = [row.id for row in await _waiting(shop)]
    await _receive(shop, rose)
    await waiting.tell(shop)
    notes = await _owed(shop)
    await _receive(shop, rose, -1)
    for owed in (*notes, *notes):  # the second time: a worker that was slow, whose claim another took over
        assert await waiting.news(shop, owed) is None
    assert ([row.id for row in await _waiting(shop)], await waiting.tell(shop)) == (places, 0)
    assert await builders.count(shop, outbox, outbox.c.state != "sent") == 0

    await _receive(shop, rose, 3)
    assert await waiting.tell(shop) == 2
    again = await _owed(shop)
    assert [owed.chat_id for owed in again] == [dara.telegram_id, bopha.telegram_id]
    for owed in again:
        product = await waiting.news(shop, owed)
        assert product is not None
        assert product.left == 3
    assert await _waiting(shop) == []


async def test_who_asked_anew_meanwhile_stands_once(shop: Shop) -> None:
    """Sold out again, asked again before the first note was looked at: one place, one note the next time."""
    rose, (dara,) = await _sold_out(shop)
    await _receive(shop, rose)
    await waiting.tell(shop)
    (owed,) = await _owed(shop)
    await _receive(shop, rose, -1)
    assert await waiting.ask(shop, dara, rose)
    assert await waiting.news(shop, owed) is None
    assert len(await _waiting(shop)) == 1
    await _receive(shop, rose)
    assert (await waiting.tell(shop), await waiting.tell(shop)) == (1, 0)


async def test_who_was_told_is_forgotten_with_the_message(shop: Shop) -> None:
    """Thirty days after the note its row goes; who still waits, waits on."""
    rose, (dara,) = await _sold_out(shop)
    await _receive(shop, rose)
    await _tell_all(shop)
    await _receive(shop, rose, -1)
    await waiting.ask(shop, dara, rose)
    shop.clock.move(timedelta(days=29))
    assert (await storage.forget_old(shop)).told == 0
    shop.clock.move(timedelta(days=2))
    assert (await storage.forget_old(shop)).told == 1
    assert [row.person_id for row in await _waiting(shop)] == [dara.id]


async def test_a_hidden_product_tells_nobody(shop: Shop) -> None:
    """Hidden before the job or before the note is sent: nobody is told; shown again, they are."""
    rose, _ = await _sold_out(shop)

    async def show(*, active: bool) -> None:
        await shop.db.write(lambda tx: tx.execute(update(products).values(active=active)))

    await show(active=False)
    await _receive(shop, rose)
    assert await waiting.tell(shop) == 0
    await show(active=True)
    assert await waiting.tell(shop) == 1
    (owed,) = await _owed(shop)
    await show(active=False)
    assert (await waiting.news(shop, owed), await waiting.tell(shop)) == (None, 0)
    await show(active=True)
    assert await waiting.tell(shop) == 1


async def test_who_blocked_the_bot_is_passed_over(shop: Shop) -> None:
    """Whoever blocked the bot, or has no chat any more, is not written to; who comes back still stands on the list."""
    rose, (dara, bopha, thida) = await _sold_out(shop, 3)
    await people_service.blocked(shop, dara.telegram_id or 0)
    gone = update(people).where(people.c.id == bopha.id).values(telegram_id=None)
    await shop.db.write(lambda tx: tx.execute(gone))
    await _receive(shop, rose)
    await _tell_all(shop)
    assert await _told(shop) == [thida.telegram_id]
    await people_service.arrive(shop, dara.telegram_id or 0, "Dara")
    await _tell_all(shop)
    assert await _told(shop) == [thida.telegram_id, dara.telegram_id]
