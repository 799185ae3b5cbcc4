"""Favourites: marked once, found again newest first, gone and back with the product."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from core import changes
from core.carts import service as carts
from core.catalog.rules import PAGE
from core.database.tables import favourites as kept_rows
from core.database.tables import products
from core.errors import NotFound
from core.favourites import service as favourites
from core.people.rules import Person
from core.shop import Shop
from tests.support import builders


async def _of(shop: Shop, variant: int) -> int:
    found = (await shop.catalogue.now()).variant(variant)
    assert found is not None
    return found[0].id


async def _hide(shop: Shop, product: int, *, active: bool) -> None:
    def write(tx: builders.Connection) -> None:
        tx.execute(update(products).where(products.c.id == product).values(active=active))
        changes.note(tx, "product", product)

    await shop.db.write(write)


async def _keeps(shop: Shop, person: Person, product_id: int) -> bool:
    return (await carts.beside(shop, person, product_id, None)).kept


async def _mine(shop: Shop, person: Person, page: int = 0) -> list[int]:
    return [product.id for product in (await favourites.mine(shop, person, page)).products]


async def test_marked_twice_is_one_and_keeps_its_place(shop: Shop) -> None:
    """The newest first; marking again changes nothing, unmarking twice neither; another's are not mine."""
    dara, bopha = await builders.customer(shop), await builders.customer(shop, 1002, "Bopha")
    first = await _of(shop, await builders.product(shop))
    second = await _of(shop, await builders.product(shop, sku="LILY"))
    for product in (first, second, first):
        await favourites.mark(shop, dara, product, kept=True)
        shop.clock.move(timedelta(seconds=1))
    assert await _mine(shop, dara) == [second, first]
    assert (await _keeps(shop, dara, first), await _keeps(shop, bopha, first)) == (True, False)
    for _ in range(2):
        await favourites.mark(shop, dara, second, kept=False)
    assert (await _mine(shop, dara), await _mine(shop, bopha)) == ([first], [])


async def test_a_hidden_product_drops_out_and_comes_back(shop: Shop) -> None:
    """Hidden it is not on the list, and cannot be marked but unmarked; shown again it stands where it stood."""
    dara = await builders.customer(shop)
    product = await _of(shop, await builders.product(shop))
    await favourites.mark(shop, dara, product, kept=True)
    await _hide(shop, product, active=False)
    assert await _mine(shop, dara) == []
    with pytest.raises(NotFound):
        await favourites.mark(shop, await builders.customer(shop, 1002), product, kept=True)
    await _hide(shop, product, active=True)
    assert await _mine(shop, dara) == [product]
    await _hide(shop, product, active=False)
    await favourites.mark(shop, dara, product, kept=False)
    assert await builders.count(shop, kept_rows) == 0


@pytest.mark.parametrize("product", [0, -1, 999, 2**60])
async def test_what_never_was_cannot_be_marked(shop: Shop, product: int) -> None:
    """A forged number is no product: refused, and nothing is written."""
    with pytest.raises(NotFound):
        await favourites.mark(shop, await builders.customer(shop), product, kept=True)
    await favourites.mark(shop, await builders.customer(shop), product, kept=False)
    assert await builders.count(shop, kept_rows) == 0


async def test_twenty_a_page(sqlite_shop: Shop) -> None:
    """Twenty-one are two pages; a page out of range is the nearest."""
    shop = sqlite_shop
    dara = await builders.customer(shop)
    for number in range(PAGE + 1):
        product = await _of(shop, await builders.product(shop, sku=f"C{number}"))
        await favourites.mark(shop, dara, product, kept=True)
        shop.clock.move(timedelta(seconds=1))
    assert [len(await _mine(shop, dara, page)) for page in (0, 1, 99, -5)] == [PAGE, 1, 1, PAGE]
