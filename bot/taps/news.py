"""Buttons of news to many: a draft, whom it is for, how it is sent; and the two below each message of it."""

from dataclasses import dataclass
from enum import StrEnum

from bot.taps.base import Tap
from core.broadcasts.rules import Act, Goal, Otherwise


class Field(StrEnum):
    """What of a segment is chosen."""

    LANGUAGE = "l"
    BOUGHT = "b"
    DAYS = "d"
    PROVINCE = "p"
    CATEGORY = "c"


@dataclass(frozen=True, slots=True)
class OpenNews(Tap):
    """The newest broadcasts."""

    prefix = "nl"


@dataclass(frozen=True, slots=True)
class BeginNews(Tap):
    """Begin a draft."""

    prefix = "nb"


@dataclass(frozen=True, slots=True)
class OpenBroadcast(Tap):
    """One broadcast: its draft, or how it goes."""

    prefix = "no"
    broadcast_id: int


@dataclass(frozen=True, slots=True)
class AskNewsWords(Tap):
    """Ask for the words of a language."""

    prefix = "nw"
    broadcast_id: int
    language: str


@dataclass(frozen=True, slots=True)
class DropNewsWords(Tap):
    """Leave a language out."""

    prefix = "nx"
    broadcast_id: int
    language: str


@dataclass(frozen=True, slots=True)
class PreviewNews(Tap):
    """Show it below, exactly as it will come in that language."""

    prefix = "nt"
    broadcast_id: int
    language: str


@dataclass(frozen=True, slots=True)
class NewsSegment(Tap):
    """Whom it is for."""

    prefix = "ns"
    broadcast_id: int


@dataclass(frozen=True, slots=True)
class NewsChoices(Tap):
    """Offer the values of a field, ``page`` counts from 0."""

    prefix = "nc"
    broadcast_id: int
    field: Field
    page: int


@dataclass(frozen=True, slots=True)
class NarrowNews(Tap):
    """Choose a value of a field, in what was seen as ``stamp``."""

    prefix = "nf"
    broadcast_id: int
    stamp: int
    field: Field
    value: str


@dataclass(frozen=True, slots=True)
class NewsGoal(Tap):
    """Where its button could lead."""

    prefix = "ng"
    broadcast_id: int


@dataclass(frozen=True, slots=True)
class PointNews(Tap):
    """Lead its button there, in what was seen as ``stamp``."""

    prefix = "np"
    broadcast_id: int
    stamp: int
    goal: Goal
    goal_id: int


@dataclass(frozen=True, slots=True)
class AskNewsProduct(Tap):
    """Ask for the product its button leads to."""

    prefix = "nq"
    broadcast_id: int


@dataclass(frozen=True, slots=True)
class NewsOtherwise(Tap):
    """Choose what those get whose language is missing."""

    prefix = "ne"
    broadcast_id: int
    stamp: int
    chosen: Otherwise


@dataclass(frozen=True, slots=True)
class SureNews(Tap):
    """Look once more before it is sent."""

    prefix = "ny"
    broadcast_id: int


@dataclass(frozen=True, slots=True)
class SendNews(Tap):
    """Send what was seen as ``stamp``."""

    prefix = "nd"
    broadcast_id: int
    stamp: int


@dataclass(frozen=True, slots=True)
class DiscardNews(Tap):
    """Give the draft up that was seen as ``stamp``."""

    prefix = "nr"
    broadcast_id: int
    stamp: int


@dataclass(frozen=True, slots=True)
class SteerNews(Tap):
    """Pause it, go on, end it."""

    prefix = "na"
    broadcast_id: int
    act: Act


@dataclass(frozen=True, slots=True)
class FollowNews(Tap):
    """Go where the button of a message leads: whoever got it."""

    prefix = "nv"
    broadcast_id: int


@dataclass(frozen=True, slots=True)
class StopNews(Tap):
    """No more news: whoever got it."""

    prefix = "nz"
