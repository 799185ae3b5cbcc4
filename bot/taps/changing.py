"""Buttons of an order that is changed: whoever opened it works on it, until they confirm or leave it."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.people.rules import AddressPart


@dataclass(frozen=True, slots=True)
class ChangeOrder(Tap):
    """Begin to change an order as it was at ``version``."""

    prefix = "ec"
    order_id: int
    version: int


@dataclass(frozen=True, slots=True)
class ShowChange(Tap):
    """What it would be, as far as it was said."""

    prefix = "es"
    order_id: int


@dataclass(frozen=True, slots=True)
class ChangeUnits(Tap):
    """Want so many units of a variant, 0 for none."""

    prefix = "eu"
    order_id: int
    variant_id: int
    units: int


@dataclass(frozen=True, slots=True)
class AskItem(Tap):
    """Ask what is to be added."""

    prefix = "ei"
    order_id: int


@dataclass(frozen=True, slots=True)
class ChangeWhere(Tap):
    """Which part of the address is to be another."""

    prefix = "ew"
    order_id: int


@dataclass(frozen=True, slots=True)
class AskWhere(Tap):
    """Ask for a part of the address that is typed."""

    prefix = "ea"
    order_id: int
    part: AddressPart


@dataclass(frozen=True, slots=True)
class ChangePlace(Tap):
    """Want it to go to a province or district by its code; empty: choose one."""

    prefix = "ep"
    order_id: int
    code: str


@dataclass(frozen=True, slots=True)
class ConfirmChange(Tap):
    """Change the order as it was at ``version`` to what costs ``total`` cents, which is only compared."""

    prefix = "ex"
    order_id: int
    version: int
    total: int
