"""Buttons of an order that a rule found suspicious. ``seen`` is the verdict that stood there, empty for none."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.suspicion.rules import Verdict


@dataclass(frozen=True, slots=True)
class CheckOrder(Tap):
    """Staff looked at it and found it so."""

    prefix = "gc"
    order_id: int
    verdict: Verdict
    seen: str


@dataclass(frozen=True, slots=True)
class AskReject(Tap):
    """Ask once more before it is rejected."""

    prefix = "gr"
    order_id: int
    seen: str


@dataclass(frozen=True, slots=True)
class RejectOrder(Tap):
    """Reject and cancel it as it was at ``version``."""

    prefix = "gx"
    order_id: int
    version: int
    seen: str
