"""The buttons of the address book and of choosing a place."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.people.rules import AddressPart


@dataclass(frozen=True, slots=True)
class Addresses(Tap):
    """Choose where a cart goes."""

    prefix = "w"
    cart_id: int


@dataclass(frozen=True, slots=True)
class UseAddress(Tap):
    """Send a cart to an address of the book."""

    prefix = "wu"
    cart_id: int
    address_id: int


@dataclass(frozen=True, slots=True)
class NewAddress(Tap):
    """Choose a province."""

    prefix = "wn"
    cart_id: int


@dataclass(frozen=True, slots=True)
class ChooseProvince(Tap):
    """Choose a province by its official code; ``page`` of its districts counts from 0."""

    prefix = "wp"
    cart_id: int
    code: str
    page: int


@dataclass(frozen=True, slots=True)
class ChooseDistrict(Tap):
    """Choose a district by its official code."""

    prefix = "wd"
    cart_id: int
    code: str


@dataclass(frozen=True, slots=True)
class ChooseCommune(Tap):
    """Choose a commune by its official code, or none by its district's."""

    prefix = "wc"
    cart_id: int
    code: str


@dataclass(frozen=True, slots=True)
class OpenAddress(Tap):
    """One address of the book."""

    prefix = "wo"
    cart_id: int
    address_id: int


@dataclass(frozen=True, slots=True)
class EditAddress(Tap):
    """Write a part of an address anew."""

    prefix = "we"
    cart_id: int
    address_id: int
    part: AddressPart


@dataclass(frozen=True, slots=True)
class RemoveAddress(Tap):
    """Take an address out of the book."""

    prefix = "wr"
    cart_id: int
    address_id: int
