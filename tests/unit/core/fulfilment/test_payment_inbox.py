"""The payment inbox: whatever money comes and whatever people decide about it, every cent stays explained."""

from datetime import timedelta

import pytest

from core.cash.rules import Cash
from core.errors import NotAllowed, NotFound, OutOfDate, Refused
from core.fulfilment import cases, inbox, settle
from core.fulfilment import service as fulfilment
from core.fulfilment.expiry import expire_orders
from core.messages.rules import MessageKind
from core.money import Money, usd
from core.orders.rules import Move, Order, PaymentStatus, Status
from core.payments.rules import Attempt, AttemptState, Observation, Unknown
from core.people.rules import Person, Role
from core.settlements import store
from core.settlements.rules import Case, CaseKind, CaseState, Kind, Outcome, balance
from core.shop import Shop
from tests.support import builders

MINUTE = timedelta(minutes=1)
PAID, REVIEW = PaymentStatus.PAID, PaymentStatus.REVIEW
DUE, SENT, DONE = CaseState.REFUND_DUE, CaseState.REFUND_SENT, CaseState.DONE


async def _pending(shop: Shop) -> tuple[Order, Attempt]:
    """An order of $13.50 that waits for its KHQR payment."""
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    await shop.refresh()
    return await builders.khqr_order(shop)


async def _hear(shop: Shop, attempt: Attempt, observation: Observation) -> Order:
    return await shop.db.write(settle.settle, shop.policy, attempt.order_id, attempt.id, observation, shop.clock.now())


async def _wrong(shop: Shop, **changes: object) -> tuple[Order, Case]:
    """An order for which money came that does not fit, and its case."""
    order, attempt = await _pending(shop)
    order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), **changes))
    return order, (await _cases(shop, order))[0]


async def _cases(shop: Shop, order: Order) -> list[Case]:
    return await shop.db.read(store.cases, order.id)


async def _sums(shop: Shop, order: Order) -> dict[tuple[Kind, str], int]:
    rows = await shop.db.read(store.of_order, order.id)
    return {(kind, str(currency)): amount for (kind, currency), amount in balance(rows).items()}


async def _sokha(shop: Shop) -> Person:
    return await builders.worker(shop)


async def _admin(shop: Shop) -> Person:
    return await builders.worker(shop, Role.ADMIN, 2002, "Bopha")


async def test_too_little_taken_as_good(shop: Shop) -> None:
    """Staff let a cent pass: confirmed, the cent waived in their name; a second approval is too late."""
    order, case = await _wrong(shop, amount=1349)
    assert (case.kind, case.amount, order.payment_status) == (CaseKind.UNDER, usd(1349), REVIEW)
    done = await cases.approve(shop, await _sokha(shop), case.id, case.version, " seen in the app ")
    assert (done.state, done.outcome, done.reference) == (DONE, Outcome.APPROVED, "seen in the app")
    order = await builders.read(shop, order)
    assert (order.status, order.payment_status, order.money_waiting) == (Status.CONFIRMED, PAID, False)
    assert await _sums(shop, order) == {(Kind.RECEIVED, "USD"): 1349, (Kind.WAIVED, "USD"): 1}
    with pytest.raises(OutOfDate):
        await cases.approve(shop, await _sokha(shop), case.id, case.version, "again")
    await builders.sound(shop)


async def test_too_much_gives_the_rest_back(shop: Shop) -> None:
    """Of $20 for $13.50 staff keep the price: $6.50 is owed, sent with a reference, and done."""
    order, case = await _wrong(shop, amount=2000)
    case = await cases.approve(shop, await _sokha(shop), case.id, case.version, "ABA 77")
    assert (case.kind, case.state, case.amount) == (CaseKind.OVER, DUE, usd(650))
    assert (await builders.read(shop, order)).payment_status is PAID
    await builders.sound(shop)
    bopha = await _admin(shop)
    with pytest.raises(NotAllowed):
        await cases.send_refund(shop, await _sokha(shop), case.id, case.version, "R1")
    case = await cases.send_refund(shop, bopha, case.id, case.version, "R1")
    case = await cases.finish_refund(shop, bopha, case.id, case.version)
    assert (case.state, case.outcome, case.reference) == (DONE, Outcome.REFUNDED, "R1")
    assert await _sums(shop, order) == {
        (Kind.RECEIVED, "USD"): 2000, (Kind.OWED, "USD"): 650, (Kind.REFUNDED, "USD"): 650,
    }  # fmt: skip
    await builders.sound(shop)


async def test_riel_for_dollars(shop: Shop) -> None:
    """55,400 riel came for a QR of dollars: taken as good, the riel and the dollars are waived against each other."""
    order, case = await _wrong(shop, amount=55_400, currency="KHR")
    assert (case.kind, str(case.amount)) == (CaseKind.CURRENCY, "55,400៛")
    await cases.approve(shop, await _sokha(shop), case.id, case.version, "rate 4100")
    assert await _sums(shop, order) == {
        (Kind.RECEIVED, "KHR"): 55_400, (Kind.WAIVED, "KHR"): -55_400, (Kind.WAIVED, "USD"): 1350,
    }  # fmt: skip
    await builders.sound(shop)


async def test_the_rest_is_asked_for_and_completes(shop: Shop) -> None:
    """After $10.00 of $13.50 the next QR asks for $3.50; paid, both together make the order."""
    order, _case = await _wrong(shop, amount=1000)
    await fulfilment.new_qr(shop, await builders.customer(shop), order.id)
    second = (await builders.attempts(shop, order))[0]
    assert second.amount_minor == 350
    order = await _hear(shop, second, builders.money(second, shop.clock.now()))
    assert (order.status, order.payment_status, order.money_waiting) == (Status.CONFIRMED, PAID, False)
    assert (await _cases(shop, order))[0].outcome is Outcome.TOGETHER
    assert {one.state for one in await builders.attempts(shop, order)} == {AttemptState.PAID}
    await builders.sound(shop)


async def test_the_whole_after_a_part_pays_and_the_part_goes_back(shop: Shop) -> None:
    """The same QR paid short, then in full: the order is paid, the short money is owed back; nothing is "too much"."""
    order, attempt = await _pending(shop)
    await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), amount=1000))
    order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), hash="whole"))
    assert (order.status, order.payment_status) == (Status.CONFIRMED, PAID)
    (case,) = await _cases(shop, order)
    assert (case.kind, case.state, case.amount) == (CaseKind.UNDER, DUE, usd(1000))
    await builders.sound(shop)


async def test_money_refused_ends_the_order(shop: Shop) -> None:
    """Staff give short money back: the order is cancelled, its stock is free, the refund waits, then it is refunded."""
    order, case = await _wrong(shop, amount=1000)
    case = await cases.refund(shop, await _sokha(shop), case.id, case.version)
    order = await builders.read(shop, order)
    assert (order.status, order.payment_status, case.state) == (Status.CANCELLED, PaymentStatus.REFUND_DUE, DUE)
    assert await builders.figures(shop, order.lines[0].variant_id) == (10, 0, 0)
    await builders.sound(shop)
    bopha = await _admin(shop)
    case = await cases.send_refund(shop, bopha, case.id, case.version, "R2")
    assert (await builders.read(shop, order)).payment_status is PaymentStatus.REFUND_DUE
    assert (await builders.attempts(shop, order))[0].state is AttemptState.REFUND_SENT
    await builders.sound(shop)
    await cases.finish_refund(shop, bopha, case.id, case.version)
    assert (await builders.read(shop, order)).payment_status is PaymentStatus.REFUNDED
    assert (await builders.attempts(shop, order))[0].state is AttemptState.REFUNDED
    await builders.sound(shop)


@pytest.mark.parametrize("changes", [{"currency": "THB"}, {"amount": 0, "exact": False}])
async def test_money_the_books_cannot_count(shop: Shop, changes: dict[str, object]) -> None:
    """Baht, or less than a cent: the customer can cancel all the same, and a person sees it back to them."""
    order, case = await _wrong(shop, **changes)
    assert (case.kind, case.amount) == (CaseKind.CURRENCY, usd(0))
    order = await builders.moved(shop, await builders.customer(shop), order, Move.CANCEL)
    assert (order.status, order.payment_status) == (Status.CANCELLED, PaymentStatus.REFUND_DUE)
    await builders.sound(shop)
    bopha, case = await _admin(shop), (await _cases(shop, order))[0]
    case = await cases.send_refund(shop, bopha, case.id, case.version, "R3")
    await builders.sound(shop)
    await cases.finish_refund(shop, bopha, case.id, case.version)
    assert (await builders.read(shop, order)).payment_status is PaymentStatus.REFUNDED
    assert await _sums(shop, order) == {}
    await builders.sound(shop)


async def test_a_paid_order_cancelled_owes_all_of_it(shop: Shop) -> None:
    """Cancelled by staff after it was paid: one case over the whole sum, and money that comes later joins it."""
    order, attempt = await _pending(shop)
    order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now()))
    order = await builders.moved(shop, await _sokha(shop), order, Move.CANCEL)
    assert order.payment_status is PaymentStatus.REFUND_DUE
    await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), hash="late"))
    found = [(case.kind, case.state, case.amount) for case in await _cases(shop, order)]
    assert found == [(CaseKind.CANCELLED, DUE, usd(1350)), (CaseKind.DUPLICATE, DUE, usd(1350))]
    await builders.sound(shop)


async def test_a_claim_and_its_picture(shop: Shop) -> None:
    """A customer's word waits for staff, without a clock; a picture used twice is noted; approved, it is paid."""
    order, _ = await _pending(shop)
    dara = await builders.customer(shop)
    claim = await cases.claim(shop, dara, order.id, "picture-1")
    assert (await cases.claim(shop, dara, order.id, "picture-2")).id == claim.id
    shop.clock.move(timedelta(hours=5))
    assert await expire_orders(shop) == 0
    other = await builders.order(shop, dara, order.lines[0].variant_id, 1, order.payment_method)
    assert (await cases.claim(shop, dara, other.id, "picture-2")).note == order.number
    claim = (await _cases(shop, order))[0]
    assert (claim.kind, claim.proof, claim.amount) == (CaseKind.CLAIMED, "picture-2", usd(0))
    await cases.approve(shop, await _sokha(shop), claim.id, claim.version, "ABA 12:04")
    order = await builders.read(shop, order)
    assert (order.status, order.payment_status) == (Status.CONFIRMED, PAID)
    with pytest.raises(OutOfDate):
        await cases.claim(shop, dara, order.id)
    with pytest.raises(NotFound):
        await cases.claim(shop, await builders.customer(shop, 1009, "Vuthy"), other.id)
    await builders.sound(shop)


async def test_the_bank_speaks_of_what_was_approved(shop: Shop) -> None:
    """The bank's word on an approved payment names its transaction; other money than was approved goes to a person."""
    order, attempt = await _pending(shop)
    claim = await cases.claim(shop, await builders.customer(shop), order.id)
    await cases.approve(shop, await _sokha(shop), claim.id, claim.version, "seen")
    await _hear(shop, attempt, builders.money(attempt, shop.clock.now()))
    assert [row.bank_hash for row in await shop.db.read(store.of_order, order.id)] == [f"h{attempt.id}"]
    assert [case.state for case in await _cases(shop, order)] == [DONE]
    await builders.sound(shop)


async def test_a_claim_that_the_bank_settles(shop: Shop) -> None:
    """The bank finds the money before staff looked: the claim is answered, nothing waits."""
    order, attempt = await _pending(shop)
    await cases.claim(shop, await builders.customer(shop), order.id)
    order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now()))
    assert (order.payment_status, order.money_waiting) == (PAID, False)
    assert (await _cases(shop, order))[0].outcome is Outcome.ANSWERED
    await builders.sound(shop)


async def test_a_rejected_claim_gives_time(shop: Shop) -> None:
    """No such money came: the customer has 15 minutes more, with a new QR; then the clock goes on as before."""
    order, _ = await _pending(shop)
    claim = await cases.claim(shop, await builders.customer(shop), order.id)
    await cases.reject(shop, await _sokha(shop), claim.id, claim.version)
    order = await builders.read(shop, order)
    assert (order.payment_status, order.expires_at) == (PaymentStatus.UNPAID, shop.clock.now() + cases.AGAIN)
    assert (await builders.attempts(shop, order))[0].state is AttemptState.REJECTED
    assert await builders.owed(shop, MessageKind.NOTE_NOT_FOUND) == [(1001, "note_not_found")]
    await fulfilment.new_qr(shop, await builders.customer(shop), order.id)
    await builders.sound(shop)


async def test_a_silent_bank_is_a_case(shop: Shop) -> None:
    """Two hours of silence: one case; staff say nothing came, and the order expires with its stock free."""
    order, attempt = await _pending(shop)
    shop.clock.move(timedelta(hours=3))
    for _ in range(2):
        await _hear(shop, attempt, Unknown("timeout"))
        await expire_orders(shop)
    (case,) = await _cases(shop, order)
    assert (case.kind, case.state) == (CaseKind.SILENT, CaseState.OPEN)
    await cases.reject(shop, await _sokha(shop), case.id, case.version)
    order = await builders.read(shop, order)
    assert (order.status, order.payment_status) == (Status.EXPIRED, PaymentStatus.UNPAID)
    assert await builders.figures(shop, order.lines[0].variant_id) == (10, 0, 0)
    await builders.sound(shop)


async def test_who_may(shop: Shop) -> None:
    """A customer sees no inbox and decides nothing; a reference is asked for; what is not there is not found."""
    order, case = await _wrong(shop, amount=1000)
    dara = await builders.customer(shop)
    for call in (inbox.waiting(shop, dara), inbox.look(shop, dara, case.id), cases.refund(shop, dara, case.id, 1),
                 cases.reject(shop, dara, case.id, 1), cases.approve(shop, dara, case.id, 1, "x")):  # fmt: skip
        with pytest.raises(NotAllowed):
            await call
    sokha = await _sokha(shop)
    with pytest.raises(Refused):
        await cases.approve(shop, sokha, case.id, case.version, " \u200b ")
    with pytest.raises(NotFound):
        await cases.refund(shop, sokha, 999, 1)
    assert [one.id for one, _ in (await inbox.waiting(shop, sokha)).cases] == [case.id]
    assert (await inbox.look(shop, sokha, case.id)).order.number == order.number


async def test_cash_of_another_sum(shop: Shop) -> None:
    """$10 and 14,000 riel for $13.50: booked as taken, the rest between the currencies waived, the order paid."""
    await builders.with_khqr(shop)
    order = await builders.order(shop, await builders.customer(shop), await builders.product(shop))
    sokha = await _sokha(shop)
    order = await builders.moved(shop, sokha, order, Move.PREPARE, Move.READY, Move.OUT)
    taken = Cash(1000, 14_000, "had no more dollars")
    order = await fulfilment.move(shop, sokha, order.id, Move.DELIVER, order.version, taken=taken)
    assert (order.status, order.payment_status) == (Status.DELIVERED, PAID)
    assert await _sums(shop, order) == {
        (Kind.RECEIVED, "USD"): 1000, (Kind.RECEIVED, "KHR"): 14_000, (Kind.WAIVED, "USD"): 350,
        (Kind.WAIVED, "KHR"): -14_000,
    }  # fmt: skip
    with pytest.raises(OutOfDate):
        await fulfilment.move(shop, sokha, order.id, Move.DELIVER, order.version, taken=taken)
    assert Cash.exact(Money(5000, order.total.currency)).cents == 5000
    await builders.sound(shop)


async def test_nobody_decides_about_their_own_money(sqlite_shop: Shop) -> None:
    """A customer who works here claims and cannot approve it; a colleague can, and an owner their own."""
    shop = sqlite_shop
    order, _ = await _pending(shop)
    dara, owner = await builders.customer(shop), await builders.worker(shop, Role.OWNER, 2009, "Vanna")
    claim = await cases.claim(shop, dara, order.id)
    for role in (Role.STAFF, Role.ADMIN):
        dara = await builders.worker(shop, role, dara.telegram_id or 0, "Dara")
        for act in (cases.approve(shop, dara, claim.id, claim.version, "mine"),
                    cases.reject(shop, dara, claim.id, claim.version)):  # fmt: skip
            with pytest.raises(Refused, match="check_own"):
                await act
    assert (await builders.read(shop, order)).payment_status is PaymentStatus.REVIEW
    await cases.approve(shop, owner, claim.id, claim.version, "seen")
    assert (await builders.read(shop, order)).payment_status is PaymentStatus.PAID
