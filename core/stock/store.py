"""SQL of stock. Every change of a figure is one guarded UPDATE and one row of ``stock_movements``."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Update,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)

from core import changes
from core.database.tables import goods_receipts, holds, products, stock, stock_movements, variants
from core.errors import Refused
from core.stock.rules import BACK, CHANGES, Change, Hold, HoldState, Low, MovementKind

_THESE = stock.c.variant_id.in_(bindparam("variants", expanding=True))
_FREE = stock.c.on_hand - stock.c.held - stock.c.allocated
_RECEIPT = (
    select(func.max(stock_movements.c.id))
    .where(stock_movements.c.variant_id == stock.c.variant_id,
           stock_movements.c.kind.in_([MovementKind.RECEIVED, MovementKind.ADJUSTED]))
    .correlate(stock)
    .scalar_subquery()
)  # fmt: skip
_EVER = select(stock_movements.c.id).where(stock_movements.c.variant_id == stock.c.variant_id).correlate(stock).exists()
_LOCK = select(stock.c.variant_id).where(_THESE).order_by(stock.c.variant_id).with_for_update()


def receive(tx: Connection, variant_id: int, units: int, now: datetime, by: int | None = None) -> None:
    """Add units that came in (or were found, or lost: negative); ``Refused`` below what is promised."""
    kind = MovementKind.RECEIVED if units > 0 else MovementKind.ADJUSTED
    _apply(tx, {variant_id: units}, Change(kind, 1, 0, 0), None, now, by)


def take_in(
    tx: Connection, variant_id: int, units: int, now: datetime, by: int, *, unit_cost: int | None = None, note: str = ""
) -> None:
    """Receive goods with what one cost in cents, where it is known, and from whom: a movement and its receipt."""
    receive(tx, variant_id, units, now, by)
    row = {"variant_id": variant_id, "quantity": units, "unit_cost": unit_cost, "note": note, "actor_id": by, "at": now}
    tx.execute(insert(goods_receipts).values(**row))


def hold(tx: Connection, order_id: int, wants: Mapping[int, int], now: datetime, products: Iterable[int] = ()) -> None:
    """Promise units to a new order; ``Refused("sold_out")`` when any line cannot be had whole: then none is.

    ``products`` are those of the variants, where the caller knows them.
    """
    _apply(tx, wants, CHANGES[None, HoldState.ACTIVE], order_id, now, None, products)
    tx.execute(
        insert(holds),
        [{"order_id": order_id, "variant_id": v, "quantity": q, "state": HoldState.ACTIVE} for v, q in wants.items()],
    )


def turn(tx: Connection, order_id: int, to: HoldState, now: datetime, by: int | None = None) -> None:
    """Bring all of an order's holds to ``to``; those that are there already stay, a wrong turn is a ``KeyError``."""
    _turn(tx, order_id, to, now, by, CHANGES)


def take_back(tx: Connection, order_id: int, to: HoldState, now: datetime, by: int) -> None:
    """Bring all of an order's holds back to ``to``, where they stood before a move that is taken back."""
    _turn(tx, order_id, to, now, by, BACK)


def _turn(
    tx: Connection, order_id: int, to: HoldState, now: datetime, by: int | None,
    ways: Mapping[tuple[HoldState | None, HoldState], Change],
) -> None:  # fmt: skip
    standing = of_order(tx, order_id)
    for state in HoldState:
        moving = {hold.variant_id: hold.quantity for hold in standing if hold.state is state and state is not to}
        if moving:
            _apply(tx, moving, ways[state, to], order_id, now, by)
    tx.execute(update(holds).where(holds.c.order_id == order_id).values(state=to))


def resize(tx: Connection, order_id: int, units: Mapping[int, int], now: datetime, by: int | None = None) -> None:
    """Promise an order so many ``units`` of some variants instead, none for 0; ``Refused("sold_out")`` changes nothing.

    What comes in place stands where the order's other promises stand; all rows are locked in variant order first.
    """
    standing = {hold.variant_id: hold for hold in of_order(tx, order_id)}
    state = next(iter(standing.values())).state
    before = {variant: standing[variant].quantity if variant in standing else 0 for variant in units}
    less = {variant: before[variant] - wanted for variant, wanted in units.items() if wanted < before[variant]}
    more = {variant: wanted - before[variant] for variant, wanted in units.items() if wanted > before[variant]}
    if tx.dialect.name == "postgresql":
        tx.execute(_LOCK, {"variants": sorted({*less, *more})})
    if less:
        _apply(tx, less, CHANGES[state, HoldState.RELEASED], order_id, now, by)
    if more:
        _apply(tx, more, CHANGES[None, HoldState.ACTIVE], order_id, now, by)
    if more and state is not HoldState.ACTIVE:
        _apply(tx, more, CHANGES[HoldState.ACTIVE, state], order_id, now, by)
    for variant, wanted in units.items():
        mine = (holds.c.order_id == order_id, holds.c.variant_id == variant)
        if not wanted:
            tx.execute(delete(holds).where(*mine))
        elif before[variant]:
            tx.execute(update(holds).where(*mine).values(quantity=wanted))
        else:
            row = {"order_id": order_id, "variant_id": variant, "quantity": wanted, "state": state}
            tx.execute(insert(holds).values(**row))


def of_order(tx: Connection, order_id: int) -> list[Hold]:
    """The holds of an order in variant order."""
    query = select(holds).where(holds.c.order_id == order_id).order_by(holds.c.variant_id)
    return [Hold(row.variant_id, row.quantity, HoldState(row.state)) for row in tx.execute(query)]


def left(tx: Connection, ids: Mapping[int, int]) -> dict[int, int]:
    """What can still be promised, by variant."""
    query = select(stock.c.variant_id, _FREE.label("free")).where(stock.c.variant_id.in_(list(ids)))
    return {row.variant_id: row.free for row in tx.execute(query)}


def _apply(
    tx: Connection, units: Mapping[int, int], change: Change, order_id: int | None, now: datetime, by: int | None,
    products: Iterable[int] = (),
) -> None:  # fmt: skip
    """Change the figures of all variants in one guarded statement, rows locked in variant order (commerce.md)."""
    ids = sorted(units)
    wanted: dict[str, Any] = {"variants": ids}
    if tx.dialect.name == "postgresql":
        tx.execute(_LOCK, wanted)
    for i, variant_id in enumerate(ids):
        wanted |= {f"variant_{i}": variant_id, f"units_{i}": units[variant_id]}
    if tx.execute(_guarded(len(ids), change), wanted).rowcount != len(ids):
        raise Refused("sold_out")
    tx.execute(
        insert(stock_movements),
        [
            {"variant_id": i, "kind": change.kind, "on_hand": units[i] * change.on_hand, "held": units[i] * change.held,
             "allocated": units[i] * change.allocated, "order_id": order_id, "actor_id": by, "at": now}
            for i in ids
        ],
    )  # fmt: skip
    theirs = select(variants.c.product_id).where(variants.c.id.in_(ids)).distinct()
    for product_id in products or tx.execute(theirs).scalars():
        changes.note(tx, "product", product_id)


@cache
def _guarded(many: int, change: Change) -> Update:
    """Build the change of so many variants' figures, once: the rows that it does not fit are left as they are."""
    units = [
        (stock.c.variant_id == bindparam(f"variant_{i}"), bindparam(f"units_{i}", type_=Integer)) for i in range(many)
    ]
    amount = case(*units, else_=0)
    factors = {"on_hand": change.on_hand, "held": change.held, "allocated": change.allocated}
    values = {name: stock.c[name] + amount * factor for name, factor in factors.items() if factor}
    on_hand, held, allocated = (values.get(name, stock.c[name]) for name in factors)
    fits = (held >= 0) & (allocated >= 0) & (held + allocated <= on_hand)
    return update(stock).where(_THESE, fits).values(values)


def last_receipt(tx: Connection, variant_id: int) -> tuple[int, int | None]:
    """The last receipt or correction of a variant and who did it, its stock kept for this transaction; 0 for none."""
    if tx.dialect.name == "postgresql":
        tx.execute(_LOCK, {"variants": [variant_id]})
    query = select(_RECEIPT).where(stock.c.variant_id == variant_id)
    last = int(tx.execute(query).scalar() or 0)
    who = select(stock_movements.c.actor_id).where(stock_movements.c.id == last)
    return last, tx.execute(who).scalar()


# ── what is running low ──────────────────────────────────────────────────────────────────────────────────────────────
def falling(tx: Connection, limit: int) -> list[int]:
    """Variants on sale that have ``limit`` units or fewer left and once had some, of which staff were not told."""
    query = _sold().where(stock.c.low_told_at.is_(None), limit >= _FREE, variants.c.active, products.c.active, _EVER)
    return list(tx.execute(query.with_only_columns(stock.c.variant_id).order_by(stock.c.variant_id)).scalars())


def risen(tx: Connection, limit: int) -> list[int]:
    """Variants of which staff were told, and of which there is more again."""
    query = select(stock.c.variant_id).where(stock.c.low_told_at.is_not(None), limit < _FREE)
    return list(tx.execute(query.order_by(stock.c.variant_id)).scalars())


def tell_low(tx: Connection, ids: Iterable[int], limit: int, now: datetime) -> list[int]:
    """Take the right to tell of variants that are low still; those that another process told of are left out."""
    mine = (stock.c.variant_id.in_(list(ids)), stock.c.low_told_at.is_(None), limit >= _FREE)
    taken = update(stock).where(*mine).values(low_told_at=now).returning(stock.c.variant_id)
    return sorted(tx.execute(taken).scalars())


def forget_low(tx: Connection, ids: Iterable[int], limit: int) -> None:
    """Be told of variants again, once they fall again: there is more of them now."""
    above = (stock.c.variant_id.in_(list(ids)), limit < _FREE)
    tx.execute(update(stock).where(*above).values(low_told_at=None))


def low(tx: Connection, most: int, after: int = 0, told: datetime | None = None) -> list[Low]:
    """What staff were told of and is low still, or hidden meanwhile, from the variant after ``after``.

    ``told``: only what they were told of at that very moment, by one note.
    """
    then = stock.c.low_told_at.is_not(None) if told is None else stock.c.low_told_at == told
    return _low(tx, _sold().where(then, variants.c.active, stock.c.variant_id > after).limit(most))


def looked_at(tx: Connection, variant_id: int) -> Low | None:
    """One variant as it stands, low or not."""
    return next(iter(_low(tx, _sold().where(stock.c.variant_id == variant_id))), None)


def _sold() -> Select[Any]:
    query = select(
        stock.c.variant_id, variants.c.product_id, variants.c.sku, products.c.name_en, products.c.name_km,
        variants.c.name_en.label("variant_en"), variants.c.name_km.label("variant_km"), _FREE.label("free"),
        func.coalesce(_RECEIPT, 0).label("receipt"), products.c.active,
    )  # fmt: skip
    return query.select_from(stock.join(variants).join(products, products.c.id == variants.c.product_id))


def _low(tx: Connection, query: Select[Any]) -> list[Low]:
    return [Low(*row) for row in tx.execute(query.order_by(stock.c.variant_id))]


def unexplained(tx: Connection) -> list[int]:
    """Variants whose figures are not the sum of their movements, or whose promises are not their holds: none, ever."""
    moved = (
        select(
            stock_movements.c.variant_id,
            func.sum(stock_movements.c.on_hand).label("on_hand"),
            func.sum(stock_movements.c.held).label("held"),
            func.sum(stock_movements.c.allocated).label("allocated"),
        )
        .group_by(stock_movements.c.variant_id)
        .subquery()
    )
    query = (
        select(stock.c.variant_id)
        .outerjoin(moved, moved.c.variant_id == stock.c.variant_id)
        .where(
            (stock.c.on_hand != func.coalesce(moved.c.on_hand, 0))
            | (stock.c.held != func.coalesce(moved.c.held, 0))
            | (stock.c.allocated != func.coalesce(moved.c.allocated, 0))
            | (stock.c.held != _promised(HoldState.ACTIVE))
            | (stock.c.allocated != _promised(HoldState.COMMITTED))
        )
    )
    return list(tx.execute(query).scalars())


def _promised(state: HoldState) -> ColumnElement[int]:
    """Sum the holds of the stock row's variant that stand at ``state``."""
    units = select(func.coalesce(func.sum(holds.c.quantity), 0))
    return units.where(holds.c.variant_id == stock.c.variant_id, holds.c.state == state).scalar_subquery()
