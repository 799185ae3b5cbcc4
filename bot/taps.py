"""Every button as a type: what it carries, packed into Telegram's 64 bytes. Ids and enums only, never a text.

A tap is untrusted: whoever holds a chat can send any value. Unpacking proves only its shape; services prove the rest.
"""

import re
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, ClassVar, Self

from core.doors import Goal
from core.orders.rules import Move, PaymentMethod
from core.people.rules import AddressPart

LONGEST = 64
_INT = re.compile(r"-?[0-9]{1,18}")  # no other digits: int() would read Khmer ones, which no button of ours writes


class BadTap(ValueError):
    """The value is not one that a button of ours carries."""


@dataclass(frozen=True, slots=True)
class Tap:
    """Packs to ``prefix:value:value``."""

    prefix: ClassVar[str] = ""

    def pack(self) -> str:
        """Write the button's value; ``BadTap`` when Telegram would refuse its length."""
        names: tuple[str, ...] = self.__match_args__
        values = [getattr(self, name) for name in names]
        packed = ":".join([self.prefix, *[v.value if isinstance(v, Enum) else str(v) for v in values]])
        if len(packed.encode()) > LONGEST:
            raise BadTap(packed)
        return packed

    @classmethod
    def parse(cls, values: list[str]) -> Self:
        """Read the values after the prefix; ``BadTap`` for any that do not fit."""
        names = fields(cls)
        if len(values) != len(names):
            raise BadTap(cls.prefix)
        return cls(**{field.name: _value(field.type, text) for field, text in zip(names, values, strict=True)})


def _value(kind: Any, text: str) -> Any:
    if kind is int:
        if not _INT.fullmatch(text):
            raise BadTap(text)
        return int(text)
    if kind is str:
        if not re.fullmatch(r"\w{0,12}", text, re.ASCII):
            raise BadTap(text)
        return text
    try:
        return kind(text)
    except ValueError:
        raise BadTap(text) from None


def unpack(data: str) -> Tap:
    """Read a button's value into its type; ``BadTap`` when it is none of ours."""
    prefix, *values = data.split(":")
    kind = KINDS.get(prefix)
    if kind is None:
        raise BadTap(prefix)
    return kind.parse(values)


# ── the shop ─────────────────────────────────────────────────────────────────────────────────────────────────────────
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
class TurnResults(Tap):
    """Another page of what was searched for; ``search`` is the stamp of that search, ``page`` counts from 0."""

    prefix = "f"
    search: int
    page: int


# ── buying ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class BuyNow(Tap):
    """Buy one unit at once."""

    prefix = "b"
    variant_id: int


@dataclass(frozen=True, slots=True)
class AddToCart(Tap):
    """Put one unit into the basket."""

    prefix = "a"
    variant_id: int


@dataclass(frozen=True, slots=True)
class OpenCart(Tap):
    """The basket."""

    prefix = "k"


@dataclass(frozen=True, slots=True)
class ChangeLine(Tap):
    """Set a line's quantity; 0 takes it out."""

    prefix = "kq"
    cart_id: int
    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class OpenReview(Tap):
    """What would be charged."""

    prefix = "r"
    cart_id: int


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
    """Choose a province; ``page`` counts from 0."""

    prefix = "wn"
    cart_id: int
    page: int


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


@dataclass(frozen=True, slots=True)
class AskPromo(Tap):
    """Ask for a promo code."""

    prefix = "rp"
    cart_id: int


@dataclass(frozen=True, slots=True)
class DropPromo(Tap):
    """Take the promo code off."""

    prefix = "rx"
    cart_id: int


@dataclass(frozen=True, slots=True)
class AskNote(Tap):
    """Ask for a note to the shop."""

    prefix = "rn"
    cart_id: int


@dataclass(frozen=True, slots=True)
class DropNote(Tap):
    """Take the note off."""

    prefix = "rd"
    cart_id: int


@dataclass(frozen=True, slots=True)
class SpendPoints(Tap):
    """Spend points on a cart (1) or keep them (0)."""

    prefix = "rs"
    cart_id: int
    spend: int


@dataclass(frozen=True, slots=True)
class MyPoints(Tap):
    """The person's points and their invitation."""

    prefix = "pt"


@dataclass(frozen=True, slots=True)
class PlaceOrder(Tap):
    """Order the cart; ``total`` is what was seen, in cents, only ever compared."""

    prefix = "o"
    cart_id: int
    method: PaymentMethod
    total: int


# ── orders ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class MyOrders(Tap):
    """The person's orders."""

    prefix = "om"


@dataclass(frozen=True, slots=True)
class OpenOrder(Tap):
    """One order's card."""

    prefix = "oo"
    order_id: int


@dataclass(frozen=True, slots=True)
class MoveOrder(Tap):
    """Make a move on the order as it was at ``version``."""

    prefix = "ov"
    order_id: int
    move: Move
    version: int


@dataclass(frozen=True, slots=True)
class AskCancel(Tap):
    """Ask whether to cancel, before it is done."""

    prefix = "oc"
    order_id: int


@dataclass(frozen=True, slots=True)
class NewQr(Tap):
    """Show a QR that can be paid."""

    prefix = "oq"
    order_id: int


@dataclass(frozen=True, slots=True)
class IHavePaid(Tap):
    """Ask the bank now."""

    prefix = "op"
    order_id: int


@dataclass(frozen=True, slots=True)
class GetReceipt(Tap):
    """The receipt as a picture."""

    prefix = "or"
    order_id: int


KINDS: dict[str, type[Tap]] = {kind.prefix: kind for kind in Tap.__subclasses__()}
