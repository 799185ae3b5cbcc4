"""Sizes, limits and when to sound the alarm: pure (reference: restic's words for backups, Nagios' for alerts)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum

from core.settings.rules import Policy

MB = 1024 * 1024
CLEAR_BELOW = 5.0
"""Percentage points below a threshold at which it counts as cleared."""
CLEAR_FOR = timedelta(minutes=15)


class Level(IntEnum):
    """How bad it is; the value is the percentage from which it counts."""

    OK = 0
    WARNING = 80
    CRITICAL = 90
    EMERGENCY = 95

    @property
    def word(self) -> str:
        """Its name in the database and in an alert's data."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Kind:
    """How much of one kind of thing there is: bytes and files."""

    name: str
    bytes: int
    files: int


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk that the data folder is on, in bytes."""

    total: int
    free: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What the shop takes up: files by kind, the database in bytes, rows by table name, and what the disk has left."""

    at: datetime
    kinds: tuple[Kind, ...]
    database: int
    tables: tuple[tuple[str, int], ...]
    disk: Disk

    @property
    def total(self) -> int:
        """Everything of the shop's, in bytes."""
        return self.database + sum(kind.bytes for kind in self.kinds)

    @property
    def media(self) -> int:
        """Pictures and videos, in bytes."""
        return sum(kind.bytes for kind in self.kinds if kind.name not in {"logs", "backups"})

    def of(self, name: str) -> int:
        """Bytes of one kind; 0 for one that is not there."""
        return sum(kind.bytes for kind in self.kinds if kind.name == name)


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that is watched: bytes against their limit."""

    name: str
    bytes: int
    limit: int

    @property
    def percent(self) -> float:
        """How full it is; a limit of 0 is no limit."""
        return 100 * self.bytes / self.limit if self.limit else 0.0


@dataclass(frozen=True, slots=True)
class Alert:
    """Where one metric stands: ``level`` is what people were told, ``seen`` what the last sample said."""

    metric: str
    level: Level
    seen: Level
    seen_times: int
    percent: float
    since: datetime
    clear_since: datetime | None = None


def metrics(usage: Usage, policy: Policy) -> tuple[Metric, ...]:
    """Set every size against its limit; the disk against itself."""
    return (
        Metric("disk", usage.disk.total - usage.disk.free, usage.disk.total),
        Metric("database", usage.database, policy.database_limit_mb * MB),
        Metric("media", usage.media, policy.media_limit_mb * MB),
        Metric("logs", usage.of("logs"), policy.logs_limit_mb * MB),
        Metric("total", usage.total, policy.total_limit_mb * MB),
    )


def file_metric(*, there: bool) -> Metric:
    """Watch the database's own file like a disk: gone is all of it, there is none of it."""
    return Metric("database_file", 0 if there else 1, 1)


def level(percent: float) -> Level:
    """Name the level of a percentage."""
    return max(level for level in Level if percent >= level)


def quiet(metric: str, now: datetime) -> Alert:
    """Where a metric stands before its first sample."""
    return Alert(metric, Level.OK, Level.OK, 0, 0.0, now)


def watch(before: Alert, percent: float, now: datetime) -> Alert:
    """Take one sample.

    A level is raised when two samples running say so, an emergency at once; it is lowered after fifteen minutes five
    points below its threshold, never further than the sample before allows.
    """
    seen = level(percent)
    times = before.seen_times + 1 if seen is before.seen else 1
    after = replace(before, seen=seen, seen_times=times, percent=percent)
    sustained = seen if seen is Level.EMERGENCY else min(seen, before.seen)
    if sustained > before.level:
        return replace(after, level=sustained, since=now, clear_since=None)
    floor = level(percent + CLEAR_BELOW)
    if floor >= before.level:
        return replace(after, clear_since=None)
    clear_since = before.clear_since or now
    lower = max(floor, before.seen)
    if now - clear_since < CLEAR_FOR or lower >= before.level:
        return replace(after, clear_since=clear_since)
    return replace(after, level=lower, since=now, clear_since=None)


def worth_telling(before: Alert, after: Alert) -> bool:
    """Whether people must hear of it: a level that rose, or all is well again. So each is told once."""
    return after.level > before.level or (after.level is Level.OK and before.level is not Level.OK)
