"""Which orders stand on which list, who may look at it, and what somebody means who looks for an order: pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.errors import NotAllowed, Refused
from core.money import Money
from core.orders.rules import Status
from core.people.rules import Person, Rank, latin_digits, normal_phone

PAGE = 10
"""As many orders stand on one page of a list."""
EVERY = timedelta(seconds=15)
"""A board is edited no oftener: its group has room for twenty messages a minute, and orders come first."""
LONGEST = 60
"""As many characters are taken of what somebody looks for."""
NUMBER_DIGITS = 7
"""More digits than that are a phone."""


class Listing(StrEnum):
    """The lists of the counter; ``OPEN`` is all that somebody has still to do something about."""

    OPEN = "open"
    NEW = "new"
    PREPARING = "preparing"
    READY = "ready"
    OUT = "out"
    BACK = "back"


STATUSES: Mapping[Listing, tuple[Status, ...]] = {
    Listing.NEW: (Status.PENDING, Status.CONFIRMED),
    Listing.PREPARING: (Status.PREPARING,),
    Listing.READY: (Status.READY,),
    Listing.OUT: (Status.OUT,),
    Listing.BACK: (Status.RETURNED,),
}
"""Every status in which an order waits for somebody, each on one list; together they are the open orders."""

COURIERS = (Status.READY, Status.OUT)
"""Of the lists, couriers see what is ready for them and what is on its way."""


def statuses(listing: Listing, person: Person) -> tuple[Status, ...]:
    """What stands on a list for this person; ``NotAllowed`` where nothing of it is for them."""
    person.must_be(Rank.COURIER)
    every = tuple(status for group in STATUSES.values() for status in group)
    wanted = every if listing is Listing.OPEN else STATUSES[listing]
    seen = tuple(status for status in wanted if person.rank >= Rank.STAFF or status in COURIERS)
    if not seen:
        raise NotAllowed
    return seen


def findable(person: Person) -> tuple[Status, ...]:
    """Among which orders this person may look for one: staff among all, couriers among those that they list."""
    person.must_be(Rank.COURIER)
    return tuple(Status) if person.rank >= Rank.STAFF else COURIERS


@dataclass(frozen=True, slots=True)
class Listed:
    """One order as a row of a list shows it; ``holder`` is "" while nobody has it."""

    id: int
    number: str
    status: Status
    total: Money
    name: str
    holder: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, from the order after ``after``; ``more`` come behind it."""

    orders: tuple[Listed, ...]
    after: int = 0
    more: bool = False


class Means(StrEnum):
    """By what somebody looks for an order."""

    NUMBER = "number"
    PHONE = "phone"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: an order's number, a phone in E.164, or a part of a name."""

    means: Means
    text: str


_NUMBER = re.compile(r"([a-z]{1,6})([ -]?)#?([0-9]{1,9})", re.IGNORECASE)
_BARE = re.compile(rf"#? ?([0-9]{{1,{NUMBER_DIGITS}}})")


def wanted(text: str, prefix: str) -> Wanted:
    """Understand what was typed: ``MD00042``, ``42``, any spelling of a phone, else a name.

    ``prefix`` begins the shop's order numbers. Khmer digits are digits. ``Refused`` where nothing was typed.
    """
    line = " ".join(text.replace("\u200b", "").split())[:LONGEST]
    plain = latin_digits(line)
    if not any(character.isalnum() for character in line):
        raise Refused("find_what")
    whole = _NUMBER.fullmatch(plain)
    if whole and (whole[1].upper() == prefix or not whole[2]):  # "Dara 2" is a name
        return Wanted(Means.NUMBER, f"{whole[1].upper()}{int(whole[3]):05d}")
    if bare := _BARE.fullmatch(plain):
        return Wanted(Means.NUMBER, f"{prefix}{int(bare[1]):05d}")
    try:
        return Wanted(Means.PHONE, normal_phone(plain))
    except Refused:
        return Wanted(Means.NAME, line)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, the newest first; ``orders`` is one page from the order before ``before`` (0: the newest)."""

    orders: tuple[Listed, ...]
    before: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """What waits at the counter. ``waiting`` counts by list, ``unclaimed`` has nobody, the oldest since ``oldest``.

    ``cases`` wait in the payment inbox; ``talks`` are open.
    """

    waiting: Mapping[Listing, int] = field(default_factory=dict)
    unclaimed: int = 0
    oldest: datetime | None = None
    cases: int = 0
    talks: int = 0

    @property
    def shown(self) -> list[object]:
        """All that the board says, as it is written down to tell whether it would say anything else."""
        oldest = int(self.oldest.timestamp()) if self.oldest else 0
        return [*(self.waiting.get(one, 0) for one in STATUSES), self.unclaimed, oldest, self.cases, self.talks]
