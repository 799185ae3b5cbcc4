"""SQL of imports: what was taken in, what ours was then, and rows that only an import writes, with their own dates."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, update
from sqlalchemy.exc import DataError, IntegrityError

from core import changes
from core.database.columns import insert_into
from core.database.tables import (
    carts,
    categories,
    hero_slides,
    imported_rows,
    order_checks,
    order_events,
    orders,
    people,
    point_entries,
    products,
    promo_codes,
    promo_uses,
    promoters,
    settlements,
    stock,
    subscribers,
    tombstones,
    variants,
)
from core.imports.rules import Known, Trouble, digest, parted
from core.points.rules import EntryKind

AT_ONCE = 500
_GOODS = ("name_en", "name_km", "description_en", "description_km", "badge", "active", "category_id")
_PLAIN: Mapping[str, tuple[Table, tuple[str, ...]]] = {
    "customer": (people, ("name", "phone")),
    "promoter": (promoters, ("name", "phone", "email", "rate", "active", "note")),
    "promocode": (promo_codes, ("value", "kind", "cap", "minimum", "starts_at", "ends_at", "use_limit", "active",
                                "promoter_id", "description_en", "description_km")),
    "newsletter": (subscribers, ("email", "phone", "name", "active", "unsubscribed_at")),
    "heroslide": (hero_slides, ("kind", "file", "url", "title_en", "subtitle_en", "position", "active")),
    "order": (orders, ("status", "payment_status", "version")),
    "referral": (people, ("referrer_id",)),
}  # fmt: skip
"""What of a row of ours tells whether the shop changed it since it was taken in."""
_LATER: Mapping[str, Table] = {
    "event": order_events, "settlement": settlements, "check": order_checks, "use": promo_uses,
}  # fmt: skip
_CART = insert(carts).returning(carts.c.id)
_POINTS = insert(point_entries)


@contextmanager
def apart(tx: Connection) -> Iterator[None]:
    """Take one row in: what the database refuses of it is undone, and said as ``Trouble("database")``."""
    try:
        with tx.begin_nested():
            yield
    except (IntegrityError, DataError):
        raise Trouble("database") from None


# ── what was taken in ────────────────────────────────────────────────────────────────────────────────────────────────
def remembered(tx: Connection, source: str) -> dict[tuple[str, str], Known]:
    """Every row that was taken in from there, by model and key."""
    query = select(imported_rows).where(imported_rows.c.source == source)
    return {(row.model, row.key): Known(row.subject_id, *parted(row.digest)) for row in tx.execute(query)}


def remember(tx: Connection, source: str, rows: Mapping[tuple[str, str], Known], now: datetime) -> None:
    """Remember rows that are taken in, new or changed."""
    new = insert_into(tx.dialect.name, imported_rows)
    changed = {name: new.excluded[name] for name in ("subject_id", "digest", "at")}
    said = [
        {"source": source, "model": model, "key": key, "subject_id": one.subject_id, "digest": one.said + one.was,
         "at": now}
        for (model, key), one in rows.items()
    ]  # fmt: skip
    if said:
        tx.execute(new.on_conflict_do_update(index_elements=["source", "model", "key"], set_=changed), said)


def write_all(tx: Connection, rows: Mapping[str, list[dict[str, Any]]]) -> None:
    """Write what was put off until all orders are in: their events, ledger, verdicts and uses of codes."""
    for name, mine in rows.items():
        if mine:
            tx.execute(insert(_LATER[name]), mine)


def states(tx: Connection, model: str, ids: Iterable[int]) -> dict[int, str]:
    """What some rows of ours are now, each as a digest."""
    wanted, found = sorted(set(ids)), dict[int, str]()
    for begin in range(0, len(wanted), AT_ONCE):
        found |= _states(tx, model, wanted[begin : begin + AT_ONCE])
    return found


def _states(tx: Connection, model: str, ids: list[int]) -> dict[int, str]:
    if model == "gone":  # what stands for goods that are gone never changes
        return {}
    if model in _PLAIN:
        table, names = _PLAIN[model]
        query = select(table.c.id, *(table.c[name] for name in names)).where(table.c.id.in_(ids))
    elif model == "product":
        goods = (products.c[name] for name in _GOODS)
        query = select(variants.c.id, variants.c.price, variants.c.old_price, *goods).join(products)
        query = query.where(variants.c.id.in_(ids))
    elif model == "picture":
        query = select(variants.c.id, products.c.photo).join(products).where(variants.c.id.in_(ids))
    elif model == "stock":
        free = stock.c.on_hand - stock.c.held - stock.c.allocated
        query = select(stock.c.variant_id, free).where(stock.c.variant_id.in_(ids))
    else:
        return {person: digest(points) for person, points in balances(tx, ids).items()}
    return {row[0]: digest(list(row)[1:]) for row in tx.execute(query)}


def balances(tx: Connection, ids: Iterable[int]) -> dict[int, int]:
    """What some people have in points, all lots that are not spent together."""
    sums = func.coalesce(func.sum(point_entries.c.remaining), 0)
    query = select(people.c.id, sums).outerjoin(point_entries, point_entries.c.person_id == people.c.id)
    return {row[0]: int(row[1]) for row in tx.execute(query.where(people.c.id.in_(list(ids))).group_by(people.c.id))}


# ── goods ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def taken(tx: Connection) -> dict[str, set[str]]:
    """What stands here already under a name that only one may have."""
    names = {"slug": products.c.slug, "shelf": categories.c.slug, "sku": variants.c.sku, "number": orders.c.number,
             "invitation": people.c.referral_code}  # fmt: skip
    return {name: {one for one in tx.execute(select(column)).scalars() if one} for name, column in names.items()}


def change_goods(tx: Connection, variant_id: int, product: Mapping[str, Any], variant: Mapping[str, Any]) -> None:
    """Write a product and its only variant anew."""
    mine = select(variants.c.product_id).where(variants.c.id == variant_id)
    product_id = tx.execute(mine).scalar_one()
    tx.execute(update(products).where(products.c.id == product_id).values(**product))
    if variant:
        tx.execute(update(variants).where(variants.c.id == variant_id).values(**variant))
    changes.note(tx, "product", product_id)


def sku(tx: Connection, variant_id: int) -> str:
    """What a variant is called."""
    return str(tx.execute(select(variants.c.sku).where(variants.c.id == variant_id)).scalar_one())


def photo(tx: Connection, variant_id: int) -> str:
    """The first photo of a variant's product; empty for none."""
    query = select(products.c.photo).join(variants).where(variants.c.id == variant_id)
    return str(tx.execute(query).scalar_one())


# ── people, codes, slides ────────────────────────────────────────────────────────────────────────────────────────────
def add(tx: Connection, model: str, **values: Any) -> int:
    """Write a row of a plain model; returns its id."""
    table = _PLAIN[model][0]
    return int(tx.execute(insert(table).returning(table.c.id), values).scalar_one())


def change(tx: Connection, model: str, row_id: int, **values: Any) -> None:
    """Write a row of a plain model anew."""
    table = _PLAIN[model][0]
    tx.execute(update(table).where(table.c.id == row_id).values(**values))


def subscriber(tx: Connection, email: str) -> int | None:
    """Who has subscribed with this address already."""
    return tx.execute(select(subscribers.c.id).where(subscribers.c.email == email)).scalar_one_or_none()


def gone(tx: Connection) -> set[int]:
    """Rows of people who asked to be forgotten."""
    return set(tx.execute(select(tombstones.c.person_id)).scalars())


def refer(tx: Connection, person_id: int, by: int) -> bool:
    """Remember who brought somebody, where nobody did; False where somebody did, or it was themselves."""
    new = (people.c.id == person_id, people.c.referrer_id.is_(None), people.c.id != by)
    other = select(people.c.referrer_id).where(people.c.id == by).scalar_subquery()
    return (
        tx.execute(update(people).where(*new, func.coalesce(other, 0) != person_id).values(referrer_id=by)).rowcount
        == 1
    )


def write_points(
    tx: Connection, person_id: int, kind: EntryKind, points: int, at: datetime, *, remaining: int = 0,
    order_id: int | None = None, expires_at: datetime | None = None,
) -> None:  # fmt: skip
    """Write an entry of somebody's points as it was there; nothing where it is nothing."""
    if points:
        row = {"person_id": person_id, "kind": kind, "points": points, "remaining": remaining, "order_id": order_id}
        tx.execute(_POINTS, row | {"expires_at": expires_at, "at": at})


def take_points(tx: Connection, person_id: int, points: int) -> None:
    """Take points from somebody's lots, those that expire last; as many as there are."""
    mine = select(point_entries).where(point_entries.c.person_id == person_id, point_entries.c.remaining > 0)
    for lot in tx.execute(mine.order_by(point_entries.c.expires_at.desc(), point_entries.c.id.desc())).all():
        less = min(points, lot.remaining)
        points -= less
        left = {"remaining": lot.remaining - less}
        tx.execute(update(point_entries).where(point_entries.c.id == lot.id).values(**left))


# ── orders ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def cart(tx: Connection, person_id: int, at: datetime) -> int:
    """Write the cart that an order of long ago came from; returns its id."""
    row = {"person_id": person_id, "kind": "basket", "state": "ordered", "created_at": at, "updated_at": at}
    return int(tx.execute(_CART, row).scalar_one())


def count_uses(tx: Connection) -> None:
    """Let no code have been used less often than orders hold a use of it: each of them may give its own back."""
    standing = (promo_uses.c.promo_id == promo_codes.c.id, promo_uses.c.returned_at.is_(None))
    count = select(func.count()).select_from(promo_uses).where(*standing).scalar_subquery()
    tx.execute(update(promo_codes).where(promo_codes.c.used < count).values(used=count))


def whose_order(tx: Connection, order_id: int) -> int | None:
    """Whose an order is now."""
    return tx.execute(select(orders.c.person_id).where(orders.c.id == order_id)).scalar_one_or_none()
