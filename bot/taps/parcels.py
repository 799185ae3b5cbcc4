"""Buttons of parcels: what is printed for them, and a new code."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.parcels.rules import Paper


@dataclass(frozen=True, slots=True)
class GetPaper(Tap):
    """A parcel's label or slip, as a picture below."""

    prefix = "qp"
    order_id: int
    paper: Paper


@dataclass(frozen=True, slots=True)
class GetPdf(Tap):
    """The same as a file for the printer."""

    prefix = "qf"
    order_id: int
    paper: Paper


@dataclass(frozen=True, slots=True)
class AllPapers(Tap):
    """One file with those of every parcel that is ready, from the one after ``after``."""

    prefix = "qa"
    paper: Paper
    after: int


@dataclass(frozen=True, slots=True)
class AskNewCode(Tap):
    """Ask once more before a parcel gets a new code."""

    prefix = "qn"
    order_id: int


@dataclass(frozen=True, slots=True)
class NewCode(Tap):
    """Give the parcel of an order, as it was at ``version``, a new code."""

    prefix = "qc"
    order_id: int
    version: int
