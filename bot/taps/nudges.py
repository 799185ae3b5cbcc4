"""Buttons below what staff are told: what is running low, and the day's figures."""

from dataclasses import dataclass

from bot.taps.base import Tap


@dataclass(frozen=True, slots=True)
class LowStock(Tap):
    """What is running low, from the variant after ``after``: what the note ``told`` of, 0 for all of it."""

    prefix = "ll"
    told: int
    after: int


@dataclass(frozen=True, slots=True)
class AddStock(Tap):
    """So many units of a variant came in, on top of its last receipt ``receipt``."""

    prefix = "la"
    variant_id: int
    units: int
    receipt: int


@dataclass(frozen=True, slots=True)
class HideLow(Tap):
    """Take the product of a variant off the shelf."""

    prefix = "lh"
    variant_id: int


@dataclass(frozen=True, slots=True)
class ShowLow(Tap):
    """Put the product of a variant on its shelf again."""

    prefix = "lu"
    variant_id: int


@dataclass(frozen=True, slots=True)
class OpenDay(Tap):
    """The figures of one of the shop's days; ``day`` counts from the first of January of the year 1, 0 is today."""

    prefix = "dy"
    day: int
