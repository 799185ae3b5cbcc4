"""The catalogue in memory: always what the database says, however many look while it is read."""

import asyncio
from dataclasses import replace

import pytest

from core import changes
from core.catalog import store
from core.catalog.rules import PAGE, Badge, Catalogue, Category, Product, Variant
from core.config import Config
from core.database.tables import products
from core.money import usd
from core.orders.rules import Move
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders


def _product(number: int, left: int = 5, cents: int = 100, position: int = 0) -> Product:
    variant = Variant(number * 10, number, f"S{number}", "", "", usd(cents), None, left)
    return Product(number, 1, f"p{number}", "A", "ក", "", "", Badge.NEW, "", position, (variant,))


def test_pages_of_twenty() -> None:
    """A shelf in its order, twenty at a time; a number out of range gives the nearest page."""
    catalogue = Catalogue({1: Category(1, "skin", "Skin", "ស្បែក", "")})
    catalogue.load(_product(number, position=-number) for number in range(1, PAGE * 2 + 2))
    page = catalogue.page(1, 0)
    assert (len(page.products), page.number, page.pages) == (PAGE, 0, 3)
    assert [product.id for product in page.products][:3] == [41, 40, 39]
    assert [catalogue.page(1, n).number for n in (-5, 2, 99)] == [0, 2, 2]
    assert [product.id for product in catalogue.page(1, 99).products] == [1]
    assert (list(catalogue.page(77, 3).products), catalogue.page(77, 3).pages) == ([], 1)


def test_put_and_drop() -> None:
    """A product that changed shelf, link or variants is found by the new ones only."""
    catalogue = Catalogue()
    catalogue.load([_product(1), _product(2)])
    moved = replace(_product(1), category_id=2, slug="new", variants=(replace(_product(1).variants[0], id=99),))
    catalogue.put(moved)
    assert (catalogue.by_slug, catalogue.shelves) == ({"p2": 2, "new": 1}, {1: [2], 2: [1]})
    assert (catalogue.variant(10), catalogue.variant(99)) == (None, (moved, moved.variants[0]))
    catalogue.drop(2)
    catalogue.drop(2)
    assert (catalogue.shelves[1], catalogue.variant(20)) == ([], None)


def test_the_cheapest_in_stock_is_quoted() -> None:
    """A cheaper variant that is sold out is not; where all are, the cheapest is."""
    dear, cheap = _product(1, cents=500).variants[0], _product(2, left=0, cents=100).variants[0]
    assert replace(_product(1), variants=(dear, cheap)).cheapest is dear
    sold_out = replace(dear, left=0)
    assert replace(_product(1), variants=(sold_out, cheap)).cheapest is cheap


async def test_everybody_who_looks_first_sees_it_whole(shop: Shop) -> None:
    """Twenty people in the first moment after a start: none meets empty shelves."""
    rose = await builders.product(shop)
    seen = await asyncio.gather(*(shop.catalogue.now() for _ in range(20)))
    assert all(catalogue.variant(rose) for catalogue in seen)


async def test_memory_follows_the_database(config: Config, open_shop: OpenShop) -> None:
    """Sold, repriced by a bell, retired: the next look has it; a second process reads the same at its start."""
    shop = await open_shop(config)
    rose = await builders.product(shop, 10)
    product, variant = (await shop.catalogue.now()).variant(rose) or (None, None)
    assert product is not None
    assert (variant.left, variant.price) == (10, usd(1200))
    order = await builders.order(shop, await builders.customer(shop), rose, 4)
    assert (await shop.catalogue.now()).variant(rose)[1].left == 6
    await builders.moved(shop, await builders.customer(shop), order, Move.CANCEL)
    assert (await shop.catalogue.now()).variant(rose)[1].left == 10
    await builders.retire(shop, rose)
    await shop.db.write(lambda tx: changes.note(tx, "product", product.id))
    assert (await shop.catalogue.now()).variant(rose) is None
    assert (await (await open_shop(config)).catalogue.now()).variant(rose) is None


async def test_a_new_shelf_and_a_new_variant_are_seen(shop: Shop) -> None:
    """Added while people browse, with nothing else changed: the next look has them."""
    rose = await builders.product(shop)
    found = (await shop.catalogue.now()).variant(rose)
    assert found is not None
    shelf = await shop.db.write(lambda tx: store.add_category(tx, slug="new", name_en="New", name_km="ថ្មី"))
    assert shelf in (await shop.catalogue.now()).categories
    larger = {"sku": "ROSE-50", "price": 1900, "name_en": "50 ml", "name_km": "៥០ មល"}
    variant = await shop.db.write(lambda tx: store.add_variant(tx, found[0].id, **larger))
    assert (await shop.catalogue.now()).variant(variant) is not None


async def test_what_could_not_be_read_is_read_next_time(shop: Shop) -> None:
    """The one who looked gave up while reading: the change is not forgotten."""
    rose = await builders.product(shop, 10)
    await shop.catalogue.now()
    await builders.order(shop, await builders.customer(shop), rose, 4)
    looking = asyncio.ensure_future(shop.catalogue.now())
    await asyncio.sleep(0)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    found = (await shop.catalogue.now()).variant(rose)
    assert found is not None
    assert found[1].left == 6


async def test_a_product_without_anything_to_sell_is_not_shown(sqlite_shop: Shop) -> None:
    """Hidden products and products whose every variant is hidden are on no shelf."""
    shop = sqlite_shop
    rose, mask = await builders.product(shop), await builders.product(shop, sku="MASK-1")
    await builders.retire(shop, rose)
    assert [product.variants[0].id for product in await shop.db.read(store.on_sale)] == [mask]
    await shop.db.write(lambda tx: tx.execute(products.update().values(active=False)))
    assert await shop.db.read(store.on_sale) == []
    assert await shop.db.read(store.any_product)
