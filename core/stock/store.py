"""SQL of stock. Every change of a figure is one guarded UPDATE and one row of ``stock_movements``."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Update, bindparam, case, func, insert, select, update

from core import changes
from core.database.tables import holds, stock, stock_movements, variants
from core.errors import Refused
from core.stock.rules import CHANGES, Change, Hold, HoldState, MovementKind

_THESE = stock.c.variant_id.in_(bindparam("variants", expanding=True))
_LOCK = select(stock.c.variant_id).where(_THESE).order_by(stock.c.variant_id).with_for_update()


def receive(tx: Connection, variant_id: int, units: int, now: datetime, by: int | None = None) -> None:
    """Add units that came in (or were found, or lost: negative); ``Refused`` below what is promised."""
    kind = MovementKind.RECEIVED if units > 0 else MovementKind.ADJUSTED
    _apply(tx, {variant_id: units}, Change(kind, 1, 0, 0), None, now, by)


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
    standing = of_order(tx, order_id)
    for state in HoldState:
        moving = {hold.variant_id: hold.quantity for hold in standing if hold.state is state and state is not to}
        if moving:
            _apply(tx, moving, CHANGES[state, to], order_id, now, by)
    tx.execute(update(holds).where(holds.c.order_id == order_id).values(state=to))


def of_order(tx: Connection, order_id: int) -> list[Hold]:
    """The holds of an order in variant order."""
    query = select(holds).where(holds.c.order_id == order_id).order_by(holds.c.variant_id)
    return [Hold(row.variant_id, row.quantity, HoldState(row.state)) for row in tx.execute(query)]


def left(tx: Connection, ids: Mapping[int, int]) -> dict[int, int]:
    """What can still be promised, by variant."""
    free = (stock.c.on_hand - stock.c.held - stock.c.allocated).label("free")
    query = select(stock.c.variant_id, free).where(stock.c.variant_id.in_(list(ids)))
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
