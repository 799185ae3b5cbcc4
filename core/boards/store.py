"""SQL of the counter's lists, of looking for an order, and of the board's counts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, not_, or_, select, text, tuple_

from core.boards.rules import STATUSES, Counts, Listed, Means, Wanted
from core.database.tables import help_threads, orders, payment_cases, people
from core.money import Currency, Money
from core.orders.rules import PaymentMethod, PaymentStatus, Status
from core.people.rules import straight

_LISTED = select(
    orders.c.id, orders.c.number, orders.c.status, orders.c.total, orders.c.currency, orders.c.recipient,
    people.c.name.label("holder"),
).select_from(orders.outerjoin(people, people.c.id == orders.c.holder_id))  # fmt: skip
_UNPAID = and_(
    orders.c.status == Status.PENDING, orders.c.payment_method == PaymentMethod.KHQR,
    orders.c.payment_status == PaymentStatus.UNPAID,
)  # fmt: skip
"""Nobody's work yet: whoever ordered it looks at the QR."""
_OPEN = [status for group in STATUSES.values() for status in group]
_CASES = select(func.count()).select_from(payment_cases).where(text("payment_cases.state <> 'done'"))
_TALKS = select(func.count()).select_from(help_threads).where(text("help_threads.state = 'open'"))
"""Both written out as their partial indexes are: SQLite finds those for no other wording."""


def _listed(row: Row[Any]) -> Listed:
    total = Money(row.total, Currency(row.currency))
    return Listed(row.id, row.number, Status(row.status), total, straight(row.recipient), straight(row.holder or ""))


def in_statuses(tx: Connection, statuses: Sequence[Status], most: int, after: int = 0) -> list[Listed]:
    """Orders that somebody has to do something about, the oldest first, from the one after the order ``after``."""
    query = _LISTED.where(orders.c.status.in_(statuses), not_(_UNPAID))
    if after:
        edge = select(orders.c.placed_at).where(orders.c.id == after).correlate(None).scalar_subquery()
        query = query.where(tuple_(orders.c.placed_at, orders.c.id) > tuple_(edge, after))
    return [_listed(row) for row in tx.execute(query.order_by(orders.c.placed_at, orders.c.id).limit(most))]


def find(tx: Connection, wanted: Wanted, statuses: Sequence[Status], most: int, before: int = 0) -> list[Listed]:
    """Orders that somebody looks for, the newest first, from the one before the order ``before``.

    Numbers and phones go by their index; names are compared one by one, the newest first, until a page is full.
    """
    query = _LISTED.where(_matches(wanted), orders.c.status.in_(statuses))
    if before:
        query = query.where(orders.c.id < before)
    return [_listed(row) for row in tx.execute(_newest(query, most))]


def _newest(query: Select[Any], most: int) -> Select[Any]:
    return query.order_by(orders.c.id.desc()).limit(most)


def _matches(wanted: Wanted) -> ColumnElement[bool]:
    if wanted.means is Means.NUMBER:
        return orders.c.number == wanted.text
    if wanted.means is Means.PHONE:
        return orders.c.phone == wanted.text
    # SQLite folds the case of A to Z only; the ways in which a name is written come to the same everywhere.
    ways = dict.fromkeys((wanted.text, wanted.text.lower(), wanted.text.upper(), wanted.text.title()))
    name = func.replace(orders.c.recipient, "\u200b", "")
    return or_(*(name.icontains(way, autoescape=True) for way in ways))


def counts(tx: Connection) -> Counts:
    """Count what waits, in one statement and one row whatever the number of orders."""
    nobodys = orders.c.holder_id.is_(None)
    sums = [func.count().filter(orders.c.status.in_(group)).label(one) for one, group in STATUSES.items()]
    query = select(
        *sums, func.count().filter(nobodys).label("unclaimed"), func.min(orders.c.placed_at).filter(nobodys),
        _CASES.scalar_subquery(), _TALKS.scalar_subquery(),
    ).where(orders.c.status.in_(_OPEN), not_(_UNPAID))  # fmt: skip
    *waiting, unclaimed, oldest, cases, talks = tx.execute(query).one()
    return Counts(dict(zip(STATUSES, waiting, strict=True)), unclaimed, oldest, cases, talks)
