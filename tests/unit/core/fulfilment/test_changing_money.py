"""What becomes of the difference where an order is changed, and what its customer hears of it."""

from datetime import timedelta

import pytest

from core.cash.rules import Cash
from core.database.tables import payment_cases, promo_uses
from core.errors import Refused
from core.fulfilment import cases, changing, rules, settle
from core.fulfilment import service as fulfilment
from core.fulfilment.expiry import expire_orders
from core.fulfilment.polling import poll
from core.fulfilment.rules import Settling, Wanted
from core.messages.rules import MessageKind
from core.money import usd
from core.orders.rules import Move, PaymentMethod, PaymentStatus, Status
from core.people.rules import Role
from core.points import store as points
from core.promotions.rules import PromoKind
from core.settlements import store as settlements
from core.settlements.rules import CaseKind, CaseState, Kind, Source
from core.shop import Shop
from tests.support import builders
from tests.support.changing import change, paid_order, propose, units_of


async def test_unpaid_qr_is_superseded(sqlite_shop: Shop) -> None:
    """A QR over the new total, and the whole time for it; the old QR's money is no payment of it: somebody looks."""
    shop = sqlite_shop
    bank = await builders.with_khqr(shop)
    order, old = await builders.khqr_order(shop, 2)
    sokha, rose = await builders.worker(shop), order.lines[0].variant_id
    shop.clock.move(timedelta(minutes=4))
    order = await change(shop, sokha, order, units_of(rose, 1))
    new, superseded = await builders.attempts(shop, order)
    assert (new.amount_minor, superseded.id, superseded.state) == (1350, old.id, "superseded")
    assert order.expires_at == shop.clock.now() + timedelta(minutes=15)
    bank.answers[old.md5] = builders.money(old, shop.clock.now())
    shop.clock.move(timedelta(minutes=1))
    await poll(shop)
    (case,) = await shop.db.read(settlements.cases, order.id)
    assert (case.kind, case.amount) == (CaseKind.OVER, usd(2550))
    order = await builders.read(shop, order)
    assert order.payment_status is PaymentStatus.REVIEW
    with pytest.raises(Refused, match="change_money"):
        await propose(shop, sokha, order, units_of(rose, 2))
    await cases.approve(shop, sokha, case.id, case.version, "seen")
    order = await builders.read(shop, order)
    assert (order.payment_status, order.status) == (PaymentStatus.PAID, Status.CONFIRMED)
    await builders.sound(shop)


async def test_new_qr_ispaid_order(sqlite_shop: Shop) -> None:
    """The new QR pays the new total; a change to less than a QR can ask is refused."""
    shop = sqlite_shop
    bank = await builders.with_khqr(shop, fee_capital=0)
    dara, rose = await builders.customer(shop), await builders.product(shop)
    dust = await builders.product(shop, 5, 5, "DUST")
    order = await builders.place(shop, dara, await builders.cart(shop, dara, (rose, 1), (dust, 1)), PaymentMethod.KHQR)
    sokha = await builders.worker(shop)
    with pytest.raises(Refused, match="khqr_too_little"):
        await change(shop, sokha, order, units_of(rose, 0))
    order = await change(shop, sokha, order, units_of(rose, 2))
    qr = (await builders.attempts(shop, order))[0]
    bank.answers[qr.md5] = builders.money(qr, shop.clock.now())
    await poll(shop)
    assert (await builders.read(shop, order)).payment_status is PaymentStatus.PAID
    await builders.sound(shop)


async def test_paid_and_cheaper(sqlite_shop: Shop) -> None:
    """What is too much goes back by a case; the order stays paid, the books hold; sent back, it is done."""
    shop = sqlite_shop
    order, sokha, rose = await paid_order(shop)
    found = await propose(shop, sokha, order, units_of(rose, 1))
    assert (found.settling, found.amount) == (Settling.BACK, usd(1200))
    order = await change(shop, sokha, order, units_of(rose, 1))
    assert (order.total, order.payment_status, order.prepaid) == (usd(1350), PaymentStatus.PAID, usd(0))
    (case,) = await shop.db.read(settlements.cases, order.id)
    assert (case.kind, case.state, case.amount) == (CaseKind.OVER, CaseState.REFUND_DUE, usd(1200))
    admin = await builders.worker(shop, Role.ADMIN, 2002, "Bopha")
    case = await cases.send_refund(shop, admin, case.id, case.version, "FT1")
    await cases.finish_refund(shop, admin, case.id, case.version)
    order = await builders.moved(shop, admin, order, Move.READY, Move.OUT, Move.DELIVER)
    await builders.sound(shop)
    customer = await builders.customer(shop)
    assert await shop.db.read(points.balance, customer.id, shop.clock.now()) == 13


async def test_paid_and_dearer(sqlite_shop: Shop) -> None:
    """The rest is cash at the door, only the rest; delivered it is whole, in ledger and till."""
    shop = sqlite_shop
    order, sokha, rose = await paid_order(shop)
    order = await change(shop, sokha, order, units_of(rose, 3))
    assert (order.total, order.prepaid, order.to_collect) == (usd(3750), usd(2550), usd(1200))
    assert order.payment_status is PaymentStatus.DUE
    order = await builders.moved(shop, sokha, order, Move.READY, Move.OUT)
    with pytest.raises(Refused, match="cash_too_much"):  # twice the rest and twenty dollars, not twice the order
        await fulfilment.move(shop, sokha, order.id, Move.DELIVER, order.version, taken=Cash(4500, 0, "x"))
    order = await builders.moved(shop, sokha, order, Move.DELIVER)
    assert (order.payment_status, order.paid) == (PaymentStatus.PAID, usd(3750))
    rows = await shop.db.read(settlements.of_order, order.id)
    assert [(row.kind, row.source, row.amount) for row in rows] == [
        (Kind.RECEIVED, Source.BANK, usd(2550)), (Kind.RECEIVED, Source.CASH, usd(1200))]  # fmt: skip
    await builders.sound(shop)


@pytest.mark.parametrize(("units", "prepaid", "status", "back"), [
    (4, 2550, PaymentStatus.DUE, 0), (2, 0, PaymentStatus.PAID, 0), (1, 0, PaymentStatus.PAID, 1200)])  # fmt: skip
async def test_dearer_and_then_another(
    sqlite_shop: Shop, units: int, prepaid: int, status: PaymentStatus, back: int
) -> None:
    """Changed again, it is held against what was paid, not what it cost in between; cancelled, all goes back."""
    shop = sqlite_shop
    order, sokha, rose = await paid_order(shop)
    order = await change(shop, sokha, order, units_of(rose, 3))
    order = await change(shop, sokha, order, units_of(rose, units))
    assert (order.prepaid, order.payment_status) == (usd(prepaid), status)
    waiting = await shop.db.read(settlements.cases, order.id)
    assert [case.amount for case in waiting] == [usd(back)] * bool(back)
    order = await builders.moved(shop, sokha, order, Move.CANCEL)
    assert order.payment_status is PaymentStatus.REFUND_DUE
    sums = [case.amount.amount for case in await shop.db.read(settlements.cases, order.id)]
    assert sum(sums) == 2550
    await builders.sound(shop)


async def test_what_staff_let_pass_does_not_go_back(sqlite_shop: Shop) -> None:
    """$24.00 came for $25.50 and was let pass: a dollar cheaper nothing goes back, twelve dollars cheaper the rest."""
    shop = sqlite_shop
    bank = await builders.with_khqr(shop)
    order, qr = await builders.khqr_order(shop, 2)
    sokha, rose = await builders.worker(shop), order.lines[0].variant_id
    bank.answers[qr.md5] = builders.money(qr, shop.clock.now(), amount=2400)
    await poll(shop)
    (case,) = await shop.db.read(settlements.cases, order.id)
    await cases.approve(shop, sokha, case.id, case.version, "let pass")
    order = await builders.read(shop, order)
    found = await propose(shop, sokha, order, units_of(rose, 1))
    assert (found.settling, found.amount) == (Settling.BACK, usd(1050))
    await change(shop, sokha, order, units_of(rose, 1))
    sums = {(Kind.RECEIVED, usd(0).currency): 2400}
    assert rules.settle(order, usd(2450), sums) == (Settling.EVEN, usd(0))
    riel = next(one for one in type(usd(0).currency) if one is not usd(0).currency)
    with pytest.raises(Refused, match="change_money"):
        rules.settle(order, usd(2450), {(Kind.RECEIVED, riel): 98_000})


async def test_second_payment_of_an_order_with_a_rest(sqlite_shop: Shop) -> None:
    """A second payment for an order whose rest is due in cash goes back; the rest stays due."""
    shop = sqlite_shop
    bank = await builders.with_khqr(shop)
    order, first = await builders.khqr_order(shop, 2)
    shop.clock.move(timedelta(minutes=5))
    await fulfilment.new_qr(shop, await builders.customer(shop), order.id)
    second = (await builders.attempts(shop, order))[0]
    bank.answers[second.md5] = builders.money(second, shop.clock.now())
    await poll(shop)
    sokha, rose = await builders.worker(shop), order.lines[0].variant_id
    order = await change(shop, sokha, order, units_of(rose, 3))
    bank.answers[first.md5] = builders.money(first, shop.clock.now())
    shop.clock.move(timedelta(minutes=5))
    await poll(shop)
    (case,) = await shop.db.read(settlements.cases, order.id)
    assert (case.kind, case.state) == (CaseKind.DUPLICATE, CaseState.REFUND_DUE)
    order = await builders.read(shop, order)
    assert (order.payment_status, order.to_collect) == (PaymentStatus.DUE, usd(1200))
    await builders.sound(shop)


async def test_bank_speaks_of_what_was_approved_after_the_change(sqlite_shop: Shop) -> None:
    """Approved by hand, made dearer, then the bank finds the money on the older QR: it is that money, no second one."""
    shop = sqlite_shop
    bank = await builders.with_khqr(shop)
    order, first = await builders.khqr_order(shop, 2)
    dara, sokha = await builders.customer(shop), await builders.worker(shop)
    shop.clock.move(timedelta(minutes=5))
    await fulfilment.new_qr(shop, dara, order.id)
    case = await cases.claim(shop, dara, order.id)
    await cases.approve(shop, sokha, case.id, case.version, "seen in the app")
    order = await change(shop, sokha, order, units_of(order.lines[0].variant_id, 3))
    bank.answers[first.md5] = builders.money(first, shop.clock.now())
    shop.clock.move(timedelta(minutes=5))
    await poll(shop)
    assert [one.kind for one in await shop.db.read(settlements.cases, order.id)] == [CaseKind.CLAIMED]
    order = await builders.read(shop, order)
    assert (order.payment_status, order.to_collect) == (PaymentStatus.DUE, usd(1200))
    await builders.sound(shop)


async def test_an_older_qr_over_another_sum_is_other_money(sqlite_shop: Shop) -> None:
    """Made dearer while unpaid, the new QR approved by hand; then the old QR is paid too: that goes back, only that."""
    shop = sqlite_shop
    bank = await builders.with_khqr(shop)
    order, old = await builders.khqr_order(shop, 2)
    dara, sokha = await builders.customer(shop), await builders.worker(shop)
    order = await change(shop, sokha, order, units_of(order.lines[0].variant_id, 3))
    (new, _) = await builders.attempts(shop, order)
    case = await cases.claim(shop, dara, order.id)
    await cases.approve(shop, sokha, case.id, case.version, "seen in the app")
    for one in (old, new):
        bank.answers[one.md5] = builders.money(one, shop.clock.now())
        await shop.db.write(settle.settle, shop.policy, order.id, one.id, bank.answers[one.md5], shop.clock.now())
    found = [(one.kind, one.state, one.amount) for one in await shop.db.read(settlements.cases, order.id)]
    assert found[1:] == [(CaseKind.DUPLICATE, CaseState.REFUND_DUE, usd(2550))]
    order = await builders.read(shop, order)
    assert (order.payment_status, order.total) == (PaymentStatus.PAID, usd(3750))
    await builders.sound(shop)


async def test_expired_after_its_code_fell_away(sqlite_shop: Shop) -> None:
    """Late money revives what the order was at last: the code that fell away is not taken again."""
    shop = sqlite_shop
    bank = await builders.with_khqr(shop)
    await builders.promo(shop, minimum=2000, kind=PromoKind.FIXED, value=200)
    order, _ = await builders.khqr_order(shop, 2, promo="rose10")
    sokha, rose = await builders.worker(shop), order.lines[0].variant_id
    order = await change(shop, sokha, order, units_of(rose, 1))
    assert order.promo_code == ""
    qr = (await builders.attempts(shop, order))[0]
    shop.clock.move(timedelta(minutes=16))
    await poll(shop)
    await expire_orders(shop)
    assert (await builders.read(shop, order)).status is Status.EXPIRED
    bank.answers[qr.md5] = builders.money(qr, shop.clock.now())
    shop.clock.move(timedelta(hours=1))
    await poll(shop)
    assert (await builders.read(shop, order)).status is Status.CONFIRMED
    assert await builders.count(shop, promo_uses, promo_uses.c.returned_at.is_(None)) == 0
    await builders.sound(shop)


async def test_who_hears_of_it(sqlite_shop: Shop) -> None:
    """One note however many changes wait in it, the cards, the case; the note folds what became of the order."""
    shop = sqlite_shop
    order, sokha, rose = await paid_order(shop)
    await shop.db.write(lambda tx: tx.execute(payment_cases.delete()) and None)
    order = await change(shop, sokha, order, units_of(rose, 3))
    order = await change(shop, sokha, order, Wanted({rose: 1}, {"street": "House 9"}))
    kinds = await builders.owed(shop, MessageKind.NOTE_CHANGED)
    assert kinds == [(1001, "note_changed")]
    told = await changing.news(shop, order.id, 0)
    assert told is not None
    assert [(part.before, part.after) for part in told.parts] == [(2, 1)]
    assert (told.where, told.before, told.after, told.back) == (("street",), 2550, 1350, 1200)
    assert await changing.news(shop, order.id, 2) is None
    assert (1001, "order_card") in await builders.owed(shop)
