"""Money that an order does not need is never kept in silence: the admins are told, and every card of it says so."""

from datetime import timedelta

from sqlalchemy import select

from core import cards
from core.database.tables import outbox
from core.fulfilment import service as fulfilment
from core.fulfilment import settle
from core.messages.rules import MessageKind
from core.orders import store as orders
from core.orders.rules import Move, Order, PaymentStatus, Status
from core.payments.rules import Attempt, AttemptState, NotFound, Observation
from core.settlements.rules import CaseState
from core.shop import Shop, counter, reader
from tests.support import builders

MINUTE = timedelta(minutes=1)
ADMIN_CHAT = -100500600


async def _pending(shop: Shop) -> tuple[Order, Attempt]:
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT, admin_chat_id=ADMIN_CHAT)
    await shop.refresh()
    return await builders.khqr_order(shop)


async def _hear(shop: Shop, attempt: Attempt, observation: Observation) -> Order:
    return await shop.db.write(settle.settle, shop.policy, attempt.order_id, attempt.id, observation, shop.clock.now())


async def _second_qr(shop: Shop, order: Order) -> Attempt:
    """Another QR, after the first one's time is over."""
    shop.clock.move(6 * MINUTE)
    await fulfilment.new_qr(shop, await builders.customer(shop), order.id)
    return (await builders.attempts(shop, order))[0]


async def _alerts(shop: Shop) -> list[tuple[int, str, str]]:
    """(chat, order number, reason) of every alert about money."""
    query = select(outbox).where(outbox.c.kind == MessageKind.ALERT).order_by(outbox.c.id)
    rows = await shop.db.read(lambda tx: tx.execute(query).all())
    assert {row.data["metric"] for row in rows} <= {"payment"}
    return [(row.chat_id, row.data["number"], row.data["reason"]) for row in rows]


async def _problems(shop: Shop, order: Order) -> list[str]:
    """What the counter's card and the customer's own say."""
    dara = await builders.customer(shop)
    return [cards.order_card(shop, order, who).problem for who in (counter(shop.policy), reader(dara, "en"))]


async def test_the_second_of_two_paid_qrs_is_told(shop: Shop) -> None:
    """Both QRs of one order are paid: the admins hear of the second, once; the cards say that money waits."""
    order, first = await _pending(shop)
    second = await _second_qr(shop, order)
    order = await _hear(shop, second, builders.money(second, shop.clock.now()))
    assert (await _alerts(shop), await _problems(shop, order)) == ([], ["", ""])
    for _ in range(2):
        order = await _hear(shop, first, builders.money(first, shop.clock.now()))
    assert order.payment_status is PaymentStatus.PAID
    assert await _alerts(shop) == [(ADMIN_CHAT, order.number, "refund")]
    staff, customer = await _problems(shop, order)
    assert "More money came" in staff
    assert "more money from you" in customer


async def test_one_qr_paid_twice_is_told(shop: Shop) -> None:
    """A second payment of one QR has no attempt of its own: it is told and shown all the same, once."""
    order, attempt = await _pending(shop)
    await _hear(shop, attempt, builders.money(attempt, shop.clock.now()))
    for _ in range(2):
        order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), hash="again"))
    assert (order.payment_status, order.money_waiting) == (PaymentStatus.PAID, True)
    assert await _alerts(shop) == [(ADMIN_CHAT, order.number, "refund")]


async def test_short_money_before_the_whole_is_told(shop: Shop) -> None:
    """Too little, then the whole: the order is paid, and the first money is told and stays on the cards."""
    order, first = await _pending(shop)
    order = await _hear(shop, first, builders.money(first, shop.clock.now(), amount=100))
    assert (order.payment_status, await _alerts(shop)) == (PaymentStatus.REVIEW, [])
    second = await _second_qr(shop, order)
    order = await _hear(shop, second, builders.money(second, shop.clock.now(), amount=order.total.amount))
    assert (order.status, order.payment_status) == (Status.CONFIRMED, PaymentStatus.PAID)
    assert await _alerts(shop) == [(ADMIN_CHAT, order.number, "earlier")]
    assert all(await _problems(shop, order))


async def test_wrong_money_for_a_paid_order_is_told(shop: Shop) -> None:
    """Another account's money for the older QR of a paid order: it waits for a person who is told."""
    order, first = await _pending(shop)
    second = await _second_qr(shop, order)
    await _hear(shop, second, builders.money(second, shop.clock.now()))
    order = await _hear(shop, first, builders.money(first, shop.clock.now(), account="somebody@devb"))
    assert [attempt.state for attempt in await builders.attempts(shop, order)] == [
        AttemptState.PAID, AttemptState.REVIEW,
    ]  # fmt: skip
    assert await _alerts(shop) == [(ADMIN_CHAT, order.number, "review")]
    assert all(await _problems(shop, order))


async def test_what_the_payment_says_itself_is_not_told_twice(shop: Shop) -> None:
    """Paid after it was cancelled: the order itself says "refund due", and that is enough; a clean one says nothing."""
    order, attempt = await _pending(shop)
    await builders.moved(shop, await builders.customer(shop), order, Move.CANCEL)
    order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now()))
    assert (order.payment_status, await _alerts(shop)) == (PaymentStatus.REFUND_DUE, [])
    assert (await _problems(shop, order))[0] == "A refund is due to the customer."
    other = await builders.order(shop, await builders.customer(shop), order.lines[0].variant_id)
    assert await _problems(shop, other) == ["", ""]
    assert (await _hear(shop, attempt, NotFound())).money_waiting


def test_the_state_that_waits_no_more_is_the_cases_own() -> None:
    """Orders stand below settlements and name one of their cases' states by value: the one that is over."""
    assert orders.SETTLED == CaseState.DONE
    assert set(CaseState) - {orders.SETTLED} == {CaseState.OPEN, CaseState.REFUND_DUE, CaseState.REFUND_SENT}
