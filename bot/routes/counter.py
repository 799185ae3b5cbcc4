"""What answers at the counter: its own taps, and the commands of who works here."""

from collections.abc import Awaitable, Callable, Mapping

from bot import taps
from bot.handlers.counter import asking, backlog, boards, payments
from bot.routing import Handler, Route
from bot.screen import Screen
from core.boards.rules import Listing
from core.messages.rules import MessageKind

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.NotNow: Route(asking.not_now, group=True, keeps=True),
    taps.Payments: Route(payments.waiting, group=True),
    taps.OpenCase: Route(payments.open_case, group=True),
    taps.OrderBelow: Route(payments.order_below, group=True),
    taps.OrderList: Route(boards.listing, group=True),
    taps.BoardList: Route(boards.below, group=True),
    taps.BoardPayments: Route(boards.payments_below, group=True),
    taps.OpenListed: Route(boards.open_listed, boards.listing, group=True),
    taps.OpenFound: Route(boards.open_found, group=True),
    taps.TurnFound: Route(boards.turn_found, group=True),
    taps.CallUp: Route(backlog.call_up, backlog.look, group=True),
    taps.ActOnCase: Route(payments.act, payments.open_case, group=True, owed=MessageKind.PAYMENT_CASE),
}

COMMANDS: Mapping[str, Handler] = {
    "orders": lambda _text, me: boards.command(Listing.OPEN, me),
    "preparing": lambda _text, me: boards.command(Listing.PREPARING, me),
    "ready": lambda _text, me: boards.command(Listing.READY, me),
    "out": lambda _text, me: boards.command(Listing.OUT, me),
    "order": boards.find,
    "payments": lambda _text, me: payments.waiting(taps.Payments(0), me),
}

ANSWERS: Mapping[str, Callable[..., Awaitable[Screen | None]]] = {"reference": payments.reference_answered}
