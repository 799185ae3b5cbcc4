"""Buttons of an order that is entered for somebody who phoned."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.orders.rules import PaymentMethod


@dataclass(frozen=True, slots=True)
class EnterFor(Tap):
    """What one's cart costs as the order of whom its address names."""

    prefix = "ef"
    cart_id: int


@dataclass(frozen=True, slots=True)
class BuyForMyself(Tap):
    """Who works here buys for themselves, as any customer does."""

    prefix = "em"
    cart_id: int


@dataclass(frozen=True, slots=True)
class EnterOrder(Tap):
    """Enter it for ``total`` cents, which is only compared."""

    prefix = "eo"
    cart_id: int
    method: PaymentMethod
    total: int


@dataclass(frozen=True, slots=True)
class EnteredQr(Tap):
    """A QR of an entered order that can be paid, to be forwarded."""

    prefix = "eq"
    order_id: int
