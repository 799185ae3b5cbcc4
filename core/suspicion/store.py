"""SQL of suspicion: what is known of a phone as an order is placed, and the flags of an order."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, insert, select, update

from core.database.tables import order_checks, orders, people
from core.people.rules import straight
from core.suspicion.rules import HOUR, Check, Flag, Named, Verdict, read, written

_CHECK = select(order_checks, people.c.name.label("by_name")).select_from(
    order_checks.outerjoin(people, people.c.id == order_checks.c.by_id)
)


_LATELY = func.sum(case((orders.c.placed_at > bindparam("since"), 1), else_=0))
_VERIFIED = func.sum(case((order_checks.c.verdict == Verdict.VERIFIED, 1), else_=0))
_NAMES = (
    select(orders.c.recipient, func.count(), _LATELY, _VERIFIED)
    .select_from(orders.outerjoin(order_checks, order_checks.c.order_id == orders.c.id))
    .where(orders.c.phone == bindparam("phone"))
    .group_by(orders.c.recipient)
    .order_by(orders.c.recipient)
)
_ORDERED = select(orders.c.id).where(orders.c.person_id == bindparam("person")).limit(1)
"""Built once: every order reads by them."""


def names(tx: Connection, phone: str, now: datetime) -> tuple[Named, ...]:
    """Who ordered with a phone, by the name on the parcel, whatever became of the order; by ``ix_orders_phone``."""
    rows = tx.execute(_NAMES, {"phone": phone, "since": now - HOUR})
    return tuple(Named(name, count, int(lately), bool(verified)) for name, count, lately, verified in rows)


def ordered_before(tx: Connection, person_id: int) -> bool:
    """Tell whether a person ever ordered."""
    return tx.execute(_ORDERED, {"person": person_id}).first() is not None


def add(tx: Connection, order_id: int, flags: tuple[Flag, ...], now: datetime) -> None:
    """Write an order's flags down."""
    tx.execute(insert(order_checks).values(order_id=order_id, flags=written(flags), at=now))


def check(tx: Connection, order_id: int) -> Check | None:
    """The flags of an order and what was decided; None for one that no rule found suspicious."""
    row = tx.execute(_CHECK.where(order_checks.c.order_id == order_id)).one_or_none()
    if row is None:
        return None
    verdict = Verdict(row.verdict) if row.verdict else None
    return Check(row.order_id, read(row.flags), verdict, row.by_id, straight(row.by_name or ""), row.decided_at)


def decide(tx: Connection, seen: Check, verdict: Verdict, by: int, now: datetime) -> bool:
    """Write a verdict where nobody decided since ``seen``; False where somebody did."""
    same: Any = order_checks.c.verdict.is_(None) if seen.verdict is None else order_checks.c.verdict == seen.verdict
    query = update(order_checks).where(order_checks.c.order_id == seen.order_id, same)
    return tx.execute(query.values(verdict=verdict, by_id=by, decided_at=now)).rowcount == 1
