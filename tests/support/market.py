"""A market day: many buyers, few units, codes that run out, points put on two carts at once; and its accounts.

The accounts are made here, from the rows alone: every unit, use and point is told by the order it belongs to.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from core.carts import service as carts
from core.carts import store as carts_store
from core.carts.rules import CartKind, CartLine
from core.catalog import store as catalog
from core.checkout import service as checkout
from core.checkout.service import Wish
from core.database.tables import (
    holds,
    orders,
    payment_attempts,
    point_entries,
    promo_codes,
    promo_uses,
    stock,
    stock_movements,
)
from core.errors import OutOfDate, Refused, ShopError
from core.orders import store as orders_store
from core.orders.rules import Order, PaymentMethod, PaymentStatus, Status
from core.people.rules import Person
from core.promotions.rules import Promo, PromoKind
from core.shop import Shop
from core.stock import store as stock_store
from core.stock.rules import HoldState
from tests.support import builders

TRIES = 25
"""How often somebody whose goods or price changed under them looks again; each time something was sold to others."""

HELD = {
    Status.PENDING: HoldState.ACTIVE, Status.EXPIRED: HoldState.RELEASED, Status.CANCELLED: HoldState.RELEASED,
    Status.CONFIRMED: HoldState.COMMITTED, Status.PREPARING: HoldState.COMMITTED, Status.READY: HoldState.COMMITTED,
    Status.OUT: HoldState.SHIPPED, Status.DELIVERED: HoldState.SHIPPED, Status.RETURNED: HoldState.SHIPPED,
}  # fmt: skip
FIGURES = {
    HoldState.ACTIVE: (0, 1, 0), HoldState.COMMITTED: (0, 0, 1), HoldState.SHIPPED: (-1, 0, 0),
    HoldState.RELEASED: (0, 0, 0),
}  # fmt: skip
"""What a unit of an order does to (on hand, held, allocated) of its variant, by where its promise stands."""
ENDED = (Status.EXPIRED, Status.CANCELLED)


@dataclass
class Errand:
    """Somebody's cart, and how they will pay."""

    person: Person
    cart_id: int
    method: PaymentMethod
    wants: dict[int, int]


@dataclass
class Market:
    """The stalls, the people and what they were told; ``given`` are the points that people came with."""

    shop: Shop
    rng: random.Random
    units: dict[int, int]
    codes: list[Promo]
    people: list[Person]
    given: dict[int, int]
    errands: list[Errand] = field(default_factory=list)
    heard: Counter[str] = field(default_factory=Counter)
    placed: list[Order] = field(default_factory=list)

    @classmethod
    async def open(
        cls, shop: Shop, rng: random.Random, *, buyers: int = 200, products: int = 40, units: tuple[int, int] = (8, 24)
    ) -> "Market":
        """Stock the stalls, invite the buyers, give some of them points and codes, and fill everybody's carts."""
        stalls = await shop.db.write(_stalls, shop, [rng.randint(*units) for _ in range(products)])
        codes = [
            await builders.promo(shop, "FEW", 10, use_limit=buyers // 12, person_limit=1),
            await builders.promo(shop, "ONCE", 150, kind=PromoKind.FIXED, person_limit=1),
            await builders.promo(shop, "FREELY", 5),
        ]
        people = await builders.crowd(shop, buyers)
        given = {person.id: rng.randint(50, 900) for person in people[::3]}
        for person in people[::3]:
            await builders.give_points(shop, person, given[person.id], 365)
        market = cls(shop, rng, stalls, codes, people, given)
        await shop.db.write(market._fill)
        return market

    def _fill(self, tx: Connection) -> None:
        """Give everybody a cart of one to five things, every sixth person a second one; no lines in any order."""
        self.errands.clear()
        for i, person in enumerate(self.people):
            for kind in (CartKind.BUY_NOW, CartKind.BASKET)[: 1 + (i % 6 == 0)]:
                self.errands.append(self._errand(tx, person, kind))

    def _errand(self, tx: Connection, person: Person, kind: CartKind) -> Errand:
        now, rng = self.shop.clock.now(), self.rng
        wants = {v: rng.choice((1, 1, 1, 2, 3)) for v in rng.sample(sorted(self.units), rng.randint(1, 5))}
        lines = [CartLine(v, q, 1) for v, q in wants.items()]
        if kind is CartKind.BUY_NOW:
            cart_id = carts_store.open_again(tx, person.id, lines, now)
        else:
            cart_id = carts_store.open_cart(tx, person.id, kind, now).id
            for line in lines:
                carts_store.put(tx, cart_id, line, now)
        code = rng.choice((None, None, *self.codes))
        carts_store.price(tx, cart_id, now, promo_id=code.id if code else None, with_points=person.id in self.given)
        return Errand(person, cart_id, rng.choice((PaymentMethod.COD, PaymentMethod.KHQR)), wants)

    async def buy_all(self) -> None:
        """Let everybody see the price, and then press at the same instant."""
        seen = await asyncio.gather(*(checkout.review(self.shop, e.person, e.cart_id) for e in self.errands))
        await asyncio.gather(*(self.buy(e, found.total.amount) for e, found in zip(self.errands, seen, strict=True)))

    async def buy(self, errand: Errand, total: int | None = None) -> None:
        """Order a cart for what was seen; whoever hears that something changed takes what is there, or goes home."""
        for _ in range(TRIES):
            if total is None:
                total = (await checkout.review(self.shop, errand.person, errand.cart_id)).total.amount
            try:
                wish = Wish(errand.cart_id, errand.method, total)
                self.placed.append(await checkout.place(self.shop, errand.person, wish))
            except (Refused, OutOfDate) as error:
                self.heard[error.key.removeprefix("errors.")] += 1
                total = None
                if error.key == "errors.cart_dropped":
                    return
                if error.key == "errors.sold_out" and not await self._take_less(errand):
                    return
            else:
                return
        raise AssertionError(f"never came to an end: {self.heard}")

    async def _take_less(self, errand: Errand) -> bool:
        """Bring every line down to what is left; False where nothing is."""
        found = await checkout.review(self.shop, errand.person, errand.cart_id)
        for variant in [line.variant for line in found.lines if not line.fits]:
            await self.try_(carts.change(self.shop, errand.person, errand.cart_id, variant.id, variant.left))
        return any(line.variant.left for line in found.lines)

    async def try_(self, work: Any) -> Any:
        """Do something that may be refused with a sentence, and remember which."""
        try:
            return await work
        except ShopError as error:
            self.heard[error.key.removeprefix("errors.")] += 1
            return None

    async def accounts(self) -> None:
        """Hold that every unit, use and point, and every cent of a discount, is told by an order."""
        await builders.sound(self.shop)
        found = await self.shop.db.read(_orders)
        assert len({order.number for order in found}) == len({order.cart_id for order in found}) == len(found)
        await self.shop.db.read(self._units, found)
        await self.shop.db.read(self._uses, found)
        await self.shop.db.read(self._points, found)
        await self.shop.db.read(_money, found)

    def _units(self, tx: Connection, found: list[Order]) -> None:
        """Compare holds, movements and figures with what the orders say."""
        want: dict[tuple[int, int], tuple[int, ...]] = {}
        left = {variant: [units, 0, 0] for variant, units in self.units.items()}
        for order in found:
            for line in order.lines:
                figures = tuple(line.quantity * one for one in FIGURES[HELD[order.status]])
                want[order.id, line.variant_id] = figures
                left[line.variant_id] = [a + b for a, b in zip(left[line.variant_id], figures, strict=True)]
        sums = [func.sum(stock_movements.c[name]) for name in ("on_hand", "held", "allocated")]
        key = (stock_movements.c.order_id, stock_movements.c.variant_id)
        rows = tx.execute(select(*key, *sums).where(stock_movements.c.order_id.is_not(None)).group_by(*key))
        assert {(row[0], row[1]): tuple(row[2:]) for row in rows} == want
        promised = {(row.order_id, row.variant_id): row for row in tx.execute(select(holds))}
        assert set(promised) == set(want)
        for order in found:
            for line in order.lines:
                hold = promised[order.id, line.variant_id]
                assert (hold.quantity, hold.state) == (line.quantity, HELD[order.status])
        assert {row.variant_id: [row.on_hand, row.held, row.allocated] for row in tx.execute(select(stock))} == left

    def _uses(self, tx: Connection, found: list[Order]) -> None:
        """Hold one use for every order with a code, given back where the order ended; no limit is passed."""
        rows = {row.order_id: row for row in tx.execute(select(promo_uses))}
        assert set(rows) == {order.id for order in found if order.promo_code}
        codes = {row.id: row for row in tx.execute(select(promo_codes))}
        standing: Counter[int] = Counter()
        mine: Counter[tuple[int, int]] = Counter()
        for order in found:
            if use := rows.get(order.id):
                assert (codes[use.promo_id].code, use.person_id) == (order.promo_code, order.person_id)
                assert use.discount + order.points_discount.amount == order.discount.amount
                assert (use.returned_at is not None) is (order.status in ENDED)
                standing[use.promo_id] += use.returned_at is None
                mine[use.promo_id, use.person_id] += use.returned_at is None
            else:
                assert order.discount == order.points_discount
        for number, code in codes.items():
            assert code.used == standing[number]
        self.limits(codes, standing, mine)

    def limits(self, codes: dict[int, Any], standing: Counter[int], mine: Counter[tuple[int, int]]) -> None:
        """Hold every code to its limits, but for orders that were paid when their time was over (``revived``)."""
        revived = self.heard["revived"]
        for number, code in codes.items():
            assert code.use_limit is None or standing[number] <= code.use_limit + revived
        limits = {number: code.person_limit for number, code in codes.items() if code.person_limit is not None}
        assert sum(max(0, n - limits[code]) for (code, _), n in mine.items() if code in limits) <= revived

    def _points(self, tx: Connection, found: list[Order]) -> None:
        """Hold each order to the points it took, and each person to what they came with and earned."""
        spent: Counter[int] = Counter()
        balance: Counter[int] = Counter(self.given)
        for row in tx.execute(select(point_entries).where(point_entries.c.kind != "adjusted")):
            spent[row.order_id or 0] -= row.points if row.kind in {"redeemed", "returned"} else 0
            balance[row.person_id] += row.points
        for order in found:
            if order.status in ENDED:
                assert spent[order.id] == 0
            elif order.status is Status.CONFIRMED and self.heard["revived"]:
                assert 0 <= spent[order.id] <= order.points_used  # the rest was spent elsewhere while it had expired
            else:
                assert spent[order.id] <= order.points_used
                assert spent[order.id] == order.points_used or self.heard["revived"]
        rows = tx.execute(
            select(point_entries.c.person_id, func.sum(point_entries.c.remaining).label("left")).group_by(
                point_entries.c.person_id
            )
        )
        lots = {row.person_id: row.left for row in rows}
        assert lots == {person: points for person, points in balance.items() if person in lots}
        assert set(lots) >= set(self.given)

    def sold_out(self) -> list[int]:
        """Which stalls were asked for at least as many units as they had."""
        asked: Counter[int] = Counter()
        for errand in self.errands:
            asked.update(errand.wants)
        return [variant for variant, units in self.units.items() if asked[variant] >= units]


def _stalls(tx: Connection, shop: Shop, units: list[int]) -> dict[int, int]:
    """Put a product with one variant on sale for each figure; returns units by variant."""
    now = shop.clock.now()
    shelf = catalog.add_category(tx, slug="market", name_en="Market", name_km="ផ្សារ")
    made = {}
    for i, count in enumerate(units):
        product = catalog.add_product(
            tx, now, category_id=shelf, slug=f"stall-{i}", name_en=f"Stall {i}", name_km=f"តូប {i}"
        )
        variant = catalog.add_variant(tx, product, sku=f"STALL-{i}", price=150 + 37 * i, name_en="One", name_km="មួយ")
        stock_store.receive(tx, variant, count, now)
        made[variant] = count
    return made


def _orders(tx: Connection) -> list[Order]:
    ids = list(tx.execute(select(orders.c.id).order_by(orders.c.id)).scalars())
    found = [orders_store.by_id(tx, number) for number in ids]
    return [order for order in found if order is not None]


def _money(tx: Connection, found: list[Order]) -> None:
    """Hold every order's sum, and one payment at most kept for each; nobody works on what was not paid."""
    kept = Counter(tx.execute(select(payment_attempts.c.order_id).where(payment_attempts.c.state == "paid")).scalars())
    for order in found:
        assert order.subtotal == sum((line.total for line in order.lines), order.subtotal * 0)
        assert order.total == order.subtotal - order.discount + order.delivery_fee
        assert kept[order.id] <= 1
        if order.payment_method is PaymentMethod.KHQR and order.status not in {*ENDED, Status.PENDING}:
            assert (kept[order.id], order.payment_status) == (1, PaymentStatus.PAID)
