"""SQL of lists of goods and codes: what stands, read in pieces, and what a file changes, written in pieces."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, insert, select, update
from sqlalchemy.exc import DataError, IntegrityError

from core.database.tables import (
    categories,
    import_files,
    imported_rows,
    products,
    promo_codes,
    promoters,
    stock,
    stock_movements,
    variants,
)
from core.errors import Refused
from core.imports.madamda import SOURCE
from core.sheets.rules import Kind
from core.stock.rules import MovementKind

PIECE = 400
"""Rows that are read or written at once."""
Values = Mapping[str, Any]

PRODUCT: Mapping[str, str] = {
    "category": "category_id", "name": "name_en", "name_kh": "name_km", "description": "description_en",
    "description_kh": "description_km", "badge": "badge", "is_active": "active", "photo": "photo",
}  # fmt: skip
VARIANT: Mapping[str, str] = {
    "variant": "name_en", "variant_kh": "name_km", "price": "price", "old_price": "old_price", "cost": "cost",
    "variant_active": "active",
}  # fmt: skip
CODE: Mapping[str, str] = {
    "code": "code", "discount_type": "kind", "discount_value": "value", "min_purchase": "minimum",
    "max_discount": "cap", "usage_limit": "use_limit", "person_limit": "person_limit", "valid_from": "starts_at",
    "valid_until": "ends_at", "is_active": "active", "promoter": "promoter_id", "description": "description_en",
    "description_kh": "description_km",
}  # fmt: skip
"""What the columns of a file are called in the tables."""


@contextmanager
def whole() -> Iterator[None]:
    """Say in a sentence that the database takes a list not at all; the caller's transaction ends by it."""
    try:
        yield
    except (IntegrityError, DataError):
        raise Refused("sheet_refused") from None


# ── goods ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def every_variant(tx: Connection) -> Iterator[tuple[int, int, str, str]]:
    """Every variant there is, hidden ones too: id, product, SKU, name."""
    query = select(variants.c.id, variants.c.product_id, variants.c.sku, variants.c.name_en)
    return (tuple(row) for row in tx.execute(query.order_by(variants.c.id)))


def every_product(tx: Connection) -> Iterator[tuple[int, str, str, str]]:
    """Every product there is: id, slug and both names."""
    query = select(products.c.id, products.c.slug, products.c.name_en, products.c.name_km)
    return (tuple(row) for row in tx.execute(query.order_by(products.c.id)))


def shelves(tx: Connection) -> list[tuple[int, str, str, str]]:
    """Every category: id, slug and both names."""
    query = select(categories.c.id, categories.c.slug, categories.c.name_en, categories.c.name_km)
    return [tuple(row) for row in tx.execute(query.order_by(categories.c.id))]


def ancestors(tx: Connection) -> dict[str, int]:
    """Which variant the ancestor's products became, by their ids there."""
    query = select(imported_rows.c.key, imported_rows.c.subject_id)
    mine = query.where(imported_rows.c.source == SOURCE, imported_rows.c.model == "product")
    return {row.key: row.subject_id for row in tx.execute(mine)}


def _goods() -> Select[Any]:
    mine = [products.c[ours].label(name) for name, ours in PRODUCT.items()]
    mine += [variants.c[ours].label(name) for name, ours in VARIANT.items()]
    more = (variants.c.id, variants.c.product_id, variants.c.sku, products.c.slug.label("product"),
            stock.c.on_hand.label("stock"), (stock.c.held + stock.c.allocated).label("promised"))  # fmt: skip
    whole = variants.join(products, products.c.id == variants.c.product_id).join(stock)
    return select(*more, *mine).select_from(whole)


def goods(tx: Connection, ids: Iterable[int], *, keep: bool) -> dict[int, dict[str, Any]]:
    """Variants with their products and stock as a file has them, by id; ``keep``: as they are until the commit."""
    query = _goods().where(variants.c.id.in_(sorted(ids))).order_by(variants.c.id)
    if keep and tx.dialect.name == "postgresql":
        query = query.with_for_update(of=[stock, variants, products])
    return {row["id"]: dict(row) for row in tx.execute(query).mappings()}


def all_goods(tx: Connection) -> Iterator[dict[str, Any]]:
    """Everything, hidden ones too, product by product; read in pieces so that memory does not grow with the shop."""
    last: tuple[int, int, int] = (-1, 0, 0)
    place = (products.c.id, variants.c.position, variants.c.id)
    while True:
        query = _goods().add_columns(variants.c.position).where(_after(place, last)).order_by(*place).limit(PIECE)
        found = [dict(row) for row in tx.execute(query).mappings()]
        yield from found
        if len(found) < PIECE:
            return
        last = found[-1]["product_id"], found[-1]["position"], found[-1]["id"]


def _after(place: Sequence[ColumnElement[int]], last: tuple[int, int, int]) -> ColumnElement[bool]:
    first, second, third = place
    same = first == last[0]
    return (first > last[0]) | (same & (second > last[1])) | (same & (second == last[1]) & (third > last[2]))


def product_fields(tx: Connection, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """What all variants of some products have in common, as a file has it."""
    mine = [products.c[ours].label(name) for name, ours in PRODUCT.items()]
    query = select(products.c.id, *mine).where(products.c.id.in_(sorted(ids)))
    return {row["id"]: dict(row) for row in tx.execute(query).mappings()}


def change(tx: Connection, table: str, rows: Mapping[int, Values]) -> None:
    """Write some columns of products, variants or codes anew, by id; rows with the same columns together."""
    there: Table = {"product": products, "variant": variants, "code": promo_codes}[table]
    alike: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row_id, values in rows.items():
        if values:
            alike[tuple(sorted(values))].append({"_id": row_id} | {f"_{name}": one for name, one in values.items()})
    for names, mine in alike.items():
        values = {name: bindparam(f"_{name}") for name in names}
        tx.execute(update(there).where(there.c.id == bindparam("_id")).values(values), mine)


def count(tx: Connection, differences: Mapping[int, int], now: datetime, by: int | None) -> None:
    """Add to what is on hand, each with the movement that says so; below what is promised the database refuses all."""
    if differences:
        mine = update(stock).where(stock.c.variant_id == bindparam("_id"))
        rows = [{"_id": one, "_units": units} for one, units in differences.items()]
        tx.execute(mine.values(on_hand=stock.c.on_hand + bindparam("_units")), rows)
        _moved(tx, differences, now, by)


def _moved(tx: Connection, differences: Mapping[int, int], now: datetime, by: int | None) -> None:
    same = {"kind": MovementKind.ADJUSTED, "held": 0, "allocated": 0, "order_id": None, "actor_id": by, "at": now}
    rows = [same | {"variant_id": one, "on_hand": units} for one, units in differences.items() if units]
    if rows:
        tx.execute(insert(stock_movements), rows)


def add_products(tx: Connection, rows: Sequence[Values], now: datetime) -> dict[str, int]:
    """Add products that have no variants yet; returns their ids by slug."""
    if not rows:
        return {}
    tx.execute(insert(products), [dict(row) | {"updated_at": now} for row in rows])
    mine = products.c.slug.in_([row["slug"] for row in rows])
    return {row.slug: row.id for row in tx.execute(select(products.c.slug, products.c.id).where(mine))}


def add_variants(
    tx: Connection, rows: Sequence[Values], units: Mapping[str, int], now: datetime, by: int | None
) -> None:
    """Add variants with ``units`` on hand by SKU, each with the movement that says so."""
    if not rows:
        return
    tx.execute(insert(variants), [dict(row) for row in rows])
    mine = variants.c.sku.in_([row["sku"] for row in rows])
    ids = {row.sku: row.id for row in tx.execute(select(variants.c.sku, variants.c.id).where(mine))}
    tx.execute(insert(stock), [{"variant_id": one, "on_hand": units.get(sku, 0)} for sku, one in ids.items()])
    _moved(tx, {one: units.get(sku, 0) for sku, one in ids.items()}, now, by)


# ── codes ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def promoter_names(tx: Connection) -> list[tuple[int, str]]:
    """Every promoter, by id."""
    query = select(promoters.c.id, promoters.c.name).order_by(promoters.c.id)
    return [tuple(row) for row in tx.execute(query)]


def codes(
    tx: Connection, names: Iterable[str] | None = None, after: str = "", *, keep: bool = False
) -> list[dict[str, Any]]:
    """Promo codes as a file has them: those of ``names``, or the next piece of all of them ``after`` one."""
    mine = [promo_codes.c[ours].label(name) for name, ours in CODE.items()]
    query = select(promo_codes.c.id, promo_codes.c.used, *mine)
    query = query.order_by(promo_codes.c.code)
    those = promo_codes.c.code.in_(list(names)) if names is not None else promo_codes.c.code > after
    query = query.where(those) if names is not None else query.where(those).limit(PIECE)
    if keep and tx.dialect.name == "postgresql":
        query = query.with_for_update(key_share=True)
    return [dict(row) for row in tx.execute(query).mappings()]


def add_codes(tx: Connection, rows: Sequence[Values], now: datetime) -> None:
    """Add promo codes."""
    if rows:
        tx.execute(insert(promo_codes), [dict(row) | {"created_at": now} for row in rows])


# ── files that were shown ────────────────────────────────────────────────────────────────────────────────────────────
def keep_file(tx: Connection, kind: Kind, person_id: int | None, name: str, digest: str, now: datetime) -> int:
    """Write down that a file was shown as a difference; returns its number."""
    row = {"kind": kind, "person_id": person_id, "name": name, "digest": digest, "state": "shown", "at": now}
    return int(tx.execute(insert(import_files).values(**row).returning(import_files.c.id)).scalar_one())


def file(tx: Connection, number: int) -> dict[str, Any] | None:
    """One file that was shown."""
    row = tx.execute(select(import_files).where(import_files.c.id == number)).mappings().one_or_none()
    return dict(row) if row is not None else None


def finish(tx: Connection, number: int, state: str, now: datetime, counts: Values | None = None) -> bool:
    """Say what became of a file that waits; False where somebody was faster."""
    mine = (import_files.c.id == number, import_files.c.state == "shown")
    values = {"state": state, "counts": dict(counts) if counts else None,
              "applied_at": now if state == "applied" else None}  # fmt: skip
    return tx.execute(update(import_files).where(*mine).values(**values)).rowcount == 1


def forgotten_about(tx: Connection, before: datetime) -> list[int]:
    """Drop files that nobody confirmed since ``before``; returns their numbers, and of others that are over."""
    old = (import_files.c.state == "shown", import_files.c.at < before)
    gone = update(import_files).where(*old).values(state="dropped").returning(import_files.c.id)
    dropped = list(tx.execute(gone).scalars())
    recent = import_files.c.at >= before - timedelta(days=30)
    over = select(import_files.c.id).where(import_files.c.state != "shown", recent)
    return sorted({*dropped, *tx.execute(over).scalars()})
