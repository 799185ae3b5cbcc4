"""Buttons of the counter's card of an order, beside its moves."""

from dataclasses import dataclass

from bot.taps.base import Tap


@dataclass(frozen=True, slots=True)
class MoreOfOrder(Tap):
    """What else can be done with an order, below the same card."""

    prefix = "km"
    order_id: int
