"""Buttons of the counter's card of an order, beside its moves."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.orders.carriers import Carrier


@dataclass(frozen=True, slots=True)
class MoreOfOrder(Tap):
    """What else can be done with an order, below the same card."""

    prefix = "km"
    order_id: int


@dataclass(frozen=True, slots=True)
class UndoMove(Tap):
    """Take back the last tap on an order as it was at ``version``."""

    prefix = "ku"
    order_id: int
    version: int


@dataclass(frozen=True, slots=True)
class TakeOver(Tap):
    """Hold an order that another holds, as it was at ``version``."""

    prefix = "kt"
    order_id: int
    version: int


@dataclass(frozen=True, slots=True)
class NoteOrder(Tap):
    """Ask for a note about an order, for the others at the counter."""

    prefix = "kn"
    order_id: int


@dataclass(frozen=True, slots=True)
class AskCarrier(Tap):
    """Ask which carrier brings an order."""

    prefix = "kc"
    order_id: int


@dataclass(frozen=True, slots=True)
class PickCarrier(Tap):
    """A carrier brings it: ask for their number; ``seen`` is the stamp of what was said before, 0 for nothing."""

    prefix = "kp"
    order_id: int
    carrier: Carrier
    seen: int


@dataclass(frozen=True, slots=True)
class DropCarrier(Tap):
    """No carrier brings it; ``seen`` as above."""

    prefix = "kd"
    order_id: int
    seen: int


@dataclass(frozen=True, slots=True)
class OpenHistory(Tap):
    """What happened to an order."""

    prefix = "kh"
    order_id: int
