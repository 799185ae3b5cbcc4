"""Buttons of the house's own care: what is watched, what is cleaned, backed up, looked at."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.maintenance.rules import Work
from core.storage.watching import Concern


@dataclass(frozen=True, slots=True)
class OpenAlert(Tap):
    """The card of something that is watched, as it stands now."""

    prefix = "zw"
    concern: Concern


@dataclass(frozen=True, slots=True)
class AskSnooze(Tap):
    """Ask for how long an alert is put off."""

    prefix = "zz"
    concern: Concern


@dataclass(frozen=True, slots=True)
class SnoozeAlert(Tap):
    """Put an alert's reminders off for so many hours."""

    prefix = "zh"
    concern: Concern
    hours: int


@dataclass(frozen=True, slots=True)
class AcknowledgeAlert(Tap):
    """Whoever taps looks after it."""

    prefix = "za"
    concern: Concern


@dataclass(frozen=True, slots=True)
class StartWork(Tap):
    """Begin a work; its result comes below."""

    prefix = "zk"
    work: Work


@dataclass(frozen=True, slots=True)
class OpenStorage(Tap):
    """The panel: how much there is of everything."""

    prefix = "zs"


@dataclass(frozen=True, slots=True)
class PreviewCleanup(Tap):
    """What cleaning up would free."""

    prefix = "zc"


@dataclass(frozen=True, slots=True)
class OpenAside(Tap):
    """What is set aside for a week."""

    prefix = "zq"


@dataclass(frozen=True, slots=True)
class BringBack(Tap):
    """Put a file back where it was; ``mark`` says which was seen."""

    prefix = "zv"
    mark: str


@dataclass(frozen=True, slots=True)
class ListBackups(Tap):
    """The last backups."""

    prefix = "zb"


@dataclass(frozen=True, slots=True)
class PinBackup(Tap):
    """Keep a backup whatever its age, or no more (``pinned`` 0); ``stamp`` is when it was made, in twelve digits."""

    prefix = "zp"
    stamp: str
    pinned: int


@dataclass(frozen=True, slots=True)
class LargeFiles(Tap):
    """The largest files."""

    prefix = "zl"


@dataclass(frozen=True, slots=True)
class EmergencyPlan(Tap):
    """What the emergency plan would do, step by step."""

    prefix = "ze"


@dataclass(frozen=True, slots=True)
class RunEmergency(Tap):
    """Do what was seen: the plan of this stamp, in its two halves."""

    prefix = "zr"
    made: str
    digest: str


@dataclass(frozen=True, slots=True)
class RunDoctor(Tap):
    """Look whether all is well."""

    prefix = "zd"
