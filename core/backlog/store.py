"""SQL of what a group waits for: rows of the outbox beside what stands in the group already."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    text,
    update,
)

from core import changes
from core.backlog.rules import FILLED_FOR, MOST_NAMED, NAMING, Digest, NamedOrder, Waiting
from core.database.tables import message_refs, outbox
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef, Owed
from core.orders import store as orders

MOST = 1000
"""As many rows are looked at for one turn: of orders that nobody heard of first, the oldest first."""
_DECIDING = 7_313_002  # names, among PostgreSQL's advisory locks, the turns of the groups
_PENDING = text("outbox.state = 'pending'")
"""Written out as the partial index ``ix_outbox_coalesce`` is: it leads to one chat's rows."""
_KNOWN = outbox.c.kind.in_([kind.value for kind in MessageKind])
_CARDS: ColumnElement[str] = literal_column(f"'{MessageKind.STAFF_CARD}'")


def in_turn(tx: Connection) -> None:
    """Let one process at a time decide what goes next, or two would name the same orders; on SQLite it is so anyway."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(_DECIDING)))


def waiting(tx: Connection, chat_id: int, now: datetime) -> list[Waiting]:
    """Read what could go to a group now."""
    rows = tx.execute(_ready(), {"chat": chat_id, "now": now}).all()
    return [_waiting(row, now) for row in rows]


@cache
def _ready() -> Select[Any]:
    """Build the question once: it is asked after every message."""
    chat: Any = bindparam("chat")
    card, named = message_refs.alias("card"), message_refs.alias("named")
    here = and_(card.c.chat_id == chat, card.c.kind == outbox.c.kind, card.c.subject_id == outbox.c.subject_id)
    there = and_(
        named.c.chat_id == chat, named.c.kind == MessageKind.ORDER_NAMED,
        named.c.subject_id == outbox.c.subject_id, outbox.c.kind == _CARDS,
    )  # fmt: skip
    query = select(outbox, card.c.message_id.label("at"), named.c.message_id.label("named_in"))
    query = query.select_from(outbox.outerjoin(card, here).outerjoin(named, there))
    due = (outbox.c.due_at <= messages.NOW, ~messages.being_sent(messages.NOW))
    ready = query.where(_PENDING, _KNOWN, outbox.c.chat_id == chat, *due)
    return ready.order_by(named.c.message_id.is_not(None), outbox.c.id).limit(MOST)


def _waiting(row: Row[Any], now: datetime) -> Waiting:
    kind, data = MessageKind(row.kind), row.data
    naming = "naming" in data and now - datetime.fromisoformat(data["naming"]) < NAMING
    return Waiting(
        row.id, kind, row.subject_id, row.created_at, standing=row.at is not None, named=bool(row.named_in) or naming,
        named_in=row.named_in or 0, urgent=bool(data.get("opened") or data.get("orders")),
    )  # fmt: skip


def next_due(tx: Connection, chat_id: int) -> datetime | None:
    """When the group's next message becomes due."""
    mine = (_PENDING, _KNOWN, outbox.c.chat_id == chat_id)
    due: datetime | None = tx.execute(select(func.min(outbox.c.due_at)).where(*mine)).scalar_one()
    return due


def name(tx: Connection, chat_id: int, cards: Iterable[Waiting], now: datetime) -> None:
    """Owe the group a digest of these orders: in the newest one while it has room and is fresh, else in another."""
    cards = list(cards)
    subject, free = _open_digest(tx, chat_id, now) or (cards[0].subject_id, MOST_NAMED)
    named = cards[:free]
    mine = (_PENDING, outbox.c.chat_id == chat_id, outbox.c.kind == MessageKind.ORDER_DIGEST)
    messages.owe(tx, chat_id, MessageKind.ORDER_DIGEST, subject, now)
    owed = tx.execute(select(outbox.c.id, outbox.c.data).where(*mine, outbox.c.subject_id == subject)).one()
    ids = sorted({*owed.data.get("orders", ()), *(card.subject_id for card in named)})
    tx.execute(update(outbox).where(outbox.c.id == owed.id).values(data={"orders": ids}, due_at=now))
    for card in named:
        tx.execute(update(outbox).where(outbox.c.id == card.id).values(data={"naming": now.isoformat()}))


def _open_digest(tx: Connection, chat_id: int, now: datetime) -> tuple[int, int] | None:
    """Find the newest digest of a group and for how many more it has room; None where another must be begun."""
    mine = (message_refs.c.chat_id == chat_id, message_refs.c.kind == MessageKind.ORDER_DIGEST)
    row = tx.execute(
        select(message_refs).where(*mine).order_by(message_refs.c.subject_id.desc()).limit(1)
    ).one_or_none()
    if row is None or now - row.updated_at > FILLED_FOR:
        return None
    free = MOST_NAMED - len(_named(tx, MessageRef(chat_id, row.message_id, has_photo=False)))
    return (row.subject_id, free) if free > 0 else None


def _named(tx: Connection, ref: MessageRef) -> list[int]:
    """The orders that a message names."""
    here = (message_refs.c.chat_id == ref.chat_id, message_refs.c.message_id == ref.message_id)
    query = select(message_refs.c.subject_id).where(*here, message_refs.c.kind == MessageKind.ORDER_NAMED)
    return sorted(tx.execute(query).scalars())


def digest(tx: Connection, chat_id: int, subject_id: int, more: Collection[int] = ()) -> Digest:
    """Read what a digest says now; ``more`` are the orders that it is about to name."""
    ref = messages.ref(tx, chat_id, MessageKind.ORDER_DIGEST, subject_id)
    ids = sorted({*more, *(_named(tx, ref) if ref else ())})
    mine = (message_refs.c.chat_id == chat_id, message_refs.c.kind == MessageKind.STAFF_CARD)
    query = select(message_refs.c.subject_id).where(*mine, message_refs.c.subject_id.in_(ids))
    standing = set(tx.execute(query).scalars())
    found = tuple(NamedOrder(order, order.id in standing) for order in orders.by_ids(tx, ids))
    return Digest(found, _cards_waiting(tx, chat_id))


def _cards_waiting(tx: Connection, chat_id: int) -> int:
    """How many orders wait to have a card in the group."""
    card = message_refs.alias("card")
    here = and_(card.c.chat_id == chat_id, card.c.kind == _CARDS, card.c.subject_id == outbox.c.subject_id)
    query = select(func.count()).select_from(outbox.outerjoin(card, here))
    mine = (_PENDING, outbox.c.chat_id == chat_id, outbox.c.kind == MessageKind.STAFF_CARD, card.c.chat_id.is_(None))
    return int(tx.execute(query.where(*mine)).scalar_one())


def sent(tx: Connection, owed: Owed, now: datetime, ref: MessageRef) -> None:
    """The digest was delivered: its orders are named where it stands now, also those of the message it stands for."""
    before = messages.ref(tx, owed.chat_id, owed.kind, owed.subject_id)
    ids = {*owed.data.get("orders", ()), *(_named(tx, before) if before else ())}
    messages.sent(tx, owed, now, ref)
    for order_id in sorted(ids):
        messages.remember(tx, MessageKind.ORDER_NAMED, order_id, ref, now)


def recount(tx: Connection, chat_id: int, message_ids: Iterable[int], now: datetime) -> None:
    """Owe the group its digests once more, as they stand in these messages."""
    for message_id in sorted(message_ids):
        subject = messages.standing(tx, MessageKind.ORDER_DIGEST, MessageRef(chat_id, message_id, has_photo=False))
        if subject is not None:
            messages.owe(tx, chat_id, MessageKind.ORDER_DIGEST, subject, now)


def hurry(tx: Connection, chat_id: int, order_id: int, now: datetime) -> None:
    """Let an order's card be the next that goes to a group."""
    messages.owe(tx, chat_id, MessageKind.STAFF_CARD, order_id, now)
    mine = (_PENDING, outbox.c.chat_id == chat_id, outbox.c.kind == MessageKind.STAFF_CARD)
    row = tx.execute(select(outbox.c.id, outbox.c.data).where(*mine, outbox.c.subject_id == order_id)).one()
    tx.execute(update(outbox).where(outbox.c.id == row.id).values(data=row.data | {"opened": True}, due_at=now))
    changes.note(tx, "outbox")
