"""Buttons of parcels in hands: what one carries, whom to give one to, a courier's cash counted without them."""

from dataclasses import dataclass

from bot.taps.base import Tap


@dataclass(frozen=True, slots=True)
class MyParcels(Tap):
    """One page of what the person carries."""

    prefix = "gp"
    page: int


@dataclass(frozen=True, slots=True)
class AskGive(Tap):
    """Ask to whom a parcel is given: one page of those who work here."""

    prefix = "ga"
    order_id: int
    page: int


@dataclass(frozen=True, slots=True)
class GiveParcel(Tap):
    """Give a parcel, as it was at ``version``, to somebody."""

    prefix = "gv"
    order_id: int
    person_id: int
    version: int


@dataclass(frozen=True, slots=True)
class TakeOverCash(Tap):
    """Hand in what a courier holds, without them; ``cents`` and ``riel`` are what was shown, only to be compared."""

    prefix = "gt"
    courier_id: int
    cents: int
    riel: int
