"""When a job is due, and which slot of the ledger that is: pure.

A slot is the moment a run was scheduled for, in UTC, never the moment somebody looked at a clock.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from core.shop import Shop

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_ZONE_CHANGES = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again, ``period`` apart."""

    period: timedelta

    def trigger(self, zone: ZoneInfo) -> BaseTrigger:
        """Make APScheduler's trigger."""
        return IntervalTrigger(seconds=self.period.total_seconds(), timezone=zone)

    def last_due(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Floor ``now`` to the period, counted from the epoch."""
        _ = zone
        return now - (now - datetime.fromtimestamp(0, UTC)) % self.period


@dataclass(frozen=True, slots=True)
class At:
    """On the clock in the shop's zone: each hour without ``hour``; else each day, on one weekday, on one day of months.

    Weekdays go by name: a crontab counts Sunday as 0, APScheduler counts Monday as 0. ``months`` (1 to 12) goes with
    ``day``, the day of the month; a ``day`` alone is each month's.
    """

    hour: int | None = None
    minute: int = 0
    weekday: Weekday | None = None
    day: int | None = None
    months: tuple[int, ...] = ()

    @property
    def period(self) -> timedelta:
        """How far apart two runs are, at the most: months differ."""
        if self.hour is None:
            return timedelta(hours=1)
        if self.day is None:
            return timedelta(days=7 if self.weekday else 1)
        return timedelta(days=31 * _longest_gap(self.months or tuple(range(1, 13))))

    def trigger(self, zone: ZoneInfo) -> BaseTrigger:
        """Make APScheduler's trigger."""
        months = ",".join(map(str, self.months)) or None
        return CronTrigger(
            month=months, day=self.day, day_of_week=self.weekday, hour=self.hour, minute=self.minute, timezone=zone
        )

    def last_due(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Find the newest scheduled moment that is not after ``now``, in UTC."""
        trigger = self.trigger(zone)
        look = now.astimezone(zone) - self.period - _ZONE_CHANGES
        due = look
        while (following := trigger.get_next_fire_time(None, look)) is not None and following <= now:
            due = following
            after = following.astimezone(UTC) + timedelta(minutes=1)  # by UTC: an hour may be there twice
            look = after.astimezone(zone)
        return due.astimezone(UTC)


def _longest_gap(months: tuple[int, ...]) -> int:
    """How many months lie between two of these at the most, round the year."""
    return max((after - before - 1) % 12 + 1 for before, after in zip(months, (*months[1:], months[0]), strict=True))


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the schedule.

    With ``ledger`` each slot runs once across all processes and a missed one is made up for; without, every process
    runs it, and its own claims see to it that nothing happens twice. ``grace`` is how late a run may start; None:
    however late.
    """

    name: str
    when: Every | At
    run: Callable[[Shop], Awaitable[object]]
    ledger: bool = False
    grace: timedelta | None = None
