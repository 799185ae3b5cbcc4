"""The buttons of a placed order."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.orders.rules import CancelReason, Move, Turn


@dataclass(frozen=True, slots=True)
class MyOrders(Tap):
    """The person's orders."""

    prefix = "om"


@dataclass(frozen=True, slots=True)
class TurnOrders(Tap):
    """The person's orders on from one of them, ``way`` older or newer."""

    prefix = "ot"
    way: Turn
    order_id: int


@dataclass(frozen=True, slots=True)
class BuyAgain(Tap):
    """Put what an order had into the basket."""

    prefix = "oa"
    order_id: int


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
    """Ask whether to cancel, and why, before it is done."""

    prefix = "oc"
    order_id: int


@dataclass(frozen=True, slots=True)
class CancelOrder(Tap):
    """Cancel the order as it was at ``version``, for a reason."""

    prefix = "ox"
    order_id: int
    reason: CancelReason
    version: int


@dataclass(frozen=True, slots=True)
class HaveReceived(Tap):
    """The customer says that the order came."""

    prefix = "og"
    order_id: int


@dataclass(frozen=True, slots=True)
class NewQr(Tap):
    """Show a QR that can be paid."""

    prefix = "oq"
    order_id: int


@dataclass(frozen=True, slots=True)
class IHavePaid(Tap):
    """Ask the bank now; where it cannot be asked, ask for a picture of the payment."""

    prefix = "op"
    order_id: int


@dataclass(frozen=True, slots=True)
class SayPaid(Tap):
    """They paid, and have no picture of it."""

    prefix = "oy"
    order_id: int


@dataclass(frozen=True, slots=True)
class GetReceipt(Tap):
    """The receipt as a picture."""

    prefix = "or"
    order_id: int
