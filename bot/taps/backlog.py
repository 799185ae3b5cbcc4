"""Buttons of a digest: orders named together, whose cards a busy group has no room for yet."""

from dataclasses import dataclass

from bot.taps.base import Tap


@dataclass(frozen=True, slots=True)
class CallUp(Tap):
    """Let the card of an order be the next that comes.

    It carries no version: it changes nothing of the order, and to press it twice is to press it once.
    """

    prefix = "gu"
    order_id: int
