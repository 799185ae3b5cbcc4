"""SQL of the team: who works here, invitations, and the audit read together with the orders' events."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, false, func, insert, not_, or_, select, update

from core.database.tables import audit, invitations, order_events, orders, people, roles
from core.orders.rules import WORKED, Status
from core.people.rules import Rank, Role, straight
from core.team.rules import PAGE, Deed, Found, Invitation, Member

_BY = people.alias("by")
_MEMBER: Select[Any] = select(
    people.c.id, people.c.name, roles.c.role, roles.c.granted_at, _BY.c.name.label("by")
).select_from(roles.join(people, people.c.id == roles.c.person_id).outerjoin(_BY, _BY.c.id == roles.c.granted_by))
_INVITATION: Select[Any] = select(invitations, people.c.name.label("by")).select_from(
    invitations.join(people, people.c.id == invitations.c.created_by)
)
_STANDS = (invitations.c.used_at.is_(None), invitations.c.revoked_at.is_(None))
_ALONE, _NOISE = "order.note", "parcel.guess"
"""The one line about an order that its own events do not say too; and what is kept only to be counted."""


def _member(row: Row[Any]) -> Member:
    return Member(row.id, straight(row.name) or "?", Role(row.role), row.granted_at, straight(row.by or ""))


def members(tx: Connection) -> list[Member]:
    """Everybody who works here, the highest role first, then by name."""
    found = [_member(row) for row in tx.execute(_MEMBER)]
    return sorted(found, key=lambda one: (-Rank[one.role.name], one.name.casefold(), one.person_id))


def member(tx: Connection, person_id: int) -> Member | None:
    """One who works here."""
    row = tx.execute(_MEMBER.where(people.c.id == person_id)).one_or_none()
    return _member(row) if row else None


def in_hand(tx: Connection, person_id: int) -> dict[int, str]:
    """The numbers, by id, of the orders that somebody prepares or carries."""
    carried = and_(orders.c.courier_id == person_id, orders.c.status == Status.OUT)
    held = and_(orders.c.holder_id == person_id, orders.c.status.in_(sorted(WORKED)))
    query = select(orders.c.id, orders.c.number).where(or_(carried, held)).order_by(orders.c.id)
    return {row.id: row.number for row in tx.execute(query)}


def last_deed(tx: Connection, person_id: int) -> tuple[int | None, str]:
    """Who changed somebody's role last: their id and name; (None, "") for the shop itself."""
    mine = (
        audit.c.subject == "person",
        audit.c.subject_id == person_id,
        audit.c.action.in_(("grant", "revoke", "join")),
    )
    query = select(audit.c.actor_id, people.c.name).outerjoin(people, people.c.id == audit.c.actor_id).where(*mine)
    row = tx.execute(query.order_by(audit.c.id.desc()).limit(1)).one_or_none()
    return (row.actor_id, straight(row.name or "")) if row else (None, "")


# ── invitations ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(
        row.id, Role(row.role), row.created_by, straight(row.by), row.created_at, row.expires_at, row.used_at,
        row.revoked_at,
    )  # fmt: skip


def invite(tx: Connection, code_hash: str, role: Role, by: int, now: datetime, until: datetime) -> Invitation:
    """Write an invitation."""
    values = {"role": role, "created_by": by, "created_at": now, "expires_at": until}
    made = insert(invitations).values(code_hash=code_hash, **values).returning(invitations.c.id)
    return _invitation(tx.execute(_INVITATION.where(invitations.c.id == tx.execute(made).scalar_one())).one())


def invitation(tx: Connection, code_hash: str) -> Invitation | None:
    """The invitation that a code opens, whatever it is worth."""
    row = tx.execute(_INVITATION.where(invitations.c.code_hash == code_hash)).one_or_none()
    return _invitation(row) if row else None


def invitation_by_id(tx: Connection, invitation_id: int) -> Invitation | None:
    """One invitation by id."""
    row = tx.execute(_INVITATION.where(invitations.c.id == invitation_id)).one_or_none()
    return _invitation(row) if row else None


def open_invitations(tx: Connection, now: datetime) -> list[Invitation]:
    """The doors that stand open, the oldest first."""
    query = _INVITATION.where(*_STANDS, invitations.c.expires_at > now).order_by(invitations.c.id)
    return [_invitation(row) for row in tx.execute(query)]


def use(tx: Connection, invitation_id: int, person_id: int, now: datetime) -> bool:
    """Go through a door; False where somebody did before, or it was shut."""
    door = (invitations.c.id == invitation_id, *_STANDS, invitations.c.expires_at > now)
    return tx.execute(update(invitations).where(*door).values(used_by=person_id, used_at=now)).rowcount == 1


def shut(tx: Connection, now: datetime, *, id: int | None = None, by: int | None = None) -> int:  # noqa: A002 - a row's
    """Revoke an open invitation, or all that somebody made; returns how many those were."""
    which = invitations.c.id == id if id is not None else invitations.c.created_by == by
    open_ = (which, *_STANDS, invitations.c.expires_at > now)
    return tx.execute(update(invitations).where(*open_).values(revoked_at=now)).rowcount


# ── the audit ────────────────────────────────────────────────────────────────────────────────────────────────────────
def order_called(tx: Connection, number: str) -> int | None:
    """The id of the order with this number."""
    found: int | None = tx.execute(select(orders.c.id).where(orders.c.number == number)).scalar_one_or_none()
    return found


def people_called(words: str) -> ColumnElement[bool]:
    """Whose name holds these words, or whose username they are."""
    name = func.lower(_BY.c.name).contains(words.lower(), autoescape=True)
    return or_(name, func.lower(_BY.c.username) == words.lower().removeprefix("@"))


def lines(
    tx: Connection, before: int, *, order: int | None = None, words: str = "", kinds: Collection[str] = ()
) -> list[Found]:
    """Lines of the audit older than ``before`` (0: any), the newest first: all, an order's, or who or what is meant."""
    whom = select(_BY.c.id).where(people_called(words))
    about = func.lower(audit.c.subject).contains(words.lower(), autoescape=True)
    meant = {
        "order": and_(audit.c.subject == "order", audit.c.subject_id == order),
        "words": or_(audit.c.actor_id.in_(whom), and_(audit.c.subject == "person", audit.c.subject_id.in_(whom)),
                     audit.c.action.in_(sorted(kinds)), about),
    }  # fmt: skip
    target = people.alias("target")
    query = select(audit, people.c.name.label("who"), target.c.name.label("whom"), orders.c.number).select_from(
        audit.outerjoin(people, people.c.id == audit.c.actor_id)
        .outerjoin(target, and_(audit.c.subject == "person", target.c.id == audit.c.subject_id))
        .outerjoin(orders, and_(audit.c.subject == "order", orders.c.id == audit.c.subject_id))
    )
    twice = and_(audit.c.action.startswith("order."), audit.c.action != _ALONE)
    query = query.where(not_(twice), audit.c.action != _NOISE, *_older(audit.c.id, before))
    query = query.where(*([meant["order"]] if order is not None else [meant["words"]] if words else []))
    return [(row.id, _line(row)) for row in tx.execute(query.order_by(audit.c.id.desc()).limit(PAGE + 1))]


def _line(row: Row[Any]) -> Deed:
    subject = row.number or straight(row.whom or "") or ("" if row.subject_id else row.subject)
    who = straight(row.who or "") or ("?" if row.actor_id else "")
    return Deed(row.at, who, row.action, subject, row.detail or {})


def events(
    tx: Connection, before: int, *, order: int | None = None, words: str = "", kinds: Collection[str] = ()
) -> list[Found]:
    """What happened to orders, in the same way; of all orders only what those who work here did."""
    whom = select(_BY.c.id).where(people_called(words))
    if order is not None:
        meant: Sequence[ColumnElement[bool]] = [order_events.c.order_id == order]
    else:
        staffs = and_(order_events.c.actor_id.is_not(None), order_events.c.actor_id != orders.c.person_id)
        kind = order_events.c.kind.in_(sorted(kinds)) if kinds else false()
        meant = [staffs, *([or_(order_events.c.actor_id.in_(whom), kind)] if words else [])]
    query = select(order_events, orders.c.number).join(orders, orders.c.id == order_events.c.order_id)
    query = query.where(*meant, *_older(order_events.c.id, before)).order_by(order_events.c.id.desc())
    return [(row.id, Deed(row.at, straight(row.actor_name), row.kind, row.number, row.detail or {}))
            for row in tx.execute(query.limit(PAGE + 1))]  # fmt: skip


def _older(key: ColumnElement[int], before: int) -> list[ColumnElement[bool]]:
    return [key < before] if before else []
