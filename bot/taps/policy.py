"""Buttons of the admins' home and the rules of the shop: looked at, asked for, chosen; with what their reader saw."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.settings.known import Group, Rule


@dataclass(frozen=True, slots=True)
class OpenAdmin(Tap):
    """Every part of running the shop."""

    prefix = "ah"


@dataclass(frozen=True, slots=True)
class OpenPolicy(Tap):
    """The groups of rules."""

    prefix = "ip"


@dataclass(frozen=True, slots=True)
class OpenGroup(Tap):
    """The rules of one group, with what they are."""

    prefix = "ig"
    group: Group


@dataclass(frozen=True, slots=True)
class OpenRule(Tap):
    """One rule: what it does, what it is, what it could be."""

    prefix = "ir"
    rule: Rule


@dataclass(frozen=True, slots=True)
class AskRule(Tap):
    """Ask for another value in a group, where a reply answers."""

    prefix = "iq"
    rule: Rule


@dataclass(frozen=True, slots=True)
class PutRule(Tap):
    """Choose a value, "default" for the one it was made with, where it is what was ``seen``."""

    prefix = "iv"
    rule: Rule
    choice: str
    seen: str


@dataclass(frozen=True, slots=True)
class ConfirmRule(Tap):
    """The same, once before and after were shown."""

    prefix = "ic"
    rule: Rule
    choice: str
    seen: str


@dataclass(frozen=True, slots=True)
class SaveTyped(Tap):
    """Take what was typed to the question of this stamp."""

    prefix = "is"
    asked: int


@dataclass(frozen=True, slots=True)
class OpenHolidays(Tap):
    """The days on which the shop is closed."""

    prefix = "ih"


@dataclass(frozen=True, slots=True)
class AskHoliday(Tap):
    """Ask for a day or a range of days."""

    prefix = "id"


@dataclass(frozen=True, slots=True)
class RemoveHoliday(Tap):
    """Open again from one day to another, each as ``20270414``."""

    prefix = "ix"
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class OpenProvinces(Tap):
    """What delivery to each province costs."""

    prefix = "il"


@dataclass(frozen=True, slots=True)
class OpenProvince(Tap):
    """What delivery to one province costs."""

    prefix = "io"
    code: str


@dataclass(frozen=True, slots=True)
class AskProvince(Tap):
    """Ask for a province's fee in a group, where a reply answers."""

    prefix = "ii"
    code: str


@dataclass(frozen=True, slots=True)
class PutProvince(Tap):
    """Give a province a fee (``same``: as the others, ``none``: no delivery), where it is what was ``seen``."""

    prefix = "if"
    code: str
    fee: str
    seen: str
    sure: int
