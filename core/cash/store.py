"""SQL of cash: what was taken for which parcel, and what was handed in and counted."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, or_, select, update

from core.cash.rules import Cash, Collection, HandIn, Holding, together
from core.database.tables import cash_collections, cash_hand_ins, orders, people
from core.money import Money
from core.people.rules import straight

_COUNTER = people.alias("counter")
_TAKEN = select(cash_collections, orders.c.number, people.c.name.label("courier")).select_from(
    cash_collections.join(orders, orders.c.id == cash_collections.c.order_id).join(
        people, people.c.id == cash_collections.c.courier_id
    )
)
_HANDED = select(cash_hand_ins, people.c.name.label("courier"), _COUNTER.c.name.label("counter")).select_from(
    cash_hand_ins.join(people, people.c.id == cash_hand_ins.c.courier_id).outerjoin(
        _COUNTER, _COUNTER.c.id == cash_hand_ins.c.confirmed_by
    )
)
_HELD = cash_collections.c.hand_in_id.is_(None)
_WAITING = cash_hand_ins.c.state == "handed"
_DIFFERS = or_(
    cash_hand_ins.c.counted_cents != cash_hand_ins.c.cents, cash_hand_ins.c.counted_riel != cash_hand_ins.c.riel
)


def _collection(row: Row[Any]) -> Collection:
    taken = Cash(row.cents, row.riel, row.note)
    name = straight(row.courier)
    return Collection(row.order_id, row.number, row.courier_id, name, taken, row.collected_at, row.hand_in_id)


def _hand_in(row: Row[Any]) -> HandIn:
    counted = None if row.counted_cents is None else Cash(row.counted_cents, row.counted_riel or 0, row.note)
    return HandIn(
        row.id, row.courier_id, straight(row.courier), Cash(row.cents, row.riel), row.handed_at, counted,
        row.confirmed_at, straight(row.counter or ""), row.confirmed_by,
    )  # fmt: skip


def collect(tx: Connection, order_id: int, courier_id: int, due: Money, taken: Cash, now: datetime) -> None:
    """Write down what was taken for a parcel; a second time for one parcel is an integrity error."""
    values = {"cents": taken.cents, "riel": taken.riel, "note": taken.note, "collected_at": now}
    tx.execute(insert(cash_collections).values(order_id=order_id, courier_id=courier_id, expected=due.amount, **values))


def of_order(tx: Connection, order_id: int) -> Collection | None:
    """What was taken for a parcel."""
    row = tx.execute(_TAKEN.where(cash_collections.c.order_id == order_id)).one_or_none()
    return _collection(row) if row else None


def of_orders(tx: Connection, ids: Iterable[int]) -> dict[int, Collection]:
    """What was taken for some parcels, by order."""
    rows = tx.execute(_TAKEN.where(cash_collections.c.order_id.in_(list(ids))))
    return {row.order_id: _collection(row) for row in rows}


def held(tx: Connection, courier_id: int) -> list[Collection]:
    """What a courier took and has not handed in, the oldest first."""
    return _collections(tx, _TAKEN.where(_HELD, cash_collections.c.courier_id == courier_id))


def _collections(tx: Connection, query: Select[Any]) -> list[Collection]:
    return [_collection(row) for row in tx.execute(query.order_by(cash_collections.c.id))]


def holdings(tx: Connection) -> list[Holding]:
    """Who holds how much, by name."""
    sums = (func.sum(cash_collections.c.cents), func.sum(cash_collections.c.riel), func.count())
    query = select(people.c.id, people.c.name, *(one.label(f"sum{i}") for i, one in enumerate(sums)))
    found = query.select_from(cash_collections.join(people, people.c.id == cash_collections.c.courier_id)).where(_HELD)
    rows = tx.execute(found.group_by(people.c.id, people.c.name).order_by(people.c.name, people.c.id))
    return [Holding(row.id, straight(row.name), Cash(int(row.sum0), int(row.sum1)), row.sum2) for row in rows]


def hand_in(tx: Connection, courier_id: int, now: datetime) -> int | None:
    """Put all that a courier holds into one row and return its id; None where they hold nothing.

    What is taken at this very moment in another transaction stays for the next time.
    """
    mine = select(cash_collections).where(_HELD, cash_collections.c.courier_id == courier_id)
    rows = tx.execute(mine.order_by(cash_collections.c.id).with_for_update()).all()
    if not rows:
        return None
    brought = together(Cash(row.cents, row.riel) for row in rows)
    values = {"cents": brought.cents, "riel": brought.riel, "state": "handed", "handed_at": now}
    made = insert(cash_hand_ins).values(courier_id=courier_id, **values)
    hand_in_id = int(tx.execute(made.returning(cash_hand_ins.c.id)).scalar_one())
    theirs = cash_collections.c.id.in_([row.id for row in rows])
    tx.execute(update(cash_collections).where(theirs).values(hand_in_id=hand_in_id))
    return hand_in_id


def handed(tx: Connection, hand_in_id: int) -> HandIn | None:
    """One hand-in by id."""
    row = tx.execute(_HANDED.where(cash_hand_ins.c.id == hand_in_id)).one_or_none()
    return _hand_in(row) if row else None


def waiting(tx: Connection, courier_id: int | None = None, most: int = 50) -> list[HandIn]:
    """What was handed in and nobody counted yet, the oldest first; a courier's, or everybody's."""
    query = _HANDED.where(_WAITING)
    if courier_id is not None:
        query = query.where(cash_hand_ins.c.courier_id == courier_id)
    return [_hand_in(row) for row in tx.execute(query.order_by(cash_hand_ins.c.id).limit(most))]


def differed(tx: Connection, courier_id: int, most: int = 5) -> list[HandIn]:
    """A courier's last hand-ins in which another sum was counted, the newest first."""
    query = _HANDED.where(cash_hand_ins.c.courier_id == courier_id, ~_WAITING, _DIFFERS)
    return [_hand_in(row) for row in tx.execute(query.order_by(cash_hand_ins.c.id.desc()).limit(most))]


def confirm(tx: Connection, hand_in_id: int, by: int, counted: Cash, now: datetime) -> bool:
    """Write what was counted; False where somebody counted it before."""
    values = {"state": "confirmed", "counted_cents": counted.cents, "counted_riel": counted.riel, "note": counted.note}
    still = (cash_hand_ins.c.id == hand_in_id, _WAITING)
    done = update(cash_hand_ins).where(*still).values(confirmed_by=by, confirmed_at=now, **values)
    return tx.execute(done).rowcount == 1


def unlike(tx: Connection, since: datetime) -> list[int]:
    """Ids of hand-ins since then that are not the sum of what was collected for them, or hold another's cash."""
    cents, riel = (func.coalesce(func.sum(cash_collections.c[name]), 0) for name in ("cents", "riel"))
    strangers = func.count().filter(cash_collections.c.courier_id != cash_hand_ins.c.courier_id)
    differs = or_(cents != cash_hand_ins.c.cents, riel != cash_hand_ins.c.riel, strangers > 0)
    query = select(cash_hand_ins.c.id).outerjoin(cash_collections, cash_collections.c.hand_in_id == cash_hand_ins.c.id)
    found = query.where(cash_hand_ins.c.handed_at >= since).group_by(cash_hand_ins.c.id).having(differs)
    return list(tx.execute(found.order_by(cash_hand_ins.c.id)).scalars())
