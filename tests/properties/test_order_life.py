"""One order under anything that can happen to it, in any order: what must hold, holds after every step."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from sqlalchemy import Connection

from core.fulfilment import service as fulfilment
from core.fulfilment.expiry import expire_orders
from core.fulfilment.polling import poll
from core.fulfilment.undo import undo
from core.orders import store as orders
from core.orders.rules import MOVES, Event, Move, Order, PaymentMethod, PaymentStatus, Status, possible
from core.orders.undoing import UNDO
from core.payments import store as payments
from core.payments.rules import Attempt, AttemptState, NotFound, Unknown
from core.people.rules import Person, Role
from core.stock import store as stock
from core.stock.rules import Hold, HoldState
from tests.support import builders
from tests.support.machines import ShopMachine

STEPS = {(step.move.value, step.source.value, step.to.value) for step in MOVES}
STEPS |= {("undo", step.source.value, step.to.value) for step in UNDO}
STEPS.add(("undo", "preparing", "pending"))  # claimed by one tap
HELD = {
    Status.PENDING: HoldState.ACTIVE, Status.EXPIRED: HoldState.RELEASED, Status.CANCELLED: HoldState.RELEASED,
    Status.CONFIRMED: HoldState.COMMITTED, Status.PREPARING: HoldState.COMMITTED, Status.READY: HoldState.COMMITTED,
    Status.OUT: HoldState.SHIPPED, Status.DELIVERED: HoldState.SHIPPED, Status.RETURNED: HoldState.SHIPPED,
}  # fmt: skip
WORKED_ON = {Status.CONFIRMED, Status.PREPARING, Status.READY, Status.OUT, Status.DELIVERED, Status.RETURNED}


class OneOrder(ShopMachine):
    """A customer, staff, a courier, another buyer, a bank and the clock."""

    @rule(sure=st.sampled_from([False] * 7 + [True]))
    def the_customer_cancels(self, sure: bool) -> None:  # noqa: FBT001 - drawn by name
        """Now and then."""
        if sure:
            self._tap(self.dara, Move.CANCEL)

    @initialize(method=st.sampled_from([PaymentMethod.KHQR] * 4 + [PaymentMethod.COD]))
    def order(self, method: PaymentMethod) -> None:
        """Two units are there, one is ordered."""
        self.paid = 0

        async def start() -> None:
            self.bank = await builders.with_khqr(self.shop, staff_chat_id=builders.STAFF_CHAT)
            self.dara, self.bopha = [await builders.customer(self.shop, i, f"C{i}") for i in (1001, 1002)]
            self.rose = await builders.product(self.shop, 2)
            self.placed = await builders.order(self.shop, self.dara, self.rose, 1, method)
            roles = (Role.STAFF, Role.COURIER, Role.ADMIN)
            self.workers = [await builders.worker(self.shop, role, 2001 + i, role) for i, role in enumerate(roles)]

        self.run(start())

    @rule(minutes=st.sampled_from([1, 4, 5, 11, 61, 121, 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        """Minutes, hours or a day."""
        self.shop.clock.move(timedelta(minutes=minutes))

    @rule(which=st.integers(0, 3), cents=st.sampled_from([0, 0, 0, -1, 1]), again=st.booleans())
    def pay(self, which: int, cents: int, again: bool) -> None:  # noqa: FBT001 - drawn by name
        """Pay one of the QRs, exactly or not; ``again`` makes it a second transaction of the same QR."""
        qrs = self.run(builders.attempts(self.shop, self.placed))
        if qrs:
            qr = qrs[which % len(qrs)]
            if again or qr.md5 not in self.bank.answers:
                self.paid += 1
                said = builders.money(qr, self.shop.clock.now(), amount=qr.amount_minor + cents, hash=f"h{self.paid}")
                self.bank.answers[qr.md5] = said

    @rule(silent=st.booleans())
    def the_bank_turns(self, silent: bool) -> None:  # noqa: FBT001 - drawn by name
        """The bank stops answering, or comes back."""
        self.bank.otherwise = Unknown("timeout") if silent else NotFound()

    @rule(newest=st.booleans())
    def a_new_qr_is_paid_too(self, newest: bool) -> None:  # noqa: FBT001 - drawn by name
        """The QR runs out, a new one is made, and one of the two is paid and asked about."""
        self.shop.clock.move(timedelta(minutes=5))
        self.attempt(fulfilment.new_qr(self.shop, self.dara, self.placed.id))
        self.pay(which=0 if newest else 1, cents=0, again=False)
        self.attempt(poll(self.shop))

    @rule(look=st.sampled_from(["poll", "expire", "button", "new qr"]))
    def the_shop_works(self, look: str) -> None:
        """The jobs run, or the customer taps under the QR."""
        work = {
            "poll": lambda: poll(self.shop),
            "expire": lambda: expire_orders(self.shop),
            "button": lambda: fulfilment.ask_bank(self.shop, self.dara, self.placed.id),
            "new qr": lambda: fulfilment.new_qr(self.shop, self.dara, self.placed.id),
        }
        self.attempt(work[look]())

    @rule(who=st.integers(0, 4), move=st.sampled_from(Move))
    def somebody_forges_a_tap(self, who: int, move: Move) -> None:
        """Any button, by anybody, even those who were never shown it."""
        if move is not Move.CANCEL or who == 4:
            self._tap([*self.workers, self.dara, self.bopha][who], move)

    @rule(who=st.integers(0, 2), cancels=st.sampled_from([False, False, True]))
    def somebody_taps(self, who: int, cancels: bool) -> None:  # noqa: FBT001 - drawn by name
        """One of the buttons that they are shown: mostly the way on, sometimes the end of it."""
        person = self.workers[who]
        shown = possible(self.run(builders.read(self.shop, self.placed)), person)
        for move in [move for move in shown if (move is Move.CANCEL) is cancels][:1]:
            self._tap(person, move)

    @rule(who=st.integers(0, 2), other=st.sampled_from([None, None, None, 0, 1, 2, 3, 4]), late=st.booleans())
    def somebody_undoes(self, who: int, other: int | None, late: bool) -> None:  # noqa: FBT001 - drawn by name
        """A tap on the way on, then Undo, in time or too late, by who made it or by anybody else."""
        self.somebody_taps(who=who, cancels=False)
        self.shop.clock.move(timedelta(seconds=60 if late else 59))
        person = [*self.workers, self.dara, self.bopha][who if other is None else other]
        version = self.run(builders.read(self.shop, self.placed)).version
        self.attempt(undo(self.shop, person, self.placed.id, version))

    @rule()
    def it_is_paid(self) -> None:
        """The newest QR is paid as it should be, and asked about."""
        self.pay(which=0, cents=0, again=False)
        self.attempt(poll(self.shop))

    def _tap(self, person: Person, move: Move) -> None:
        version = self.run(builders.read(self.shop, self.placed)).version
        self.attempt(fulfilment.move(self.shop, person, self.placed.id, move, version))

    @rule()
    def it_came(self) -> None:
        """The customer says that it came, from wherever it stands."""
        self.attempt(fulfilment.receive(self.shop, self.dara, self.placed.id))

    @rule()
    def another_buys(self) -> None:
        """Somebody else takes a unit, if one is free."""
        self.attempt(builders.order(self.shop, self.bopha, self.rose))

    @invariant()
    def all_is_right(self) -> None:
        """Whatever happened: the money, the stock and the way it went."""
        order, qrs, hold, events, drifted = self.run(self.shop.db.read(self._look))
        self._money(order, qrs)
        assert drifted == []
        assert hold.state is HELD[order.status]
        at = None
        for event in events:
            if event.to_status:
                assert event.from_status == at
                assert at is None or (event.kind, event.from_status, event.to_status) in STEPS
                at = event.to_status
        assert at == order.status
        came = [event for event in events if event.kind == "received"]
        assert len(came) == (order.received_at is not None)

    def _look(self, tx: Connection) -> tuple[Order, list[Attempt], Hold, list[Event], list[int]]:
        order, (hold,) = orders.by_id(tx, self.placed.id), stock.of_order(tx, self.placed.id)
        assert order is not None
        return order, payments.of_order(tx, order.id), hold, orders.events(tx, order.id), stock.unexplained(tx)

    def _money(self, order: Order, qrs: list[Attempt]) -> None:
        """Never worked on unpaid, never two payments kept, whatever came is kept, looked at or owed back."""
        kept = [qr for qr in qrs if qr.state is AttemptState.PAID]
        assert len(kept) <= 1
        assert all(qr.state in {"paid", "review", "refund_due"} for qr in qrs if qr.bank_hash)
        if order.payment_method is PaymentMethod.COD:
            assert qrs == []
            assert (order.payment_status is PaymentStatus.PAID) is (order.status is Status.DELIVERED)
        elif order.status in WORKED_ON:
            assert kept
            assert order.payment_status is PaymentStatus.PAID
        elif kept:
            assert order.payment_status is PaymentStatus.REFUND_DUE
        if order.status is Status.CANCELLED and any(qr.state is AttemptState.REFUND_DUE for qr in qrs):
            assert order.payment_status in {PaymentStatus.REFUND_DUE, PaymentStatus.REVIEW}


@pytest.mark.usefixtures("no_settings")
def test_whatever_happens_to_an_order(sqlite_template: Path) -> None:
    """Never fulfilled unpaid, never paid twice without a refund owed, stock explained, only the ways of ``MOVES``."""
    OneOrder.live(sqlite_template, examples=25, steps=25)
