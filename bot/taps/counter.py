"""Buttons of the counter: what is asked there, and the payment inbox."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.settlements.rules import Act


@dataclass(frozen=True, slots=True)
class NotNow(Tap):
    """Ask no more what was asked at the moment ``asked``; a reply to the message below which it stands answers it."""

    prefix = "nn"
    asked: int


@dataclass(frozen=True, slots=True)
class Payments(Tap):
    """The payment inbox, from the case after ``after``."""

    prefix = "yl"
    after: int


@dataclass(frozen=True, slots=True)
class OpenCase(Tap):
    """One case of the payment inbox, as it stands."""

    prefix = "yo"
    case_id: int


@dataclass(frozen=True, slots=True)
class OrderBelow(Tap):
    """The order of a case, in a message of its own."""

    prefix = "yb"
    order_id: int


@dataclass(frozen=True, slots=True)
class ActOnCase(Tap):
    """Do something about a case as it was at ``version``."""

    prefix = "ya"
    case_id: int
    act: Act
    version: int
