"""SQL of nudges. A row of ``nudges`` is the last time an order was named at a status."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select, update

from core.database.columns import insert_new
from core.database.tables import nudges, order_events, orders
from core.nudges.rules import Late
from core.orders.rules import PaymentMethod, Status

_CAME = (
    select(func.max(order_events.c.at))
    .where(order_events.c.order_id == orders.c.id, order_events.c.to_status == orders.c.status)
    .correlate(orders)
    .scalar_subquery()
)
_SINCE = func.coalesce(_CAME, orders.c.placed_at)
"""When an order came to where it stands: by its last event there."""
_NAMED = (
    select(nudges.c.order_id)
    .where(nudges.c.order_id == orders.c.id, nudges.c.status == orders.c.status, nudges.c.at >= _SINCE)
    .correlate(orders)
    .exists()
)
_WORK = or_(orders.c.status != Status.PENDING, orders.c.payment_method == PaymentMethod.COD)
"""A KHQR order that is not paid is nobody's work yet."""


def late(tx: Connection, limits: Mapping[Status, timedelta], now: datetime, most: int) -> list[Late]:
    """Orders that stand longer than they may and were not named since they came there, the longest wait first."""
    found: list[Late] = []
    for status, limit in limits.items():
        here = (orders.c.status == status, orders.c.placed_at <= now - limit, now - limit >= _SINCE)
        query = select(orders.c.id, _SINCE.label("since")).where(*here, _WORK, ~_NAMED).order_by(orders.c.placed_at)
        found += [Late(row.id, status, row.since) for row in tx.execute(query.limit(most))]
    return sorted(found, key=lambda one: (one.since, one.order_id))[:most]


def claim(tx: Connection, one: Late, now: datetime) -> bool:
    """Take the right to name an order where it stands; False where another run took it."""
    if insert_new(tx, nudges, ["order_id", "status"], order_id=one.order_id, status=one.status, at=now):
        return True
    again = (nudges.c.order_id == one.order_id, nudges.c.status == one.status, nudges.c.at < one.since)
    return tx.execute(update(nudges).where(*again).values(at=now)).rowcount == 1


def since(tx: Connection, ids: Iterable[int]) -> dict[int, datetime]:
    """When some orders came to where they stand."""
    rows = tx.execute(select(orders.c.id, _SINCE.label("since")).where(orders.c.id.in_(list(ids))))
    return {row.id: row.since for row in rows}
