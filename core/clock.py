"""The one clock. Aware UTC inside, the shop's zone at the edges."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What tells the time; nothing else in the house calls ``datetime.now``."""

    def now(self) -> datetime:
        """Tell the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Tell the present moment, aware, in UTC."""
        return datetime.now(UTC)


class SteppedClock:
    """A clock that stands still until it is moved: for tests, and for the sandbox's jumps in time."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2026, 11, 21, 3, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Tell the moment it was last moved to, aware, in UTC."""
        return self._now

    def move(self, by: timedelta) -> None:
        """Move on (or back) by ``by``."""
        self._now += by
