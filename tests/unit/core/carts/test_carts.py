"""Carts: quantities within what is left, no forged one, one open cart of a kind, closed ones left alone."""

import asyncio
from datetime import timedelta

import pytest

from core.carts import rules, service, store
from core.carts.rules import CartKind, CartLine, CartState
from core.changes import Change
from core.checkout import service as checkout
from core.checkout.service import Wish
from core.config import Config
from core.database.tables import carts
from core.errors import NotFound, OutOfDate, Refused
from core.orders.rules import PaymentMethod
from core.people import service as people
from core.people.rules import Person, Question
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.databases import beside, wait_for_lock


async def test_buy_now_is_one_unit_at_todays_price(shop: Shop) -> None:
    """A fresh cart with one unit; another thing bought before is dropped, the basket is not."""
    dara, rose = await builders.customer(shop), await builders.product(shop)
    basket = await service.add(shop, dara, rose)
    first = await service.buy_now(shop, dara, await builders.product(shop, sku="MASK-1"))
    second = await service.buy_now(shop, dara, rose)
    assert [(line.variant_id, line.quantity, line.seen_price) for line in second.lines] == [(rose, 1, 1200)]
    states = [(await service.cart(shop, dara, cart.id)).state for cart in (basket, first, second)]
    assert states == [CartState.OPEN, CartState.DROPPED, CartState.OPEN]


async def test_buy_now_again_is_the_same_cart(shop: Shop) -> None:
    """Pressed again while the address is asked, with the price moved: one unit at today's price, the same cart."""
    dara, rose = await builders.customer(shop), await builders.product(shop)
    first = await service.buy_now(shop, dara, rose)
    await service.change(shop, dara, first.id, rose, 3)
    await builders.reprice(shop, rose, 1100)
    shop.changes.ring([Change("product", rose)])
    again = await service.buy_now(shop, dara, rose)
    assert again.id == first.id
    assert [(line.quantity, line.seen_price) for line in again.lines] == [(1, 1100)]


async def test_the_basket_is_one_and_survives_a_restart(config: Config, open_shop: OpenShop) -> None:
    """Units add up in one basket, and another process finds it."""
    one, two = await open_shop(config), await open_shop(config)
    dara, rose = await builders.customer(one), await builders.product(one)
    assert await service.basket(one, dara) is None
    for _ in range(3):
        await service.add(one, dara, rose)
    found = await service.basket(two, dara)
    assert found is not None
    assert (found.kind, [line.quantity for line in found.lines]) == (CartKind.BASKET, [3])


async def test_no_more_than_what_is_left(shop: Shop) -> None:
    """The third of two is refused with what is left; a sold-out or retired product cannot be begun."""
    dara, rose = await builders.customer(shop), await builders.product(shop, 2)
    for _ in range(2):
        cart = await service.add(shop, dara, rose)
    for work in (service.add(shop, dara, rose), service.change(shop, dara, cart.id, rose, 3)):
        with pytest.raises(Refused) as refused:
            await work
        assert (refused.value.key, refused.value.values) == ("errors.only_left", {"left": 2})
    assert (await service.cart(shop, dara, cart.id)).lines[0].quantity == 2
    gone = await builders.product(shop, 0, sku="GONE-1")
    with pytest.raises(Refused):
        await service.buy_now(shop, dara, gone)
    for work in (service.buy_now(shop, dara, 999), service.add(shop, dara, 999)):
        with pytest.raises(NotFound):
            await work


@pytest.mark.parametrize("forged", [-1, -1000, 1000, 10**12])
async def test_a_forged_quantity_is_refused(shop: Shop, forged: int) -> None:
    """Below nothing or far above everything: refused, the cart as before (hole 2)."""
    dara, rose = await builders.customer(shop), await builders.product(shop, 500)
    cart = await service.buy_now(shop, dara, rose)
    with pytest.raises(Refused):
        await service.change(shop, dara, cart.id, rose, forged)
    assert (await service.cart(shop, dara, cart.id)).lines == cart.lines
    assert (await builders.figures(shop, rose)) == (500, 0, 0)


async def test_ninety_nine_is_the_most(sqlite_shop: Shop) -> None:
    """A line never holds more than 99, however many are left, and says so."""
    dara, rose = await builders.customer(sqlite_shop), await builders.product(sqlite_shop, 500)
    cart = await service.buy_now(sqlite_shop, dara, rose)
    assert (await service.change(sqlite_shop, dara, cart.id, rose, 99)).lines[0].quantity == 99
    with pytest.raises(Refused) as refused:
        await service.change(sqlite_shop, dara, cart.id, rose, 100)
    assert refused.value.values == {"left": rules.MOST}


async def test_taking_out(shop: Shop) -> None:
    """Nothing of a line takes it out, also of what is not sold any more: then the rest can be ordered."""
    dara, rose = await builders.customer(shop), await builders.product(shop)
    old = await builders.product(shop, cents=300, sku="OLD-1")
    cart_id = await builders.cart(shop, dara, (rose, 1), (old, 1))
    await builders.retire(shop, old)
    found = await checkout.review(shop, dara, cart_id)
    assert (found.gone, found.ready, len(found.lines)) == (1, False, 1)
    cart = await service.change(shop, dara, cart_id, old, 0)
    assert [line.variant_id for line in cart.lines] == [rose]
    assert (await checkout.review(shop, dara, cart_id)).ready
    assert (await service.change(shop, dara, cart_id, rose, 0)).lines == ()


async def test_a_closed_cart_is_left_alone(shop: Shop) -> None:
    """After it was ordered nothing is put in, taken out or sent elsewhere."""
    dara, rose = await builders.customer(shop), await builders.product(shop)
    cart_id = await builders.cart(shop, dara, (rose, 1))
    await builders.place(shop, dara, cart_id)
    book = await people.address_book(shop, dara)
    for work in (
        service.change(shop, dara, cart_id, rose, 2), service.change(shop, dara, cart_id, rose, 0),
        service.send_to(shop, dara, cart_id, book[0].id),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            await work
        assert refused.value.key == "errors.cart_closed"
    assert (await service.cart(shop, dara, cart_id)).lines[0].quantity == 1


async def test_the_review_says_what_changed(sqlite_shop: Shop) -> None:
    """A price that moved and a line that no longer fits are marked; without an address delivery is not counted."""
    shop = sqlite_shop
    dara, rose = await builders.customer(shop, province=""), await builders.product(shop, 2)
    cart_id = await builders.cart(shop, dara, (rose, 2))
    await builders.reprice(shop, rose, 1000)
    other = await builders.customer(shop, 1002, "Bopha")
    await builders.order(shop, other, rose)
    found = await checkout.review(shop, dara, cart_id)
    assert [(line.fits, line.moved) for line in found.lines] == [(False, True)]
    assert (found.fee.amount, found.total.amount, found.riel.amount, found.ready) == (0, 2000, 82_000, False)


async def test_ten_additions_at_once(shop: Shop) -> None:
    """Ten taps on "add" at the same moment: one basket; no unit is counted twice."""
    dara, rose = await builders.customer(shop), await builders.product(shop, 50)
    await asyncio.gather(*(service.add(shop, dara, rose) for _ in range(10)))
    assert await builders.count(shop, carts) == 1
    found = await service.basket(shop, dara)
    assert found is not None
    assert found.lines[0].quantity == 10


async def test_what_is_added_while_the_basket_is_ordered_is_not_lost(
    postgres_config: Config, open_shop: OpenShop
) -> None:
    """A line is put in between the order's first look and its closing of the cart: the customer looks once more."""
    shop = await open_shop(postgres_config)
    dara, rose = await builders.customer(shop), await builders.product(shop)
    mask = await builders.product(shop, 5, 300, "MASK-1")
    cart = await service.add(shop, dara, rose)
    async with beside(postgres_config) as tx:
        await tx.run_sync(store.put, cart.id, CartLine(mask, 1, 300), shop.clock.now())
        ordering = asyncio.create_task(checkout.place(shop, dara, Wish(cart.id, PaymentMethod.COD, 1350)))
        await wait_for_lock(tx)
    with pytest.raises(OutOfDate) as refused:
        await ordering
    assert refused.value.key == "errors.price_moved"
    assert [line.variant_id for line in (await service.cart(shop, dara, cart.id)).lines] == [rose, mask]


async def test_what_is_added_to_an_ordered_basket_begins_the_next(postgres_config: Config, open_shop: OpenShop) -> None:
    """The basket is ordered while somebody adds to it: the line goes into the next basket."""
    shop = await open_shop(postgres_config)
    dara, rose = await builders.customer(shop), await builders.product(shop)
    cart = await service.add(shop, dara, rose)
    async with beside(postgres_config) as tx:
        assert await tx.run_sync(store.close, cart.id, dara.id, CartState.ORDERED, shop.clock.now())
        adding = asyncio.create_task(service.add(shop, dara, rose))
        await wait_for_lock(tx)
    added = await adding
    assert (added.id != cart.id, [line.quantity for line in added.lines]) == (True, [1])


async def test_nothing_is_put_into_a_cart_that_was_closed_meanwhile(shop: Shop) -> None:
    """Whatever a caller read before: the store itself puts no line into a cart that is not open."""
    dara, rose = await builders.customer(shop), await builders.product(shop)
    cart_id = await builders.cart(shop, dara, (rose, 1))
    await builders.place(shop, dara, cart_id)
    with pytest.raises(Refused) as refused:
        await shop.db.write(store.put, cart_id, CartLine(rose, 5, 1200), shop.clock.now())
    assert refused.value.key == "errors.cart_closed"


async def test_thirty_lines_are_the_most(sqlite_shop: Shop) -> None:
    """The thirty-first product is refused, more of one that is in is not; Telegram could draw no more buttons."""
    shop = sqlite_shop
    dara = await builders.customer(shop)
    for i in range(rules.MOST_LINES):
        await service.add(shop, dara, first := await builders.product(shop, sku=f"L-{i}"))
    with pytest.raises(Refused) as refused:
        await service.add(shop, dara, await builders.product(shop, sku="ONE-MORE"))
    assert (refused.value.key, refused.value.values) == ("errors.cart_full", {"most": 30})
    assert len((await service.add(shop, dara, first)).lines) == 30


async def _asked(shop: Shop, person: Person, cart_id: int) -> Question:
    """The street of a cart's address is asked for."""
    await people.ask(shop, person, "street", cart_id=cart_id, district="1201")
    question = await people.question(shop, person)
    assert question is not None
    return question


async def test_where_is_said_once(shop: Shop) -> None:
    """A kill after the write brings the same line again: one new address, the cart goes there, nothing is asked."""
    dara, rose = await builders.customer(shop), await builders.product(shop)
    cart = await service.buy_now(shop, dara, rose)
    question = await _asked(shop, dara, cart.id)
    shop.clock.move(timedelta(seconds=1))
    said = [await service.say_where(shop, dara, question, **builders.WHERE) for _ in range(3)]
    book = await people.address_book(shop, dara)
    assert len(book) == 2
    assert {cart.address_id for cart in said} == {book[0].id}
    assert await people.question(shop, dara) is None


async def test_where_for_a_cart_that_was_ordered(shop: Shop) -> None:
    """Ordered from elsewhere while the street was asked: said so; the address is kept for the next time."""
    dara, rose = await builders.customer(shop), await builders.product(shop)
    cart_id = await builders.cart(shop, dara, (rose, 1))
    question = await _asked(shop, dara, cart_id)
    await builders.place(shop, dara, cart_id)
    with pytest.raises(Refused) as refused:
        await service.say_where(shop, dara, question, **builders.WHERE | {"street": "9 Road"})
    assert refused.value.key == "errors.cart_closed"
    assert "9 Road" in {address.street for address in await people.address_book(shop, dara)}
    assert await people.question(shop, dara) is None


async def test_where_for_another_persons_cart(shop: Shop) -> None:
    """A question that names somebody else's cart keeps nothing."""
    dara, bopha = await builders.customer(shop), await builders.customer(shop, 1002, "Bopha")
    cart = await service.buy_now(shop, dara, await builders.product(shop))
    question = await _asked(shop, bopha, cart.id)
    with pytest.raises(NotFound):
        await service.say_where(shop, bopha, question, **builders.WHERE)
    assert len(await people.address_book(shop, bopha)) == 1
