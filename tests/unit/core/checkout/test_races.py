"""Many at once on a real database: never oversold, never doubled, nobody meets a deadlock (reference commerce)."""

import asyncio
import random
from collections import Counter

import pytest

from core.carts import service as carts
from core.carts.rules import CartState
from core.checkout import service as checkout
from core.checkout.service import Wish
from core.config import Config
from core.database.tables import holds, orders, payment_attempts
from core.errors import OutOfDate, Refused
from core.fulfilment import service as fulfilment
from core.orders.rules import Move, Order, PaymentMethod
from core.people import service as people
from core.people.rules import Person
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders


async def _all_at_once(*work: object) -> tuple[list[Order], list[BaseException]]:
    done = await asyncio.gather(*work, return_exceptions=True)
    return [x for x in done if isinstance(x, Order)], [x for x in done if isinstance(x, BaseException)]


async def _wishes(shop: Shop, wants: list[tuple[Person, list[int]]], total: int) -> list[tuple[Person, Wish]]:
    ids = await builders.carts_of(shop, wants)
    return [(person, Wish(i, PaymentMethod.COD, total)) for (person, _), i in zip(wants, ids, strict=True)]


async def test_thirty_buyers_for_ten_units(shop: Shop) -> None:
    """Exactly ten get one, the twenty others hear "sold out"; every unit is explained."""
    rose = await builders.product(shop, 10)
    buyers = await builders.crowd(shop, 30)
    wishes = await _wishes(shop, [(person, [rose]) for person in buyers], 1350)
    made, refused = await _all_at_once(*(checkout.place(shop, p, wish) for p, wish in wishes))
    assert len(made) == 10
    assert Counter(getattr(error, "key", repr(error)) for error in refused) == {"errors.sold_out": 20}
    assert len({order.number for order in made}) == 10
    assert await builders.figures(shop, rose) == (10, 10, 0)
    assert await builders.count(shop, orders) == 10
    await builders.sound(shop)


async def test_forty_unsorted_carts_meet_no_deadlock(shop: Shop) -> None:
    """Carts that hold the same products in every order all go through."""
    shelf = [await builders.product(shop, 100, 10, f"S-{i}") for i in range(5)]
    buyers = await builders.crowd(shop, 40)
    shuffle = random.Random(7)
    wishes = await _wishes(shop, [(person, shuffle.sample(shelf, 4)) for person in buyers], 190)
    made, refused = await _all_at_once(*(checkout.place(shop, p, wish) for p, wish in wishes))
    assert (len(made), refused) == (40, [])
    assert sum([(await builders.figures(shop, variant))[1] for variant in shelf]) == 160
    await builders.sound(shop)


async def test_orders_and_cancels_of_the_same_goods_meet_no_deadlock(shop: Shop) -> None:
    """Twenty orders are cancelled by staff while twenty new ones are placed."""
    shelf = [await builders.product(shop, 100, 10, f"S-{i}") for i in range(4)]
    staff, buyers = await builders.worker(shop), await builders.crowd(shop, 40)
    shuffle = random.Random(3)
    wishes = await _wishes(shop, [(person, shuffle.sample(shelf, 3)) for person in buyers], 180)
    standing = [await checkout.place(shop, person, wish) for person, wish in wishes[:20]]
    placing = [checkout.place(shop, person, wish) for person, wish in wishes[20:]]
    cancelling = [fulfilment.move(shop, staff, order.id, Move.CANCEL, order.version) for order in standing]
    _, refused = await _all_at_once(*placing, *cancelling)
    assert refused == []
    assert sum([(await builders.figures(shop, variant))[1] for variant in shelf]) == 60
    await builders.sound(shop)


@pytest.mark.parametrize("method", [PaymentMethod.COD, PaymentMethod.KHQR])
async def test_twenty_presses_of_one_button_are_one_order(shop: Shop, method: PaymentMethod) -> None:
    """One cart submitted twenty times at once: one order, one hold, one number, one QR; all twenty get it."""
    await builders.with_khqr(shop)
    person, rose = await builders.customer(shop), await builders.product(shop, 10)
    wish = Wish(await builders.cart(shop, person, (rose, 2)), method, 2550)
    made, refused = await _all_at_once(*(checkout.place(shop, person, wish) for _ in range(20)))
    assert (len(made), refused) == (20, [])
    assert len({(order.id, order.number) for order in made}) == 1
    assert await builders.count(shop, orders) == 1
    assert await builders.count(shop, holds) == 1
    assert await builders.count(shop, payment_attempts) == (1 if method is PaymentMethod.KHQR else 0)
    assert await builders.figures(shop, rose) == (10, 2, 0)
    await builders.sound(shop)


async def test_two_staff_tap_at_once(shop: Shop) -> None:
    """One claims the order, the other is told who; the order was moved once."""
    staff = [await builders.worker(shop, telegram_id=2001 + i, name=name) for i, name in enumerate(("Sokha", "Vanna"))]
    made = await builders.order(shop, await builders.customer(shop), await builders.product(shop))
    taps = [fulfilment.move(shop, person, made.id, Move.PREPARE, made.version) for person in staff]
    won, lost = await _all_at_once(*taps)
    assert len(won) == 1
    assert isinstance(lost[0], OutOfDate)
    assert lost[0].values == {"name": won[0].holder_name}
    assert won[0].holder_name in {"Sokha", "Vanna"}
    assert await builders.figures(shop, made.lines[0].variant_id) == (10, 0, 1)
    await builders.sound(shop)


async def test_a_person_arrives_ten_times_at_once(shop: Shop) -> None:
    """The first ten messages of a stranger make one person."""
    came = await asyncio.gather(*(people.arrive(shop, 7001, "Rith") for _ in range(10)))
    assert len({person.id for person in came}) == 1


async def test_buy_now_tapped_ten_times_at_once(shop: Shop) -> None:
    """The same thing ten times is one cart with one unit; ten things are ten carts of which one stays open."""
    person, rose = await builders.customer(shop), await builders.product(shop)
    made = await asyncio.gather(*(carts.buy_now(shop, person, rose) for _ in range(10)))
    assert len({cart.id for cart in made}) == 1
    assert {line.quantity for cart in made for line in cart.lines} == {1}
    shelf = [await builders.product(shop, sku=f"S-{i}") for i in range(10)]
    made = await asyncio.gather(*(carts.buy_now(shop, person, variant) for variant in shelf))
    assert [(await carts.cart(shop, person, cart.id)).state for cart in made].count(CartState.OPEN) == 1


async def test_two_processes_share_one_database(config: Config, open_shop: OpenShop) -> None:
    """Two shops on one database sell ten units to twenty buyers once, under different numbers."""
    one, two = await open_shop(config), await open_shop(config)
    rose = await builders.product(one, 10)
    buyers = await builders.crowd(one, 20)
    wishes = await _wishes(one, [(person, [rose]) for person in buyers], 1350)
    made, refused = await _all_at_once(
        *(checkout.place((one, two)[i % 2], p, wish) for i, (p, wish) in enumerate(wishes))
    )
    assert len(made) == 10
    assert len({order.number for order in made}) == 10
    assert all(isinstance(error, Refused) for error in refused)
    await builders.sound(two)


async def test_two_processes_meet_one_double_submit(config: Config, open_shop: OpenShop) -> None:
    """The same cart pressed in two processes at once is one order."""
    one, two = await open_shop(config), await open_shop(config)
    person, rose = await builders.customer(one), await builders.product(one)
    wish = Wish(await builders.cart(one, person, (rose, 1)), PaymentMethod.COD, 1350)
    made, refused = await _all_at_once(*(checkout.place((one, two)[i % 2], person, wish) for i in range(10)))
    assert (len({order.id for order in made}), refused) == (1, [])
    await builders.sound(one)
