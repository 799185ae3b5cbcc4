"""Promo codes under customers who try and admins who slip: each limit holds in the order itself, whatever was seen."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.carts import service as carts
from core.checkout import service as checkout
from core.checkout.service import Wish
from core.clock import SteppedClock
from core.errors import OutOfDate, Refused
from core.money import usd
from core.orders.rules import Move, Order, PaymentMethod, PaymentStatus, Status
from core.people.rules import Person, Role
from core.promotions import drafting, service
from core.promotions.drafting import PromoField
from core.promotions.rules import PromoKind
from core.settings import service as settings
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders

COD = PaymentMethod.COD


async def _boss(shop: Shop) -> Person:
    return await builders.worker(shop, Role.OWNER, 9001, "Boss")


async def _typed(shop: Shop, units: int = 1, number: int = 1001) -> tuple[Person, int, int]:
    """Somebody whose cart has ROSE10: who, which cart, the total they see."""
    person, rose = await builders.customer(shop, number), await builders.product(shop, sku=f"R{number}")
    cart_id = await builders.cart(shop, person, (rose, units))
    return person, cart_id, (await builders.type_promo(shop, person, cart_id, "rose10")).total.amount


async def test_two_carts_of_one_person_at_once(shop: Shop) -> None:
    """One use each: basket and "buy now" are ordered in the same moment, one of them with the code."""
    await builders.promo(shop, person_limit=1)
    dara, bought, total = await _typed(shop)
    rose = await builders.product(shop)
    basket = (await carts.add(shop, dara, rose)).id
    seen = await builders.type_promo(shop, dara, basket, "rose10")
    assert seen.total.amount == total
    wishes = [Wish(cart_id, COD, total) for cart_id in (bought, basket)]
    done = await asyncio.gather(*(checkout.place(shop, dara, wish) for wish in wishes), return_exceptions=True)
    made = [one for one in done if isinstance(one, Order)]
    (late,) = [one for one in done if isinstance(one, OutOfDate | Refused)]
    assert ([one.promo_code for one in made], late.key in {"errors.price_moved", "errors.promo_used"}) == (
        ["ROSE10"], True)  # fmt: skip
    await builders.sound(shop)


@pytest.mark.parametrize(
    ("values", "why"),
    [({"active": False}, "promo_unknown"), ({"minimum": 2500}, "promo_minimum"), ({"value": 50}, None),
     ({"starts_at": datetime(2027, 1, 1, tzinfo=UTC)}, "promo_early")],
    ids=["off", "minimum", "value", "later"],
)  # fmt: skip
async def test_a_code_changed_between_cart_and_order(sqlite_shop: Shop, values: dict[str, Any], why: str) -> None:
    """Nothing is ordered at a price nobody saw: the customer hears it, the review says why, once."""
    shop, promo = sqlite_shop, await builders.promo(sqlite_shop)
    dara, cart_id, total = await _typed(shop)
    await service.edit(shop, await _boss(shop), promo.id, promo.stamp, values)
    with pytest.raises(OutOfDate) as moved:
        await checkout.place(shop, dara, Wish(cart_id, COD, total))
    seen = await checkout.review(shop, dara, cart_id)
    assert (moved.value.key, seen.promo_refused.key if seen.promo_refused else None) == (
        "errors.price_moved", why and f"errors.{why}")  # fmt: skip
    made = await checkout.place(shop, dara, Wish(cart_id, COD, seen.total.amount))
    assert made.discount == (usd(0) if why else usd(600))


async def test_a_code_renamed_while_carts_hold_it(sqlite_shop: Shop) -> None:
    """Who typed it has it still, by its new name; the old one is nobody's, and free for another."""
    shop, promo = sqlite_shop, await builders.promo(sqlite_shop)
    dara, cart_id, total = await _typed(shop)
    await service.edit(shop, await _boss(shop), promo.id, promo.stamp, {"code": "LOTUS"})
    made = await checkout.place(shop, dara, Wish(cart_id, COD, total))
    assert (made.promo_code, made.discount) == ("LOTUS", usd(120))
    with pytest.raises(Refused):
        await _typed(shop, number=1002)


async def test_below_the_minimum_again(sqlite_shop: Shop) -> None:
    """Enough when the code was typed, then something is taken out: no discount by what the cart once held."""
    shop = sqlite_shop
    await builders.promo(shop, minimum=2000)
    dara, cart_id, total = await _typed(shop, 2)
    (line,) = (await carts.cart(shop, dara, cart_id)).lines
    await carts.change(shop, dara, cart_id, line.variant_id, 1)
    with pytest.raises(OutOfDate):
        await checkout.place(shop, dara, Wish(cart_id, COD, total))
    seen = await checkout.review(shop, dara, cart_id)
    assert (seen.discount, seen.total, seen.promo_refused is not None) == (usd(0), usd(1350), True)


async def test_a_day_ends_at_the_shops_own_midnight(sqlite_config: Any, open_shop: OpenShop) -> None:
    """Until 31.12.2026 as an admin types it: good at 23:59:59 in Phnom Penh, over at 00:00:00, not at UTC's."""
    clock = SteppedClock()
    shop = await open_shop(sqlite_config, clock)
    typed = drafting.typed(PromoField.END, "31.12.2026", clock.now(), shop.config.zone)
    await builders.promo(shop, **typed)
    clock.move(datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC) - clock.now())
    dara, cart_id, total = await _typed(shop)
    other, late, _ = await _typed(shop, number=1002)
    assert (await checkout.place(shop, dara, Wish(cart_id, COD, total))).discount == usd(120)
    clock.move(timedelta(seconds=1))
    with pytest.raises(OutOfDate):
        await checkout.place(shop, other, Wish(late, COD, total))
    seen = await checkout.review(shop, other, late)
    assert seen.promo_refused is not None
    assert seen.promo_refused.key == "errors.promo_over"


@pytest.mark.parametrize("promo", [{"value": 100}, {"kind": PromoKind.FIXED, "value": 5000}], ids=["percent", "fixed"])
async def test_an_order_that_costs_nothing_comes_to_its_end(sqlite_shop: Shop, promo: dict[str, Any]) -> None:
    """All of the goods for nothing, delivery free: no QR of $0.00; delivered without a coin, and nobody holds cash."""
    shop = sqlite_shop
    await builders.with_khqr(shop)
    await settings.change(shop.db, shop.clock, "fee_capital", 0, None)
    await builders.promo(shop, **promo)
    dara, cart_id, total = await _typed(shop)
    assert total == 0
    with pytest.raises(Refused) as refused:
        await checkout.place(shop, dara, Wish(cart_id, PaymentMethod.KHQR, 0))
    assert refused.value.key == "errors.khqr_too_little"
    made = await checkout.place(shop, dara, Wish(cart_id, COD, 0))
    sokha = await builders.worker(shop)
    made = await builders.moved(shop, sokha, made, Move.PREPARE, Move.READY, Move.OUT, Move.DELIVER)
    assert (made.status, made.payment_status) == (Status.DELIVERED, PaymentStatus.PAID)
    await builders.sound(shop)
