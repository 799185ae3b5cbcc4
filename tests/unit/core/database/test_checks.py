"""The last wall: the database itself refuses what no code of ours should ever write."""

from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Connection, Table, insert, text
from sqlalchemy.exc import IntegrityError, StatementError

from core.cash import store as cash
from core.cash.rules import Cash
from core.database import tables
from core.database.tables import metadata
from core.money import usd
from core.orders.rules import Order
from core.payments.rules import Attempt
from core.settlements import store as settlements
from core.settlements.rules import CaseKind, Kind, Source
from core.shop import Shop
from tests.support import builders

RULES = [
    ("stock", "held = on_hand + 1"),
    ("stock", "allocated = on_hand + 1"),
    ("stock", "held = -1"),
    ("stock", "allocated = -1"),
    ("stock", "on_hand = 0"),
    ("stock_movements", "on_hand = 0, held = 0, allocated = 0"),
    ("holds", "quantity = 0"),
    ("variants", "price = 0"),
    ("variants", "price = -5"),
    ("variants", "old_price = price"),
    ("cart_lines", "quantity = 0"),
    ("cart_lines", "quantity = -1"),
    ("cart_lines", "quantity = 1000"),
    ("orders", "subtotal = 0, total = delivery_fee"),
    ("orders", "discount = -1, total = total + 1"),
    ("orders", "delivery_fee = -1, total = subtotal - 1"),
    ("orders", "total = total + 1"),
    ("order_lines", "quantity = 0"),
    ("order_lines", "unit_price = 0"),
    ("payment_attempts", "amount = 0"),
    ("promo_codes", "value = 0"),
    ("promo_codes", "value = 101"),
    ("promo_codes", "minimum = -1"),
    ("promo_codes", "cap = 0"),
    ("promo_codes", "used = -1"),
    ("promo_codes", "code = lower(code)"),
    ("promo_uses", "discount = -1"),
    ("promoters", "rate = -1"),
    ("promoters", "rate = 10001"),
    ("goods_receipts", "quantity = 0"),
    ("goods_receipts", "unit_cost = -1"),
    ("variants", "cost = -1"),
    ("hero_slides", "file = '', url = ''"),
    ("subscribers", "email = '', phone = ''"),
    ("media_files", "bytes = -1"),
    ("point_entries", "points = 0, remaining = 0"),
    ("point_entries", "remaining = -1"),
    ("point_entries", "remaining = points + 1"),
    ("reviews", "stars = 0"),
    ("reviews", "stars = 6"),
    ("payment_cases", "amount = -1"),
    ("payment_cases", "state = 'done'"),
    ("settlements", "amount = 0"),
    ("settlements", "amount = -1"),
    ("cash_collections", "expected = 0"),
    ("cash_collections", "cents = -1"),
    ("cash_collections", "riel = -1"),
    ("cash_hand_ins", "cents = -1"),
    ("cash_hand_ins", "riel = -1"),
    ("cash_hand_ins", "state = 'confirmed'"),
]
"""Table and the change that must be refused."""


async def _one_of_each(shop: Shop) -> tuple[Order, Attempt]:
    await builders.with_khqr(shop)
    await builders.promo(shop)
    dara = await builders.customer(shop)
    await builders.give_points(shop, dara, 100)
    order, attempt = await builders.khqr_order(shop, promo="ROSE10")

    def money(tx: Connection) -> None:
        now = shop.clock.now()
        settlements.open_case(tx, order.id, CaseKind.CLAIMED, usd(100), now)
        settlements.book(tx, order.id, Kind.RECEIVED, Source.CASH, usd(100), now)
        settlements.book(tx, order.id, Kind.OWED, Source.STAFF, usd(100), now)
        settlements.book(tx, order.id, Kind.REFUNDED, Source.STAFF, usd(100), now)
        cash.collect(tx, order.id, dara.id, usd(100), Cash(100), now)
        cash.hand_in(tx, dara.id, now)
        said = {"order_line_id": 1, "product_id": 1, "person_id": dara.id, "stars": 5}
        tx.execute(insert(tables.reviews).values(created_at=now, updated_at=now, **said))
        tx.execute(insert(tables.promoters).values(name="Sokha", rate=1000, created_at=now))
        tx.execute(insert(tables.goods_receipts).values(variant_id=1, quantity=1, unit_cost=1, at=now))
        tx.execute(insert(tables.hero_slides).values(kind="url", url="https://shop.example", created_at=now))
        tx.execute(insert(tables.subscribers).values(email="dara@shop.example", subscribed_at=now))
        tx.execute(insert(tables.media_files).values(path="products/a.webp", kind="products", bytes=1, written_at=now))

    await shop.db.write(money)
    return order, attempt


async def _refused(shop: Shop, statement: str) -> bool:
    try:
        await shop.db.write(lambda tx: tx.execute(text(statement)))
    except IntegrityError:
        return True
    return False


async def _rows(shop: Shop, table: str) -> list[Any]:
    """Every row of a table, as it stands."""
    return list(await shop.db.read(lambda tx: tx.execute(metadata.tables[table].select()).all()))


async def test_every_rule_refuses(shop: Shop) -> None:
    """Each forbidden value, tried on a row that is there, is refused; the rows are as before."""
    await _one_of_each(shop)
    before = {table: await _rows(shop, table) for table, _ in RULES}
    for table, change in RULES:
        assert await builders.count(shop, metadata.tables[table]) > 0, table
        assert await _refused(shop, f"UPDATE {table} SET {change}"), (table, change)
    assert {table: await _rows(shop, table) for table in before} == before


def test_every_named_rule_is_tried() -> None:
    """A new CHECK needs its line above."""
    named = {
        table.name
        for table in metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint) and " IN (" not in str(check.sqltext)
    }
    assert named == {table for table, _ in RULES}


async def test_no_choice_takes_a_stranger(shop: Shop) -> None:
    """A word that is not in the enum is refused in every choice of every table that has a row here."""
    await _one_of_each(shop)
    await builders.worker(shop)
    for table in metadata.tables.values():
        for check in table.constraints:
            if isinstance(check, CheckConstraint) and " IN (" in str(check.sqltext):
                column = str(check.sqltext).split(" IN ")[0]
                if await builders.count(shop, table):
                    assert await _refused(shop, f"UPDATE {table.name} SET {column} = 'bogus'"), (table.name, column)


async def _twice(shop: Shop, table: Table, *changed: str) -> None:
    """Write a row of ``table`` again, with new values in ``changed`` (and no id)."""

    def again(tx: Connection) -> None:
        row: dict[str, Any] = dict(tx.execute(table.select()).mappings().first() or {})
        row.pop("id", None)
        row |= {name: f"{row[name]}x"[-20:] for name in changed}
        tx.execute(table.insert().values(row))

    await shop.db.write(again)


@pytest.mark.parametrize(
    ("table", "changed"),
    [
        (tables.people, ()),
        (tables.orders, ("number", "tracking_token", "parcel_token")),
        (tables.orders, ("tracking_token", "parcel_token")),
        (tables.holds, ()),
        (tables.order_lines, ()),
        (tables.payment_attempts, ("bill_number",)),
        (tables.payment_attempts, ("md5",)),
        (tables.payment_attempts, ("md5", "bill_number")),
        (tables.variants, ()),
        (tables.outbox, ()),
    ],
    ids=lambda value: value.name if isinstance(value, Table) else "+".join(value),
)
async def test_what_is_unique_stays_so(sqlite_shop: Shop, table: Table, changed: tuple[str, ...]) -> None:
    """One person a Telegram id, one order a cart and number, one live QR an order, one waiting message a card."""
    await _one_of_each(sqlite_shop)
    with pytest.raises(IntegrityError):
        await _twice(sqlite_shop, table, *changed)


async def test_a_bank_transaction_stands_once(shop: Shop) -> None:
    """The same hash on two attempts is refused by the database itself."""
    order, attempt = await _one_of_each(shop)
    rose = order.lines[0].variant_id
    await builders.order(shop, await builders.customer(shop, 1002), rose, 1, order.payment_method)
    assert await _refused(shop, "UPDATE payment_attempts SET bank_hash = 'same'")
    assert attempt.bank_hash is None


async def test_a_moment_needs_its_zone(shop: Shop) -> None:
    """A naive datetime is refused before it reaches the database; an aware one comes back the same instant, in UTC."""
    now = shop.clock.now()
    naive = now.replace(tzinfo=None)
    with pytest.raises(StatementError, match="a moment needs its zone"):
        await shop.db.write(builders.people_store.arrive, 1, "A", "", naive)
    abroad = now.astimezone(shop.config.zone)
    person = await shop.db.write(builders.people_store.arrive, 1, "A", "", abroad)
    found = await shop.db.read(lambda tx: tx.execute(tables.people.select()).one())
    assert (person.id, found.seen_at) == (found.id, now)
    assert found.seen_at.tzinfo is not None
