"""SQL of talks. Whoever adds a message holds the talk's row, so the order of the ids is the order of what was said."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from core.database.columns import insert_new
from core.database.tables import help_messages, help_threads
from core.help.rules import Media, Said, Side, Spot, Talk, TalkState, Written


def _talk(row: Row[Any]) -> Talk:
    return Talk(row.id, row.person_id, TalkState(row.state), row.order_id)


def _said(row: Row[Any]) -> Said:
    return Said(
        row.id, row.thread_id, Side(row.side), row.author_id, Media(row.media or Media.TEXT), row.text, row.chat_id,
        row.message_id, row.reply_to, row.at,
    )  # fmt: skip


def talk(tx: Connection, talk_id: int) -> Talk | None:
    """One talk."""
    row = tx.execute(select(help_threads).where(help_threads.c.id == talk_id)).one_or_none()
    return _talk(row) if row else None


def of_person(tx: Connection, person_id: int) -> Talk | None:
    """Somebody's talk, if they ever wrote to the shop."""
    row = tx.execute(select(help_threads).where(help_threads.c.person_id == person_id)).one_or_none()
    return _talk(row) if row else None


def open_talk(tx: Connection, person_id: int, order_id: int | None, now: datetime) -> tuple[Talk, bool]:
    """Open somebody's talk, perhaps again, and keep its row; True where its card shows something else from now on.

    It stays about the order it was about unless another is named.
    """
    first: dict[str, Any] = {"state": TalkState.OPEN, "order_id": order_id, "opened_at": now, "updated_at": now}
    if insert_new(tx, help_threads, ["person_id"], person_id=person_id, **first):
        return _known(of_person(tx, person_id)), True
    tx.execute(update(help_threads).where(help_threads.c.person_id == person_id).values(updated_at=now))
    before = _known(of_person(tx, person_id))
    values: dict[str, Any] = {"order_id": order_id} if order_id not in (None, before.order_id) else {}
    values |= {"state": TalkState.OPEN, "opened_at": now} if before.state is TalkState.CLOSED else {}
    if values:
        tx.execute(update(help_threads).where(help_threads.c.id == before.id).values(**values))
    return _known(of_person(tx, person_id)), bool(values)


def _known(found: Talk | None) -> Talk:
    if found is None:  # pragma: no cover - just written in this transaction
        raise LookupError
    return found


def close(tx: Connection, talk_id: int, now: datetime) -> bool:
    """Close a talk; False where it was closed already."""
    is_open = (help_threads.c.id == talk_id, help_threads.c.state == TalkState.OPEN)
    values = {"state": TalkState.CLOSED, "updated_at": now}
    return tx.execute(update(help_threads).where(*is_open).values(**values)).rowcount == 1


def add(
    tx: Connection, talk_id: int, side: Side, author_id: int, media: Media, written: Written, now: datetime, *,
    text: str, reply_to: int | None = None,
) -> bool:  # fmt: skip
    """Keep what was said; False where this very message was kept before."""
    where: dict[str, Any] = {"chat_id": written.chat_id, "message_id": written.message_id}
    return insert_new(
        tx, help_messages, list(where), **where, thread_id=talk_id, side=side, author_id=author_id, media=media,
        text=text, reply_to=reply_to, at=now,
    )  # fmt: skip


def count_since(tx: Connection, talk_id: int, since: datetime) -> int:
    """How many messages the customer has sent since then."""
    theirs = (help_messages.c.thread_id == talk_id, help_messages.c.side == Side.CUSTOMER)
    query = select(func.count()).select_from(help_messages).where(*theirs, help_messages.c.at > since)
    return int(tx.execute(query).scalar_one())


def last(tx: Connection, talk_id: int) -> Said | None:
    """The newest message of a talk."""
    query = select(help_messages).where(help_messages.c.thread_id == talk_id)
    row = tx.execute(query.order_by(help_messages.c.id.desc()).limit(1)).one_or_none()
    return _said(row) if row else None


def next_said(tx: Connection, talk_id: int, side: Side) -> Said | None:
    """The oldest message of one side that the other has not got yet."""
    waiting = (help_messages.c.thread_id == talk_id, help_messages.c.side == side, help_messages.c.copied_at.is_(None))
    row = tx.execute(select(help_messages).where(*waiting).order_by(help_messages.c.id).limit(1)).one_or_none()
    return _said(row) if row else None


def brought(tx: Connection, said_id: int, copy: tuple[int, int] | None, now: datetime) -> None:
    """Remember where a message's copy stands (chat, message); None where it was given up."""
    chat_id, message_id = copy or (None, None)
    values = {"copied_at": now, "copy_chat_id": chat_id, "copy_message_id": message_id}
    tx.execute(update(help_messages).where(help_messages.c.id == said_id).values(**values))


def spot(tx: Connection, chat_id: int, message_id: int) -> Spot | None:
    """Which talk a message stands in: the other side's copy there, or a customer's own message in their chat.

    What staff wrote themselves is left out: below it they talk with each other.
    """
    copies = (help_messages.c.copy_chat_id == chat_id, help_messages.c.copy_message_id == message_id)
    row = tx.execute(select(help_messages).where(*copies)).first()
    if row is None:
        own = (help_messages.c.chat_id == chat_id, help_messages.c.message_id == message_id)
        row = tx.execute(select(help_messages).where(*own, help_messages.c.side == Side.CUSTOMER)).first()
        return Spot(_known(talk(tx, row.thread_id)), Side.CUSTOMER, _said(row)) if row else None
    said = _said(row)
    side = Side.SHOP if said.side is Side.CUSTOMER else Side.CUSTOMER
    return Spot(_known(talk(tx, said.talk_id)), side, said)
