"""The ledger: earned on delivery, spent soonest first, returned, expired; an invitation is rewarded once."""

import asyncio
from datetime import timedelta

from core.cards import order_card, review_card
from core.carts import service as carts
from core.checkout import service as checkout
from core.checkout.service import Wish
from core.errors import ShopError
from core.fulfilment import settle
from core.fulfilment.expiry import expire_orders
from core.fulfilment.polling import poll
from core.money import usd
from core.orders.rules import Move, Order, PaymentMethod, Status
from core.people import service as people
from core.people.rules import Person
from core.points import service, store
from core.shop import Shop, reader
from tests.support import builders

DELIVERED = (Move.PREPARE, Move.READY, Move.OUT, Move.DELIVER)


async def _balance(shop: Shop, person: Person) -> int:
    return (await service.standing(shop, person)).balance


async def _cart(shop: Shop, person: Person, units: int = 1) -> int:
    """A cart of $12.00 serums on which points are spent."""
    cart_id = await builders.cart(shop, person, (await builders.product(shop, 50), units))
    await checkout.spend_points(shop, person, cart_id, spend=True)
    return cart_id


async def test_earned_when_delivered_and_not_before(shop: Shop) -> None:
    """$13.50 paid are thirteen points, on delivery, for a year; a second "delivered" gives none."""
    person, staff = await builders.customer(shop), await builders.worker(shop)
    made = await builders.order(shop, person, await builders.product(shop))
    await builders.moved(shop, staff, made, *DELIVERED[:-1])
    assert await _balance(shop, person) == 0
    await builders.moved(shop, staff, made, Move.DELIVER)
    found = await service.standing(shop, person)
    assert (found.balance, found.worth, found.ending) == (13, usd(13), 13)
    assert found.ends_at == shop.clock.now() + timedelta(days=365)
    await builders.sound(shop)


async def test_spent_shown_charged_and_returned(shop: Shop) -> None:
    """Points take their worth off the goods; review, order and card say so; a cancelled order gives them back, once."""
    person = await builders.customer(shop)
    await builders.give_points(shop, person, 320)
    cart_id = await _cart(shop, person)
    found = await checkout.review(shop, person, cart_id)
    assert (found.discount, found.total) == (usd(320), usd(1030))
    assert ("320 points", "-$3.20") in review_card(shop, found, reader(person)).totals
    made = await builders.place(shop, person, cart_id)
    assert (made.total, made.points_used, made.points_discount) == (usd(1030), 320, usd(320))
    assert ("320 points", "-$3.20") in order_card(shop, made, reader(person)).totals
    assert await _balance(shop, person) == 0
    await builders.moved(shop, person, made, Move.CANCEL)
    assert await _balance(shop, person) == 320
    await builders.sound(shop)


async def test_with_a_promo_code_beside_them(shop: Shop) -> None:
    """The code is taken off first; points take the rest at most; each is shown and counted for itself."""
    await builders.promo(shop, value=50)
    person = await builders.customer(shop)
    await builders.give_points(shop, person, 5000)
    cart_id = await _cart(shop, person)
    found = await builders.type_promo(shop, person, cart_id, "rose10")
    assert (found.discount, found.points.points, found.total) == (usd(1200), 600, usd(150))
    made = await builders.place(shop, person, cart_id)
    card = order_card(shop, made, reader(person))
    assert {("Discount ROSE10", "-$6.00"), ("600 points", "-$6.00")} <= set(card.totals)
    assert await _balance(shop, person) == 4400
    await builders.sound(shop)


async def test_the_same_points_are_spent_once_by_two_orders(shop: Shop) -> None:
    """Two carts ordered at once, three taps each, points for one: one order gets them, the other cart is told."""
    person = await builders.customer(shop)
    await builders.give_points(shop, person, 320)
    rose = await builders.product(shop, 50)
    basket = await carts.add(shop, person, rose)
    bought = await builders.cart(shop, person, (rose, 1))
    for cart_id in (basket.id, bought):
        await checkout.spend_points(shop, person, cart_id, spend=True)
    wishes = [Wish(cart_id, PaymentMethod.COD, 1030) for cart_id in (basket.id, bought) for _ in range(3)]
    done = await asyncio.gather(*(checkout.place(shop, person, wish) for wish in wishes), return_exceptions=True)
    assert len({one.id for one in done if isinstance(one, Order)}) == 1
    assert [one for one in done if not isinstance(one, Order | ShopError)] == []
    assert await _balance(shop, person) == 0
    await builders.sound(shop)


async def test_those_that_end_first_are_spent_first_and_the_rest_expires(shop: Shop) -> None:
    """Lots go soonest first; what is over cannot be spent, even before the job wrote it off; the job writes it once."""
    person = await builders.customer(shop)
    for amount, days in ((100, 30), (200, 10), (300, None)):
        await builders.give_points(shop, person, amount, days)
    assert (await service.standing(shop, person)).ending == 200
    cart_id = await builders.cart(shop, person, (await builders.product(shop, cents=250), 1))
    await checkout.spend_points(shop, person, cart_id, spend=True)
    made = await builders.place(shop, person, cart_id)
    assert made.points_used == 250
    assert (await service.standing(shop, person)).ending == 50
    shop.clock.move(timedelta(days=30))
    assert await _balance(shop, person) == 300
    assert await service.expire(shop) == 1
    assert await service.expire(shop) == 0
    assert await _balance(shop, person) == 300
    await builders.sound(shop)


async def test_money_that_comes_late_takes_the_points_again(shop: Shop) -> None:
    """Expired, the points are back; paid after all, they are taken again, as far as they are still there."""
    bank = await builders.with_khqr(shop)
    person = await builders.customer(shop)
    await builders.give_points(shop, person, 320)
    made = await builders.place(shop, person, await _cart(shop, person), PaymentMethod.KHQR)
    (attempt,) = await builders.attempts(shop, made)
    for minutes in (5, 10):
        shop.clock.move(timedelta(minutes=minutes))
        await poll(shop)
        await expire_orders(shop)
    assert await _balance(shop, person) == 320
    await builders.place(shop, person, await _small(shop, person))
    bank.answers[attempt.md5] = builders.money(attempt, shop.clock.now())
    await settle.ask(shop, attempt)
    assert (await builders.read(shop, made)).status is Status.CONFIRMED
    assert await _balance(shop, person) == 0
    await builders.sound(shop)


async def _small(shop: Shop, person: Person) -> int:
    cart_id = await builders.cart(shop, person, (await builders.product(shop, cents=100, sku="SMALL-1"), 1))
    await checkout.spend_points(shop, person, cart_id, spend=True)
    return cart_id


async def _friends(shop: Shop, phone: str = "+85512000002") -> tuple[Person, Person]:
    """Somebody and the friend who came by their invitation, each with a phone."""
    host = await builders.customer(shop)
    await people.say_phone(shop, host, builders.PHONE)
    friend = await builders.customer(shop, 1002, "Bopha")
    await people.say_phone(shop, friend, phone)
    assert await service.brought_by(shop, friend, (await service.standing(shop, host)).referral_code)
    return host, friend


async def test_a_friend_rewards_both_with_the_first_parcel_only(shop: Shop) -> None:
    """100 for who invited and 50 for the friend, on the first delivered order; the second gives what any order does."""
    host, friend = await _friends(shop)
    staff = await builders.worker(shop)
    rose = await builders.product(shop)
    await builders.moved(shop, staff, await builders.order(shop, friend, rose), *DELIVERED)
    assert (await _balance(shop, host), await _balance(shop, friend)) == (100, 50 + 13)
    await builders.moved(shop, staff, await builders.order(shop, friend, rose), *DELIVERED)
    found = await service.standing(shop, host)
    assert (found.balance, found.friends, await _balance(shop, friend)) == (100, 1, 50 + 26)
    await builders.sound(shop)


async def test_nobody_brings_themselves(shop: Shop) -> None:
    """One's own code, a circle, a second invitation, an old customer: no difference; the same phone: no reward."""
    host, friend = await _friends(shop, builders.PHONE)
    codes = {who.id: (await service.standing(shop, who)).referral_code for who in (host, friend)}
    assert not await service.brought_by(shop, host, codes[host.id])
    assert not await service.brought_by(shop, host, codes[friend.id])
    assert not await service.brought_by(shop, friend, codes[host.id])
    third = await builders.customer(shop, 1003)
    shop.clock.move(timedelta(days=2))
    assert not await service.brought_by(shop, third, codes[host.id])
    assert not await service.brought_by(shop, third, "no-such-00")
    staff = await builders.worker(shop)
    await builders.moved(shop, staff, await builders.order(shop, friend, await builders.product(shop)), *DELIVERED)
    assert (await _balance(shop, host), await _balance(shop, friend)) == (0, 13)
    assert await shop.db.read(store.friends, host.id) == 0
