"""The bank speaks after the staff did: of another sum, of an older QR, or of money that is not ours alone."""

import pytest

from core.errors import NotAllowed, OutOfDate
from core.fulfilment import cases, inbox, settle
from core.fulfilment import service as fulfilment
from core.messages.rules import MessageKind
from core.money import usd
from core.orders.rules import Move, Order, PaymentStatus, Status
from core.payments.rules import VALID_FOR, Attempt, NotFound, Observation
from core.people.rules import Role
from core.settlements import store
from core.settlements.rules import Act, Case, CaseKind, CaseState, Kind, Outcome, Source, balance, possible
from core.shop import Shop
from tests.support import builders
from tests.support.changing import change, units_of


async def _hear(shop: Shop, attempt: Attempt, observation: Observation) -> Order:
    return await shop.db.write(settle.settle, shop.policy, attempt.order_id, attempt.id, observation, shop.clock.now())


async def _approved(shop: Shop) -> tuple[Order, Attempt]:
    """An order of $13.50 whose payment Sokha approved on the customer's word."""
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    order, attempt = await builders.khqr_order(shop)
    claim = await cases.claim(shop, await builders.customer(shop), order.id)
    await cases.approve(shop, await builders.worker(shop), claim.id, claim.version, "seen")
    return await builders.read(shop, order), attempt


async def _sums(shop: Shop, order: Order) -> dict[tuple[Kind, str], int]:
    rows = await shop.db.read(store.of_order, order.id)
    return {(kind, str(currency)): amount for (kind, currency), amount in balance(rows).items() if amount}


async def _open(shop: Shop, order: Order) -> Case:
    (found,) = [one for one in await shop.db.read(store.cases, order.id) if one.state is not CaseState.DONE]
    return found


WRONG = [
    ({"amount": 1000}, CaseKind.UNDER, {(Kind.RECEIVED, "USD"): 1000, (Kind.WAIVED, "USD"): 350}),
    ({"amount": 2000}, CaseKind.OVER, {(Kind.RECEIVED, "USD"): 2000, (Kind.WAIVED, "USD"): -650}),
    (
        {"amount": 55_400, "currency": "KHR"},
        CaseKind.CURRENCY,
        {(Kind.RECEIVED, "KHR"): 55_400, (Kind.WAIVED, "KHR"): -55_400, (Kind.WAIVED, "USD"): 1350},
    ),
]


@pytest.mark.parametrize(("came", "kind", "sums"), WRONG)
async def test_another_sum_let_pass(shop: Shop, came: dict[str, object], kind: CaseKind, sums: object) -> None:
    """The ledger says what the bank says, the rest stands in the name of who approved; a person lets it pass."""
    order, attempt = await _approved(shop)
    for _ in range(2):
        order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), **came))
    case, sokha = await _open(shop, order), await builders.worker(shop)
    assert (case.kind, case.state, order.payment_status) == (kind, CaseState.OPEN, PaymentStatus.PAID)
    assert await _sums(shop, order) == sums
    rows = await shop.db.read(store.of_order, order.id)
    assert {row.actor_id for row in rows} == {sokha.id}
    await builders.sound(shop)
    assert possible(case, order) == (Act.APPROVE, Act.REFUND)
    case = await cases.approve(shop, sokha, case.id, case.version, "let it be")
    assert (case.state, case.outcome, case.closed_by) == (CaseState.DONE, Outcome.APPROVED, sokha.id)
    assert await _sums(shop, order) == sums
    await builders.sound(shop)


@pytest.mark.parametrize(("came", "kind", "sums"), WRONG)
async def test_another_sum_goes_back(shop: Shop, came: dict[str, object], kind: CaseKind, sums: object) -> None:
    """Too much: what is over goes back, the order stays. Otherwise the order is cancelled and what came goes back."""
    order, attempt = await _approved(shop)
    order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), **came))
    case = await _open(shop, order)
    case = await cases.refund(shop, await builders.worker(shop), case.id, case.version)
    order = await builders.read(shop, order)
    if kind is CaseKind.OVER:
        assert (case.amount, order.status, order.payment_status) == (usd(650), Status.CONFIRMED, PaymentStatus.PAID)
    else:
        assert (order.status, order.payment_status) == (Status.CANCELLED, PaymentStatus.REFUND_DUE)
        assert await builders.figures(shop, order.lines[0].variant_id) == (10, 0, 0)
    assert not any(what is Kind.WAIVED for what, _currency in await _sums(shop, order))
    await builders.sound(shop)
    chan = await builders.worker(shop, Role.ADMIN, 2002, "Chan")
    case = await cases.send_refund(shop, chan, case.id, case.version, "R1")
    case = await cases.finish_refund(shop, chan, case.id, case.version)
    assert (case.state, case.outcome) == (CaseState.DONE, Outcome.REFUNDED)
    await builders.sound(shop)


async def test_short_money_of_a_parcel_that_left(shop: Shop) -> None:
    """Nothing takes the goods back: the shortfall can only be let pass; an old button says that it moved on."""
    order, attempt = await _approved(shop)
    order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), amount=1000))
    case, sokha = await _open(shop, order), await builders.worker(shop)
    order = await builders.moved(shop, sokha, order, Move.PREPARE, Move.READY)
    with pytest.raises(NotAllowed):
        await cases.refund(shop, sokha, case.id, case.version)
    order = await builders.moved(shop, sokha, order, Move.OUT, Move.DELIVER)
    assert possible(case, order) == (Act.APPROVE,)
    with pytest.raises(OutOfDate):
        await cases.refund(shop, sokha, case.id, case.version)
    await builders.sound(shop)
    await cases.approve(shop, sokha, case.id, case.version, "let it be")
    await builders.sound(shop)


async def test_the_whole_order_cancelled_beside_it(shop: Shop) -> None:
    """Cancelled while that case is open: what came goes back, once, and nothing stays waived."""
    order, attempt = await _approved(shop)
    order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), amount=2000))
    order = await builders.moved(shop, await builders.worker(shop), order, Move.CANCEL)
    assert await _sums(shop, order) == {(Kind.RECEIVED, "USD"): 2000, (Kind.OWED, "USD"): 2000}
    await builders.sound(shop)


@pytest.mark.parametrize("came", [came for came, _kind, _sums in WRONG])
async def test_cancelled_before_the_bank_speaks(sqlite_shop: Shop, came: dict[str, object]) -> None:
    """Approved by hand, cancelled, and then the bank names another sum: that sum goes back, by the one case."""
    shop = sqlite_shop
    order, attempt = await _approved(shop)
    order = await builders.moved(shop, await builders.worker(shop), order, Move.CANCEL)
    for _ in range(2):
        order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), **came))
    case = await _open(shop, order)
    assert (case.kind, case.state, order.payment_status) == (
        CaseKind.CANCELLED, CaseState.REFUND_DUE, PaymentStatus.REFUND_DUE,
    )  # fmt: skip
    assert (case.amount.amount, case.amount.currency) == (came["amount"], came.get("currency", "USD"))
    unit = (Kind.RECEIVED, str(case.amount.currency)), (Kind.OWED, str(case.amount.currency))
    assert await _sums(shop, order) == dict.fromkeys(unit, came["amount"])
    await builders.sound(shop)
    chan = await builders.worker(shop, Role.ADMIN, 2002, "Chan")
    case = await cases.send_refund(shop, chan, case.id, case.version, "R1")
    case = await cases.finish_refund(shop, chan, case.id, case.version)
    assert (await builders.read(shop, order)).payment_status is PaymentStatus.REFUNDED
    await builders.sound(shop)


async def _changed(shop: Shop, units: int, **came: object) -> Order:
    """Two units for $25.50, approved by hand, made ``units`` of them; then the bank says what came."""
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    order, attempt = await builders.khqr_order(shop, 2)
    claim = await cases.claim(shop, await builders.customer(shop), order.id)
    sokha = await builders.worker(shop)
    await cases.approve(shop, sokha, claim.id, claim.version, "seen")
    order = await change(shop, sokha, order, units_of(order.lines[0].variant_id, units))
    for _ in range(2):
        order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), **came))
    await builders.sound(shop)
    return order


@pytest.mark.parametrize(("came", "prepaid", "cash", "back"), [
    ({"amount": 1000}, 1000, 2750, 0), ({"amount": 3000}, 3000, 750, 0), ({"amount": 4000}, 0, 0, 250),
    ({"amount": 55_400, "currency": "KHR"}, 2550, 1200, 0),
])  # fmt: skip
async def test_another_sum_of_an_order_made_dearer(
    sqlite_shop: Shop, came: dict[str, object], prepaid: int, cash: int, back: int
) -> None:
    """The order goes on: what came is what was paid, the courier takes the rest, too much goes back, admins hear it."""
    shop = sqlite_shop
    await builders.worker(shop, Role.OWNER, 9001, "Boss")
    order = await _changed(shop, 3, **came)
    assert (order.status, order.prepaid) == (Status.CONFIRMED, usd(prepaid))
    assert order.payment_status is (PaymentStatus.DUE if cash else PaymentStatus.PAID)
    assert await builders.owed(shop, MessageKind.ALERT) == [(9001, "alert")]
    sokha = await builders.worker(shop)
    order = await builders.moved(shop, sokha, order, Move.PREPARE, Move.READY, Move.OUT, Move.DELIVER)
    rows = await shop.db.read(store.of_order, order.id)
    assert sum(row.amount.amount for row in rows if row.source is Source.CASH) == cash
    assert (await _sums(shop, order)).get((Kind.OWED, "USD"), 0) == back
    assert order.payment_status is PaymentStatus.PAID
    await builders.sound(shop)


@pytest.mark.parametrize(("amount", "owed"), [(2000, 2000), (3000, 3000), (1, 1200)])
async def test_cancelled_after_cheaper_and_another_sum(sqlite_shop: Shop, amount: int, owed: int) -> None:
    """$12.00 goes back by a change, then the bank names another sum, then it is cancelled: no more than came goes back.

    Less than goes back already is nobody's new debt.
    """
    shop = sqlite_shop
    order = await _changed(shop, 1, amount=amount)
    order = await builders.moved(shop, await builders.worker(shop), order, Move.CANCEL)
    assert (await _sums(shop, order))[Kind.OWED, "USD"] == owed
    await builders.sound(shop)


async def test_an_old_button_shows_the_other_sum(sqlite_shop: Shop) -> None:
    """Whoever was about to send the staff's sum hears that the case moved on: its version changed with the sum."""
    shop = sqlite_shop
    order, attempt = await _approved(shop)
    order = await builders.moved(shop, await builders.worker(shop), order, Move.CANCEL)
    before = await _open(shop, order)
    await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), amount=1000))
    with pytest.raises(OutOfDate):
        await cases.send_refund(
            shop, await builders.worker(shop, Role.ADMIN, 2002, "Chan"), before.id, before.version, "R"
        )


@pytest.mark.parametrize(("amount", "waits"), [(2000, CaseKind.CANCELLED), (1000, CaseKind.HASH)])
async def test_sent_back_before_the_bank_speaks(sqlite_shop: Shop, amount: int, waits: CaseKind) -> None:
    """The staff's $13.50 is on its way back already: the rest of more is owed, less is looked at and explained."""
    shop = sqlite_shop
    order, attempt = await _approved(shop)
    order = await builders.moved(shop, await builders.worker(shop), order, Move.CANCEL)
    case, chan = await _open(shop, order), await builders.worker(shop, Role.ADMIN, 2002, "Chan")
    case = await cases.send_refund(shop, chan, case.id, case.version, "R1")
    await cases.finish_refund(shop, chan, case.id, case.version)
    for _ in range(2):
        order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), amount=amount))
    case = await _open(shop, order)
    assert case.kind is waits
    if amount > 1350:
        assert (case.amount, order.payment_status) == (usd(650), PaymentStatus.REFUND_DUE)
    else:
        assert (await _sums(shop, order))[Kind.WAIVED, "USD"] == 350
    await builders.sound(shop)
    if waits is CaseKind.HASH:
        await cases.reject(shop, chan, case.id, case.version)
        await builders.sound(shop)


async def test_the_money_was_on_the_older_qr(shop: Shop) -> None:
    """What staff approved beside the newest QR came by an older one: it is the same money, and no refund is due.

    The newest is asked about once more: money on it too is a second payment.
    """
    await builders.with_khqr(shop)
    order, first = await builders.khqr_order(shop)
    shop.clock.move(VALID_FOR)
    dara = await builders.customer(shop)
    await fulfilment.new_qr(shop, dara, order.id)
    claim = await cases.claim(shop, dara, order.id)
    await cases.approve(shop, await builders.worker(shop), claim.id, claim.version, "seen")
    order = await _hear(shop, first, builders.money(first, shop.clock.now()))
    assert await _sums(shop, order) == {(Kind.RECEIVED, "USD"): 1350}
    assert not order.money_waiting
    await builders.sound(shop)
    newest = (await builders.attempts(shop, order))[0]
    assert newest.next_check_at == shop.clock.now()
    await _hear(shop, newest, NotFound())
    assert await _sums(shop, order) == {(Kind.RECEIVED, "USD"): 1350}
    order = await _hear(shop, newest, builders.money(newest, shop.clock.now()))
    assert await _sums(shop, order) == {(Kind.RECEIVED, "USD"): 2700, (Kind.OWED, "USD"): 1350}
    await builders.sound(shop)


async def test_too_much_in_another_account(shop: Shop) -> None:
    """$20 in another account, taken as good: $13.50 is kept, $6.50 owed; a second payment is not the same money."""
    await builders.with_khqr(shop)
    order, attempt = await builders.khqr_order(shop)
    order = await _hear(shop, attempt, builders.money(attempt, shop.clock.now(), amount=2000, account="other@bank"))
    case, sokha = await _open(shop, order), await builders.worker(shop)
    case = await cases.approve(shop, sokha, case.id, case.version, "our other account")
    assert (case.state, case.amount) == (CaseState.REFUND_DUE, usd(650))
    await builders.sound(shop)
    seen = (await builders.attempts(shop, order))[0]
    await _hear(shop, seen, builders.money(attempt, shop.clock.now(), hash="x"))
    assert await _sums(shop, order) == {(Kind.RECEIVED, "USD"): 3350, (Kind.OWED, "USD"): 2000}
    assert len((await inbox.waiting(shop, sokha)).cases) == 2
    await builders.sound(shop)


@pytest.mark.parametrize("by_hand", [False, True])
async def test_a_second_payments_transaction_for_another_order(shop: Shop, *, by_hand: bool) -> None:
    """A transaction that the ledger has as another order's second payment pays nothing: a person looks at it."""
    await builders.with_khqr(shop)
    order, attempt = await builders.khqr_order(shop)
    for name in ("h1", "h2"):
        (seen,) = await builders.attempts(shop, order)
        await _hear(shop, seen, builders.money(attempt, shop.clock.now(), hash=name))
    dara, sokha = await builders.customer(shop), await builders.worker(shop)
    other = await builders.order(shop, dara, order.lines[0].variant_id, 1, order.payment_method)
    if by_hand:
        claim = await cases.claim(shop, dara, other.id)
        await cases.approve(shop, sokha, claim.id, claim.version, "seen")
    (second,) = await builders.attempts(shop, other)
    other = await _hear(shop, second, builders.money(second, shop.clock.now(), hash="h2"))
    assert other.payment_status is (PaymentStatus.PAID if by_hand else PaymentStatus.REVIEW)
    case = await _open(shop, other)
    assert case.kind is CaseKind.HASH
    await builders.sound(shop)
    await cases.reject(shop, sokha, case.id, case.version)
    await builders.sound(shop)
