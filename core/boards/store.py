"""SQL of the counter's lists, of looking for an order, of the board's counts, and of a group that moved."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    and_,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    text,
    tuple_,
    update,
)

from core.boards.rules import STATUSES, Counts, Listed, Means, Wanted
from core.database.tables import cash_hand_ins, help_threads, message_refs, orders, outbox, payment_cases, people
from core.messages.rules import MessageKind
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
    query: Select[Any] = _LISTED.where(orders.c.status.in_(statuses), not_(_UNPAID))
    if after:
        edge = select(orders.c.placed_at).where(orders.c.id == after).correlate(None).scalar_subquery()
        query = query.where(tuple_(orders.c.placed_at, orders.c.id) > tuple_(edge, after))
    return [_listed(row) for row in tx.execute(query.order_by(orders.c.placed_at, orders.c.id).limit(most))]


def find(tx: Connection, wanted: Wanted, statuses: Sequence[Status], most: int, before: int = 0) -> list[Listed]:
    """Orders that somebody looks for, the newest first, from the one before the order ``before``.

    Numbers and phones go by their index; names are compared one by one, the newest first, until a page is full.
    """
    query: Select[Any] = _LISTED.where(_matches(wanted), orders.c.status.in_(statuses))
    if before:
        query = query.where(orders.c.id < before)
    return [_listed(row) for row in tx.execute(query.order_by(orders.c.id.desc()).limit(most))]


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


# ── a group that became another chat ─────────────────────────────────────────────────────────────────────────────────
_WORKED: dict[MessageKind, tuple[Table, ColumnElement[bool]]] = {
    MessageKind.STAFF_CARD: (orders, orders.c.status.in_(_OPEN)),
    MessageKind.PAYMENT_CASE: (payment_cases, payment_cases.c.state != "done"),
    MessageKind.HELP_CARD: (help_threads, help_threads.c.state == "open"),
    MessageKind.CASH_HAND_IN: (cash_hand_ins, cash_hand_ins.c.state == "handed"),
}
"""The cards with which something is still to be done."""


def leave(tx: Connection, chat_id: int) -> list[tuple[MessageKind, int]]:
    """Nothing stands in a chat any more; returns the cards that stood there and are still worked, the oldest first."""
    there = message_refs.c.chat_id == chat_id
    found: list[tuple[MessageKind, int]] = []
    for kind, (table, worked) in _WORKED.items():
        still = exists().where(table.c.id == message_refs.c.subject_id, worked)
        query = select(message_refs.c.subject_id).where(there, message_refs.c.kind == kind, still)
        found += [(kind, subject) for subject in tx.execute(query.order_by(message_refs.c.subject_id)).scalars()]
    tx.execute(delete(message_refs).where(there))
    return found


def waiting(tx: Connection, chat_id: int) -> list[tuple[MessageKind, int, dict[str, Any], datetime]]:
    """Take what waits to be sent to a chat out of the outbox: kind, subject, data, when it is due."""
    mine = (outbox.c.chat_id == chat_id, text("outbox.state = 'pending'"))
    rows = tx.execute(select(outbox).where(*mine, outbox.c.kind.in_(list(MessageKind))).order_by(outbox.c.id)).all()
    gone = {"state": "failed", "error": "the chat has another id now"}
    tx.execute(update(outbox).where(outbox.c.id.in_([row.id for row in rows])).values(gone))
    return [(MessageKind(row.kind), row.subject_id, row.data, row.due_at) for row in rows]


def say_where(tx: Connection, chat_id: int, kind: MessageKind, subject_id: int, data: dict[str, Any]) -> None:
    """A card that waits to be sent goes where ``data`` says, also where it waited before."""
    mine = (outbox.c.chat_id == chat_id, outbox.c.kind == kind, outbox.c.subject_id == subject_id)
    tx.execute(update(outbox).where(*mine, text("outbox.state = 'pending'")).values(data=data))
