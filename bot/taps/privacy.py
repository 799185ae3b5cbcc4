"""The buttons of what the shop keeps about somebody."""

from dataclasses import dataclass

from bot.taps.base import Tap


@dataclass(frozen=True, slots=True)
class MyData(Tap):
    """What is kept, and why."""

    prefix = "d"


@dataclass(frozen=True, slots=True)
class ExportData(Tap):
    """Send it as a file."""

    prefix = "dx"


@dataclass(frozen=True, slots=True)
class AskDelete(Tap):
    """Ask whether to delete it: 1 says what goes and what stays, 2 that there is no way back."""

    prefix = "dq"
    step: int


@dataclass(frozen=True, slots=True)
class DeleteMe(Tap):
    """Delete it; ``asked_at`` is when it was asked for the last time, in Unix seconds."""

    prefix = "dz"
    asked_at: int
