"""SQL of the points ledger. ``points`` of all entries of a person add up to what ``remaining`` of their lots does.

Whoever spends, returns or expires locks the person's row first, so one person's points are counted one at a time.
"""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, update

from core.database.columns import insert_new
from core.database.tables import people, point_entries
from core.errors import Refused
from core.people import store as persons
from core.points.rules import EntryKind

_SPENT = (EntryKind.REDEEMED, EntryKind.RETURNED)


def balance(tx: Connection, person_id: int, now: datetime) -> int:
    """How many points somebody can spend now."""
    return int(tx.execute(select(func.coalesce(func.sum(point_entries.c.remaining), 0)).where(
        *_living(person_id, now))).scalar_one())  # fmt: skip


def ending(tx: Connection, person_id: int, now: datetime) -> tuple[int, datetime | None]:
    """How many of them expire first, and when."""
    lots = select(point_entries.c.remaining, point_entries.c.expires_at).where(*_living(person_id, now))
    row = tx.execute(lots.where(point_entries.c.expires_at.is_not(None)).order_by(point_entries.c.expires_at)).first()
    return (row.remaining, row.expires_at) if row else (0, None)


def earn(
    tx: Connection, person_id: int, kind: EntryKind, points: int, now: datetime, *, expires_at: datetime | None,
    order_id: int | None = None,
) -> bool:  # fmt: skip
    """Write a lot; False where this order gave this kind to this person already."""
    if points < 1:
        return False
    values = {"person_id": person_id, "kind": kind, "points": points, "remaining": points, "order_id": order_id}
    return insert_new(
        tx, point_entries, ["order_id", "person_id", "kind"], "kind IN ('earned', 'referral', 'friend')", **values,
        expires_at=expires_at, at=now,
    )  # fmt: skip


def spend(tx: Connection, person_id: int, points: int, order_id: int, now: datetime) -> None:
    """Take points for an order, those that expire first; ``Refused`` where they are not there any more."""
    persons.lock(tx, person_id)
    if _take(tx, person_id, points, now) < points:
        raise Refused("points_gone")
    _write(tx, person_id, EntryKind.REDEEMED, -points, order_id, now)


def give_back(tx: Connection, order_id: int, now: datetime, expires_at: datetime) -> None:
    """Return what an order spent, as a fresh lot; a second time nothing happens."""
    person_id, spent = _spent(tx, order_id)
    if spent:
        _write(tx, person_id, EntryKind.RETURNED, spent, order_id, now, remaining=spent, expires_at=expires_at)


def give_back_some(tx: Connection, order_id: int, points: int, now: datetime, expires_at: datetime) -> None:
    """Return some of what an order spent, as a fresh lot: a change left less for them to take off."""
    person_id, spent = _spent(tx, order_id)
    if back := min(points, spent):
        _write(tx, person_id, EntryKind.RETURNED, back, order_id, now, remaining=back, expires_at=expires_at)


def take_again(tx: Connection, order_id: int, points: int, now: datetime) -> None:
    """Spend again for an order that expired and was paid after all; what was spent elsewhere meanwhile is let go."""
    person_id, spent = _spent(tx, order_id)
    if person_id and not spent and (taken := _take(tx, person_id, points, now)):
        _write(tx, person_id, EntryKind.REDEEMED, -taken, order_id, now)


def expire(tx: Connection, now: datetime, most: int = 500) -> int:
    """End the lots whose time is over, the oldest first; returns how many lots that was."""
    over = (point_entries.c.remaining > 0, point_entries.c.expires_at <= now)
    due = select(point_entries.c.person_id).where(*over).order_by(point_entries.c.expires_at).limit(most)
    ended = 0
    for person_id in sorted(set(tx.execute(due).scalars())):
        persons.lock(tx, person_id)
        mine = select(point_entries.c.id, point_entries.c.remaining).where(
            *over, point_entries.c.person_id == person_id
        )
        lots = tx.execute(mine).all()
        tx.execute(update(point_entries).where(point_entries.c.id.in_([lot.id for lot in lots])).values(remaining=0))
        _write(tx, person_id, EntryKind.EXPIRED, -sum(lot.remaining for lot in lots), None, now)
        ended += len(lots)
    return ended


def hand_over(tx: Connection, from_id: int, to_id: int) -> None:
    """Make one person's entries another's, whose they were all along."""
    tx.execute(update(point_entries).where(point_entries.c.person_id == from_id).values(person_id=to_id))


def close(tx: Connection, person_id: int, now: datetime) -> None:
    """End everything somebody has, with a row that says so: their entries still add up."""
    persons.lock(tx, person_id)
    lots = (point_entries.c.person_id == person_id, point_entries.c.remaining > 0)
    left = int(tx.execute(select(func.coalesce(func.sum(point_entries.c.remaining), 0)).where(*lots)).scalar_one())
    if left:
        tx.execute(update(point_entries).where(*lots).values(remaining=0))
        _write(tx, person_id, EntryKind.ADJUSTED, -left, None, now)


def referral_code(tx: Connection, person_id: int) -> str:
    """The code in somebody's invitation link, made when first asked for: 60 random bits in ten letters."""
    code = secrets.token_urlsafe(8)[:10]
    unmade = (people.c.id == person_id, people.c.referral_code.is_(None))
    tx.execute(update(people).where(*unmade).values(referral_code=code))
    return str(tx.execute(select(people.c.referral_code).where(people.c.id == person_id)).scalar_one())


def code_of(tx: Connection, person_id: int) -> str | None:
    """The code in somebody's invitation link, None where it was never asked for."""
    return tx.execute(select(people.c.referral_code).where(people.c.id == person_id)).scalar_one_or_none()


def refer(tx: Connection, person_id: int, code: str, since: datetime) -> bool:
    """Remember who brought a person who came after ``since``; never themselves, nobody who is brought already."""
    by = tx.execute(select(people.c.id, people.c.referrer_id).where(people.c.referral_code == code)).one_or_none()
    if by is None or person_id in {by.id, by.referrer_id}:
        return False
    new = (people.c.id == person_id, people.c.referrer_id.is_(None), people.c.created_at >= since)
    return tx.execute(update(people).where(*new).values(referrer_id=by.id)).rowcount == 1


def referrer(tx: Connection, person_id: int) -> int | None:
    """Who brought this person, unless the two share a phone: nobody is rewarded for bringing themselves."""
    by = people.alias("by")
    brought = select(by.c.id).join(people, people.c.referrer_id == by.c.id).where(people.c.id == person_id)
    apart = or_(by.c.phone.is_(None), people.c.phone.is_(None), by.c.phone != people.c.phone)
    return tx.execute(brought.where(apart)).scalar_one_or_none()


def friends(tx: Connection, person_id: int) -> int:
    """How many people somebody brought have had a parcel."""
    rewards = (point_entries.c.person_id == person_id, point_entries.c.kind == EntryKind.REFERRAL)
    return int(tx.execute(select(func.count()).select_from(point_entries).where(*rewards)).scalar_one())


def unexplained(tx: Connection) -> list[int]:
    """Name the people whose entries do not add up to their lots: always nobody."""
    sums = select(point_entries.c.person_id).group_by(point_entries.c.person_id)
    return list(
        tx.execute(sums.having(func.sum(point_entries.c.points) != func.sum(point_entries.c.remaining))).scalars()
    )


def _living(person_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    lots = (point_entries.c.person_id == person_id, point_entries.c.remaining > 0)
    return (*lots, or_(point_entries.c.expires_at.is_(None), point_entries.c.expires_at > now))


def _take(tx: Connection, person_id: int, points: int, now: datetime) -> int:
    """Take up to ``points`` from the lots that expire first; returns how many were there."""
    soonest = (point_entries.c.expires_at.is_(None), point_entries.c.expires_at, point_entries.c.id)
    lots = tx.execute(select(point_entries).where(*_living(person_id, now)).order_by(*soonest)).all()
    left = points
    for lot in lots:
        taken = min(left, lot.remaining)
        left -= taken
        if taken:
            kept = {"remaining": lot.remaining - taken}
            tx.execute(update(point_entries).where(point_entries.c.id == lot.id).values(**kept))
    return points - left


def _spent(tx: Connection, order_id: int) -> tuple[int, int]:
    """Whose order it is (0: it never spent any) and how many points it holds, their row locked."""
    mine = (point_entries.c.order_id == order_id, point_entries.c.kind.in_(_SPENT))
    found = tx.execute(select(point_entries.c.person_id).where(*mine).limit(1)).scalar_one_or_none()
    if found is None:
        return 0, 0
    persons.lock(tx, found)
    return found, -int(tx.execute(select(func.sum(point_entries.c.points)).where(*mine)).scalar_one())


def _write(
    tx: Connection, person_id: int, kind: EntryKind, points: int, order_id: int | None, now: datetime, **more: Any
) -> None:
    tx.execute(insert(point_entries).values(
        person_id=person_id, kind=kind, points=points, order_id=order_id, at=now, **({"remaining": 0} | more)
    ))  # fmt: skip
