"""SQL of the outbox and of where messages stand; and what a restore or a clock that jumped means for all that waits."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    case,
    column,
    delete,
    exists,
    func,
    or_,
    select,
    table,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from core import changes
from core.database.columns import insert_into, insert_new
from core.database.tables import broadcast_sends, broadcasts, inbox, message_refs, outbox, uploads
from core.messages.rules import FLOOD, LONGEST_WAIT, MessageKind, MessageRef, Owed

_SENDING = timedelta(seconds=45)
SKEW = timedelta(seconds=10)
"""How far two machines' clocks may stand apart."""
_NOTES = [kind.value for kind in MessageKind if kind.is_note]
_UNSENT = text("outbox.state IN ('pending', 'sending')")
"""Written out as the partial index ``ix_outbox_due`` is: SQLite finds it for no other wording."""
_KNOWN = outbox.c.kind.in_([kind.value for kind in MessageKind])
"""What this version can send: a row that a newer one left behind must not stop the others."""
_OLDER = outbox.alias("older")
_BEHIND = exists().where(
    outbox.c.kind.in_(_NOTES), _OLDER.c.kind.in_(_NOTES), _OLDER.c.chat_id == outbox.c.chat_id,
    _OLDER.c.subject_id == outbox.c.subject_id, _OLDER.c.id < outbox.c.id,
    text("older.state IN ('pending', 'sending')"),
)  # fmt: skip
"""A note behind another that was not sent yet: "delivered" never comes before "on its way"."""


# ── all that waits ───────────────────────────────────────────────────────────────────────────────────────────────────


def bury(tx: Connection, owner: str, now: datetime) -> None:
    """Send at once what dead processes were sending."""
    freed = update(outbox).where(_UNSENT, outbox.c.state == "sending", of_the_dead(tx, outbox.c.claimed_by, owner))
    if tx.execute(freed.values(due_at=now)).rowcount:
        changes.note(tx, "outbox")


def of_the_dead(tx: Connection, claimed_by: ColumnElement[Any], owner: str) -> ColumnElement[bool]:
    """Whether a dead process claimed a row: a condition on it.

    One process at a time holds a SQLite file: every other owner is dead. On PostgreSQL a process writes its name (63
    characters at most) on its connections as ``application_name``; the owner whose name stands on none is dead.
    """
    dead = claimed_by != owner
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.set_config("application_name", owner, text("false"))))
        dead &= claimed_by.not_in(select(column("application_name", Text)).select_from(table("pg_stat_activity")))
    return dead


def set_right(tx: Connection, now: datetime, lease: timedelta) -> int:
    """After a clock that jumped back, let nothing wait longer than a lease; returns how many rows that were.

    Whatever was written at a later time than this, or waits longer than anything does, stands from before the jump.
    What is being worked or sent keeps one lease from now: its process may live.
    """
    mine = (inbox.c.state == "new", inbox.c.claimed_until > now + lease)
    found = tx.execute(update(inbox).where(*mine).values(claimed_until=now + lease)).rowcount
    sending = (_UNSENT, outbox.c.state == "sending", outbox.c.due_at > now + _SENDING)
    found += tx.execute(update(outbox).where(*sending).values(due_at=now + _SENDING)).rowcount
    later = or_(outbox.c.created_at > now + SKEW, outbox.c.due_at > now + LONGEST_WAIT)
    parked = (_UNSENT, outbox.c.state == "pending", outbox.c.due_at > now, later)
    owed = tx.execute(update(outbox).where(*parked).values(due_at=now, created_at=now)).rowcount
    if owed:
        changes.note(tx, "outbox")
    return found + owed


def set_aside(tx: Connection) -> tuple[int, int]:
    """Mark messages and updates of a restored backup that were not done when it was made; returns how many of each.

    They were sent and worked after it was made, or nobody waits for them any more. News likewise: a broadcast ends.
    """
    owed = update(outbox).where(_UNSENT).values(state="restored", claimed_by=None)
    left = update(inbox).where(inbox.c.state == "new").values(state="restored", claimed_by=None, claimed_until=None)
    open_ = broadcast_sends.c.state.in_(("waiting", "sending"))
    tx.execute(update(broadcast_sends).where(open_).values(state="unsure"))
    tx.execute(update(broadcasts).where(broadcasts.c.state.in_(("sending", "paused"))).values(state="cancelled"))
    return tx.execute(owed).rowcount, tx.execute(left).rowcount


# ── outbox ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def owe(
    tx: Connection, chat_id: int, kind: MessageKind, subject_id: int, now: datetime, *,
    due_at: datetime | None = None, data: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Owe a message in the transaction of the fact; see :func:`owe_all`."""
    owe_all(tx, [(chat_id, kind, due_at or now)], subject_id, now, data)


def owe_all(
    tx: Connection, told: Iterable[tuple[int, MessageKind, datetime]], subject_id: int, now: datetime,
    data: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Owe messages about one subject, each to a chat and due at its time; nobody (chat 0) is told nothing.

    One that waits already for the same card is enough. It need not wait any longer than the new one would, unless
    Telegram said how long. That one is locked until the commit, also where nothing changes of it: a worker could send
    it with what was true before the fact.
    """
    rest = {"subject_id": subject_id, "data": data or {}, "state": "pending", "created_at": now}
    rows = [{"chat_id": chat_id, "kind": kind, "due_at": due_at} | rest for chat_id, kind, due_at in told if chat_id]
    if rows:
        tx.execute(_owing(tx.dialect.name), rows)
        changes.note(tx, "outbox")


@cache
def _owing(dialect: str) -> Insert:
    new = insert_into(dialect, outbox)
    late = and_(outbox.c.due_at > new.excluded.due_at, outbox.c.error != FLOOD)
    return new.on_conflict_do_update(
        index_elements=["chat_id", "kind", "subject_id"], index_where=text("state = 'pending'"),
        set_={"due_at": case((late, new.excluded.due_at), else_=outbox.c.due_at)},
    )  # fmt: skip


def claim_owed(
    tx: Connection, owner: str, now: datetime, most: int = 20, *, busy: Collection[int] = (),
    apart: Collection[int] = (),
) -> list[Owed]:  # fmt: skip
    """Take messages that are due, oldest first; what a dead process was sending is taken when its claim ends.

    Left out are the ``busy`` chats, and a card that somebody is sending at this moment: before it is known where that
    one stands, a second would be sent beside it. Notes about one order come in their order. Of the chats ``apart``
    (core/backlog decides their turns) only what a dead process was sending.
    """
    given = {"now": now, "busy": sorted(busy), "apart": sorted(apart), "most": most}
    return _claimed(tx, _READY.params(given), owner, now)


def claim_these(tx: Connection, owner: str, ids: Sequence[int], now: datetime) -> list[Owed]:
    """Take these messages that wait, in the order of ``ids``; those that somebody else took meanwhile are left out."""
    query = select(outbox).where(outbox.c.id.in_(ids), outbox.c.state == "pending")
    found = _claimed(tx, query, owner, now) if ids else []
    return sorted(found, key=lambda owed: ids.index(owed.id))


def being_sent(now: Any) -> ColumnElement[bool]:
    """Whether somebody sends the same card at this moment: a condition on a row of the outbox."""
    other = outbox.alias("other")
    return exists().where(
        other.c.chat_id == outbox.c.chat_id, other.c.kind == outbox.c.kind, other.c.subject_id == outbox.c.subject_id,
        text("other.state IN ('pending', 'sending')"), other.c.state == "sending", other.c.due_at > now,
    )  # fmt: skip


def _claimed(tx: Connection, query: Select[Any], owner: str, now: datetime) -> list[Owed]:
    rows = tx.execute(query.with_for_update(of=outbox, skip_locked=True)).all()
    ids = [row.id for row in rows]
    values = {"state": "sending", "claimed_by": owner, "due_at": now + _SENDING, "attempts": outbox.c.attempts + 1}
    if ids:
        tx.execute(update(outbox).where(outbox.c.id.in_(ids)).values(values))
    return [_owed(row) for row in rows]


NOW = bindparam("now", type_=outbox.c.due_at.type)
_TAKEN = (  # built once: the outbox asks after every message
    _UNSENT, _KNOWN, outbox.c.chat_id.not_in(bindparam("busy", expanding=True)),
    or_(outbox.c.state == "sending", outbox.c.chat_id.not_in(bindparam("apart", expanding=True))), ~_BEHIND,
)  # fmt: skip
_READY = select(outbox).where(*_TAKEN, outbox.c.due_at <= NOW, ~being_sent(NOW))
_READY = _READY.order_by(outbox.c.due_at, outbox.c.id).limit(bindparam("most"))
_NEXT = select(func.min(outbox.c.due_at)).where(*_TAKEN)


def release_owed(tx: Connection, owner_prefix: str, now: datetime) -> None:
    """What a process that is surely gone was sending is due at once."""
    mine = (_UNSENT, outbox.c.state == "sending", outbox.c.claimed_by.startswith(owner_prefix))
    tx.execute(update(outbox).where(*mine).values(due_at=now))


def next_due(tx: Connection, busy: Collection[int] = (), apart: Collection[int] = ()) -> datetime | None:
    """When the next message becomes due that :func:`claim_owed` would take, but for notes behind another."""
    due: datetime | None = tx.execute(_NEXT, {"busy": sorted(busy), "apart": sorted(apart)}).scalar_one()
    return due


def sent(tx: Connection, owed: Owed, now: datetime, ref: MessageRef | None) -> None:
    """The message was delivered; remember where its card stands, unless its reader was forgotten meanwhile."""
    there = update(outbox).where(outbox.c.id == owed.id).values(state="sent", sent_at=now, claimed_by=None)
    if tx.execute(there).rowcount and ref is not None:
        remember(tx, owed.kind, owed.subject_id, ref, now)


def unowe(tx: Connection, chat_id: int, kind: MessageKind, subject_id: int) -> None:
    """Owe a chat no more what waits to be sent of a kind about a subject; what is being sent stays."""
    waiting = delete(outbox).filter_by(chat_id=chat_id, kind=kind, subject_id=subject_id)
    tx.execute(waiting.where(text("outbox.state = 'pending'")))


def drop(tx: Connection, owed: Owed, now: datetime) -> bool:
    """End a message for which there is nothing left to say; False where it was ended meanwhile."""
    ended = update(outbox).where(*_mine(owed)).values(state="sent", sent_at=now, claimed_by=None)
    return tx.execute(ended).rowcount == 1


def unsent(tx: Connection, kind: MessageKind, now: datetime) -> int:
    """How many messages of a kind are being sent or could be sent now; those put off until later are not counted."""
    here = (_UNSENT, outbox.c.kind == kind, or_(outbox.c.state == "sending", outbox.c.due_at <= now))
    return int(tx.execute(select(func.count()).select_from(outbox).where(*here)).scalar_one())


def put_off(tx: Connection, owed: Owed, due_at: datetime, error: str, *, counted: bool = True) -> None:
    """Try again later. A newer row for the same card takes this one's place, also one that is just being written.

    It takes along what was asked of this one: the topic it was called up in.

    ``counted`` False: it was no try, for the chat had to wait or Telegram was not reached.
    """
    attempts = owed.attempts if counted else owed.attempts - 1
    waiting = {"state": "pending", "due_at": due_at, "error": error[:300], "claimed_by": None, "attempts": attempts}
    nested = tx.begin_nested()
    try:
        tx.execute(update(outbox).where(*_mine(owed)).values(waiting))
        nested.commit()
    except IntegrityError:  # ix_outbox_coalesce
        nested.rollback()
        fail(tx, owed, "a newer message says it")
        newer = (_same(owed), text("outbox.state = 'pending'"))
        for row in tx.execute(select(outbox.c.id, outbox.c.data).where(*newer)).all():
            tx.execute(update(outbox).where(outbox.c.id == row.id).values(data={**owed.data, **row.data}))


def _same(owed: Owed) -> ColumnElement[bool]:
    """Whether a row is about the same card."""
    card = (outbox.c.chat_id == owed.chat_id, outbox.c.kind == owed.kind, outbox.c.subject_id == owed.subject_id)
    return and_(*card)


def fail(tx: Connection, owed: Owed, error: str) -> None:
    """Give a message up, with the reason."""
    tx.execute(update(outbox).where(*_mine(owed)).values(state="failed", error=error[:300], claimed_by=None))


def _mine(owed: Owed) -> tuple[ColumnElement[bool], ...]:
    """Name a message that is being sent; one that was finished meanwhile stays so."""
    return outbox.c.id == owed.id, outbox.c.state == "sending"


def readdress(tx: Connection, owed: Owed, chat_id: int, now: datetime) -> None:
    """Owe the same message to the chat that the old one became."""
    fail(tx, owed, "the chat has another id now")
    owe(tx, chat_id, owed.kind, owed.subject_id, now, data=owed.data)


def forget_sent(tx: Connection, before: datetime) -> int:
    """Remove messages sent before ``before``, and those given up that were written before the last of them."""
    last = tx.execute(select(func.max(outbox.c.id)).where(outbox.c.sent_at < before)).scalar_one() or 0
    failed = delete(outbox).where(outbox.c.id <= last, outbox.c.state == "failed", outbox.c.created_at < before)
    return tx.execute(failed).rowcount + tx.execute(delete(outbox).where(outbox.c.sent_at < before)).rowcount


def _owed(row: Row[Any]) -> Owed:
    return Owed(row.id, row.chat_id, MessageKind(row.kind), row.subject_id, row.data, row.attempts + 1, row.due_at)


# ── where cards stand, and what Telegram has ─────────────────────────────────────────────────────────────────────────
_OTHERS_THERE = delete(message_refs).where(
    message_refs.c.chat_id == bindparam("chat"), message_refs.c.kind == bindparam("card"),
    message_refs.c.message_id == bindparam("message"), message_refs.c.subject_id != bindparam("subject"),
)  # fmt: skip


def remember(tx: Connection, kind: MessageKind, subject_id: int, ref: MessageRef, now: datetime) -> None:
    """A chat's card of a subject stands in this message from now on.

    A customer who orders, goes on browsing in the same message and orders again has one message and two orders: there
    the older one's card stands no more, and is sent anew when there is something to say.
    """
    if kind is MessageKind.ORDER_CARD:
        tx.execute(_OTHERS_THERE, {"chat": ref.chat_id, "card": kind, "message": ref.message_id, "subject": subject_id})
    card: dict[str, Any] = {"chat_id": ref.chat_id, "kind": kind, "subject_id": subject_id}
    values: dict[str, Any] = {"message_id": ref.message_id, "has_photo": ref.has_photo, "updated_at": now}
    if not insert_new(tx, message_refs, list(card), **card, **values):
        tx.execute(update(message_refs).filter_by(**card).values(values))


def ref(tx: Connection, chat_id: int, kind: MessageKind, subject_id: int) -> MessageRef | None:
    """Where a chat's card of a subject stands."""
    row = tx.execute(select(message_refs).filter_by(chat_id=chat_id, kind=kind, subject_id=subject_id)).one_or_none()
    return MessageRef(chat_id, row.message_id, row.has_photo) if row else None


def standing(tx: Connection, kind: MessageKind, ref: MessageRef) -> int | None:
    """Which subject's card of a kind stands in a message."""
    there = select(message_refs).filter_by(chat_id=ref.chat_id, kind=kind, message_id=ref.message_id)
    row = tx.execute(there).first()
    return int(row.subject_id) if row else None


def stands_in(tx: Connection, kind: MessageKind, subject_id: int) -> list[int]:
    """The chats in which a card of a subject stands."""
    there = select(message_refs.c.chat_id).filter_by(kind=kind, subject_id=subject_id)
    return list(tx.execute(there.order_by(message_refs.c.chat_id)).scalars())


def drawn_at(tx: Connection, chat_id: int, kind: MessageKind, subject_id: int) -> datetime | None:
    """When a chat's card of a subject was sent or edited last; None where it stands nowhere."""
    there = select(message_refs.c.updated_at).filter_by(chat_id=chat_id, kind=kind, subject_id=subject_id)
    at: datetime | None = tx.execute(there).scalar_one_or_none()
    return at


def no_card(tx: Connection, chat_id: int, kind: MessageKind, subject_id: int) -> None:
    """A chat's card of a subject stands nowhere: the next one is sent anew, and lives from then on."""
    here = (message_refs.c.chat_id == chat_id, message_refs.c.kind == kind)
    tx.execute(delete(message_refs).where(*here, message_refs.c.subject_id == subject_id))


def on_its_way(tx: Connection, owed: Owed) -> bool:
    """Whether somebody else is owed the same, or got it since it was owed."""
    since = select(outbox.c.created_at).where(outbox.c.id == owed.id).scalar_subquery()
    same = (outbox.c.kind == owed.kind, outbox.c.subject_id == owed.subject_id, outbox.c.id != owed.id)
    query = select(outbox.c.id).where(*same, or_(_UNSENT, and_(outbox.c.state == "sent", outbox.c.sent_at >= since)))
    return tx.execute(query.limit(1)).first() is not None


def held_up(tx: Connection, kinds: Collection[MessageKind]) -> int:
    """How many messages of some kinds wait to be tried again."""
    waiting = (_UNSENT, outbox.c.kind.in_(sorted(kinds)), outbox.c.error.is_not(None), outbox.c.error != "")
    return int(tx.execute(select(func.count()).select_from(outbox).where(*waiting)).scalar_one())


def uploaded(tx: Connection, bot_id: int) -> dict[str, str]:
    """The file id of every picture that Telegram has from this bot, by picture."""
    query = select(uploads.c.picture, uploads.c.file_id).where(uploads.c.bot_id == bot_id)
    return {row.picture: row.file_id for row in tx.execute(query)}


def save_upload(tx: Connection, bot_id: int, picture: str, file_id: str, now: datetime) -> None:
    """Remember a picture's file id, so that it is uploaded once."""
    here = (uploads.c.bot_id == bot_id, uploads.c.picture == picture)
    if not insert_new(tx, uploads, ["bot_id", "picture"], bot_id=bot_id, picture=picture, file_id=file_id, at=now):
        tx.execute(update(uploads).where(*here).values(file_id=file_id, at=now))
