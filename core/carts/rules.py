"""Carts: pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

MOST = 99
NOTE = 200
"""As many characters a note to the shop may have."""
MOST_LINES = 30
"""Three buttons each in the basket, and Telegram draws a hundred below a message."""


class CartKind(StrEnum):
    """A basket is filled over days; a "buy now" holds one thing and replaces the one before."""

    BASKET = "basket"
    BUY_NOW = "buy_now"


class CartState(StrEnum):
    """An open cart becomes an order once, or is dropped."""

    OPEN = "open"
    ORDERED = "ordered"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class CartLine:
    """``quantity`` units of a variant; ``seen_price`` is what it cost, in cents, when it was put in."""

    variant_id: int
    quantity: int
    seen_price: int


@dataclass(frozen=True, slots=True)
class Cart:
    """Lines are in variant order; ``promo_id`` is the promo code that was typed for it.

    ``with_points``: points are to be spent on it, as many as have a use. ``last_update``: the update that added to it
    last, should it be worked again after a kill. ``note`` is what the customer wants the shop to know.
    """

    id: int
    person_id: int
    kind: CartKind
    state: CartState
    address_id: int | None
    updated_at: datetime
    lines: tuple[CartLine, ...]
    promo_id: int | None = None
    with_points: bool = False
    last_update: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a product somebody looks at: they keep it, they wait for it, ``units`` in their basket."""

    kept: bool
    waits: bool
    units: int


CLOSED = {CartState.ORDERED: "cart_closed", CartState.DROPPED: "cart_dropped"}
"""Why a cart can be changed no more, as the person hears it."""


def allowed(quantity: int, left: int) -> int:
    """The nearest quantity that may stand in a cart: none below 1, none above what is left or ``MOST``."""
    return max(0, min(quantity, left, MOST))


def having(cart: Cart, line: CartLine) -> Cart:
    """The cart with one line put in, changed or, at quantity 0, taken out."""
    others = [one for one in cart.lines if one.variant_id != line.variant_id]
    lines = [*others, line] if line.quantity > 0 else others
    return replace(cart, lines=tuple(sorted(lines, key=lambda one: one.variant_id)))
