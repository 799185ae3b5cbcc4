"""A promo code on its way: typed for a cart, charged in the order, given back with it; never more uses than it has."""

import asyncio
from datetime import timedelta

import pytest

from core.cards import order_card, review_card
from core.carts import service as carts
from core.checkout import service as checkout
from core.checkout.service import Wish
from core.errors import NotAllowed, NotFound, OutOfDate, Refused, ShopError
from core.fulfilment import settle
from core.fulfilment.expiry import expire_orders
from core.fulfilment.polling import poll
from core.money import usd
from core.orders.rules import Move, Order, PaymentMethod, Status
from core.promotions import service as promotions
from core.promotions import store
from core.promotions.rules import PromoKind
from core.shop import Shop, reader
from tests.support import builders


async def _used(shop: Shop, code: str = "ROSE10") -> int:
    found = await shop.db.read(store.by_code, code)
    assert found is not None
    return found.used


async def test_typed_shown_charged_and_kept(shop: Shop) -> None:
    """A code in small letters takes ten percent off the goods, not the delivery; card, order and use agree (hole 9)."""
    await builders.promo(shop)
    person = await builders.customer(shop)
    cart_id = await builders.cart(shop, person, (await builders.product(shop), 2))
    found = await builders.type_promo(shop, person, cart_id, " rose10 ")
    assert (found.subtotal, found.discount, found.fee, found.total) == (usd(2400), usd(240), usd(150), usd(2310))
    card = review_card(shop, found, reader(person))
    assert ("Discount ROSE10", "-$2.40") in card.totals

    made = await builders.place(shop, person, cart_id)
    assert (made.discount, made.total, made.promo_code) == (usd(240), usd(2310), "ROSE10")
    assert ("Discount ROSE10", "-$2.40") in order_card(shop, made, reader(person)).totals
    assert await _used(shop) == 1
    await builders.sound(shop)


async def test_a_refused_code_leaves_cart_and_question(shop: Shop) -> None:
    """A wrong code says so and may be typed again at once; the cart keeps the code it had."""
    await builders.promo(shop)
    await builders.promo(shop, "BIG", minimum=10_000)
    person = await builders.customer(shop)
    cart_id = await builders.cart(shop, person, (await builders.product(shop), 1))
    await builders.type_promo(shop, person, cart_id, "rose10")
    for text, key in (("nothing", "promo_unknown"), ("big", "promo_minimum"), ("❤", "promo_unknown")):
        with pytest.raises(Refused) as caught:
            await builders.type_promo(shop, person, cart_id, text)
        assert caught.value.key == f"errors.{key}"
    assert (await checkout.review(shop, person, cart_id)).discount == usd(120)


async def test_taken_off_again(shop: Shop) -> None:
    """Without the code the cart costs what it did; nobody touches another's cart, or one that was ordered."""
    await builders.promo(shop)
    person, other = await builders.customer(shop), await builders.customer(shop, 1002)
    cart_id = await builders.cart(shop, person, (await builders.product(shop), 1))
    await builders.type_promo(shop, person, cart_id, "ROSE10")
    with pytest.raises(NotFound):
        await checkout.drop_promo(shop, other, cart_id)
    await checkout.drop_promo(shop, person, cart_id)
    assert (await checkout.review(shop, person, cart_id)).total == usd(1350)
    await builders.place(shop, person, cart_id)
    with pytest.raises(Refused):
        await checkout.drop_promo(shop, person, cart_id)


async def test_a_code_that_ended_meanwhile_is_said_before_it_is_charged(shop: Shop) -> None:
    """Seen at the old price, nothing is ordered; the review says why the code takes nothing off, once."""
    promo = await builders.promo(shop, use_limit=1)
    person, other = await builders.customer(shop), await builders.customer(shop, 1002)
    rose = await builders.product(shop)
    mine, theirs = [await builders.cart(shop, who, (rose, 1)) for who in (person, other)]
    for who, cart_id in ((person, mine), (other, theirs)):
        await builders.type_promo(shop, who, cart_id, promo.code)
    seen = await checkout.review(shop, person, mine)
    await builders.place(shop, other, theirs)
    with pytest.raises(OutOfDate):
        await checkout.place(shop, person, Wish(mine, PaymentMethod.COD, seen.total.amount))
    card = review_card(shop, await checkout.review(shop, person, mine), reader(person))
    assert card.warnings == ("ROSE10 was used up.",)
    made = await builders.place(shop, person, mine)
    assert (made.total, made.promo_code) == (usd(1350), "")
    await builders.sound(shop)


async def _race(shop: Shop, limit: dict[str, int], people: list[int]) -> tuple[list[Order], list[ShopError]]:
    """Everybody orders at once with the same code, each having seen the discount."""
    await builders.promo(shop, **limit)
    rose = await builders.product(shop, 100)
    wishes = []
    for who in [await builders.customer(shop, number) for number in people]:
        cart_id = await builders.cart(shop, who, (rose, 1))
        total = (await builders.type_promo(shop, who, cart_id, "ROSE10")).total.amount
        wishes.append((who, Wish(cart_id, PaymentMethod.COD, total)))
    done = await asyncio.gather(*(checkout.place(shop, *one) for one in wishes), return_exceptions=True)
    assert [one for one in done if not isinstance(one, Order | ShopError)] == []
    return [one for one in done if isinstance(one, Order)], [one for one in done if isinstance(one, ShopError)]


async def test_a_limited_code_is_not_spent_beyond_by_fifty(shop: Shop) -> None:
    """Fifty people at once, three uses: three orders carry the discount, the others are told; the count is exact."""
    made, told = await _race(shop, {"use_limit": 3}, list(range(1001, 1051)))
    assert (len(made), len(told)) == (3, 47)
    assert {order.discount for order in made} == {usd(120)}
    assert await _used(shop) == 3
    await builders.sound(shop)


async def test_cancelled_and_expired_give_the_use_back(shop: Shop) -> None:
    """A use returns with its order, once; money that comes late takes it again."""
    bank = await builders.with_khqr(shop)
    await builders.promo(shop, use_limit=1)
    made, attempt = await builders.khqr_order(shop, promo="ROSE10")
    assert await _used(shop) == 1
    for minutes in (5, 10):
        shop.clock.move(timedelta(minutes=minutes))
        await poll(shop)
        await expire_orders(shop)
    assert ((await builders.read(shop, made)).status, await _used(shop)) == (Status.EXPIRED, 0)
    bank.answers[attempt.md5] = builders.money(attempt, shop.clock.now())
    await settle.ask(shop, attempt)
    assert ((await builders.read(shop, made)).status, await _used(shop)) == (Status.CONFIRMED, 1)
    staff = await builders.worker(shop)
    await builders.moved(shop, staff, made, Move.CANCEL)
    assert await _used(shop) == 0
    await builders.sound(shop)


async def test_who_may_make_a_code(shop: Shop) -> None:
    """Admins do, staff do not; the same code twice, or one that makes no sense, is refused."""
    staff = await builders.worker(shop)
    with pytest.raises(NotAllowed):
        await promotions.create(shop, "MINE", PromoKind.FIXED, 100, by=staff)
    await builders.promo(shop)
    for code, kind, value in (
        ("rose10", PromoKind.FIXED, 5),
        ("A1", PromoKind.PERCENT, 101),
        ("A1", PromoKind.FIXED, 0),
    ):
        with pytest.raises(Refused):
            await promotions.create(shop, code, kind, value, by=None)


async def test_a_line_put_in_meanwhile_is_counted(shop: Shop) -> None:
    """The discount follows the cart: two units, twice as much off."""
    await builders.promo(shop)
    person, rose = await builders.customer(shop), await builders.product(shop)
    cart_id = await builders.cart(shop, person, (rose, 1))
    await builders.type_promo(shop, person, cart_id, "ROSE10")
    await carts.change(shop, person, cart_id, rose, 2)
    assert (await checkout.review(shop, person, cart_id)).discount == usd(240)
