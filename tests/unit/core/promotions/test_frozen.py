"""What an order used stays as it was: the code's terms, who brought the customer, at which rate."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from core.changes import Changes
from core.database.engine import SqliteDatabase
from core.database.tables import promo_uses
from core.errors import Refused
from core.money import usd
from core.orders.rules import Order
from core.people.rules import Person, Role
from core.promoters import service as promoters
from core.promoters import store
from core.promoters.rules import PromoterField
from core.promotions import service
from core.promotions.rules import Promo
from core.shop import Shop
from tests.support import builders
from tests.support.changing import change, units_of
from tests.unit.core.database.test_migrating_rows import AT, _to


async def _with_code(shop: Shop, telegram_id: int = 1001) -> Order:
    """An order of $24.00 of goods, with ROSE10."""
    dara, rose = await builders.customer(shop, telegram_id), await builders.product(shop, sku=f"R{telegram_id}")
    cart_id = await builders.cart(shop, dara, (rose, 2))
    await builders.type_promo(shop, dara, cart_id, "rose10")
    return await builders.place(shop, dara, cart_id)


async def _boss(shop: Shop) -> Person:
    return await builders.worker(shop, Role.OWNER, 9001, "Boss")


async def _now(shop: Shop, promo: Promo) -> Promo:
    return (await service.usage(shop, await _boss(shop), promo.id)).promo


async def _frozen(shop: Shop, order: Order) -> tuple[int | None, int]:
    return await shop.db.read(store.frozen, order.id)


async def test_a_changed_code_moves_no_order(shop: Shop) -> None:
    """ROSE10 becomes half off from $100, then is off: the order's discount stays, and a change of it counts as then."""
    promo, boss = await builders.promo(shop), await _boss(shop)
    order = await _with_code(shop)
    rose = order.lines[0].variant_id
    await service.edit(shop, boss, promo.id, promo.stamp, {"value": 50, "minimum": 10_000})
    await service.turn(shop, boss, promo.id, (await _now(shop, promo)).stamp, on=False)
    stands = await builders.read(shop, order)
    assert (stands.discount, stands.total, stands.version) == (usd(240), usd(2310), order.version)
    order = await change(shop, boss, order, units_of(rose, 3))
    assert (order.promo_code, order.discount) == ("ROSE10", usd(360))
    order = await change(shop, boss, order, units_of(rose, 1))
    assert (order.promo_code, order.discount) == ("ROSE10", usd(120))
    assert await builders.count(shop, promo_uses, promo_uses.c.value == 10, promo_uses.c.discount == 120) == 1
    with pytest.raises(Refused):
        await _with_code(shop, 1002)
    await builders.sound(shop)


async def test_who_brought_a_customer_and_at_which_rate(sqlite_shop: Shop) -> None:
    """10 % as it was placed stays 10 % when Chan gets 20; who is off earns nothing by new orders; no code, nobody."""
    shop, boss = sqlite_shop, await _boss(sqlite_shop)
    chan = await promoters.add(shop, boss, "Chan", 1000)
    promo = await builders.promo(shop, promoter_id=chan.id)
    first = await _with_code(shop)
    assert await _frozen(shop, first) == (chan.id, 1000)
    chan = await promoters.edit(shop, boss, chan.id, chan.stamp, PromoterField.RATE, 2000)
    second = await _with_code(shop, 1002)
    chan = await promoters.turn(shop, boss, chan.id, chan.stamp, on=False)
    third = await _with_code(shop, 1003)
    assert [await _frozen(shop, one) for one in (first, second, third)] == [(chan.id, 1000), (chan.id, 2000), (None, 0)]
    assert third.discount == usd(240)
    await service.edit(shop, boss, promo.id, promo.stamp, {"promoter_id": None})
    assert await _frozen(shop, first) == (chan.id, 1000)
    plain = await builders.order(shop, await builders.customer(shop, 1004), second.lines[0].variant_id)
    assert await _frozen(shop, plain) == (None, 0)
    assert (await promoters.get(shop, boss, chan.id)).codes == 0


async def test_a_code_that_falls_away_takes_its_promoter_along(sqlite_shop: Shop) -> None:
    """Changed below the minimum the order has no code, so nobody brought its customer; before it has both."""
    shop, boss = sqlite_shop, await _boss(sqlite_shop)
    chan = await promoters.add(shop, boss, "Chan", 750)
    await builders.promo(shop, minimum=2000, promoter_id=chan.id)
    order = await _with_code(shop)
    rose = order.lines[0].variant_id
    order = await change(shop, boss, order, units_of(rose, 3))
    assert await _frozen(shop, order) == (chan.id, 750)
    order = await change(shop, boss, order, units_of(rose, 1))
    assert (order.promo_code, await _frozen(shop, order)) == ("", (None, 0))


def _old(tx: Connection) -> None:
    """Two orders of a schema before, one with a code of a promoter, that a customer took back."""

    def run(table: str, **values: Any) -> None:
        names = ", ".join(values)
        tx.execute(text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in values)})"), values)

    at = AT.strip("'")
    run("promoters", id=7, name="Chan", rate=750, active=True, created_at=at)
    run(
        "promo_codes", id=3, code="ROSE10", kind="percent", value=10, cap=500, minimum=100, promoter_id=7, created_at=at
    )
    run("people", id=1, telegram_id=1001, name="Dara", created_at=at, seen_at=at)
    for i, code in enumerate(("ROSE10", ""), 1):
        run("carts", id=i, person_id=1, kind="basket", state="ordered", created_at=at, updated_at=at)
        run("orders", id=i, number=f"MD{i}", cart_id=i, person_id=1, tracking_token=f"t{i}", parcel_token=f"p{i}",
            status="cancelled", payment_method="cod", payment_status="unpaid", currency="USD", subtotal=1200,
            discount=120, delivery_fee=0, total=1080, promo_code=code, riel_rate=4100, language="en", recipient="x",
            phone="1", address="{}", placed_at=at, updated_at=at)  # fmt: skip
    run("promo_uses", promo_id=3, person_id=1, order_id=1, discount=120, used_at=at, returned_at=at)


async def test_orders_of_before_take_what_their_code_is(tmp_path: Path) -> None:
    """Brought up to date, a use knows the terms of its code, and an order who brought its customer."""
    database = await SqliteDatabase.open(tmp_path / "old.sqlite3", Changes())
    await database.write(_to, "0022")
    await database.write(_old)
    await database.write(_to, "0023")

    def found(tx: Connection) -> list[list[tuple[Any, ...]]]:
        asked = ("SELECT kind, value, cap, minimum FROM promo_uses",
                 "SELECT promoter_id, commission_rate FROM orders ORDER BY id")  # fmt: skip
        return [[tuple(row) for row in tx.execute(text(one))] for one in asked]

    told = await database.read(found)
    await database.close()
    assert told == [[("percent", 10, 500, 100)], [(7, 750), (None, 0)]]
