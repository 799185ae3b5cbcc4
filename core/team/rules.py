"""Who may make whom what, what an invitation is worth, which lines of the audit belong together: pure."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from core.errors import NotAllowed, Refused
from core.people.rules import Person, Rank, Role

VALID = timedelta(hours=24)
"""How long an invitation opens the door."""
MOST_OPEN = 20
"""As many invitations stand open at once."""
PAGE = 10
"""As many lines of the audit stand on one page."""
SEARCH = 60
"""As many characters are searched for."""


class InviteState(StrEnum):
    """What an invitation is worth."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Fate(StrEnum):
    """What becomes of one who works here: another role, or none."""

    OWNER = "owner"
    ADMIN = "admin"
    STAFF = "staff"
    COURIER = "courier"
    OUT = "out"

    @property
    def role(self) -> Role | None:
        """The role that it is; None for none."""
        return None if self is Fate.OUT else Role(self.value)


class Standing(StrEnum):
    """What the bot is in a group; ``LEADS``: an administrator."""

    OUT = "out"
    INSIDE = "inside"
    LEADS = "leads"


class News(StrEnum):
    """What the admins hear about the bot's place in a group of the shop."""

    LOST = "lost"
    DEMOTED = "demoted"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Member:
    """One who works here: since when, and by whom ("": the shop's own settings)."""

    person_id: int
    name: str
    role: Role
    since: datetime
    by: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A door for one: ``role`` is frozen in it. Of its code only a hash is kept."""

    id: int
    role: Role
    created_by: int
    by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> InviteState:
        """Tell what it is worth now; used or revoked says more than that its time is over."""
        if self.used_at is not None:
            return InviteState.USED
        if self.revoked_at is not None:
            return InviteState.REVOKED
        return InviteState.OPEN if now < self.expires_at else InviteState.EXPIRED


@dataclass(frozen=True, slots=True)
class Team:
    """Who works here, the highest first; which doors stand open; which roles the reader may give."""

    members: tuple[Member, ...]
    invitations: tuple[Invitation, ...]
    gives: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of somebody: ``role`` None for who works here no more; the open orders in their hands, by id."""

    person_id: int
    name: str
    role: Role | None
    held: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the audit. ``who`` is "" for the shop itself; ``what`` what was done, as a word of ours.

    ``subject`` is whom or what it was done to, as people know it: an order's number, a person's name, a setting.
    """

    at: datetime
    who: str
    what: str
    subject: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


Found = tuple[int, Deed]
"""A line of the audit with its key in its table."""


@dataclass(frozen=True, slots=True)
class Pages:
    """How far a list of two tables was read: only older lines than these come next; 0 for the very beginning."""

    lines: int = 0
    events: int = 0


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page, the newest first; ``next`` is where older ones begin, None where there are none."""

    deeds: tuple[Deed, ...]
    words: str = ""
    next: Pages | None = None


def gives(rank: Rank) -> tuple[Role, ...]:
    """Which roles somebody of this rank gives and takes: an owner any, an admin those below their own."""
    if rank >= Rank.OWNER:
        return tuple(Role)
    return (Role.STAFF, Role.COURIER) if rank >= Rank.ADMIN else ()


def may_change(actor: Person, person_id: int, role: Role) -> bool:
    """Tell whether ``actor`` may do anything about somebody of this role: never about themselves."""
    return actor.id != person_id and role in gives(actor.rank)


def must_change(actor: Person, person_id: int, was: Role | None, role: Role | None) -> None:
    """Refuse what is not the actor's to do: ``Refused`` about themselves but leaving, ``NotAllowed`` above them."""
    if actor.id == person_id:
        if role is not None or was is None:
            raise Refused("team_own")
        return
    if not {one for one in (was, role) if one} <= set(gives(actor.rank)):
        raise NotAllowed


def must_open(found: Invitation | None, person: Person, creator: Person | None, now: datetime) -> Invitation:
    """Take an invitation as good for this person, or refuse with ``NotAllowed`` in words that say why not.

    What its creator could not give any more, it does not give. Who works here already goes another way: ``Refused``.
    """
    if found is None:
        raise NotAllowed("invite_unknown")
    if found.created_by == person.id:
        raise NotAllowed("invite_own")
    match found.state(now):
        case InviteState.USED:
            raise NotAllowed("invite_used")
        case InviteState.EXPIRED:
            raise NotAllowed("invite_expired")
        case InviteState.REVOKED:
            raise NotAllowed("invite_revoked")
    if creator is None or found.role not in gives(creator.rank):
        raise NotAllowed("invite_revoked")
    if person.role is not None:
        raise Refused("invite_have")
    return found


def new_code() -> str:
    """Make an unguessable 128-bit code: 22 characters that need no escaping in a link."""
    return secrets.token_urlsafe(16)


def hashed(code: str) -> str:
    """Know a code again without keeping it, in hex."""
    return hashlib.sha256(code.encode()).hexdigest()


TROUBLE: Mapping[News, Standing | None] = {
    News.LOST: Standing.OUT, News.DEMOTED: Standing.INSIDE, News.BACK: None
}  # fmt: skip
"""What the admins were told last that is wrong, after each news; None for nothing."""


def news(trouble: Standing | None, before: Standing, now: Standing) -> News | None:
    """Tell what the admins hear when the bot's place changes, each trouble once; ``trouble`` is what they know of."""
    if now is Standing.OUT:
        return News.LOST if trouble is not Standing.OUT else None
    if now is Standing.LEADS:
        return News.BACK if trouble is not None else None
    if before is Standing.LEADS:
        return News.DEMOTED if trouble is not Standing.INSIDE else None
    return News.BACK if trouble is Standing.OUT else None


def page(lines: Sequence[Found], events: Sequence[Found], before: Pages, words: str = "") -> AuditPage:
    """Lay two lists, each the newest first, into one page: as many of the head of each as are the newest of both."""
    left = {"lines": list(lines), "events": list(events)}
    shown: list[Deed] = []
    keys = {"lines": before.lines, "events": before.events}
    while len(shown) < PAGE and any(left.values()):
        table = max((one for one in left if left[one]), key=lambda one: left[one][0][1].at)
        keys[table], deed = left[table].pop(0)
        shown.append(deed)
    return AuditPage(tuple(shown), words, Pages(**keys) if any(left.values()) else None)
