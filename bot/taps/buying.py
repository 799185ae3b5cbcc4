"""The buttons from "buy now" to the placed order."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.orders.rules import PaymentMethod


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
