"""Carts, codes, points, orders and their ends in any sequence: after each step the books explain everything."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from core.carts import service as carts
from core.carts.rules import Cart
from core.checkout import service as checkout
from core.fulfilment import service as fulfilment
from core.fulfilment.expiry import expire_orders
from core.orders.rules import Move, Order, PaymentMethod, PaymentStatus, Status, possible
from core.people.rules import Role
from core.points import service as points
from tests.support import builders
from tests.support.machines import ShopMachine
from tests.support.market import Market

WHO, WHICH = st.integers(0, 2), st.integers(0, 7)


class Books(ShopMachine):
    """Three customers, three products with three units each, two codes, a bank, a counter and the clock."""

    @initialize()
    def open(self) -> None:
        """Everybody has an address and some points; a code for two orders, another once for each person."""
        self.placed: list[Order] = []

        async def start() -> None:
            self.bank = await builders.with_khqr(self.shop, staff_chat_id=builders.STAFF_CHAT)
            people = [await builders.customer(self.shop, 1001 + i, f"C{i}") for i in range(3)]
            given = {person.id: 700 * i for i, person in enumerate(people) if i}
            for person in people[1:]:
                await builders.give_points(self.shop, person, given[person.id], 30)
            units = {await builders.product(self.shop, 3, 400 + 300 * i, f"S-{i}"): 3 for i in range(3)}
            codes = [await builders.promo(self.shop, "TWO", 10, use_limit=2)]
            codes.append(await builders.promo(self.shop, "ONCE", 20, person_limit=1))
            self.admin = await builders.worker(self.shop, Role.ADMIN)
            self.books = Market(self.shop, None, units, codes, people, given)  # type: ignore[arg-type]

        self.run(start())
        for who, method in ((1, PaymentMethod.KHQR), (2, PaymentMethod.COD)):  # the one ends, the other goes on
            self.add(who, who)
            self.make_it_cheaper(who, which=0, spend=True)
            self.order(who, [], method, twice=False)

    def _cart(self, who: int) -> Cart | None:
        return self.run(carts.basket(self.shop, self.books.people[who]))

    @rule(who=WHO, which=WHICH)
    def add(self, who: int, which: int) -> None:
        """One more into the basket."""
        self.attempt(carts.add(self.shop, self.books.people[who], sorted(self.books.units)[which % 3]))

    @rule(who=WHO, which=WHICH, quantity=st.integers(-1, 4))
    def change(self, who: int, which: int, quantity: int) -> None:
        """Another quantity of something, perhaps none."""
        if cart := self._cart(who):
            variant = sorted(self.books.units)[which % 3]
            self.attempt(carts.change(self.shop, self.books.people[who], cart.id, variant, quantity))

    @rule(who=WHO, which=WHICH, spend=st.booleans())
    def make_it_cheaper(self, who: int, which: int, spend: bool) -> None:  # noqa: FBT001 - drawn by name
        """A code and the points, or not."""
        if cart := self._cart(who):
            person, code = self.books.people[who], ("TWO", "once", "NONE", "")[which % 4]
            if code:
                self.attempt(builders.type_promo(self.shop, person, cart.id, code))
            self.attempt(checkout.spend_points(self.shop, person, cart.id, spend=spend))

    @rule(who=WHO, wants=st.lists(WHICH, max_size=2), method=st.sampled_from(PaymentMethod), twice=st.booleans())
    def order(self, who: int, wants: list[int], method: PaymentMethod, twice: bool) -> None:  # noqa: FBT001 - as above
        """Order the basket and perhaps something more, perhaps with two presses."""
        for which in wants:
            self.add(who, which)
        if cart := self._cart(who):
            made = self.attempt(builders.place(self.shop, self.books.people[who], cart.id, method))
            if made is not None:
                self.placed.append(made)
                if twice:
                    assert self.run(builders.place(self.shop, self.books.people[who], cart.id, method)) == made

    @precondition(lambda self: self.placed)
    @rule(which=WHICH, staff=st.booleans(), cancels=st.sampled_from([False, False, True]))
    def move(self, which: int, staff: bool, cancels: bool) -> None:  # noqa: FBT001 - drawn by name
        """One of the moves that somebody has; sometimes the end of it."""
        order = self.run(builders.read(self.shop, self.placed[which % len(self.placed)]))
        person = self.admin if staff else next(p for p in self.books.people if p.id == order.person_id)
        for way in [way for way in possible(order, person) if (way is Move.CANCEL) is cancels][:1]:
            self.attempt(fulfilment.move(self.shop, person, order.id, way, order.version))

    @precondition(lambda self: self.placed)
    @rule(which=WHICH, paid=st.booleans())
    def ask(self, which: int, paid: bool) -> None:  # noqa: FBT001 - drawn by name
        """Pay the newest QR, in time or late, or only look."""
        order = self.run(builders.read(self.shop, self.placed[which % len(self.placed)]))
        for qr in self.run(builders.attempts(self.shop, order))[:1]:
            if paid:
                self.bank.answers.setdefault(qr.md5, builders.money(qr, self.shop.clock.now()))
            person = next(p for p in self.books.people if p.id == order.person_id)
            after = self.attempt(fulfilment.ask_bank(self.shop, person, order.id))
            if after and order.status is Status.EXPIRED and after.payment_status is PaymentStatus.PAID:
                self.books.heard["revived"] += 1

    @rule(minutes=st.sampled_from([1, 6, 16, 16, 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        """Minutes or a day, and what the clock brings."""
        self.shop.clock.move(timedelta(minutes=minutes))
        self.run(expire_orders(self.shop))
        self.run(points.expire(self.shop))

    @invariant()
    def everything_is_explained(self) -> None:
        """Every unit, use, point and cent."""
        self.run(self.books.accounts())


@pytest.mark.usefixtures("no_settings")
def test_the_books_after_each_step(sqlite_template: Path) -> None:
    """Whatever people, the bank, the counter and the clock do: stock, codes and points stay explained."""
    Books.live(sqlite_template, examples=8, steps=20)
