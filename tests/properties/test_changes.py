"""Orders that are changed again and again between all else that happens to them: units and cents stay explained."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from core.cash.rules import Cash
from core.fulfilment import cases, changing
from core.fulfilment import service as fulfilment
from core.fulfilment.expiry import expire_orders
from core.fulfilment.polling import poll
from core.fulfilment.rules import PLACE, Wanted
from core.money import usd
from core.orders.rules import Move, Order, PaymentMethod, PaymentStatus, Status, possible
from core.people.rules import Role
from core.settlements import store as settlements
from core.settlements.rules import Act
from core.settlements.rules import possible as acts
from core.stock import store as stock
from tests.support import builders
from tests.support.machines import ShopMachine

PRICES = (1200, 800, 4500)


class Changing(ShopMachine):
    """One customer's order, cash or KHQR, with a code and points; an admin at the counter; three things on sale."""

    @initialize(method=st.sampled_from([PaymentMethod.KHQR] * 2 + [PaymentMethod.COD]), code=st.booleans())
    def order(self, method: PaymentMethod, code: bool) -> None:  # noqa: FBT001 - drawn by name
        """Two units of the first, with a code that has a minimum."""
        self.paid = 0

        async def start() -> None:
            self.bank = await builders.with_khqr(self.shop)
            dara = await builders.customer(self.shop)
            self.goods = [await builders.product(self.shop, 6, price, f"G{price}") for price in PRICES]
            await builders.promo(self.shop, minimum=2000)
            cart_id = await builders.cart(self.shop, dara, (self.goods[0], 2))
            if code:
                await builders.type_promo(self.shop, dara, cart_id, "rose10")
            self.placed = await builders.place(self.shop, dara, cart_id, method)
            self.admin = await builders.worker(self.shop, Role.ADMIN)

        self.run(start())

    @rule(which=st.integers(0, 2), units=st.integers(0, 4), place=st.sampled_from(["", "12", "01"]))
    def change(self, which: int, units: int, place: str) -> None:
        """Look and confirm what was seen; what a rule refuses changes nothing."""
        wanted = Wanted({self.goods[which]: units})
        wanted = wanted.going(PLACE, place) if place else wanted
        before = self.run(builders.read(self.shop, self.placed))
        found = self.attempt(changing.propose(self.shop, self.admin, before.id, before.version, wanted))
        after = None
        if found is not None:
            total = found.total.charged.amount
            after = self.attempt(changing.change(self.shop, self.admin, before.id, before.version, wanted, total))
        if after is None:
            assert self.run(builders.read(self.shop, self.placed)) == before
        elif before.payment_status is PaymentStatus.PAID and after.payment_status is PaymentStatus.DUE:
            assert after.to_collect == after.total - before.total

    @rule(short=st.sampled_from([0, 0, 0, 100]))
    def it_is_paid(self, short: int) -> None:
        """The newest QR, to the cent or a dollar short."""
        qrs = self.run(builders.attempts(self.shop, self.placed))
        if qrs and qrs[0].md5 not in self.bank.answers:
            self.paid += 1
            amount = max(qrs[0].amount_minor - short, 1)
            said = builders.money(qrs[0], self.shop.clock.now(), amount=amount, hash=f"h{self.paid}")
            self.bank.answers[qrs[0].md5] = said
        self.attempt(poll(self.shop))

    @rule(minutes=st.sampled_from([1, 6, 20]))
    def time_passes(self, minutes: int) -> None:
        """The bank is asked, what is over expires."""
        self.shop.clock.move(timedelta(minutes=minutes))
        self.attempt(poll(self.shop))
        self.attempt(expire_orders(self.shop))

    @rule(which=st.integers(0, 3), ends=st.sampled_from([False] * 5 + [True]), other=st.booleans())
    def move(self, which: int, ends: bool, other: bool) -> None:  # noqa: FBT001 - drawn by name
        """One of the moves that an admin could make; seldom the end."""
        order = self.run(builders.read(self.shop, self.placed))
        moves = [one for one in possible(order, self.admin) if ends or one is not Move.CANCEL]
        if moves:
            taken = Cash(max(order.to_collect.amount - 50, 1), 0, "less") if other else None
            what = moves[which % len(moves)]
            taken = taken if what is Move.DELIVER and order.payment_status is PaymentStatus.DUE else None
            self.attempt(fulfilment.move(self.shop, self.admin, order.id, what, order.version, taken=taken))

    @rule(which=st.integers(0, 3))
    def somebody_decides(self, which: int) -> None:
        """One of the cases, one of the acts that it offers."""
        order = self.run(builders.read(self.shop, self.placed))
        found = self.run(self.shop.db.read(settlements.cases, order.id))
        open_ = [(case, act) for case in found for act in acts(case, order)]
        if open_:
            case, act = open_[which % len(open_)]
            do = {Act.REFUND: cases.refund, Act.REJECT: cases.reject, Act.FINISH: cases.finish_refund}
            said = {Act.APPROVE: cases.approve, Act.SEND: cases.send_refund}
            if act in do:
                self.attempt(do[act](self.shop, self.admin, case.id, case.version))
            else:
                self.attempt(said[act](self.shop, self.admin, case.id, case.version, "seen"))

    @invariant()
    def all_is_explained(self) -> None:
        """Stock, points, code and ledger; the order is the sum of its lines; its cash is what was not paid before."""
        order: Order = self.run(builders.read(self.shop, self.placed))
        self.run(builders.sound(self.shop))
        assert order.subtotal == sum((line.total for line in order.lines), usd(0))
        assert order.total == order.subtotal - order.discount + order.delivery_fee
        assert usd(0) <= order.to_collect
        if order.payment_method is PaymentMethod.KHQR and order.status in {Status.READY, Status.OUT}:
            assert order.paid.amount > 0
        held = self.run(self.shop.db.read(stock.of_order, order.id))
        assert {one.variant_id: one.quantity for one in held} == {one.variant_id: one.quantity for one in order.lines}


@pytest.mark.usefixtures("no_settings")
def test_changed_again_and_again(sqlite_template: Path) -> None:
    """Whatever is changed, paid, cancelled, delivered in whatever order: total is lines less discounts with the fee."""
    Changing.live(sqlite_template, examples=8, steps=18)
