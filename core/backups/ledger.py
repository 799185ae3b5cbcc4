"""SQL of the copies off this server: which backup is owed where, who is at it, what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, false, or_, select, update

from core.database.columns import insert_new
from core.database.tables import backup_copies as copies

LEASE = timedelta(minutes=15)
"""How long whoever copies may say nothing; then another begins again, over what is there."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A backup's copy at one ``target`` (store, chat): waiting → uploaded → verified, or failed until the next try.

    What was tried (``attempts``) and is neither good nor failed is somebody's until ``at``, when it may be looked at
    again; ``parts`` says where its pieces are; ``trouble`` is one word of ours.
    """

    id: int
    backup: str
    target: str
    state: str
    bytes: int
    parts: Any
    attempts: int
    trouble: str
    at: datetime
    verified_at: datetime | None

    @property
    def good(self) -> bool:
        """Whether it was read back and equal."""
        return self.state == "verified"


def standing(tx: Connection, target: str | None = None) -> list[Copy]:
    """Every copy that is or should be, the newest backup first."""
    query = select(copies).order_by(copies.c.backup.desc(), copies.c.target)
    return [_copy(row) for row in tx.execute(query if target is None else query.where(copies.c.target == target))]


def owe(tx: Connection, backup: str, target: str, now: datetime) -> None:
    """Owe a copy; one that is known already stays as it is."""
    insert_new(tx, copies, ["backup", "target"], backup=backup, target=target, state="waiting", at=now)


def claim(tx: Connection, copy: Copy, now: datetime, *, whenever: bool = False) -> bool:
    """Begin to work on a copy; False when somebody else did, or it is not time yet.

    ``whenever`` does not wait for the next try after a failure, but leaves alone what somebody is at. Who writes a
    number of tries that nobody wrote before is the one who works (compare and set).
    """
    odd = copies.c.at > now + timedelta(days=1)  # after a clock that jumped back
    due = or_(copies.c.at <= now, odd, copies.c.state == "failed" if whenever else false())
    mine = (copies.c.id == copy.id, copies.c.attempts == copy.attempts, copies.c.state != "verified", due)
    begun = {"attempts": copy.attempts + 1, "at": now + LEASE, "state": "waiting"}
    return tx.execute(update(copies).where(*mine).values(begun)).rowcount == 1


def go_on(tx: Connection, copy: Copy, now: datetime) -> bool:
    """Say that it is still being worked on; False when another has begun meanwhile."""
    return _set(tx, copy, at=now + LEASE)


def arrived(tx: Connection, copy: Copy, parts: Any, size: int, now: datetime, *, whole: bool) -> bool:
    """Write down where the pieces are; ``whole`` when every one of them is there."""
    more = {"state": "uploaded"} if whole else {}
    return _set(tx, copy, parts=parts, bytes=size, at=now + LEASE, **more)


def proved(tx: Connection, copy: Copy, now: datetime) -> bool:
    """It was read back and is equal."""
    return _set(tx, copy, state="verified", trouble=None, at=now, verified_at=now)


def put_off(tx: Connection, copy: Copy, trouble: str, until: datetime) -> bool:
    """It failed, with a word for it; it may be tried again at ``until``."""
    return _set(tx, copy, state="failed", trouble=trouble[:120], at=until)


def doubt(tx: Connection, copy: Copy, trouble: str, now: datetime) -> None:
    """A copy that was good is so no more: it is owed again."""
    here = (copies.c.id == copy.id, copies.c.state == copy.state)
    again = {"state": "failed", "trouble": trouble[:120], "at": now, "verified_at": None}
    tx.execute(update(copies).where(*here).values(again))


def forget(tx: Connection, copy: Copy) -> None:
    """Know nothing of a copy any more: it was removed."""
    tx.execute(delete(copies).where(copies.c.id == copy.id))


def _set(tx: Connection, copy: Copy, **values: Any) -> bool:
    """Write into the row of a copy that was claimed after it was read."""
    mine = (copies.c.id == copy.id, copies.c.attempts == copy.attempts + 1)
    return tx.execute(update(copies).where(*mine).values(values)).rowcount == 1


def _copy(row: Row[Any]) -> Copy:
    return Copy(row.id, row.backup, row.target, row.state, row.bytes, row.parts, row.attempts, row.trouble or "",
                row.at, row.verified_at)  # fmt: skip
