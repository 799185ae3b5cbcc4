"""Buttons of a talk with the shop."""

from dataclasses import dataclass

from bot.taps.base import Tap


@dataclass(frozen=True, slots=True)
class OpenHelp(Tap):
    """Write to the shop, about an order (0: none); ``below`` 1 leaves the tapped message as it is."""

    prefix = "he"
    order_id: int
    below: int


@dataclass(frozen=True, slots=True)
class CloseHelp(Tap):
    """Close a talk: what was asked is answered."""

    prefix = "hx"
    talk_id: int
