"""Money in any way it can come, and whatever people, the bank and the clock make of it: every cent stays explained."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from sqlalchemy import Connection, select

from core.cash.rules import Cash
from core.database.tables import payment_cases, settlements
from core.fulfilment import cases, clockwork, inbox
from core.fulfilment import service as fulfilment
from core.fulfilment.expiry import expire_orders
from core.fulfilment.polling import poll
from core.orders import store as orders
from core.orders.rules import Move, Order, PaymentMethod, PaymentStatus, Status, possible
from core.payments.rules import NotFound, Observation, Received, Unknown
from core.people.rules import Person, Role
from core.settlements.rules import CaseState
from core.shop import Shop
from tests.support import builders
from tests.support.builders import ScriptedBank
from tests.support.machines import ShopMachine

WHICH = st.integers(0, 5)
WORKED_ON = {Status.CONFIRMED, Status.PREPARING, Status.READY, Status.OUT, Status.DELIVERED, Status.RETURNED}
NOT_PAID = {Status.PENDING, Status.EXPIRED, Status.CANCELLED}
WAYS: dict[str, dict[str, Any]] = {
    "exact": {}, "a cent short": {"less": 1}, "short": {"less": 350}, "over": {"less": -650}, "half a cent": {
        "exact": False}, "riel": {"amount_minor": 55_400, "currency": "KHR"}, "baht": {"currency": "THB"},
    "another account": {"account": "somebody@devb"}, "known": {"hash": "h1"}, "nothing": {"amount_minor": 0},
}  # fmt: skip


class TellingBank(ScriptedBank):
    """A bank that remembers which payments it told of."""

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[str, Received] = {}

    async def check(self, md5: str) -> Observation:
        """Answer, unless it is silent about everything."""
        said = await super().check(md5)
        if isinstance(self.otherwise, Unknown):
            return self.otherwise
        if isinstance(said, Received):
            self.told.setdefault(said.hash, said)
        return said


class Till(ShopMachine):
    """Two customers, a counter, a courier, an admin, a bank and the clock; orders of $13.50, four units."""

    @initialize()
    def open(self) -> None:
        """Two orders wait for their KHQR payment, a third for the courier's cash."""
        self.placed: list[Order] = []
        self.paid = 0
        self.run(self._open(self.shop))
        for who, method in ((0, PaymentMethod.KHQR), (1, PaymentMethod.KHQR), (1, PaymentMethod.COD)):
            self.order(who, method)

    async def _open(self, shop: Shop) -> None:
        await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
        self.bank = shop.bank = TellingBank()
        self.buyers = [await builders.customer(shop, 1001 + i, f"C{i}") for i in range(2)]
        self.rose = await builders.product(shop, 4)
        roles = (Role.STAFF, Role.COURIER, Role.ADMIN)
        self.workers = [await builders.worker(shop, role, 2001 + i, role) for i, role in enumerate(roles)]

    def _read(self, which: int) -> Order:
        return self.run(builders.read(self.shop, self.placed[which % len(self.placed)]))

    def _customer(self, order: Order) -> Person:
        return next(buyer for buyer in self.buyers if buyer.id == order.person_id)

    @precondition(lambda self: len(self.placed) < 6)
    @rule(who=st.integers(0, 1), method=st.sampled_from([PaymentMethod.KHQR] * 3 + [PaymentMethod.COD]))
    def order(self, who: int, method: PaymentMethod) -> None:
        """Order a unit, if one is free."""
        made = self.attempt(builders.order(self.shop, self.buyers[who], self.rose, 1, method))
        if made is not None:
            self.placed.append(made)

    @rule(which=WHICH, qr=st.integers(0, 3), way=st.sampled_from(["exact"] * 4 + list(WAYS)), again=st.booleans(),
          look=st.booleans())  # fmt: skip
    def pay(self, which: int, qr: int, way: str, again: bool, look: bool) -> None:  # noqa: FBT001 - drawn by name
        """Pay a QR rightly or wrongly, perhaps a second time; ``look``: the bank is asked at once."""
        order = self._read(which)
        qrs = self.run(builders.attempts(self.shop, order))
        if qrs:
            tried = qrs[qr % len(qrs)]
            if again or tried.md5 not in self.bank.answers:
                self.paid += 1
                changes = {"hash": f"h{self.paid}", **WAYS[way]}
                amount = max(tried.amount_minor - changes.pop("less", 0), 0)
                said = builders.money(tried, self.shop.clock.now(), **{"amount_minor": amount} | changes)
                self.bank.answers[tried.md5] = said
            if look:
                self.attempt(fulfilment.ask_bank(self.shop, self._customer(order), order.id))

    @rule(silent=st.sampled_from([True, False, False]))
    def the_bank_turns(self, silent: bool) -> None:  # noqa: FBT001 - drawn by name
        """The bank says nothing any more, or speaks again."""
        self.bank.otherwise = Unknown("timeout") if silent else NotFound()

    @rule(minutes=st.sampled_from([1, 5, 11, 16, 125, 25 * 60, -30]))
    def time_passes(self, minutes: int) -> None:
        """Minutes, hours, a day; or the machine's clock jumps back."""
        self.shop.clock.move(timedelta(minutes=minutes))
        if minutes < 0:
            self.run(clockwork.set_right(self.shop))

    @rule(which=WHICH, what=st.sampled_from(["poll", "poll", "expire", "button", "new qr", "new qr", "claim"]))
    def look(self, which: int, what: str) -> None:
        """The jobs run, or the customer taps under the QR."""
        order = self._read(which)
        customer, shop = self._customer(order), self.shop
        work = {
            "poll": lambda: poll(shop),
            "expire": lambda: expire_orders(shop),
            "button": lambda: fulfilment.ask_bank(shop, customer, order.id),
            "new qr": lambda: fulfilment.new_qr(shop, customer, order.id),
            "claim": lambda: cases.claim(shop, customer, order.id, f"picture {which % 2}"),
        }
        self.attempt(work[what]())

    @rule(which=WHICH, what=st.sampled_from(["approve", "approve", "refund", "reject", "send", "send", "finish"]))
    def decide(self, which: int, what: str) -> None:
        """Somebody decides about a case that waits, by whatever button they have or had."""
        staff, _, admin = self.workers
        waiting = [one for one, _ in self.run(inbox.waiting(self.shop, staff)).cases]
        if not waiting:
            return
        case = waiting[which % len(waiting)]
        seen = (self.shop, admin if what in {"send", "finish"} else staff, case.id, case.version)
        work = {
            "approve": lambda: cases.approve(*seen, "seen"),
            "refund": lambda: cases.refund(*seen),
            "reject": lambda: cases.reject(*seen),
            "send": lambda: cases.send_refund(*seen, "R1"),
            "finish": lambda: cases.finish_refund(*seen),
        }
        self.attempt(work[what]())

    @rule(which=WHICH, who=st.integers(0, 3), cancels=st.sampled_from([False] * 4 + [True]), riel=st.booleans())
    def move(self, which: int, who: int, cancels: bool, riel: bool) -> None:  # noqa: FBT001 - drawn by name
        """One of the moves that somebody has; cash is taken exactly, or as dollars and riel."""
        order = self._read(which)
        person = self._customer(order) if who == 3 else self.workers[who]
        for way in [way for way in possible(order, person) if (way is Move.CANCEL) is cancels][:1]:
            mixed = Cash(1000, 14_000, "no more dollars") if riel and way is Move.DELIVER else None
            self.attempt(fulfilment.move(self.shop, person, order.id, way, order.version, taken=mixed))

    @invariant()
    def every_cent_is_explained(self) -> None:
        """By the shop's own checks, and by sums made here of the bare rows."""
        self.run(builders.sound(self.shop))
        self.run(self.shop.db.read(self._orders))
        self.run(self.shop.db.read(self._bank))

    def _orders(self, tx: Connection) -> None:
        """No order is worked on unpaid; what is kept and waived is what it costs; others keep only what waits."""
        sums: Counter[tuple[int, str, str]] = Counter()
        for row in tx.execute(select(settlements)):
            sums[row.order_id, row.kind, row.currency] += row.amount
        for order in self._all(tx):
            left = {
                currency: sums[order.id, "received", currency]
                - sums[order.id, "owed", currency]
                + sums[order.id, "waived", currency]
                for currency in ("USD", "KHR")
            }
            assert all(sums[order.id, "owed", c] >= sums[order.id, "refunded", c] >= 0 for c in left)
            if order.payment_status is PaymentStatus.PAID:
                assert order.status in WORKED_ON
                assert left == {"USD": order.total.amount, "KHR": 0}
            elif order.payment_method is PaymentMethod.KHQR:
                assert order.status in NOT_PAID
                assert left == self._waiting(tx, order)
            else:
                assert order.status is not Status.DELIVERED
                assert not any(left.values())

    def _all(self, tx: Connection) -> list[Order]:
        """Read every order inside a transaction."""
        return orders.by_ids(tx, [order.id for order in self.placed])

    def _waiting(self, tx: Connection, order: Order) -> dict[str, int]:
        """Count what lies in cases that nobody has decided."""
        there = {"USD": 0, "KHR": 0}
        mine = (payment_cases.c.order_id == order.id, payment_cases.c.state == CaseState.OPEN)
        for row in tx.execute(select(payment_cases).where(*mine, payment_cases.c.kind.not_in(["account", "hash"]))):
            there[row.currency] += row.amount
        return there

    def _bank(self, tx: Connection) -> None:
        """Each payment the bank told of is one row of the ledger, or in a case; the ledger knows no other."""
        booked = [row for row in tx.execute(select(settlements)) if row.bank_hash]
        assert len({row.bank_hash for row in booked}) == len(booked)
        assert {row.bank_hash for row in booked} <= set(self.bank.told)
        amounts = {row.bank_hash: (row.amount, row.currency) for row in booked}
        looked_at = {row.bank_hash for row in tx.execute(select(payment_cases))}
        for came in self.bank.told.values():
            whole = amounts.get(came.hash) == (came.amount_minor, came.currency)
            assert whole or came.hash in looked_at, came


@pytest.mark.usefixtures("no_settings")
def test_every_cent_is_explained(sqlite_template: Path) -> None:
    """Right, short, over, riel, baht, twice, late, elsewhere; claimed, approved, refused, refunded; silent, expired."""
    Till.live(sqlite_template, examples=10, steps=30)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("no_settings")
def test_every_cent_is_explained_for_long(sqlite_template: Path) -> None:
    """The same in many more lives, each of them longer."""
    Till.live(sqlite_template, examples=300, steps=60)
