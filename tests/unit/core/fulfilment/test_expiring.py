"""The end of a hold: an order expires only on the bank's word, asked after the QR's own expiry."""

from datetime import timedelta

from core.fulfilment import service as fulfilment
from core.fulfilment import settle
from core.fulfilment.expiry import expire_orders
from core.fulfilment.polling import poll
from core.messages.rules import MessageKind
from core.orders.rules import Order, PaymentMethod, PaymentStatus, Status
from core.payments import store as payments
from core.payments.rules import Attempt, AttemptState, Failed, NotFound, Unknown
from core.settings import service as settings
from core.shop import Shop
from tests.support import builders
from tests.support.builders import ScriptedBank

MINUTE = timedelta(minutes=1)


async def _pending(shop: Shop) -> tuple[Order, Attempt, ScriptedBank]:
    bank = await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    return *(await builders.khqr_order(shop)), bank


async def test_an_unpaid_order_expires_and_lets_go(shop: Shop) -> None:
    """The bank answered after the QR's expiry, the hold is over: expired, stock free, the customer told."""
    order, _, _ = await _pending(shop)
    shop.clock.move(5 * MINUTE)
    await poll(shop)
    assert await expire_orders(shop) == 0
    shop.clock.move(10 * MINUTE)
    assert await expire_orders(shop) == 1
    order = await builders.read(shop, order)
    assert (order.status, order.payment_status) == (Status.EXPIRED, PaymentStatus.UNPAID)
    assert await builders.figures(shop, order.lines[0].variant_id) == (10, 0, 0)
    assert [state.state for state in await builders.attempts(shop, order)] == [AttemptState.EXPIRED]
    assert await builders.owed(shop, MessageKind.NOTE_CLOSED) == [(1001, "note_closed")]
    assert await builders.owed(shop, MessageKind.STAFF_CARD) == []
    assert await expire_orders(shop) == 0
    await builders.sound(shop)


async def test_an_answer_before_the_qrs_expiry_expires_nothing(shop: Shop) -> None:
    """The bank said "nothing" in the QR's last second and is silent since: the customer may have paid in it."""
    order, attempt, bank = await _pending(shop)
    shop.clock.move(5 * MINUTE - timedelta(seconds=1))
    await settle.ask(shop, attempt)
    bank.otherwise = Unknown("timeout")
    shop.clock.move(20 * MINUTE)
    await poll(shop)
    assert await expire_orders(shop) == 0
    assert (await builders.read(shop, order)).status is Status.PENDING
    bank.otherwise = NotFound()
    shop.clock.move(timedelta(hours=1))
    await poll(shop)
    assert (await builders.read(shop, order)).status is Status.EXPIRED


async def test_a_silent_bank_keeps_the_stock_and_calls_the_staff(shop: Shop) -> None:
    """Held while the bank says nothing; after two hours in the payment inbox, held still; its word ends it."""
    order, _, bank = await _pending(shop)
    bank.otherwise = Unknown("timeout")
    shop.clock.move(15 * MINUTE + timedelta(hours=2) - timedelta(seconds=1))
    await poll(shop)
    assert await expire_orders(shop) == 0
    assert (await builders.read(shop, order)).payment_status is PaymentStatus.UNPAID
    assert await builders.owed(shop, MessageKind.STAFF_CARD) == []
    shop.clock.move(timedelta(seconds=1))
    assert await expire_orders(shop) == 1
    order = await builders.read(shop, order)
    assert (order.status, order.payment_status) == (Status.PENDING, PaymentStatus.REVIEW)
    assert await builders.figures(shop, order.lines[0].variant_id) == (10, 1, 0)
    assert await builders.owed(shop, MessageKind.STAFF_CARD) == [(builders.STAFF_CHAT, "staff_card")]
    assert await expire_orders(shop) == 0
    bank.otherwise = Failed()
    shop.clock.move(timedelta(hours=1))
    await poll(shop)
    assert (await builders.read(shop, order)).status is Status.EXPIRED
    await builders.sound(shop)


async def test_money_after_the_silence_is_good(shop: Shop) -> None:
    """The bank comes back after three hours and says it was paid in time: confirmed."""
    order, attempt, bank = await _pending(shop)
    paid_at = shop.clock.now() + MINUTE
    bank.otherwise = Unknown("timeout")
    shop.clock.move(timedelta(hours=3))
    await poll(shop)
    await expire_orders(shop)
    bank.answers[attempt.md5] = builders.money(attempt, paid_at)
    shop.clock.move(timedelta(hours=1))
    await poll(shop)
    order = await builders.read(shop, order)
    assert (order.status, order.payment_status) == (Status.CONFIRMED, PaymentStatus.PAID)
    await builders.sound(shop)


async def test_every_qr_must_be_answered_for(shop: Shop) -> None:
    """Two QRs: "nothing" about the newer is not enough while the bank is silent about the older one."""
    order, first, bank = await _pending(shop)
    shop.clock.move(6 * MINUTE)
    await fulfilment.new_qr(shop, await builders.customer(shop), order.id)
    newest, _ = await builders.attempts(shop, order)
    bank.answers[first.md5] = Unknown("timeout")
    shop.clock.move(timedelta(hours=3))
    await settle.ask(shop, newest)
    await expire_orders(shop)
    order = await builders.read(shop, order)
    assert (order.status, order.payment_status) == (Status.PENDING, PaymentStatus.REVIEW)
    del bank.answers[first.md5]
    await settle.ask(shop, first)
    assert (await builders.read(shop, order)).status is Status.EXPIRED


async def test_a_qr_made_late_outlives_the_hold(shop: Shop) -> None:
    """A QR made in the fourteenth minute can be paid until the nineteenth: the order waits for it."""
    order, _, _ = await _pending(shop)
    shop.clock.move(14 * MINUTE)
    await fulfilment.new_qr(shop, await builders.customer(shop), order.id)
    await poll(shop)
    shop.clock.move(2 * MINUTE)
    await poll(shop)
    assert await expire_orders(shop) == 0
    shop.clock.move(3 * MINUTE)
    await poll(shop)
    assert (await builders.read(shop, order)).status is Status.EXPIRED


async def test_cash_orders_never_expire(shop: Shop) -> None:
    """A cash order waits for its people, however long."""
    order = await builders.order(shop, await builders.customer(shop), await builders.product(shop))
    shop.clock.move(timedelta(days=30))
    assert await expire_orders(shop) == 0
    assert (await builders.read(shop, order)).status is Status.PENDING


async def test_a_silent_bank_holds_up_nobody_else(shop: Shop) -> None:
    """Orders that wait for a silent bank are no work, however many; the one behind them, answered for, expires."""
    bank = await builders.with_khqr(shop)
    variant, people = await builders.product(shop, 20), await builders.crowd(shop, 4)
    carts = await builders.carts_of(shop, [(person, [variant]) for person in people])
    placed = [await builders.place(shop, *one, PaymentMethod.KHQR) for one in zip(people, carts, strict=True)]
    bank.otherwise = Unknown("timeout")
    (last,) = await builders.attempts(shop, placed[-1])
    bank.answers[last.md5] = NotFound()
    shop.clock.move(6 * MINUTE)
    await settle.ask(shop, last)
    shop.clock.move(10 * MINUTE)
    silence = shop.policy.khqr_silence
    assert await shop.db.read(payments.lapsing, shop.clock.now(), silence, 3) == [placed[-1].id]
    assert await expire_orders(shop) == 1
    assert (await builders.read(shop, placed[-1])).status is Status.EXPIRED
    shop.clock.move(timedelta(hours=2))
    assert await expire_orders(shop) == 3


async def test_a_promise_stands_as_it_was_given(sqlite_shop: Shop) -> None:
    """The owner shortens the hold: an order placed before keeps its quarter of an hour."""
    shop = sqlite_shop
    order, attempt, _ = await _pending(shop)
    await settings.change(shop.db, shop.clock, "khqr_hold_minutes", 5, None)
    shop.clock.move(6 * MINUTE)
    await shop.refresh()
    await settle.ask(shop, attempt)
    assert (await expire_orders(shop), (await builders.read(shop, order)).status) == (0, Status.PENDING)
    shop.clock.move(9 * MINUTE)
    assert await expire_orders(shop) == 1
