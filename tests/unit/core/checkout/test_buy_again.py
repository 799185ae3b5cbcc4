"""An order bought again: what can be bought lies in the basket, once, and what changed since is told."""

import asyncio

import pytest

from core.cards import again_notes
from core.carts import service as carts
from core.carts.rules import MOST_LINES, CartKind
from core.checkout import service as checkout
from core.checkout.rules import Again, Changed
from core.errors import NotFound
from core.i18n import translator
from core.orders.rules import Order
from core.people.rules import Person
from core.shop import Reader, Shop
from tests.support import builders


async def _ordered(shop: Shop, person: Person, *units: int, stocked: int = 10) -> tuple[Order, list[int]]:
    """An order of several products, so many ``units`` of each; returns it with their variants."""
    made = [await builders.product(shop, stocked, sku=f"S-{i}") for i in range(len(units))]
    return await builders.place(shop, person, await builders.cart(shop, person, *zip(made, units, strict=True))), made


async def _held(shop: Shop, person: Person) -> dict[int, int]:
    """What lies in somebody's basket."""
    found = await carts.basket(shop, person)
    return {line.variant_id: line.quantity for line in found.lines} if found else {}


def _told(again: Again) -> list[tuple[Changed, str]]:
    return [(change.kind, change.line.sku) for change in again.changes]


async def test_as_it_was(shop: Shop) -> None:
    """Where nothing changed the basket has exactly what the order had, and nothing is said."""
    dara = await builders.customer(shop)
    order, (rose, mask) = await _ordered(shop, dara, 2, 1)
    again = await checkout.buy_again(shop, dara, order.id)
    assert (_told(again), again.nothing) == ([], False)
    assert await _held(shop, dara) == {rose: 2, mask: 1}
    assert again.cart.kind is CartKind.BASKET
    assert (await checkout.review(shop, dara, again.cart.id)).total == order.total


async def test_what_changed_is_told(shop: Shop) -> None:
    """Gone, sold out, fewer left, another price: each is told, the rest lies in the basket at today's price."""
    dara = await builders.customer(shop)
    order, (gone, out, fewer, dearer, same) = await _ordered(shop, dara, 1, 1, 3, 1, 1, stocked=5)
    other = await builders.customer(shop, 1002, "Chan")
    await builders.place(shop, other, await builders.cart(shop, other, (out, 4), (fewer, 1)))
    await builders.retire(shop, gone)
    await builders.reprice(shop, dearer, 1300)
    again = await checkout.buy_again(shop, dara, order.id)
    assert _told(again) == [
        (Changed.GONE, "S-0"), (Changed.SOLD_OUT, "S-1"), (Changed.FEWER, "S-2"), (Changed.PRICE, "S-3"),
    ]  # fmt: skip
    assert await _held(shop, dara) == {fewer: 1, dearer: 1, same: 1}
    review = await checkout.review(shop, dara, again.cart.id)
    assert not any(line.moved for line in review.lines)  # told once, not asked again
    assert again_notes(again, Reader(dara, translator("en"))) == (
        "Rose Serum S-0 · 30 ml: not sold any more.", "Rose Serum S-1 · 30 ml: sold out.",
        "Rose Serum S-2 · 30 ml: only 1 left, not 3.", "Rose Serum S-3 · 30 ml: $12.00 → $13.00.",
    )  # fmt: skip


async def test_said_twice_it_is_the_same(shop: Shop) -> None:
    """A second tap, and the same update worked again, add nothing; what was taken out before stays out."""
    dara = await builders.customer(shop)
    order, (rose,) = await _ordered(shop, dara, 2)
    for update_id in (7, 7, 8):
        again = await checkout.buy_again(shop, dara, order.id, update_id)
        assert await _held(shop, dara) == {rose: 2}
    await carts.change(shop, dara, again.cart.id, rose, 1)
    for update_id, units in ((7, 1), (9, 2)):  # the one that filled it, worked again; then a tap of its own
        again = await checkout.buy_again(shop, dara, order.id, update_id)
        assert [line.quantity for line in again.cart.lines] == [units]
        assert await _held(shop, dara) == {rose: units}


async def test_ten_taps_at_once(shop: Shop) -> None:
    """Ten at one instant: one basket, with what the order had."""
    dara = await builders.customer(shop)
    order, (rose, mask) = await _ordered(shop, dara, 2, 1)
    taps = await asyncio.gather(*(checkout.buy_again(shop, dara, order.id, i) for i in range(10)))
    assert len({again.cart.id for again in taps}) == 1
    assert await _held(shop, dara) == {rose: 2, mask: 1}


async def test_what_lies_there_stays(shop: Shop) -> None:
    """More of the same, and other things, are kept with the price they were put in at; never above what is left."""
    dara = await builders.customer(shop)
    order, (rose, mask) = await _ordered(shop, dara, 2, 3, stocked=6)
    oil = await builders.product(shop, sku="OIL-1")
    for variant, units in ((rose, 4), (mask, 1), (oil, 1)):
        cart = await carts.add(shop, dara, variant)
        await carts.change(shop, dara, cart.id, variant, units)
    chan = await builders.customer(shop, 1002, "Chan")
    await builders.order(shop, chan, mask, 1)
    await builders.reprice(shop, rose, 1500)
    again = await checkout.buy_again(shop, dara, order.id)
    assert await _held(shop, dara) == {rose: 4, mask: 2, oil: 1}
    assert _told(again) == [(Changed.PRICE, "S-0"), (Changed.FEWER, "S-1")]
    review = await checkout.review(shop, dara, again.cart.id)
    assert [line.moved for line in review.lines] == [True, False, False]


async def test_nothing_can_be_bought(shop: Shop) -> None:
    """All of it sold out or gone: it is said, and no line is put anywhere."""
    dara = await builders.customer(shop)
    order, (_, mask) = await _ordered(shop, dara, 2, 1, stocked=2)
    await builders.order(shop, await builders.customer(shop, 1002, "Chan"), mask)
    await builders.retire(shop, mask)
    again = await checkout.buy_again(shop, dara, order.id)
    assert (_told(again), again.nothing) == ([(Changed.SOLD_OUT, "S-0"), (Changed.GONE, "S-1")], True)
    assert await _held(shop, dara) == {}


async def test_a_full_basket(sqlite_shop: Shop) -> None:
    """As many products as a basket holds lie there: what has no room is named, what lies there is counted up."""
    shop = sqlite_shop
    dara = await builders.customer(shop)
    order, (rose, mask) = await _ordered(shop, dara, 2, 1)
    others = [await builders.product(shop, sku=f"O-{i}") for i in range(MOST_LINES - 1)]
    for variant in (rose, *others):
        await carts.add(shop, dara, variant)
    again = await checkout.buy_again(shop, dara, order.id)
    assert _told(again) == [(Changed.NO_ROOM, "S-1")]
    held = await _held(shop, dara)
    assert (len(held), held[rose], mask in held) == (MOST_LINES, 2, False)


async def test_only_ones_own(shop: Shop) -> None:
    """Another's order is not there, for staff either: it is the customer's basket that is filled."""
    dara = await builders.customer(shop)
    order, _ = await _ordered(shop, dara, 1)
    for other in (await builders.customer(shop, 1002, "Chan"), await builders.worker(shop)):
        with pytest.raises(NotFound):
            await checkout.buy_again(shop, other, order.id)
        assert await _held(shop, other) == {}
    with pytest.raises(NotFound):
        await checkout.buy_again(shop, dara, 999)
