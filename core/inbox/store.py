"""SQL of the inbox: updates stored before they are acknowledged, each worked once, by one process."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, not_, or_, select, update

from core.database.columns import insert_fresh
from core.database.tables import inbox
from core.inbox.rules import MOST_LIVES, Received
from core.messages import store as messages

_TAKING = 7_313_001  # names, among PostgreSQL's advisory locks, the taking over of updates


def receive(tx: Connection, updates: Sequence[Received], owner: str, now: datetime, until: datetime) -> list[Received]:
    """Store updates before they are acknowledged, claimed by ``owner``; returns those to be worked now.

    Not those that were there already; nor those of a person whose earlier updates another process has: they are for
    whoever takes them next (:func:`claim_new`). Written in the order of their ids, or two processes that receive the
    same batch wait for each other.
    """
    _in_turn(tx)
    once = sorted({update_.update_id: update_ for update_ in updates}.values(), key=lambda one: one.update_id)
    late = _elsewhere(tx, {one.person for one in once}, owner)
    mine = {"claimed_by": owner, "claimed_until": until}
    rows: list[dict[str, Any]] = [
        {"update_id": one.update_id, "person": one.person, "payload": one.payload, "state": "new", "received_at": now}
        | (dict.fromkeys(mine) if one.person in late else mine)
        for one in once
    ]
    fresh = insert_fresh(tx, inbox, "update_id", rows)
    return [one for one in once if one.update_id in fresh and one.person not in late]


def _in_turn(tx: Connection) -> None:
    """Let one process at a time take updates, or two would share out one person's; on SQLite it is so anyway."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(_TAKING)))


def _elsewhere(tx: Connection, persons: Collection[int], owner: str) -> set[int]:
    """Name the persons with unfinished updates that are not this owner's; on SQLite there is one owner only."""
    if tx.dialect.name == "sqlite":
        return set()
    others = (inbox.c.state == "new", inbox.c.claimed_by.is_distinct_from(owner))
    return set(tx.execute(select(inbox.c.person).where(*others, inbox.c.person.in_(sorted(persons)))).scalars())


def claim_new(tx: Connection, owner: str, now: datetime, until: datetime, most: int = 500) -> list[Received]:
    """Take updates that nobody works on, oldest first: at start, and those a dead process left.

    A person whose earlier update somebody else works on is left to wait.
    """
    free = or_(inbox.c.claimed_until.is_(None), inbox.c.claimed_until < now)
    _in_turn(tx)
    held = select(inbox.c.person).where(inbox.c.state == "new", not_(free), inbox.c.claimed_by != owner)
    query = select(inbox).where(inbox.c.state == "new", free, inbox.c.person.not_in(held))
    query = query.order_by(inbox.c.update_id).limit(most)
    rows = tx.execute(query.with_for_update(skip_locked=True)).all()
    ids = [row.update_id for row in rows]
    tx.execute(update(inbox).where(inbox.c.update_id.in_(ids)).values(claimed_by=owner, claimed_until=until))
    return [Received(row.update_id, row.person, row.payload, row.claimed_by is not None, row.attempts) for row in rows]


def begin(tx: Connection, update_id: int) -> bool:
    """Count that an update is worked again which a process died with; False where that was so often enough."""
    counted = update(inbox).where(inbox.c.update_id == update_id, inbox.c.attempts < MOST_LIVES)
    return tx.execute(counted.values(attempts=inbox.c.attempts + 1)).rowcount == 1


def bury(tx: Connection, owner: str, now: datetime) -> None:
    """Free what dead processes were working on and sending."""
    working = (inbox.c.state == "new", messages.of_the_dead(tx, inbox.c.claimed_by, owner))
    tx.execute(update(inbox).where(*working).values(claimed_until=None))
    messages.bury(tx, owner, now)


def renew(tx: Connection, owner: str, until: datetime) -> None:
    """Keep what ``owner`` works on: it lives."""
    working = (inbox.c.state == "new", inbox.c.claimed_by == owner)
    tx.execute(update(inbox).where(*working).values(claimed_until=until))


def let_go(tx: Connection, owner: str, now: datetime) -> None:
    """Leave what ``owner`` has not finished to the next process, at once, and not as what a dead one left."""
    working = (inbox.c.state == "new", inbox.c.claimed_by == owner)
    tx.execute(update(inbox).where(*working).values(claimed_by=None, claimed_until=None))
    messages.release_owed(tx, owner, now)


def finish(tx: Connection, done: Iterable[int], failed: Iterable[int] = ()) -> None:
    """Mark updates as worked through. What was done is not kept: it holds names, phones and streets."""
    for ids, values in ((list(done), {"state": "done", "payload": "{}"}), (list(failed), {"state": "failed"})):
        if ids:
            tx.execute(update(inbox).where(inbox.c.update_id.in_(ids)).values(values))


def last_update(tx: Connection) -> int | None:
    """The newest update that was stored."""
    newest: int | None = tx.execute(select(func.max(inbox.c.update_id))).scalar_one()
    return newest


def forget_done(tx: Connection, before: datetime) -> int:
    """Remove worked-through updates older than ``before``; the newest stays, as the place to go on from."""
    newest = select(func.max(inbox.c.update_id)).scalar_subquery()
    old = delete(inbox).where(inbox.c.received_at < before, inbox.c.state != "new", inbox.c.update_id != newest)
    return tx.execute(old).rowcount
