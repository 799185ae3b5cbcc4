"""The buttons of what a person keeps, and of what they wait for."""

from dataclasses import dataclass

from bot.taps.base import Tap


@dataclass(frozen=True, slots=True)
class Keep(Tap):
    """Keep a product among the favourites; the variant and photo are those that are looked at."""

    prefix = "v"
    product_id: int
    variant_id: int
    photo_id: int


@dataclass(frozen=True, slots=True)
class LetGo(Tap):
    """Keep it no more."""

    prefix = "vx"
    product_id: int
    variant_id: int
    photo_id: int


@dataclass(frozen=True, slots=True)
class MyFavourites(Tap):
    """One page of the person's favourites; ``page`` counts from 0."""

    prefix = "vm"
    page: int


@dataclass(frozen=True, slots=True)
class OpenFavourite(Tap):
    """A product from the favourites, with the way back to their page."""

    prefix = "vf"
    product_id: int
    page: int


@dataclass(frozen=True, slots=True)
class TellMe(Tap):
    """Be told when a variant is back (1) or not (0)."""

    prefix = "n"
    variant_id: int
    on: int
