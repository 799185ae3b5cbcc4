"""Buttons of cash: at the door, in the courier's hand, in the till."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.orders.rules import ReturnReason


@dataclass(frozen=True, slots=True)
class AskTaken(Tap):
    """Ask how much was taken for a parcel, as it was at ``version``, where it is another sum."""

    prefix = "cs"
    order_id: int
    version: int


@dataclass(frozen=True, slots=True)
class AskReturn(Tap):
    """Ask why a parcel was not accepted."""

    prefix = "cr"
    order_id: int


@dataclass(frozen=True, slots=True)
class ReturnOrder(Tap):
    """The parcel comes back, for a reason, as it was at ``version``."""

    prefix = "cb"
    order_id: int
    reason: ReturnReason
    version: int


@dataclass(frozen=True, slots=True)
class MyCash(Tap):
    """The cash that the person holds."""

    prefix = "cm"


@dataclass(frozen=True, slots=True)
class OpenTill(Tap):
    """Who holds what, and what waits to be counted."""

    prefix = "ct"


@dataclass(frozen=True, slots=True)
class OpenPurse(Tap):
    """What one courier holds."""

    prefix = "cp"
    courier_id: int


@dataclass(frozen=True, slots=True)
class HandInCash(Tap):
    """Hand in all that one holds; ``cents`` and ``riel`` are what was shown, only to be compared."""

    prefix = "ch"
    cents: int
    riel: int


@dataclass(frozen=True, slots=True)
class OpenHandIn(Tap):
    """One hand-in, as it stands."""

    prefix = "co"
    hand_in_id: int


@dataclass(frozen=True, slots=True)
class ConfirmCash(Tap):
    """A hand-in was counted to be the very sum."""

    prefix = "cc"
    hand_in_id: int


@dataclass(frozen=True, slots=True)
class AskCounted(Tap):
    """Ask how much a hand-in was counted to be, where it is another sum."""

    prefix = "cd"
    hand_in_id: int
