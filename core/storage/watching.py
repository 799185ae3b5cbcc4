"""When the shop's own watch sounds the alarm, reminds, and says that all is well again: pure.

Reference: Nagios' words (soft and hard states, acknowledgement) and storage.md's figures. A level is told once however
often it is measured; a higher one is told at once, whoever asked for silence; "recovered" comes once.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.storage.rules import Level, Metric, Thresholds

CLEAR_BELOW = 5.0
"""Percentage points below a threshold at which it counts as cleared."""
CLEAR_FOR = timedelta(minutes=15)
FIRST_REMINDER, LAST_REMINDER = timedelta(hours=1), timedelta(hours=24)
"""Reminders come so far apart: the first after an hour, each twice as late as the one before, at most a day."""
ACKNOWLEDGED_FOR = timedelta(hours=24)
"""Longest that anybody's word keeps the reminders away."""
NO_BACKUP_FOR = timedelta(hours=26)
"""A verified backup a day, and two hours for it to be made."""
SOON, NOT_SO_SOON, FAR = 7.0, 10.0, 9_999.0
"""Days until something is full at which it is told, from which on it may be told again; more is as good as never."""


class Concern(StrEnum):
    """What is watched. ``…_FORECAST``: how many days until it is full."""

    DISK = "disk"
    INODES = "inodes"
    DATABASE = "database"
    WAL = "wal"
    MEDIA = "media"
    LOGS = "logs"
    BACKUPS = "backups"
    TOTAL = "total"
    BACKUP_AGE = "backup_age"
    DATABASE_FILE = "database_file"
    DISK_FORECAST = "disk_forecast"
    DATABASE_FORECAST = "database_forecast"
    MEDIA_FORECAST = "media_forecast"
    TOTAL_FORECAST = "total_forecast"

    @property
    def is_forecast(self) -> bool:
        """Whether it is told once and no more: neither reminders nor a word when it is over."""
        return self.value.endswith("_forecast")


class News(StrEnum):
    """What became of an alert with a sample. ``LOWERED`` is shown where it stands, the others are told anew."""

    RAISED = "raised"
    REMINDED = "reminded"
    LOWERED = "lowered"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class Alert:
    """Where one metric stands: ``level`` is what people were told, ``seen`` what the last sample said.

    ``muted_until``: no reminders before; ``muted_by`` is who looks after it, None where it was only put off.
    ``told_at`` is when it was raised or reminded of last, ``reminders`` how often it was reminded of since it rose.
    """

    metric: str
    level: Level
    seen: Level
    seen_times: int
    percent: float
    since: datetime
    clear_since: datetime | None = None
    muted_until: datetime | None = None
    muted_by: int | None = None
    told_at: datetime | None = None
    reminders: int = 0

    def is_muted(self, now: datetime) -> bool:
        """Whether somebody asked for silence, and it lasts."""
        return self.muted_until is not None and now < self.muted_until


# ── what is measured ─────────────────────────────────────────────────────────────────────────────────────────────────
def file_metric(*, there: bool) -> Metric:
    """Watch the database's own file like a disk: gone is all of it, there is none of it."""
    return Metric(Concern.DATABASE_FILE, 0 if there else 1, 1)


def backup_metric(age: timedelta) -> Metric:
    """Watch how old the last verified backup is: critical from 26 hours on, and over with the next one."""
    level = Level.CRITICAL if age >= NO_BACKUP_FOR else Level.OK
    seconds = max(int(age.total_seconds()), 0)
    return Metric(Concern.BACKUP_AGE, seconds, int(NO_BACKUP_FOR.total_seconds()), level, level, prompt=True)


def forecast_metric(of: Concern, days: float | None) -> Metric:
    """Watch how many days are left until something is full; None is not known, and takes nothing back.

    Its percent are those days.
    """
    level = Level.WARNING if days is not None and days <= SOON else Level.OK
    floor = Level.OK if days is not None and days > NOT_SO_SOON else Level.WARNING
    whole = round(min(days, FAR)) if days is not None else 0
    return Metric(Concern(f"{of}_forecast"), whole, 100, level, floor, prompt=True)


# ── what is told ─────────────────────────────────────────────────────────────────────────────────────────────────────
def quiet(metric: str, now: datetime) -> Alert:
    """Where a metric stands before its first sample."""
    return Alert(metric, Level.OK, Level.OK, 0, 0.0, now)


def take(before: Alert, metric: Metric, now: datetime, thresholds: Thresholds) -> tuple[Alert, News | None]:
    """Take one sample; returns where the metric stands now, and what people must hear of it.

    A level is raised when two samples running say so, an emergency at once; it is lowered after fifteen minutes five
    points below its threshold, never further than the sample before allows.
    """
    before = set_right(before, now)
    seen = thresholds.level(metric.percent) if metric.level is None else metric.level
    floor = thresholds.level(metric.percent + CLEAR_BELOW) if metric.floor is None else metric.floor
    times = min(before.seen_times + 1, 10**6) if seen is before.seen else 1
    after = replace(before, seen=seen, seen_times=times, percent=round(metric.percent, 1))
    sustained = seen if seen is Level.EMERGENCY else min(seen, before.seen)
    if sustained > before.level:
        return _raised(after, sustained, now), News.RAISED
    if floor >= before.level:
        return _reminded(replace(after, clear_since=None), now)
    return _cleared(after, floor if metric.prompt else max(floor, before.seen), metric, now)


def _raised(alert: Alert, level: Level, now: datetime) -> Alert:
    return replace(
        alert, level=level, since=now, clear_since=None, muted_until=None, muted_by=None, told_at=now, reminders=0
    )


def _cleared(alert: Alert, lower: Level, metric: Metric, now: datetime) -> tuple[Alert, News | None]:
    """Lower a level that was not reached for long enough."""
    clear_since = alert.clear_since or now
    early = not metric.prompt and now - clear_since < CLEAR_FOR
    if early or lower >= alert.level:
        return replace(alert, clear_since=clear_since), None
    if lower is not Level.OK:
        return replace(alert, level=lower, since=now, clear_since=None), News.LOWERED
    over = replace(alert, level=lower, since=now, clear_since=None, muted_until=None, muted_by=None, reminders=0)
    return over, News.LOWERED if Concern(alert.metric).is_forecast else News.RECOVERED


def _reminded(alert: Alert, now: datetime) -> tuple[Alert, News | None]:
    """Remind of what stands, unless somebody looks after it, or was asked to be told later."""
    if alert.level is Level.OK or Concern(alert.metric).is_forecast or alert.is_muted(now):
        return alert, None
    due = (alert.told_at or alert.since) + min(FIRST_REMINDER * 2 ** min(alert.reminders, 10), LAST_REMINDER)
    if now < due:
        return alert, None
    return replace(alert, told_at=now, reminders=alert.reminders + 1), News.REMINDED


def set_right(alert: Alert, now: datetime) -> Alert:
    """After a clock that jumped back, let nothing wait for a time that was: what is told next is counted from now."""
    until = alert.muted_until and min(alert.muted_until, now + ACKNOWLEDGED_FOR)
    return replace(
        alert, since=min(alert.since, now), clear_since=alert.clear_since and min(alert.clear_since, now),
        muted_until=until, told_at=alert.told_at and min(alert.told_at, now),
    )  # fmt: skip


def muted(alert: Alert, now: datetime, lasts: timedelta, by: int | None = None) -> Alert:
    """Keep the reminders away for a while; ``by`` is who looks after it meanwhile. A higher level is told all the same.

    The next reminder comes when it ends, and goes on from there.
    """
    return replace(alert, muted_until=now + min(lasts, ACKNOWLEDGED_FOR), muted_by=by)
