"""Buttons below what staff are told is running low."""

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
