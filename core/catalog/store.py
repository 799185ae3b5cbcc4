"""SQL of the catalogue."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, or_, select, text, update

from core import changes
from core.catalog.goods import Goods, Stocked
from core.catalog.rules import PAGE, UNRATED, Badge, Category, Photo, Product, Rating, Variant
from core.database.tables import audit, categories, product_photos, products, reviews, stock, variants
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


# ── as those see it who run the shop: hidden ones too, with what they cost ───────────────────────────────────────────
_GOODS: Select[Any] = (
    select(
        products.c.id, products.c.category_id, products.c.name_en, products.c.name_km, products.c.description_en,
        products.c.description_km, products.c.badge, products.c.photo, products.c.active,
        variants.c.id.label("variant_id"), variants.c.sku, variants.c.name_en.label("variant_en"),
        variants.c.name_km.label("variant_km"), variants.c.price, variants.c.old_price, variants.c.cost,
        variants.c.active.label("variant_active"), stock.c.on_hand,
        (stock.c.on_hand - stock.c.held - stock.c.allocated).label("left"),
    )
    .join(variants, variants.c.product_id == products.c.id)
    .join(stock, stock.c.variant_id == variants.c.id)
    .order_by(products.c.id, variants.c.position, variants.c.id)
)  # fmt: skip


def goods(tx: Connection, ids: Iterable[int]) -> list[Goods]:
    """Products whatever they are, with all their variants and photos, by id."""
    wanted = list(ids)
    rows = tx.execute(_GOODS.where(products.c.id.in_(wanted))).all()
    photos = _photos(tx, wanted)
    return [_goods(list(group), tuple(photos.get(key, ()))) for key, group in groupby(rows, key=lambda row: row.id)]


def _goods(rows: list[Row[Any]], photos: tuple[Photo, ...]) -> Goods:
    first = rows[0]
    made = tuple(
        Stocked(r.variant_id, r.id, r.sku, r.variant_en, r.variant_km, r.price, r.old_price, r.cost, r.on_hand, r.left,
                r.variant_active)
        for r in rows
    )  # fmt: skip
    return Goods(
        first.id, first.category_id, first.name_en, first.name_km, first.description_en, first.description_km,
        Badge(first.badge) if first.badge else None, first.photo, first.active, made, photos,
    )  # fmt: skip


def goods_page(tx: Connection, words: str, number: int) -> tuple[list[Goods], int]:
    """A page of all products, the newest first, or of those whose name or article number holds ``words``; and how many.

    A number out of range gives the nearest page.
    """
    query = select(products.c.id)
    if words:
        query = query.where(or_(_holds(products.c.name_en, words), _holds(products.c.name_km, words),
                                products.c.id.in_(_numbered(words))))  # fmt: skip
    many = tx.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    number = min(max(number, 0), max(-(-many // PAGE) - 1, 0))
    ids = list(tx.execute(query.order_by(products.c.id.desc()).limit(PAGE).offset(number * PAGE)).scalars())
    return sorted(goods(tx, ids), key=lambda one: -one.id), many


def _holds(column: Any, words: str) -> Any:
    return func.lower(column).contains(words.lower(), autoescape=True)


def _numbered(words: str) -> Select[Any]:
    return select(variants.c.product_id).where(variants.c.sku.contains(words.upper(), autoescape=True))


def product_of(tx: Connection, *, sku: str = "", photos: Iterable[str] = (), names: Iterable[str] = ()) -> int | None:
    """Which product is meant: by an article number, else by a photo that it has, else by its very name."""
    named = [name.lower() for name in names if name]
    if sku:
        return tx.execute(select(variants.c.product_id).where(variants.c.sku == sku)).scalar_one_or_none()
    if paths := list(photos):
        further = select(product_photos.c.product_id).where(product_photos.c.path.in_(paths))
        shown_by = select(products.c.id).where(or_(products.c.photo.in_(paths), products.c.id.in_(further)))
        if found := tx.execute(shown_by.order_by(products.c.id).limit(1)).scalar_one_or_none():
            return int(found)
    called = or_(func.lower(products.c.name_en).in_(named), func.lower(products.c.name_km).in_(named))
    return tx.execute(select(products.c.id).where(called).order_by(products.c.id).limit(1)).scalar() if named else None


def by_skus(tx: Connection, skus: Iterable[str]) -> dict[str, Stocked]:
    """Variants by their article numbers, shown or hidden."""
    rows = tx.execute(_GOODS.where(variants.c.sku.in_(list(skus)))).all()
    found = [one for row in rows for one in _goods([row], ()).variants]
    return {one.sku: one for one in found}


def free_sku(tx: Connection, wanted: str) -> str:
    """An article number that nobody has yet: the wanted one, else with a number behind it."""
    return _free(tx, variants.c.sku, wanted)


def free_slug(tx: Connection, wanted: str, *, shelf: bool = False) -> str:
    """The part of an address that nobody has yet, as :func:`free_sku`."""
    return _free(tx, categories.c.slug if shelf else products.c.slug, wanted)


def _free(tx: Connection, column: Any, wanted: str) -> str:
    taken = set(tx.execute(select(column).where(column.startswith(wanted, autoescape=True))).scalars())
    names = (wanted if number == 1 else f"{wanted}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def lock_product(tx: Connection, product_id: int) -> bool:
    """Keep a product for this transaction where the engine locks rows; False where it is not there."""
    query = select(products.c.id).where(products.c.id == product_id)
    return tx.execute(query.with_for_update() if tx.dialect.name == "postgresql" else query).first() is not None


def change_product(tx: Connection, product_id: int, now: datetime, **values: Any) -> None:
    """Write columns of a product."""
    tx.execute(update(products).where(products.c.id == product_id).values(updated_at=now, **values))
    changes.note(tx, "product", product_id)


def change_variant(tx: Connection, variant: Stocked, now: datetime, **values: Any) -> None:
    """Write columns of a variant."""
    tx.execute(update(variants).where(variants.c.id == variant.id).values(**values))
    change_product(tx, variant.product_id, now)


def drop_photo(tx: Connection, product_id: int, photo_id: int, now: datetime) -> None:
    """Take a photo out of the album; the next one becomes the first where the first (0) goes. Its file stays."""
    first = select(product_photos).where(product_photos.c.product_id == product_id)
    following = tx.execute(first.order_by(product_photos.c.position).limit(1)).one_or_none()
    if photo_id == 0:
        change_product(tx, product_id, now, photo=following.path if following else "")
    gone = photo_id or (following.id if following else 0)
    mine = (product_photos.c.id == gone, product_photos.c.product_id == product_id)
    tx.execute(delete(product_photos).where(*mine))
    changes.note(tx, "product", product_id)


def drop_album(tx: Connection, product_id: int, first: str, now: datetime) -> None:
    """Leave a product one photo, the first: the others are hung anew in another order."""
    tx.execute(delete(product_photos).where(product_photos.c.product_id == product_id))
    change_product(tx, product_id, now, photo=first)


def last_place(tx: Connection, product_id: int) -> int:
    """The place of the last further photo, 0 for none."""
    query = select(func.max(product_photos.c.position)).where(product_photos.c.product_id == product_id)
    return int(tx.execute(query).scalar() or 0)


def last_hand(tx: Connection, product_id: int) -> int | None:
    """Who changed a product last, as the audit has it."""
    theirs = (audit.c.subject == "product", audit.c.subject_id == product_id)
    return tx.execute(select(audit.c.actor_id).where(*theirs).order_by(audit.c.id.desc()).limit(1)).scalar()


def last_shelf(tx: Connection, person_id: int) -> int:
    """The shelf of the product that a person added last, as the audit has it; 0 for none."""
    theirs = (audit.c.subject == "product", audit.c.actor_id == person_id, audit.c.action == "product.add")
    query = select(products.c.category_id).join_from(products, audit, audit.c.subject_id == products.c.id)
    return int(tx.execute(query.where(*theirs).order_by(audit.c.id.desc()).limit(1)).scalar() or 0)


def shelves(tx: Connection, *, keep: bool = False) -> list[tuple[Category, bool]]:
    """All shelves in their order, and whether each is shown; ``keep`` them as they are until the commit."""
    query = select(categories).order_by(categories.c.position, categories.c.id)
    if keep and tx.dialect.name == "postgresql":
        tx.execute(select(categories.c.id).order_by(categories.c.id).with_for_update(key_share=True))
    return [(Category(r.id, r.slug, r.name_en, r.name_km, r.emoji), r.active) for r in tx.execute(query)]


def change_shelf(tx: Connection, category_id: int, **values: Any) -> bool:
    """Write columns of a shelf; False where it is not there."""
    changes.note(tx, "product")
    return tx.execute(update(categories).where(categories.c.id == category_id).values(**values)).rowcount == 1
