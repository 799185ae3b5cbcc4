"""The customer says that it came: kept once, shown at the counter, and nothing else moves."""

import asyncio
from datetime import timedelta

import pytest

from core.cards import order_card
from core.database.tables import order_events
from core.errors import NotFound, OutOfDate, ShopError
from core.fulfilment import service as fulfilment
from core.i18n import translator
from core.messages.rules import MessageKind
from core.orders import store
from core.orders.rules import Move, Order, PaymentStatus, Status, can_receive
from core.people.rules import Person
from core.shop import Reader, Shop
from tests.support import builders

ON_ITS_WAY = (Move.PREPARE, Move.READY, Move.OUT)


async def _on_its_way(shop: Shop) -> tuple[Person, Person, Order]:
    """Dara's cash order, out for delivery; Sokha is staff."""
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    dara, sokha = await builders.customer(shop), await builders.worker(shop)
    order = await builders.order(shop, dara, await builders.product(shop))
    return dara, sokha, await builders.moved(shop, sokha, order, *ON_ITS_WAY)


async def test_only_that_is_written(shop: Shop) -> None:
    """The moment and an event of the customer's; status, money and version stand, so the courier's button works on."""
    dara, sokha, order = await _on_its_way(shop)
    shop.clock.move(timedelta(minutes=40))
    said = await fulfilment.receive(shop, dara, order.id)
    assert said.received_at == shop.clock.now()
    assert (said.status, said.payment_status, said.version) == (Status.OUT, PaymentStatus.DUE, order.version)
    event = (await shop.db.read(store.events, order.id))[-1]
    assert (event.kind, event.actor_id, event.to_status) == ("received", dara.id, None)
    delivered = await fulfilment.move(shop, sokha, order.id, Move.DELIVER, order.version)
    assert (delivered.payment_status, delivered.received_at) == (PaymentStatus.PAID, said.received_at)
    await builders.sound(shop)


async def test_the_counter_sees_when(shop: Shop) -> None:
    """The staff's card and the customer's own are drawn again; staff read the hour, a stranger nothing."""
    dara, sokha, order = await _on_its_way(shop)
    await shop.db.write(lambda tx: tx.exec_driver_sql("DELETE FROM outbox"))
    said = await fulfilment.receive(shop, dara, order.id)
    assert sorted(await builders.owed(shop)) == [
        (builders.STAFF_CHAT, MessageKind.STAFF_CARD), (dara.telegram_id, MessageKind.ORDER_CARD),
    ]  # fmt: skip
    t = translator("en")
    when = t.when(shop.clock.now(), shop.config.zone)
    for person, seen in ((sokha, when), (dara, when), (await builders.customer(shop, 1002), "")):
        assert order_card(shop, said, Reader(person, t)).received == seen


async def test_a_second_time_says_so(shop: Shop) -> None:
    """Two taps at once and one later: one is kept, the others hear that it was said."""
    dara, _, order = await _on_its_way(shop)
    results = await asyncio.gather(
        *(fulfilment.receive(shop, dara, order.id) for _ in range(2)), return_exceptions=True
    )
    refused = [one for one in results if isinstance(one, OutOfDate)]
    assert [one.key for one in refused] == ["errors.received_already"]
    first = (await builders.read(shop, order)).received_at
    shop.clock.move(timedelta(hours=1))
    with pytest.raises(OutOfDate, match="received_already"):
        await fulfilment.receive(shop, dara, order.id)
    assert (await builders.read(shop, order)).received_at == first
    assert await builders.count(shop, order_events, order_events.c.kind == "received") == 1


async def test_nobody_else_says_it(shop: Shop) -> None:
    """A stranger, and staff for a customer: as if it were not there; nothing is written."""
    _, sokha, order = await _on_its_way(shop)
    for other in (await builders.customer(shop, 1002, "Chan"), sokha):
        with pytest.raises(NotFound):
            await fulfilment.receive(shop, other, order.id)
    assert (await builders.read(shop, order)).received_at is None
    assert await builders.count(shop, order_events, order_events.c.kind == "received") == 0


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.OUT])
async def test_only_what_is_on_its_way(sqlite_shop: Shop, status: Status) -> None:
    """From no other status, and no button there: refused, unchanged, no event."""
    shop = sqlite_shop
    dara, _, order = await _on_its_way(shop)
    now = shop.clock.now()
    assert await shop.db.write(lambda tx: store.compare_and_set(tx, order, now, status=status))
    before = await builders.read(shop, order)
    assert not can_receive(before, dara)
    with pytest.raises(ShopError):
        await fulfilment.receive(shop, dara, order.id)
    assert await builders.read(shop, order) == before
    assert await builders.count(shop, order_events, order_events.c.kind == "received") == 0


async def test_who_was_faster_is_who_moved_it(shop: Shop) -> None:
    """A courier's old button, pressed after the customer spoke, names the colleague who moved it, not the customer."""
    dara, _, order = await _on_its_way(shop)
    await fulfilment.receive(shop, dara, order.id)
    vanna = await builders.worker(shop, telegram_id=2002, name="Vanna")
    with pytest.raises(OutOfDate) as refused:
        await fulfilment.move(shop, vanna, order.id, Move.OUT, order.version - 1)
    assert refused.value.values == {"name": "Sokha"}
