"""Two use cases that take the same rows from two ends: whoever comes second waits, nobody meets a deadlock."""

import asyncio
from datetime import timedelta

from core.checkout import service as checkout
from core.checkout.service import Wish
from core.fulfilment import service as fulfilment
from core.fulfilment.expiry import expire_orders
from core.orders.rules import Order, PaymentMethod, PaymentStatus, Status
from core.people.rules import Person
from core.shop import Shop
from tests.support import builders
from tests.support.builders import ScriptedBank

PEOPLE = 12
FEW = 5
"""Few enough for each to have a connection while everybody else has one too."""


async def _placed(shop: Shop, buyers: list[Person], rose: int, method: PaymentMethod) -> list[tuple[Person, Wish]]:
    """Fill a cart each, with the code typed and all points on it; returns what each would press."""
    wishes = []
    for person in buyers:
        cart_id = await builders.cart(shop, person, (rose, 1))
        await builders.type_promo(shop, person, cart_id, "ROSE10")
        await checkout.spend_points(shop, person, cart_id, spend=True)
        found = await checkout.review(shop, person, cart_id)
        wishes.append((person, Wish(cart_id, method, found.total.amount)))
    return wishes


async def _expired(shop: Shop, bank: ScriptedBank, buyers: list[Person], rose: int) -> list[Order]:
    """Orders by KHQR that ran out; since then the money of each is in the bank."""
    wishes = await _placed(shop, buyers, rose, PaymentMethod.KHQR)
    made = [await checkout.place(shop, person, wish) for person, wish in wishes]
    shop.clock.move(timedelta(minutes=16))
    await asyncio.gather(*(fulfilment.ask_bank(shop, p, o.id) for p, o in zip(buyers, made, strict=True)))
    await expire_orders(shop)
    shop.clock.move(timedelta(minutes=1))
    for order in made:
        (qr,) = await builders.attempts(shop, order)
        bank.answers[qr.md5] = builders.money(qr, shop.clock.now())
    return made


async def test_money_that_comes_late_while_others_buy_with_the_same_code(shop: Shop) -> None:
    """Orders that had expired stand again, new ones are placed: the same code, the same goods, the same people."""
    bank = await builders.with_khqr(shop)
    await builders.promo(shop)
    rose, buyers = await builders.product(shop, 100), await builders.crowd(shop, PEOPLE)
    for person in buyers:
        await builders.give_points(shop, person, 5_000)
    late = await _expired(shop, bank, buyers, rose)
    wishes = await _placed(shop, buyers, rose, PaymentMethod.COD)
    paying = [fulfilment.ask_bank(shop, p, o.id) for p, o in zip(buyers, late, strict=True)]
    placing = [checkout.place(shop, person, wish) for person, wish in wishes]
    done = await asyncio.gather(*(work for pair in zip(paying, placing, strict=True) for work in pair))
    assert {(o.status, o.payment_status) for o in done[::2]} == {(Status.CONFIRMED, PaymentStatus.PAID)}
    assert await builders.figures(shop, rose) == (100, PEOPLE, PEOPLE)
    await builders.sound(shop)


async def test_buy_now_pressed_while_the_last_one_is_being_ordered(shop: Shop) -> None:
    """Everybody orders with points and taps "buy now" on something else: ordered once, or dropped and nothing of it."""
    await builders.promo(shop)
    rose, buyers = await builders.product(shop, 100), await builders.crowd(shop, FEW)
    mask, made = await builders.product(shop, 100, sku="MASK"), 0
    for person in buyers:
        await builders.give_points(shop, person, 5_000)
    for _ in range(4):
        wishes = await _placed(shop, buyers, rose, PaymentMethod.COD)
        tapping = [builders.cart(shop, person, (mask, 1)) for person in buyers]
        placing = [checkout.place(shop, person, wish) for person, wish in wishes]
        work = (one for pair in zip(placing, tapping, strict=True) for one in pair)
        done = await asyncio.gather(*work, return_exceptions=True)
        assert {getattr(one, "key", repr(one)) for one in done if isinstance(one, Exception)} <= {"errors.cart_dropped"}
        made += len([one for one in done if isinstance(one, Order)])
        assert await builders.figures(shop, rose) == (100, made, 0)
    await builders.sound(shop)
