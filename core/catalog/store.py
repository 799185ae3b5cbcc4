"""SQL of the catalogue."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, text, update

from core import changes
from core.catalog.rules import UNRATED, Badge, Category, Photo, Product, Rating, Variant
from core.database.tables import categories, product_photos, products, reviews, stock, variants
from core.money import usd

_FULL = (
    select(
        products,
        variants.c.id.label("variant_id"),
        variants.c.sku,
        variants.c.name_en.label("variant_en"),
        variants.c.name_km.label("variant_km"),
        variants.c.price,
        variants.c.old_price,
        (stock.c.on_hand - stock.c.held - stock.c.allocated).label("left"),
    )
    .join(variants, variants.c.product_id == products.c.id)
    .join(stock, stock.c.variant_id == variants.c.id)
    .where(products.c.active, variants.c.active)
    .order_by(products.c.id, variants.c.position, variants.c.id)
)

_THESE = _FULL.where(variants.c.id.in_(bindparam("variants", expanding=True)))
"""Built once: a cart is priced by it at every look."""


def all_categories(tx: Connection) -> list[Category]:
    """The shelves in their order."""
    query = select(categories).where(categories.c.active).order_by(categories.c.position, categories.c.id)
    return [Category(r.id, r.slug, r.name_en, r.name_km, r.emoji) for r in tx.execute(query)]


def on_sale(
    tx: Connection, ids: Iterable[int] | None = None, *, variant_ids: Iterable[int] | None = None
) -> list[Product]:
    """Products on sale with their variants and what is left: all, those of ``ids``, or only these variants of them."""
    if ids is None and variant_ids is not None:
        rows = tx.execute(_THESE, {"variants": list(variant_ids)}).all()
    else:
        query = _FULL if ids is None else _FULL.where(products.c.id.in_(list(ids)))
        rows = tx.execute(query if variant_ids is None else query.where(variants.c.id.in_(list(variant_ids)))).all()
    return [_product(list(group)) for _, group in groupby(rows, key=lambda row: row.id)]


def _product(rows: list[Row[Any]]) -> Product:
    first = rows[0]
    badge = Badge(first.badge) if first.badge else None
    made = tuple(
        Variant(r.variant_id, r.id, r.sku, r.variant_en, r.variant_km, usd(r.price),
                usd(r.old_price) if r.old_price else None, max(r.left, 0))
        for r in rows
    )  # fmt: skip
    return Product(
        first.id, first.category_id, first.slug, first.name_en, first.name_km, first.description_en,
        first.description_km, badge, first.photo, first.position, made,
    )  # fmt: skip


def whole(tx: Connection) -> tuple[list[Category], list[Product]]:
    """All shelves and all that is on sale, as of one moment."""
    return all_categories(tx), shown(tx)


def shown(tx: Connection, ids: Iterable[int] | None = None) -> list[Product]:
    """Products on sale as they are looked at: with their further photos and what buyers think of them.

    What is bought is read by :func:`on_sale`, which asks once and not three times.
    """
    found = on_sale(tx, ids)
    of = None if ids is None else [product.id for product in found]
    photos, ratings = _photos(tx, of), _ratings(tx, of)
    return [
        replace(product, photos=tuple(photos.get(product.id, ())), rating=ratings.get(product.id, UNRATED))
        for product in found
    ]


def _photos(tx: Connection, ids: list[int] | None) -> dict[int, list[Photo]]:
    query = select(product_photos.c.product_id, product_photos.c.id, product_photos.c.path)
    if ids is not None:
        query = query.where(product_photos.c.product_id.in_(ids))
    found: defaultdict[int, list[Photo]] = defaultdict(list)
    for row in tx.execute(query.order_by(product_photos.c.product_id, product_photos.c.position)):
        found[row.product_id].append(Photo(row.id, row.path))
    return found


def _ratings(tx: Connection, ids: list[int] | None) -> dict[int, Rating]:
    """What buyers think, of all that staff did not hide."""
    sums = (reviews.c.product_id, func.sum(reviews.c.stars).label("stars"), func.count().label("judges"))
    query = select(*sums).where(text("NOT hidden")).group_by(reviews.c.product_id)  # worded as ix_reviews_shown is
    if ids is not None:
        query = query.where(reviews.c.product_id.in_(ids))
    return {row.product_id: Rating(int(row.stars), int(row.judges)) for row in tx.execute(query)}


def any_product(tx: Connection) -> bool:
    """Whether anything was ever put on sale."""
    return tx.execute(select(products.c.id).limit(1)).first() is not None


def add_category(tx: Connection, **values: Any) -> int:
    """Add a shelf; returns its id. Shelves are read with all products, so "any of them" rings."""
    changes.note(tx, "product")
    return int(tx.execute(insert(categories).values(**values).returning(categories.c.id)).scalar_one())


def add_product(tx: Connection, now: datetime, **values: Any) -> int:
    """Add a product without variants yet; returns its id."""
    made = tx.execute(insert(products).values(updated_at=now, **values).returning(products.c.id))
    product_id = int(made.scalar_one())
    changes.note(tx, "product", product_id)
    return product_id


def put_out(tx: Connection, product_id: int, now: datetime, *, on_sale: bool) -> bool:
    """Put a product on its shelf or take it off; False where it was so already."""
    other = (products.c.id == product_id, products.c.active.is_not(on_sale))
    changes.note(tx, "product", product_id)
    return tx.execute(update(products).where(*other).values(active=on_sale, updated_at=now)).rowcount == 1


def add_variant(tx: Connection, product_id: int, **values: Any) -> int:
    """Add a variant with an empty stock row; returns its id."""
    made = tx.execute(insert(variants).values(product_id=product_id, **values).returning(variants.c.id))
    variant_id = int(made.scalar_one())
    tx.execute(insert(stock).values(variant_id=variant_id))
    changes.note(tx, "product", product_id)
    return variant_id


def add_photo(tx: Connection, product_id: int, path: str, position: int) -> int:
    """Add a further photo at a place of the album; returns its id."""
    made = insert(product_photos).values(product_id=product_id, path=path, position=position)
    photo_id = int(tx.execute(made.returning(product_photos.c.id)).scalar_one())
    changes.note(tx, "product", product_id)
    return photo_id
