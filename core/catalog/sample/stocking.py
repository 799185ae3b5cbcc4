"""Put the sample shop on the shelves of an empty database, once."""

import shutil
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from core import changes
from core.catalog import store
from core.catalog.sample.data import SampleProduct, load, photo
from core.shop import Shop
from core.stock import store as stock

FOLDER = "products"


async def stock_sample(shop: Shop) -> bool:
    """Fill an empty catalogue and copy its pictures; False where something was ever put on sale before."""
    if await shop.db.read(store.any_product):
        return False
    folder = shop.config.media_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for product in load().products:
        for number in range(1, product.photos + 1):
            shutil.copyfile(photo(product.slug, number), folder / _file(product, number))
    return await shop.db.write(_fill, shop.clock.now())


def _fill(tx: Connection, now: datetime) -> bool:
    """Write everything in one transaction, so that half a shop is never seen."""
    if store.any_product(tx):
        return False
    sample = load()
    shelves = {
        category.slug: store.add_category(
            tx, slug=category.slug, name_en=category.name_en, name_km=category.name_km, emoji=category.emoji, position=i
        )
        for i, category in enumerate(sample.categories)
    }
    for i, product in enumerate(sample.products):
        _add(tx, shelves[product.category], product, i, now)
    changes.note(tx, "product")
    return True


def _add(tx: Connection, category_id: int, product: SampleProduct, position: int, now: datetime) -> None:
    product_id = store.add_product(
        tx, now, category_id=category_id, slug=product.slug, name_en=product.name_en, name_km=product.name_km,
        description_en=product.description_en, description_km=product.description_km, badge=product.badge,
        photo=f"{FOLDER}/{_file(product)}", position=position,
    )  # fmt: skip
    for number in range(2, product.photos + 1):
        store.add_photo(tx, product_id, f"{FOLDER}/{_file(product, number)}", number)
    for i, variant in enumerate(product.variants):
        variant_id = store.add_variant(
            tx, product_id, sku=variant.sku, name_en=variant.name_en, name_km=variant.name_km,
            price=variant.price_cents, old_price=variant.old_price_cents, position=i,
        )  # fmt: skip
        if variant.stock:
            stock.receive(tx, variant_id, variant.stock, now)


def _file(product: SampleProduct, number: int = 1) -> str:
    return Path(photo(product.slug, number)).name
