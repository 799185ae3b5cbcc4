"""Buttons of the counter's lists and of its board."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.boards.rules import Listing


@dataclass(frozen=True, slots=True)
class OrderList(Tap):
    """One list of orders, from the one after the order ``after``."""

    prefix = "bl"
    listing: Listing
    after: int


@dataclass(frozen=True, slots=True)
class BoardList(Tap):
    """One list of orders, in a message of its own below the board."""

    prefix = "bb"
    listing: Listing


@dataclass(frozen=True, slots=True)
class BoardPayments(Tap):
    """The payment inbox, in a message of its own below the board."""

    prefix = "bp"


@dataclass(frozen=True, slots=True)
class OpenListed(Tap):
    """An order of a list; ``listing`` and ``after`` lead back to its page."""

    prefix = "bo"
    order_id: int
    listing: Listing
    after: int


@dataclass(frozen=True, slots=True)
class OpenFound(Tap):
    """An order that was found by what was looked for at the moment ``asked``; ``before`` leads back to its page."""

    prefix = "bf"
    order_id: int
    asked: int
    before: int


@dataclass(frozen=True, slots=True)
class TurnFound(Tap):
    """What was found by what was looked for at the moment ``asked``, from before the order ``before``."""

    prefix = "bt"
    asked: int
    before: int
