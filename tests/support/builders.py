"""What a test of the shop starts from: a stocked product, a customer with an address, an order, a bank that answers.

Everything is made through the shop's own services and read back from its real database.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from core import changes
from core.carts import store as carts
from core.carts.rules import CartLine
from core.catalog import store as catalog
from core.checkout import service as checkout
from core.checkout.rules import Review
from core.checkout.service import Wish
from core.database.tables import holds, outbox, promo_codes, promo_uses, stock, stock_movements, variants
from core.fulfilment import reconciling
from core.fulfilment import service as fulfilment
from core.messages.rules import MessageKind
from core.orders import store as orders
from core.orders.rules import Move, Order, PaymentMethod
from core.payments import store as payments
from core.payments.rules import Attempt, NotFound, Observation, Received
from core.people import service as people
from core.people import store as people_store
from core.people.rules import Person, Role
from core.points import store as points
from core.points.rules import EntryKind
from core.promotions import service as promotions
from core.promotions.rules import Promo, PromoKind
from core.settings import store as settings_store
from core.shop import Shop
from core.stock import store as stock_store

ACCOUNT = "haang_test@devb"
PHONE = "+85512000001"
STAFF_CHAT = -100200300
WHERE = {"recipient": "Buyer", "phone": PHONE, "province_code": "12", "district_code": "", "street": "12 Street 100"}


@dataclass
class ScriptedBank:
    """The far side: answers as it was told by the md5 of the QR, "no payment" where it was told nothing."""

    answers: dict[str, Observation] = field(default_factory=dict)
    otherwise: Observation = field(default_factory=NotFound)
    asked: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    can_check: bool = True

    async def check(self, md5: str) -> Observation:
        """Answer after one turn of the loop, counting how many questions are open."""
        self.asked.append(md5)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        return self.answers.get(md5, self.otherwise)

    async def deeplink(self, payload: str, app_name: str, icon_url: str, callback: str) -> str | None:
        """Make a link that names the app."""
        _ = payload, icon_url, callback
        return f"https://bank.invalid/{app_name}"

    async def close(self) -> None:
        """Hold nothing."""


def money(attempt: Attempt, at: datetime, *, amount: int | None = None, **changes: Any) -> Received:
    """Exactly what ``attempt`` asks for, come ``at``; ``changes`` say what differs."""
    values: dict[str, Any] = {"hash": f"h{attempt.id}", "account": attempt.account, "currency": attempt.currency}
    paid = attempt.amount_minor if amount is None else amount
    return Received(**(values | {"amount_minor": paid, "paid_at": at} | changes))


async def with_khqr(shop: Shop, **more: Any) -> ScriptedBank:
    """Let the shop take KHQR, with a bank that answers as it is told."""

    def write(tx: Connection) -> None:
        for key, value in {"khqr_account": ACCOUNT, **more}.items():
            settings_store.save(tx, key, value, shop.clock.now())
        changes.note(tx, "settings")

    await shop.db.write(write)
    bank = shop.bank = ScriptedBank()
    return bank


async def product(shop: Shop, units: int = 10, cents: int = 1200, sku: str = "ROSE-30", **names: str) -> int:
    """Put a product with one variant on sale; returns the variant's id."""
    words = {"name_en": f"Rose Serum {sku}", "name_km": f"សេរ៉ូម {sku}"} | names

    def write(tx: Connection) -> int:
        shelf = catalog.add_category(tx, slug=f"shelf-{sku.lower()}", name_en="Skin", name_km="ស្បែក")
        made = catalog.add_product(tx, shop.clock.now(), category_id=shelf, slug=f"p-{sku.lower()}", **words)
        variant = catalog.add_variant(tx, made, sku=sku, price=cents, name_en="30 ml", name_km="៣០ មល")
        if units:
            stock_store.receive(tx, variant, units, shop.clock.now())
        return variant

    return await shop.db.write(write)


async def shelf_of(shop: Shop, size: int) -> int:
    """One shelf with so many products of a variant each, none in stock; returns its id."""

    def write(tx: Connection) -> int:
        shelf = catalog.add_category(tx, slug="full", name_en="Full", name_km="ពេញ")
        for i in range(size):
            made = catalog.add_product(
                tx, shop.clock.now(), category_id=shelf, slug=f"full-{i}", name_en=f"Thing {i}", name_km=f"របស់ {i}"
            )
            catalog.add_variant(tx, made, sku=f"FULL-{i}", price=500)
        return shelf

    return await shop.db.write(write)


async def another_variant(shop: Shop, beside: int, sku: str, cents: int, units: int = 10, **names: str) -> int:
    """Give the product of a variant one more; returns its id."""

    def write(tx: Connection) -> int:
        of = tx.execute(select(variants.c.product_id).where(variants.c.id == beside)).scalar_one()
        made = catalog.add_variant(tx, of, sku=sku, price=cents, **names)
        if units:
            stock_store.receive(tx, made, units, shop.clock.now())
        return made

    return await shop.db.write(write)


async def customer(shop: Shop, telegram_id: int = 1001, name: str = "Dara", province: str = "12") -> Person:
    """A customer with a phone and, unless ``province`` is empty, an address there."""

    def write(tx: Connection) -> Person:
        people_store.arrive(tx, telegram_id, name, "", shop.clock.now())
        people_store.change(tx, telegram_id, phone=PHONE)
        person = people_store.by_telegram(tx, telegram_id)
        assert person is not None
        if province:
            people_store.save_address(
                tx, person.id, shop.clock.now(), **WHERE | {"province_code": province, "recipient": name}
            )
        return person

    return await shop.db.write(write)


async def crowd(shop: Shop, size: int) -> list[Person]:
    """Customers with an address each, in one transaction."""

    def write(tx: Connection) -> list[Person]:
        found = [people_store.arrive(tx, 5000 + i, f"Buyer {i}", "", shop.clock.now()) for i in range(size)]
        for person in found:
            people_store.save_address(tx, person.id, shop.clock.now(), **WHERE)
        return found

    return await shop.db.write(write)


async def carts_of(shop: Shop, wants: list[tuple[Person, list[int]]]) -> list[int]:
    """Give each person a "buy now" cart with one unit of each variant, in one transaction; returns the carts' ids."""

    def write(tx: Connection) -> list[int]:
        now = shop.clock.now()
        return [carts.open_again(tx, person.id, [CartLine(v, 1, 1200) for v in ids], now) for person, ids in wants]

    return await shop.db.write(write)


async def worker(shop: Shop, role: Role = Role.STAFF, telegram_id: int = 2001, name: str = "Sokha") -> Person:
    """Somebody who works here."""
    return await people.grant(shop, telegram_id, name, role)


async def cart(shop: Shop, person: Person, *wants: tuple[int, int], seen: int = 1200) -> int:
    """A "buy now" cart with (variant, units) lines, whatever is left of them; returns its id."""
    lines = [CartLine(variant, units, seen) for variant, units in wants]
    return await shop.db.write(carts.open_again, person.id, lines, shop.clock.now())


async def place(shop: Shop, person: Person, cart_id: int, method: PaymentMethod = PaymentMethod.COD) -> Order:
    """Order a cart for what it costs now."""
    found = await checkout.review(shop, person, cart_id)
    return await checkout.place(shop, person, Wish(cart_id, method, found.total.amount))


async def order(
    shop: Shop, person: Person, variant: int, units: int = 1, method: PaymentMethod = PaymentMethod.COD
) -> Order:
    """Order ``units`` of one variant."""
    return await place(shop, person, await cart(shop, person, (variant, units)), method)


async def khqr_order(shop: Shop, units: int = 1, stocked: int = 10, promo: str = "") -> tuple[Order, Attempt]:
    """A customer's pending KHQR order of a fresh product, with a promo code or without, and its QR."""
    person, variant = await customer(shop), await product(shop, stocked)
    cart_id = await cart(shop, person, (variant, units))
    if promo:
        await type_promo(shop, person, cart_id, promo)
    made = await place(shop, person, cart_id, PaymentMethod.KHQR)
    return made, (await attempts(shop, made))[0]


async def many_khqr_orders(shop: Shop, size: int) -> tuple[list[Order], list[Attempt]]:
    """Pending KHQR orders of ``size`` customers, and their QRs."""
    rose, buyers = await product(shop, size), await crowd(shop, size)
    ids = await carts_of(shop, [(person, [rose]) for person in buyers])
    made = [
        await checkout.place(shop, person, Wish(cart_id, PaymentMethod.KHQR, 1350))
        for person, cart_id in zip(buyers, ids, strict=True)
    ]
    return made, [(await attempts(shop, one))[0] for one in made]


async def promo(shop: Shop, code: str = "ROSE10", value: int = 10, **more: Any) -> Promo:
    """A promo code: ten percent, unless said otherwise."""
    return await promotions.create(shop, code, more.pop("kind", PromoKind.PERCENT), value, by=None, **more)


async def give_points(shop: Shop, person: Person, amount: int, days: float | None = None) -> None:
    """Give somebody a lot of points, for good or for some days."""
    now = shop.clock.now()
    ends = None if days is None else now + timedelta(days=days)
    await shop.db.write(points.earn, person.id, EntryKind.ADJUSTED, amount, now, expires_at=ends)


async def type_promo(shop: Shop, person: Person, cart_id: int, text: str) -> Review:
    """Be asked for a promo code and type one."""
    await people.ask(shop, person, "promo", cart_id=cart_id)
    question = await people.question(shop, person)
    assert question is not None
    return await checkout.use_promo(shop, person, cart_id, text, question)


async def moved(shop: Shop, person: Person, of: Order, *moves: Move) -> Order:
    """Make moves one after the other, each on the order as it stands."""
    for move in moves:
        of = await fulfilment.move(shop, person, of.id, move, (await read(shop, of)).version)
    return of


async def read(shop: Shop, of: Order) -> Order:
    """The order as it stands now."""
    found = await shop.db.read(orders.by_id, of.id)
    assert found is not None
    return found


async def attempts(shop: Shop, of: Order) -> list[Attempt]:
    """The order's QRs, the newest first."""
    return await shop.db.read(payments.of_order, of.id)


async def figures(shop: Shop, variant: int) -> tuple[int, int, int]:
    """(on hand, held, allocated) of a variant."""

    def look(tx: Connection) -> tuple[int, int, int]:
        row = tx.execute(select(stock).where(stock.c.variant_id == variant)).one()
        return row.on_hand, row.held, row.allocated

    return await shop.db.read(look)


async def owed(shop: Shop, *kinds: MessageKind) -> list[tuple[int, str]]:
    """(chat, kind) of every outbox row, or of those of some kinds."""

    def look(tx: Connection) -> list[tuple[int, str]]:
        rows = tx.execute(select(outbox.c.chat_id, outbox.c.kind).order_by(outbox.c.id))
        return [(row.chat_id, row.kind) for row in rows if not kinds or row.kind in kinds]

    return await shop.db.read(look)


async def count(shop: Shop, table: Any, *where: Any) -> int:
    """How many rows a table has."""
    return await shop.db.read(lambda tx: tx.execute(select(func.count()).select_from(table).where(*where)).scalar_one())


async def sound(shop: Shop) -> None:
    """Every unit, point, cent and use of a promo code is explained, by the shop's own checks and by sums made here."""
    assert await shop.db.read(stock_store.unexplained) == []

    def sums(tx: Connection) -> None:
        for row in tx.execute(select(stock)):
            mine = stock_movements.c.variant_id == row.variant_id
            moved_units = tx.execute(select(func.sum(stock_movements.c.on_hand)).where(mine)).scalar_one()
            assert row.on_hand == (moved_units or 0)
            for state, figure in (("active", row.held), ("committed", row.allocated)):
                held = (holds.c.variant_id == row.variant_id, holds.c.state == state)
                assert figure == (tx.execute(select(func.sum(holds.c.quantity)).where(*held)).scalar_one() or 0)

        for row in tx.execute(select(promo_codes)):
            standing = (promo_uses.c.promo_id == row.id, promo_uses.c.returned_at.is_(None))
            assert row.used == tx.execute(select(func.count()).select_from(promo_uses).where(*standing)).scalar_one()
        assert points.unexplained(tx) == []

    await shop.db.read(sums)
    assert await reconciling.differences(shop) == []


async def reprice(shop: Shop, variant: int, cents: int) -> None:
    """Change what a variant costs."""
    await shop.db.write(lambda tx: tx.execute(variants.update().where(variants.c.id == variant).values(price=cents)))


async def retire(shop: Shop, variant: int) -> None:
    """Take a variant off sale."""
    await shop.db.write(lambda tx: tx.execute(variants.update().where(variants.c.id == variant).values(active=False)))
