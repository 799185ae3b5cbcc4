"""SQL of the catalogue."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from core import changes
from core.catalog.rules import Badge, Category, Product, Variant
from core.database.tables import categories, products, stock, variants
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


def all_categories(tx: Connection) -> list[Category]:
    """The shelves in their order."""
    query = select(categories).where(categories.c.active).order_by(categories.c.position, categories.c.id)
    return [Category(r.id, r.slug, r.name_en, r.name_km, r.emoji) for r in tx.execute(query)]


def on_sale(
    tx: Connection, ids: Iterable[int] | None = None, *, variant_ids: Iterable[int] | None = None
) -> list[Product]:
    """Products on sale with their variants and what is left: all, those of ``ids``, or only these variants of them."""
    query = _FULL if ids is None else _FULL.where(products.c.id.in_(list(ids)))
    if variant_ids is not None:
        query = query.where(variants.c.id.in_(list(variant_ids)))
    rows = tx.execute(query).all()
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
    return all_categories(tx), on_sale(tx)


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


def add_variant(tx: Connection, product_id: int, **values: Any) -> int:
    """Add a variant with an empty stock row; returns its id."""
    made = tx.execute(insert(variants).values(product_id=product_id, **values).returning(variants.c.id))
    variant_id = int(made.scalar_one())
    tx.execute(insert(stock).values(variant_id=variant_id))
    changes.note(tx, "product", product_id)
    return variant_id
