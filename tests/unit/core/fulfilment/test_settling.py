"""What the bank's answers do to an order: money is never lost, never silently kept, and never taken twice."""

from datetime import timedelta

import pytest

from core.checkout import service as checkout
from core.database.tables import order_events
from core.errors import OutOfDate, Refused
from core.fulfilment import service as fulfilment
from core.fulfilment import settle
from core.fulfilment.expiry import expire_orders
from core.messages.rules import MessageKind
from core.orders.rules import Move, Order, PaymentMethod, PaymentStatus, Status
from core.payments.rules import Attempt, AttemptState, NotFound, Observation, Unknown
from core.settings import service as settings
from core.settlements import store as settlements
from core.settlements.rules import CaseKind, CaseState
from core.shop import Shop
from tests.support import builders

MINUTE = timedelta(minutes=1)
PAID, REFUND, REVIEW = PaymentStatus.PAID, PaymentStatus.REFUND_DUE, PaymentStatus.REVIEW


async def _pending(shop: Shop, units: int = 1) -> tuple[Order, Attempt]:
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    return await builders.khqr_order(shop, units)


async def _hear(shop: Shop, attempt: Attempt, observation: Observation) -> Order:
    return await shop.db.write(settle.settle, shop.policy, attempt.order_id, attempt.id, observation, shop.clock.now())


async def _state(shop: Shop, order: Order) -> list[AttemptState]:
    return [attempt.state for attempt in await builders.attempts(shop, order)]


async def _expired(shop: Shop) -> tuple[Order, Attempt]:
    """An order that expired on the bank's word."""
    order, attempt = await _pending(shop)
    shop.clock.move(16 * MINUTE)
    order = await _hear(shop, attempt, NotFound())
    assert order.status is Status.EXPIRED
    return order, attempt


async def test_paid_in_time(shop: Shop) -> None:
    """Confirmed and paid, the stock committed, the customer owed a note and the staff their card."""
    order, attempt = await _pending(shop, 2)
    assert await builders.owed(shop, MessageKind.STAFF_CARD) == []
    shop.clock.move(MINUTE)
    order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now()))
    assert (order.status, order.payment_status, order.expires_at) == (Status.CONFIRMED, PAID, None)
    assert await _state(shop, order) == [AttemptState.PAID]
    assert await builders.figures(shop, order.lines[0].variant_id) == (10, 0, 2)
    assert await builders.owed(shop, MessageKind.NOTE_PAID) == [(1001, "note_paid")]
    assert await builders.owed(shop, MessageKind.STAFF_CARD) == [(builders.STAFF_CHAT, "staff_card")]
    await builders.sound(shop)


async def test_the_same_answer_again_changes_nothing(shop: Shop) -> None:
    """The bank says "paid" five times: one confirmation, one event, one note."""
    _, attempt = await _pending(shop)
    said = builders.money(attempt, shop.clock.now())
    first = await _hear(shop, attempt, said)
    for _ in range(4):
        assert await _hear(shop, attempt, said) == first
    assert await builders.count(shop, order_events) == 2
    assert await builders.owed(shop, MessageKind.NOTE_PAID) == [(1001, "note_paid")]


async def test_late_while_the_order_still_stands(shop: Shop) -> None:
    """Paid a minute after the QR's own expiry, the order not expired yet: it is good money."""
    order, attempt = await _pending(shop)
    shop.clock.move(6 * MINUTE)
    order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now()))
    assert (order.status, order.payment_status) == (Status.CONFIRMED, PAID)
    assert await _state(shop, order) == [AttemptState.PAID]
    await builders.sound(shop)


async def test_late_with_stock_revives_the_order(shop: Shop) -> None:
    """Money for an expired order: its stock is there, so it is held again and confirmed; the customer is told."""
    order, attempt = await _expired(shop)
    variant = order.lines[0].variant_id
    assert await builders.figures(shop, variant) == (10, 0, 0)
    order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now()))
    assert (order.status, order.payment_status) == (Status.CONFIRMED, PAID)
    assert await builders.figures(shop, variant) == (10, 0, 1)
    assert await builders.owed(shop, MessageKind.NOTE_PAID) == [(1001, "note_paid")]
    await builders.sound(shop)


async def test_late_without_stock_is_owed_back(shop: Shop) -> None:
    """Money for an expired order whose goods were sold since: nothing is promised twice, the refund is due."""
    order, attempt = await _expired(shop)
    variant = order.lines[0].variant_id
    await builders.order(shop, await builders.customer(shop, 1002, "Bopha"), variant, 10)
    order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now()))
    assert (order.status, order.payment_status) == (Status.EXPIRED, REFUND)
    assert await _state(shop, order) == [AttemptState.REFUND_DUE]
    assert await builders.figures(shop, variant) == (10, 10, 0)
    assert (builders.STAFF_CHAT, "staff_card") in await builders.owed(shop)
    await builders.sound(shop)


async def test_late_with_half_the_stock_takes_none(shop: Shop) -> None:
    """One of two products is gone since: neither is held again, the refund is due, every unit is explained."""
    await builders.with_khqr(shop)
    dara, shelf = await builders.customer(shop), [await builders.product(shop, 5, 100, f"S-{i}") for i in range(2)]
    cart_id = await builders.cart(shop, dara, *((variant, 1) for variant in shelf))
    order = await builders.place(shop, dara, cart_id, PaymentMethod.KHQR)
    (attempt,) = await builders.attempts(shop, order)
    shop.clock.move(16 * MINUTE)
    await _hear(shop, attempt, NotFound())
    await builders.order(shop, await builders.customer(shop, 1002, "Bopha"), shelf[1], 5)
    order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now()))
    assert (order.status, order.payment_status) == (Status.EXPIRED, REFUND)
    assert [await builders.figures(shop, variant) for variant in shelf] == [(5, 0, 0), (5, 5, 0)]
    await builders.sound(shop)


async def test_money_for_a_cancelled_order_is_owed_back(shop: Shop) -> None:
    """Paid in the second after cancelling: the order stays cancelled, a refund is due, the staff see it."""
    order, attempt = await _pending(shop)
    await builders.moved(shop, await builders.customer(shop), order, Move.CANCEL)
    assert await builders.owed(shop, MessageKind.STAFF_CARD) == []
    order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now()))
    assert (order.status, order.payment_status) == (Status.CANCELLED, REFUND)
    assert await builders.owed(shop, MessageKind.STAFF_CARD) == [(builders.STAFF_CHAT, "staff_card")]
    await builders.sound(shop)


async def test_a_second_qr_paid_too_is_owed_back(shop: Shop) -> None:
    """Both QRs of one order are paid: the first makes the order, the second is a refund due."""
    order, first = await _pending(shop)
    shop.clock.move(6 * MINUTE)
    await fulfilment.new_qr(shop, await builders.customer(shop), order.id)
    second, _ = await builders.attempts(shop, order)
    await _hear(shop, second, builders.money(second, shop.clock.now()))
    order = await _hear(shop, first, builders.money(first, shop.clock.now()))
    assert (order.status, order.payment_status) == (Status.CONFIRMED, PAID)
    assert await _state(shop, order) == [AttemptState.PAID, AttemptState.REFUND_DUE]
    await builders.sound(shop)


async def test_one_qr_paid_twice_is_owed_back_once(shop: Shop) -> None:
    """A second transaction for one QR: the first stays the order's money, the second is noted and owed back once."""
    order, attempt = await _pending(shop)
    await _hear(shop, attempt, builders.money(attempt, shop.clock.now()))
    for _ in range(3):
        order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), hash="again"))
    (after,) = await builders.attempts(shop, order)
    assert (after.state, after.bank_hash) == (AttemptState.PAID, f"h{attempt.id}")
    cases = await shop.db.read(settlements.cases, order.id)
    assert [(case.kind, case.state, case.bank_hash) for case in cases] == [
        (CaseKind.DUPLICATE, CaseState.REFUND_DUE, "again"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"amount": 1349}, "under"), ({"amount": 1351}, "over"), ({"currency": "KHR"}, "currency"),
     ({"account": "somebody@devb"}, "account"), ({"exact": False}, "over")],
)  # fmt: skip
async def test_wrong_money_waits_for_a_person(shop: Shop, changes: dict[str, object], reason: str) -> None:
    """Short, too much, the other currency or another account: review, stock kept, staff told, no clock ends it."""
    order, attempt = await _pending(shop)
    for _ in range(2):
        order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), **changes))
    assert (order.status, order.payment_status) == (Status.PENDING, REVIEW)
    (after,) = await builders.attempts(shop, order)
    assert (after.state, after.note) == (AttemptState.REVIEW, reason)
    assert await builders.owed(shop, MessageKind.STAFF_CARD) == [(builders.STAFF_CHAT, "staff_card")]
    assert await builders.count(shop, order_events) == 2
    shop.clock.move(timedelta(days=2))
    assert await expire_orders(shop) == 0
    assert await builders.figures(shop, order.lines[0].variant_id) == (10, 1, 0)
    await builders.sound(shop)


async def test_after_a_short_payment_a_new_qr_still_pays(shop: Shop) -> None:
    """The customer paid too little, then the whole: the order is confirmed, the first money goes back."""
    order, attempt = await _pending(shop)
    await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), amount=100))
    shop.clock.move(6 * MINUTE)
    await fulfilment.new_qr(shop, await builders.customer(shop), order.id)
    second, _ = await builders.attempts(shop, order)
    order = await _hear(shop, second, builders.money(second, shop.clock.now(), amount=order.total.amount))
    assert (order.status, order.payment_status) == (Status.CONFIRMED, PAID)
    assert await _state(shop, order) == [AttemptState.PAID, AttemptState.REFUND_DUE]


async def test_a_short_payment_is_not_forgotten_with_the_next_qr(shop: Shop) -> None:
    """Short money in one QR, nothing in the next, and the bank says so: still the staff's, still held."""
    order, attempt = await _pending(shop)
    await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), amount=100))
    shop.clock.move(6 * MINUTE)
    await fulfilment.new_qr(shop, await builders.customer(shop), order.id)
    second, _ = await builders.attempts(shop, order)
    shop.clock.move(timedelta(hours=1))
    order = await _hear(shop, second, NotFound())
    assert (order.status, order.payment_status) == (Status.PENDING, REVIEW)
    assert await builders.figures(shop, order.lines[0].variant_id) == (10, 1, 0)


async def test_one_bank_transaction_pays_one_order(shop: Shop) -> None:
    """The same hash told for two orders: the first is paid, the second waits for a person."""
    order, attempt = await _pending(shop)
    other = await builders.order(
        shop, await builders.customer(shop, 1002, "Bopha"), order.lines[0].variant_id, 2, PaymentMethod.KHQR
    )
    (theirs,) = await builders.attempts(shop, other)
    await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), hash="same"))
    for _ in range(2):
        other = await _hear(shop, theirs, builders.money(attempt, shop.clock.now(), hash="same"))
    assert (other.status, other.payment_status) == (Status.PENDING, REVIEW)
    (after,) = await builders.attempts(shop, other)
    assert (after.state, after.bank_hash) == (AttemptState.REVIEW, None)
    assert await builders.count(shop, order_events, order_events.c.kind == "payment_review") == 1


async def test_a_new_qr_supersedes_and_the_old_one_can_still_pay(shop: Shop) -> None:
    """While a QR can be paid it stays; after its expiry a new one takes its place, and the old is still asked about."""
    order, first = await _pending(shop)
    dara = await builders.customer(shop)
    await fulfilment.new_qr(shop, dara, order.id)
    assert await _state(shop, order) == [AttemptState.PENDING]
    shop.clock.move(5 * MINUTE)
    await fulfilment.new_qr(shop, dara, order.id)
    assert await _state(shop, order) == [AttemptState.PENDING, AttemptState.SUPERSEDED]
    newest, old = await builders.attempts(shop, order)
    assert newest.md5 != old.md5
    assert old.next_check_at is not None
    order = await _hear(shop, first, builders.money(first, shop.clock.now()))
    assert (order.status, order.payment_status) == (Status.CONFIRMED, PAID)


async def test_too_late_for_a_new_qr(shop: Shop) -> None:
    """Once the hold is over, or the order is not pending, no new QR is made."""
    order, _ = await _pending(shop)
    dara = await builders.customer(shop)
    shop.clock.move(15 * MINUTE)
    with pytest.raises(Refused) as refused:
        await fulfilment.new_qr(shop, dara, order.id)
    assert refused.value.key == "errors.too_late_to_pay"
    assert len(await builders.attempts(shop, order)) == 1


async def test_cash_and_qr_never_stand_side_by_side(shop: Shop) -> None:
    """A forged "new QR" on a cash order makes none: paid there, the courier would collect a second time."""
    await builders.with_khqr(shop)
    dara = await builders.customer(shop)
    order = await builders.order(shop, dara, await builders.product(shop))
    with pytest.raises(OutOfDate):
        await fulfilment.new_qr(shop, dara, order.id)
    assert await builders.attempts(shop, order) == []


async def test_i_have_paid_asks_the_bank_at_once(shop: Shop) -> None:
    """The customer's button asks about the newest QR and reads the order again, on either database."""
    bank = await builders.with_khqr(shop)
    order, attempt = await builders.khqr_order(shop)
    dara = await builders.customer(shop)
    assert (await fulfilment.ask_bank(shop, dara, order.id)).status is Status.PENDING
    bank.answers[attempt.md5] = builders.money(attempt, shop.clock.now())
    shop.clock.move(timedelta(seconds=2))
    assert (await fulfilment.ask_bank(shop, dara, order.id)).status is Status.CONFIRMED
    await fulfilment.ask_bank(shop, dara, order.id)
    assert bank.asked == [attempt.md5] * 2


async def test_silence_changes_only_when_to_ask_again(shop: Shop) -> None:
    """No answer: the same order, the same state, and a next question."""
    order, attempt = await _pending(shop)
    after = await _hear(shop, attempt, Unknown("timeout"))
    assert after == order
    (now,) = await builders.attempts(shop, order)
    assert (now.state, now.checks) == (AttemptState.PENDING, 1)
    assert now.next_check_at == shop.clock.now() + timedelta(seconds=3)


async def test_a_setting_changed_meanwhile_changes_no_qr(sqlite_shop: Shop) -> None:
    """Money for a QR of the old account is checked against what the QR asked for, not today's setting."""
    shop = sqlite_shop
    order, attempt = await _pending(shop)
    await settings.change(shop.db, shop.clock, "khqr_account", "other@devb", None)
    await checkout.review(shop, await builders.customer(shop), order.cart_id)
    order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now()))
    assert order.payment_status is PAID
