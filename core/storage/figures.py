"""What the storage report says: sizes against their limits, how they grow, when they are full. Pure.

The forecast is the Theil–Sen line (Sen 1968): the median of all slopes between two points, so that neither a cleanup
nor one large upload bends it.
"""

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from statistics import median

from core.settings.rules import Policy
from core.storage.rules import MEDIA, Level, Metric, Thresholds, Usage, metrics

LOOKED_AT = timedelta(days=14)
"""So far back growth is looked at."""
APART = timedelta(hours=6)
"""So far apart are the points that count, from the last one back: some fifty, however often somebody looked."""
LEAST_POINTS = 5
MONTH = timedelta(days=30)
ALL_KEPT, HOURLY_KEPT, DAILY_KEPT = timedelta(days=1), timedelta(days=15), timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Sample:
    """One metric at one moment, in bytes."""

    at: datetime
    metric: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """Growth in bytes a day, and in how many days it is full: None is unknown, infinity never, 0 is full already."""

    per_day: float | None = None
    days: float | None = None

    @property
    def word(self) -> str:
        """``unknown``, ``never``, ``full`` or ``days``."""
        if self.days is None:
            return "unknown"
        if math.isinf(self.days):
            return "never"
        return "days" if self.days else "full"


@dataclass(frozen=True, slots=True)
class Watched:
    """One size against its limit, how bad that is, and where it goes."""

    metric: Metric
    level: Level
    forecast: Forecast

    @property
    def name(self) -> str:
        """The metric's name."""
        return self.metric.name


@dataclass(frozen=True, slots=True)
class Growth:
    """One kind now, and its bytes at ``since``, about a month ago or when the shop was younger; None: not measured."""

    name: str
    bytes: int
    before: int | None = None
    since: datetime | None = None

    @property
    def more(self) -> int | None:
        """Bytes that came since; negative for bytes that went."""
        return None if self.before is None else self.bytes - self.before


@dataclass(frozen=True, slots=True)
class MediaFile:
    """One file below the media folder: its path there with ``/``, bytes, and when it was written."""

    path: str
    bytes: int
    written_at: datetime

    @property
    def kind(self) -> str:
        """Which of ``MEDIA`` it is, by the folder it lies in."""
        parts = self.path.split("/", 2)
        if parts[:-1][:2] == ["hero_slides", "videos"]:
            return "videos"
        return parts[0] if parts[1:] and parts[0] in MEDIA else "other"


@dataclass(frozen=True, slots=True)
class File:
    """One large file: its path, beginning with what it belongs to (``media/``, ``backups/`` …), and its bytes."""

    path: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything about storage: as command, panel, picture and monthly report say it. ``counted``: the last walk."""

    usage: Usage
    limits: tuple[Watched, ...]
    growth: tuple[Growth, ...]
    counted: datetime | None = None

    @property
    def level(self) -> Level:
        """The worst of all."""
        return max(one.level for one in self.limits)

    def of(self, name: str) -> Watched:
        """One limit by its metric's name."""
        return next(one for one in self.limits if one.name == name)


def report(
    usage: Usage, policy: Policy, lately: Iterable[Sample], month_ago: Mapping[str, Sample], counted: datetime | None
) -> Report:
    """Put together what was measured now, the samples of the last fourteen days, and one of each kind a month ago."""
    points: dict[str, list[Sample]] = {}
    for sample in lately:
        points.setdefault(sample.metric, []).append(sample)
    thresholds = Thresholds.of(policy)
    limits = tuple(
        Watched(one, thresholds.level(one.percent), forecast(points.get(one.name, ()), one.bytes, one.limit, usage.at))
        for one in metrics(usage, policy)
    )
    return Report(usage, limits, tuple(_growth(usage, month_ago)), counted)


def _growth(usage: Usage, before: Mapping[str, Sample]) -> Iterable[Growth]:
    for name, size in sizes(usage).items():
        then = before.get(name)
        yield Growth(name, size, then.bytes, then.at) if then else Growth(name, size)


def sizes(usage: Usage) -> dict[str, int]:
    """What growth is told of: the database, each kind, and all of it; bytes by name."""
    return {"database": usage.database, **{kind.name: kind.bytes for kind in usage.kinds}, "total": usage.total}


def samples_of(usage: Usage, policy: Policy) -> tuple[Metric, ...]:
    """What a whole look writes down: all that has a limit, and every kind without one."""
    limited = metrics(usage, policy)
    known = {one.name for one in limited}
    return (*limited, *(Metric(name, size, 0) for name, size in sizes(usage).items() if name not in known))


def forecast(points: Iterable[Sample], used: int, limit: int, now: datetime) -> Forecast:
    """Say when ``used`` bytes become ``limit``, by what was measured in the last fourteen days.

    Fewer than five points, six hours apart, say nothing. What does not grow is never full; without a limit nothing is.
    """
    line = slope(points, now)
    if limit and used >= limit:
        return Forecast(line, 0.0)
    if line is None:
        return Forecast()
    return Forecast(line, (limit - used) / line if limit and line > 0 else math.inf)


def slope(points: Iterable[Sample], now: datetime) -> float | None:
    """Bytes a day of the Theil–Sen line through the last fourteen days; None where there are too few points."""
    apart: list[Sample] = []
    for point in sorted(points, key=lambda point: point.at, reverse=True):
        if now - LOOKED_AT <= point.at <= now and (not apart or apart[-1].at - point.at >= APART):
            apart.append(point)  # what a clock that ran ahead left behind is no point
    if len(apart) < LEAST_POINTS:
        return None
    day = timedelta(days=1)
    return median((b.bytes - a.bytes) / ((b.at - a.at) / day) for a, b in combinations(apart, 2))


def thin(taken: Iterable[tuple[datetime, str]], now: datetime) -> list[tuple[datetime, str]]:
    """Choose which samples go: for a day all stay, for fifteen the first of each hour, for 400 the first of each day.

    Days are Greenwich's; samples of the future stay until they are past.
    """
    seen: set[tuple[str, Hashable]] = set()
    gone = []
    for at, metric in sorted(taken):
        place = _place(at, now - at)
        if place is None or (metric, place) in seen:
            gone.append((at, metric))
        seen.add((metric, place))
    return gone


def _place(at: datetime, age: timedelta) -> Hashable:
    """Name the time of which a sample is the only one that stays; None where none does."""
    if age > DAILY_KEPT:
        return None
    if age > HOURLY_KEPT:
        return at.date()
    return (at.date(), at.hour) if age > ALL_KEPT else at


def readable(size: float) -> str:
    """Write bytes for people, as the limits count them: 1 KB is 1,024 bytes, 1 MB as many KB."""
    units = ["B", "KB", "MB", "GB"]
    while abs(size) >= 1000 and len(units) > 1:  # noqa: PLR2004 - from there on it would be four digits
        size /= 1024
        del units[0]
    unit = units[0]
    digits = 0 if unit == "B" or abs(size) >= 100 else 1  # noqa: PLR2004 - three digits say enough
    return f"{size:,.{digits}f} {unit}"
