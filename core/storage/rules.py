"""Sizes, their limits, and how bad it is: pure. When to sound the alarm: ``watching``."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Self

from core.settings.rules import Policy

MB = 1024 * 1024
MEDIA = ("products", "qr_codes", "hero_slides", "videos", "other")
"""Kinds of media: by the folder they lie in."""


class Level(IntEnum):
    """How bad it is."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    EMERGENCY = 3

    @property
    def word(self) -> str:
        """Its name in the database and in the translations."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From how many percent on each level counts."""

    warning: float = 80
    critical: float = 90
    emergency: float = 95

    @classmethod
    def of(cls, policy: Policy) -> Self:
        """The shop's own, in their order whatever order they were written in."""
        return cls(*sorted((policy.warn_percent, policy.critical_percent, policy.emergency_percent)))

    def level(self, percent: float) -> Level:
        """Name the level of a percentage."""
        marks = ((self.emergency, Level.EMERGENCY), (self.critical, Level.CRITICAL), (self.warning, Level.WARNING))
        return next((level for mark, level in marks if percent >= mark), Level.OK)


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
    """What the shop takes up: files by kind, the database in bytes, rows by table name, and what the disk has left.

    Kinds are those of ``MEDIA``, then ``static``, ``logs``, ``backups`` and ``quarantine``.
    """

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
        return sum(kind.bytes for kind in self.kinds if kind.name in MEDIA)

    def of(self, name: str) -> int:
        """Bytes of one kind; 0 for one that is not there."""
        return sum(kind.bytes for kind in self.kinds if kind.name == name)


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that is watched: bytes (or files, seconds, days) against their limit.

    ``level`` and ``floor`` are given where no percentage says them: what it is now, and the level to which it may fall.
    ``prompt``: it is over as soon as it is seen to be.
    """

    name: str
    bytes: int
    limit: int
    level: Level | None = None
    floor: Level | None = None
    prompt: bool = False

    @property
    def percent(self) -> float:
        """How full it is; a limit of 0 is no limit."""
        return 100 * self.bytes / self.limit if self.limit else 0.0


def metrics(usage: Usage, policy: Policy) -> tuple[Metric, ...]:
    """Set every size against its limit; the disk against itself."""
    return (
        Metric("disk", usage.disk.total - usage.disk.free, usage.disk.total),
        Metric("database", usage.database, policy.database_limit_mb * MB),
        Metric("media", usage.media, policy.media_limit_mb * MB),
        Metric("logs", usage.of("logs"), policy.logs_limit_mb * MB),
        Metric("total", usage.total, policy.total_limit_mb * MB),
    )


USUAL = Thresholds()


def level(percent: float, thresholds: Thresholds = USUAL) -> Level:
    """Name the level of a percentage."""
    return thresholds.level(percent)
