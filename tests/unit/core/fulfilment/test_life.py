"""An order on its way: what each move does to stock, money, the book of events and the messages owed."""

import asyncio

import pytest
from sqlalchemy import select

from core.database.tables import audit, order_events
from core.errors import NotAllowed, NotFound, OutOfDate
from core.fulfilment import service as fulfilment
from core.messages.rules import MessageKind
from core.orders import service as orders
from core.orders import store
from core.orders.rules import Move, PaymentMethod, PaymentStatus, Status
from core.people.rules import Role
from core.settings import service as settings
from core.shop import Shop
from tests.support import builders

CLAIM = (Move.PREPARE,)
READY = (*CLAIM, Move.READY)
OUT = (*READY, Move.OUT)
BACK = (*OUT, Move.RETURN)


async def _cod(shop: Shop, *moves: Move) -> tuple[builders.Order, int]:
    """A cash order of two units, brought along by staff; with its variant."""
    rose = await builders.product(shop)
    made = await builders.order(shop, await builders.customer(shop), rose, 2)
    return await builders.moved(shop, await builders.worker(shop), made, *moves), rose


async def test_the_whole_way(shop: Shop) -> None:
    """Claimed, packed, brought, delivered: stock leaves when the parcel does, cash is in when it is handed over."""
    order, rose = await _cod(shop)
    staff, courier = await builders.worker(shop), await builders.worker(shop, Role.COURIER, 2002, "Chan")
    seen = []
    for person, move in ((staff, Move.PREPARE), (staff, Move.READY), (courier, Move.OUT), (courier, Move.DELIVER)):
        order = await builders.moved(shop, person, order, move)
        seen.append((order.status, order.payment_status, await builders.figures(shop, rose)))
        await builders.sound(shop)
    due, paid = PaymentStatus.DUE, PaymentStatus.PAID
    assert seen == [
        (Status.PREPARING, due, (10, 0, 2)), (Status.READY, due, (10, 0, 2)), (Status.OUT, due, (8, 0, 0)),
        (Status.DELIVERED, paid, (8, 0, 0)),
    ]  # fmt: skip
    assert order.holder_name == "Sokha"
    history = await shop.db.read(store.events, order.id)
    assert [(event.kind, event.from_status, event.to_status, event.actor_name) for event in history] == [
        ("placed", None, "pending", "Dara"), ("confirm", "pending", "confirmed", "Sokha"),
        ("prepare", "confirmed", "preparing", "Sokha"), ("ready", "preparing", "ready_for_delivery", "Sokha"),
        ("out", "ready_for_delivery", "out_for_delivery", "Chan"), ("deliver", "out_for_delivery", "delivered", "Chan"),
    ]  # fmt: skip


@pytest.mark.parametrize("way", [(), CLAIM, READY, BACK], ids=["held", "committed", "ready", "returned"])
async def test_a_cancelled_order_gives_its_stock_back(shop: Shop, way: tuple[Move, ...]) -> None:
    """Held, committed, or shipped and come back: after the cancel all ten are there and free (hole 19)."""
    order, rose = await _cod(shop, *way)
    boss = await builders.worker(shop, Role.ADMIN, 2003, "Boss")
    order = await builders.moved(shop, boss, order, Move.CANCEL)
    assert (order.status, order.payment_status) == (Status.CANCELLED, PaymentStatus.UNPAID)
    assert await builders.figures(shop, rose) == (10, 0, 0)
    await builders.sound(shop)
    for move in Move:
        with pytest.raises(OutOfDate):
            await fulfilment.move(shop, boss, order.id, move, order.version)


async def test_a_returned_parcel_goes_out_again(sqlite_shop: Shop) -> None:
    """Back at the shop it is still the order's own: it leaves once, and can be delivered after all."""
    order, rose = await _cod(sqlite_shop, *BACK)
    assert await builders.figures(sqlite_shop, rose) == (8, 0, 0)
    order = await builders.moved(sqlite_shop, await builders.worker(sqlite_shop), order, Move.OUT, Move.DELIVER)
    assert (order.status, order.payment_status) == (Status.DELIVERED, PaymentStatus.PAID)
    assert await builders.figures(sqlite_shop, rose) == (8, 0, 0)
    await builders.sound(sqlite_shop)


async def test_delivered_is_the_end(sqlite_shop: Shop) -> None:
    """Nobody, not even the owner, moves a delivered order."""
    order, _ = await _cod(sqlite_shop, *OUT, Move.DELIVER)
    owner = await builders.worker(sqlite_shop, Role.OWNER, 2009, "Da")
    for move in Move:
        with pytest.raises(OutOfDate):
            await fulfilment.move(sqlite_shop, owner, order.id, move, order.version)


async def test_customers_cancel_only_their_own_and_only_while_pending(shop: Shop) -> None:
    """Another person's order is not there; a confirmed one is for staff to cancel."""
    order, rose = await _cod(shop)
    dara, stranger = await builders.customer(shop), await builders.customer(shop, 1002, "Bopha")
    with pytest.raises(NotFound):
        await fulfilment.move(shop, stranger, order.id, Move.CANCEL, order.version)
    confirmed = await builders.moved(shop, await builders.worker(shop), order, Move.CONFIRM)
    with pytest.raises(NotAllowed):
        await fulfilment.move(shop, dara, order.id, Move.CANCEL, confirmed.version)
    second = await builders.order(shop, dara, rose)
    assert (await builders.moved(shop, dara, second, Move.CANCEL)).status is Status.CANCELLED
    assert await builders.figures(shop, rose) == (10, 0, 2)


async def test_an_order_that_is_not_there(sqlite_shop: Shop) -> None:
    """A forged id, and an order that is not yours, sound the same for reading, moving, paying and a new QR."""
    shop = sqlite_shop
    order, _ = await _cod(shop)
    stranger = await builders.customer(shop, 1002, "Bopha")
    for order_id in (order.id, 999):
        for work in (
            orders.get(shop, stranger, order_id), fulfilment.move(shop, stranger, order_id, Move.CANCEL, 1),
            fulfilment.new_qr(shop, stranger, order_id), fulfilment.ask_bank(shop, stranger, order_id),
        ):  # fmt: skip
            with pytest.raises(NotFound) as refused:
                await work
            assert refused.value.key == "errors.not_found"
    with pytest.raises(NotFound):
        await orders.tracked(shop, order.number)
    with pytest.raises(NotFound):
        await orders.tracked(shop, "x" * 4000)
    assert (await orders.tracked(shop, order.tracking_token)).id == order.id


async def test_how_far_a_courier_reaches(sqlite_shop: Shop) -> None:
    """Out, delivered and came back; not confirming, packing or cancelling, not even a pending order."""
    shop = sqlite_shop
    order, _ = await _cod(shop)
    courier, staff = await builders.worker(shop, Role.COURIER, 2002, "Chan"), await builders.worker(shop)
    for move in (Move.CONFIRM, Move.PREPARE, Move.CANCEL):
        with pytest.raises((NotAllowed, OutOfDate)):
            await fulfilment.move(shop, courier, order.id, move, order.version)
    assert (await builders.read(shop, order)).status is Status.PENDING
    order = await builders.moved(shop, staff, order, *READY)
    order = await builders.moved(shop, courier, order, Move.OUT, Move.RETURN)
    with pytest.raises(NotAllowed):
        await fulfilment.move(shop, courier, order.id, Move.OUT, order.version)


async def test_staff_cannot_prepare_what_is_not_paid(shop: Shop) -> None:
    """A pending KHQR order is confirmed by the bank's word alone (hole 1)."""
    await builders.with_khqr(shop)
    order, _ = await builders.khqr_order(shop)
    owner = await builders.worker(shop, Role.OWNER, 2009, "Da")
    for move in (Move.PREPARE, Move.CONFIRM):
        with pytest.raises(NotAllowed):
            await fulfilment.move(shop, owner, order.id, move, order.version)
    after = await builders.read(shop, order)
    assert (after.status, after.payment_status, after.version) == (Status.PENDING, PaymentStatus.UNPAID, 1)


async def test_an_old_button_changes_nothing_and_names_who_acted(shop: Shop) -> None:
    """A tap on yesterday's card: somebody moved the order since, and is named."""
    order, _ = await _cod(shop, Move.CONFIRM)
    vanna = await builders.worker(shop, telegram_id=2005, name="Vanna")
    with pytest.raises(OutOfDate) as refused:
        await fulfilment.move(shop, vanna, order.id, Move.PREPARE, 1)
    assert (refused.value.key, refused.value.values) == ("errors.somebody_faster", {"name": "Sokha"})
    assert (await builders.read(shop, order)).version == order.version


async def test_who_taps_twice_is_not_told_of_themselves(shop: Shop) -> None:
    """Sokha taps three times at once: "you did that already", not that Sokha was faster."""
    order, _ = await _cod(shop)
    sokha = await builders.worker(shop)
    taps = (fulfilment.move(shop, sokha, order.id, Move.PREPARE, order.version) for _ in range(3))
    told = [one for one in await asyncio.gather(*taps, return_exceptions=True) if isinstance(one, OutOfDate)]
    assert [error.key for error in told] == ["errors.done_already"] * 2


async def test_a_change_is_made_only_to_what_was_read(shop: Shop) -> None:
    """Compare-and-set: the second of two who read the same order changes nothing, whatever else guards it."""
    order, _ = await _cod(shop)
    first = await shop.db.write(store.compare_and_set, order, shop.clock.now(), holder_id=None)
    second = await shop.db.write(store.compare_and_set, order, shop.clock.now(), status=Status.CANCELLED)
    assert (first, second) == (True, False)
    assert (await builders.read(shop, order)).status is Status.PENDING


async def test_preparing_is_one_tap_and_makes_a_holder(shop: Shop) -> None:
    """Claiming a new cash order confirms and prepares it in one transaction; nobody takes it over."""
    order, _ = await _cod(shop, Move.PREPARE)
    assert (order.status, order.holder_name) == (Status.PREPARING, "Sokha")
    vanna = await builders.worker(shop, telegram_id=2005, name="Vanna")
    assert (await builders.moved(shop, vanna, order, Move.READY)).holder_name == "Sokha"


async def test_every_move_is_audited_with_who(shop: Shop) -> None:
    """One audit row a move, with the actor, the order and the shop's time."""
    order, _ = await _cod(shop, *READY)
    rows = await shop.db.read(lambda tx: tx.execute(select(audit).where(audit.c.subject == "order")).all())
    assert [(row.action, row.subject_id) for row in rows] == [("order.prepare", order.id), ("order.ready", order.id)]
    assert {row.at for row in rows} == {shop.clock.now()}
    assert {row.actor_id for row in rows} == {(await builders.worker(shop)).id}


async def test_a_refused_move_writes_nothing(shop: Shop) -> None:
    """No event, audit row or message of a move that was not made."""
    order, _ = await _cod(shop)
    counts = [await builders.count(shop, table) for table in (order_events, audit)]
    owed = await builders.owed(shop)
    with pytest.raises(NotAllowed):
        await fulfilment.move(shop, await builders.customer(shop), order.id, Move.CONFIRM, order.version)
    assert [await builders.count(shop, table) for table in (order_events, audit)] == counts
    assert await builders.owed(shop) == owed


async def test_a_paid_order_that_is_cancelled_owes_the_money_back(shop: Shop) -> None:
    """Cancelled after paying: the stock is free again and a refund is due."""
    bank = await builders.with_khqr(shop)
    order, attempt = await builders.khqr_order(shop, 2)
    bank.answers[attempt.md5] = builders.money(attempt, shop.clock.now())
    order = await fulfilment.ask_bank(shop, await builders.customer(shop), order.id)
    order = await builders.moved(shop, await builders.worker(shop), order, Move.PREPARE, Move.CANCEL)
    assert (order.status, order.payment_status) == (Status.CANCELLED, PaymentStatus.REFUND_DUE)
    assert await builders.figures(shop, order.lines[0].variant_id) == (10, 0, 0)
    await builders.sound(shop)


async def test_who_is_told(sqlite_shop: Shop) -> None:
    """Cards for both sides at every move; a note to the customer only when it is out, delivered or closed."""
    shop = sqlite_shop
    await settings.change(shop.db, shop.clock, "staff_chat_id", builders.STAFF_CHAT, None)
    await _cod(shop, *OUT, Move.DELIVER)
    notes = [row for row in await builders.owed(shop) if not MessageKind(row[1]).is_card]
    assert notes == [(1001, MessageKind.NOTE_OUT), (1001, MessageKind.NOTE_DELIVERED)]
    cards = {row for row in await builders.owed(shop) if MessageKind(row[1]).is_card}
    assert cards == {(1001, MessageKind.ORDER_CARD), (builders.STAFF_CHAT, MessageKind.STAFF_CARD)}


async def test_nobody_is_told_what_they_did_themselves(sqlite_shop: Shop) -> None:
    """A customer who cancels gets no note about it; one whose order staff cancel does."""
    shop = sqlite_shop
    order, rose = await _cod(shop)
    dara = await builders.customer(shop)
    await builders.moved(shop, dara, order, Move.CANCEL)
    assert await builders.owed(shop, MessageKind.NOTE_CLOSED) == []
    await builders.moved(shop, await builders.worker(shop), await builders.order(shop, dara, rose), Move.CANCEL)
    assert await builders.owed(shop, MessageKind.NOTE_CLOSED) == [(1001, MessageKind.NOTE_CLOSED)]


@pytest.mark.parametrize("method", list(PaymentMethod))
async def test_boards_and_lists(sqlite_shop: Shop, method: PaymentMethod) -> None:
    """A board holds what stands there, oldest first; people see their own orders, newest first."""
    shop = sqlite_shop
    await builders.with_khqr(shop)
    rose, dara = await builders.product(shop), await builders.customer(shop)
    made = [await builders.order(shop, dara, rose, 1, method) for _ in range(3)]
    await builders.order(shop, await builders.customer(shop, 1002, "Bopha"), rose)
    assert [order.id for order in (await orders.mine(shop, dara)).orders] == [order.id for order in reversed(made)]
    board = await shop.db.read(store.in_status, Status.PENDING)
    assert [order.id for order in board] == [*(order.id for order in made), made[-1].id + 1]
