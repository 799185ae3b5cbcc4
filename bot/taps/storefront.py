"""The buttons of the shop window: front, shelves, products, search."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.doors import Goal


@dataclass(frozen=True, slots=True)
class Home(Tap):
    """The shop's front."""

    prefix = "h"


@dataclass(frozen=True, slots=True)
class HomeBelow(Tap):
    """The shop's front as a new message: an order's live card stays where it stands."""

    prefix = "hb"


@dataclass(frozen=True, slots=True)
class Languages(Tap):
    """Offer the languages."""

    prefix = "l"


@dataclass(frozen=True, slots=True)
class Speak(Tap):
    """Choose a language; ``goal`` and ``then`` say where the person was going, as a door does."""

    prefix = "ls"
    language: str
    then: int
    goal: Goal = Goal.FRONT


@dataclass(frozen=True, slots=True)
class OpenCategory(Tap):
    """One page of a shelf; ``page`` counts from 0."""

    prefix = "c"
    category_id: int
    page: int


@dataclass(frozen=True, slots=True)
class OpenProduct(Tap):
    """A product; ``variant_id`` 0 for the one it is quoted by."""

    prefix = "p"
    product_id: int
    variant_id: int


@dataclass(frozen=True, slots=True)
class ShowPhoto(Tap):
    """A product with one of its photos, 0 the first."""

    prefix = "pp"
    product_id: int
    variant_id: int
    photo_id: int


@dataclass(frozen=True, slots=True)
class TurnResults(Tap):
    """Another page of what was searched for; ``search`` is the stamp of that search, ``page`` counts from 0."""

    prefix = "f"
    search: int
    page: int


@dataclass(frozen=True, slots=True)
class OpenResult(Tap):
    """A product that was found; ``search`` and ``page`` say where to come back to."""

    prefix = "fo"
    product_id: int
    search: int
    page: int
