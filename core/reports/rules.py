"""One of the shop's own days in figures, and when it is told: pure. Days are the shop's own, not Greenwich's."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.cash.rules import Cash
from core.orders.rules import PaymentMethod, Status
from core.settings.rules import Policy

UNSOLD = frozenset({Status.CANCELLED, Status.EXPIRED})
"""What came to nothing: counted apart, and no revenue (hole 16)."""
TOP = 5
"""As many products stand on a day's sheet."""


@dataclass(frozen=True, slots=True)
class Span:
    """The moments of one of the shop's days: from ``start`` on, before ``end``."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """Money of the day by one method: for how many orders, in cents and riel as it came, and worth how many cents."""

    method: PaymentMethod
    orders: int
    money: Cash
    cents: int


@dataclass(frozen=True, slots=True)
class Sold:
    """A product that was ordered, all its variants together: units and cents."""

    name_en: str
    name_km: str
    units: int
    cents: int


@dataclass(frozen=True, slots=True)
class DayReport:
    """A day: what was ordered and where that stands ``now``, what was earned, and what is open at this moment.

    ``placed`` counts orders by status, ``ordered`` their cents without what came to nothing, ``lost`` the cents of
    that. ``held`` is all cash that couriers still have, of ``couriers`` people; ``until`` is None for a whole day.
    """

    day: date
    placed: dict[Status, int] = field(default_factory=dict)
    ordered: int = 0
    lost: int = 0
    taken: tuple[Taken, ...] = ()
    top: tuple[Sold, ...] = ()
    held: Cash = Cash()  # noqa: RUF009 - frozen
    couriers: int = 0
    cases: int = 0
    low: int = 0
    until: datetime | None = None

    @property
    def orders(self) -> int:
        """How many orders were placed and came to something, or still may."""
        return sum(count for status, count in self.placed.items() if status not in UNSOLD)

    @property
    def unsold(self) -> int:
        """How many of the day's orders were cancelled or ran out."""
        return sum(count for status, count in self.placed.items() if status in UNSOLD)

    @property
    def revenue(self) -> int:
        """All money of the day, in cents."""
        return sum(one.cents for one in self.taken)


def span(day: date, zone: ZoneInfo) -> Span:
    """From the shop's midnight to its next, in UTC; nearly a day less or more where clocks are turned."""
    start, end = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    return Span(start, end)


def due(policy: Policy, now: datetime) -> date:
    """Which day's report is the newest that is due: told when the shop closes, ``now`` in its own zone.

    A shop that closes after midnight, or never, closes the day before.
    """
    closed = datetime.combine(now.date(), time.fromisoformat(policy.closes), now.tzinfo)
    last = now.date() if now >= closed else now.date() - timedelta(days=1)
    return last if policy.closes > policy.opens else last - timedelta(days=1)


def shares(figures: Iterable[int]) -> list[float]:
    """How long each bar is beside the longest, 0 to 1."""
    found = [max(one, 0) for one in figures]
    longest = max(found, default=0)
    return [one / longest if longest else 0.0 for one in found]
