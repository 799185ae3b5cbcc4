"""Work that is started from the chat and takes a while: pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Work(StrEnum):
    """What can be started, one of each kind at a time."""

    CLEAN = "clean"
    BACKUP = "backup"
    CHECK = "check"
    OPTIMISE = "optimise"
    EMERGENCY = "emergency"
    PHOTOS = "photos"
    IMPORT = "import"

    @property
    def number(self) -> int:
        """Which of all works it is: part of the number that messages know a run by."""
        return list(Work).index(self)


class State(StrEnum):
    """How far a run is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a work: its ``attempt`` among those of its kind, who holds it, what it was asked and what it said.

    ``result`` names the ``chat`` that is told, while it goes on, and who it was started ``by`` (a person's id); once it
    is over, figures, or ``error`` with the key of a sentence under ``errors.`` and its ``values``.
    """

    work: Work
    attempt: int
    state: State
    owner: str
    started_at: datetime
    finished_at: datetime | None = None
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """The number that messages know it by."""
        return self.attempt * 100 + self.work.number


def numbered(number: int) -> tuple[Work, int] | None:
    """Read a run's number: which work, which attempt; None for a work that this version does not know."""
    works = list(Work)
    return (works[number % 100], number // 100) if number % 100 < len(works) else None
