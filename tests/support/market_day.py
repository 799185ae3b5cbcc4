"""What else happens on a market day: staff work, people cancel, pay, pay late or never; parcels come back."""

import asyncio
from datetime import timedelta

from core.carts import service as carts
from core.fulfilment import service as fulfilment
from core.fulfilment.expiry import expire_orders
from core.orders import store as orders
from core.orders.rules import WORKED, Move, Order, PaymentMethod, PaymentStatus, Status, possible
from core.people.rules import Person, Role
from core.points import service as points
from tests.support import builders
from tests.support.builders import ScriptedBank
from tests.support.market import Market

MOSTLY, SOMETIMES, LATE = 0.9, 0.4, 3


class Day:
    """A market with its staff, bank and clock; ``round`` lets many things happen at the same instant."""

    def __init__(self, market: Market, bank: ScriptedBank, workers: list[Person]) -> None:
        self.market, self.bank, self.workers = market, bank, workers
        self.shop, self.rng = market.shop, market.rng

    @classmethod
    async def begin(cls, market: Market) -> "Day":
        """Open the bank and bring in staff, a courier and an admin."""
        bank = await builders.with_khqr(market.shop, staff_chat_id=builders.STAFF_CHAT)
        roles = (Role.STAFF, Role.COURIER, Role.ADMIN)
        workers = [await builders.worker(market.shop, role, 2001 + i, role) for i, role in enumerate(roles)]
        return cls(market, bank, workers)

    async def live(self, rounds: int = 10) -> None:
        """Spread the errands over the day; between two rounds a few minutes pass, and now and then all is counted."""
        market = self.market
        self.rng.shuffle(market.errands)
        for n in range(rounds):
            buying = [market.buy(errand) for errand in market.errands[n::rounds]]
            late = await self.shop.db.read(orders.in_status, Status.EXPIRED, LATE)
            acts = [self.act(order) for order in [*late, *self._some(2 * len(buying))]]
            again = [market.try_(self.buy_now()) for _ in range(len(buying) // 6)]
            jobs = [expire_orders(self.shop), points.expire(self.shop)]
            await asyncio.gather(*buying, *acts, *again, *jobs)
            self.shop.clock.move(timedelta(minutes=self.rng.choice((2, 4, 6))))
            if n % 4 == 2:
                await market.accounts()

    def _some(self, many: int) -> list[Order]:
        """Choose among the orders there are; one can be chosen twice."""
        return self.rng.choices(self.market.placed, k=many) if self.market.placed else []

    async def buy_now(self) -> None:
        """Somebody, perhaps in the middle of ordering, taps "buy now" on something."""
        await carts.buy_now(self.shop, self.rng.choice(self.market.people), self.rng.choice(sorted(self.market.units)))

    async def act(self, placed: Order) -> None:
        """Let something happen to an order: whoever can do something with it does one of those things."""
        order = await builders.read(self.shop, placed)
        customer = self._customer(order)
        if order.payment_method is PaymentMethod.KHQR and order.open and self.rng.random() < MOSTLY:
            await self._bank_speaks(order, customer)
            return
        ways = [(who, move) for who in (*self.workers, customer) for move in possible(order, who)]
        on = [(who, move) for who, move in ways if move is not Move.CANCEL]
        if on and self.rng.random() < MOSTLY:
            ways = on
        if ways:
            who, move = self.rng.choice(ways)
            await self.market.try_(fulfilment.move(self.shop, who, order.id, move, order.version))

    async def _bank_speaks(self, order: Order, customer: Person) -> None:
        """The customer pays, in time or late, or only looks; then asks."""
        qr = (await builders.attempts(self.shop, order))[0]
        if self.rng.random() < (1 if order.status is Status.EXPIRED else SOMETIMES):
            self.bank.answers.setdefault(qr.md5, builders.money(qr, self.shop.clock.now()))
        after = await self.market.try_(fulfilment.ask_bank(self.shop, customer, order.id))
        if after and order.status is Status.EXPIRED:
            self.market.heard["paid_late"] += after.payment_status is not PaymentStatus.UNPAID
            self.market.heard["revived"] += after.payment_status is PaymentStatus.PAID

    async def end(self) -> None:
        """Everybody goes home: what was not paid runs out, what came back goes onto the shelf."""
        await self._one_comes_back()
        for _ in range(3):
            self.shop.clock.move(timedelta(minutes=16))
            await asyncio.gather(*(self._last(order) for order in self.market.placed))
            await expire_orders(self.shop)
            expired = await self.shop.db.read(orders.in_status, Status.EXPIRED, len(self.market.placed))
            over = [order for order in expired if order.updated_at == self.shop.clock.now()]
            for order in over[:LATE] or expired[:1]:  # paid a moment too late: nobody else wants what they had
                await self._bank_speaks(order, self._customer(order))

    async def _one_comes_back(self) -> None:
        """One parcel goes the whole way out, back and onto the shelf, whatever chance did with the others."""
        admin = self.workers[2]
        found = [await builders.read(self.shop, order) for order in self.market.placed]
        order = next(one for one in found if one.status in WORKED or Move.CONFIRM in possible(one, admin))
        for move in (Move.CONFIRM, Move.PREPARE, Move.READY, Move.OUT, Move.RETURN, Move.CANCEL):
            if move in possible(order, admin):
                order = await builders.moved(self.shop, admin, order, move)
        assert order.status is Status.CANCELLED

    async def _last(self, placed: Order) -> None:
        """The last word on an order: the bank's on what is not paid, nobody at the door, what came back."""
        order = await builders.read(self.shop, placed)
        if order.status is Status.PENDING and order.payment_method is PaymentMethod.KHQR:
            await self.market.try_(fulfilment.ask_bank(self.shop, self._customer(order), order.id))
        if order.status is Status.OUT and self.rng.random() < SOMETIMES:
            await self.market.try_(fulfilment.move(self.shop, self.workers[1], order.id, Move.RETURN, order.version))
        if order.status is Status.RETURNED:
            await self.market.try_(fulfilment.move(self.shop, self.workers[2], order.id, Move.CANCEL, order.version))

    def _customer(self, order: Order) -> Person:
        return next(person for person in self.market.people if person.id == order.person_id)
