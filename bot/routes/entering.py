"""What answers where an order is entered for somebody who phoned; in the clerk's own chat only."""

from collections.abc import Awaitable, Callable, Mapping

from bot import taps
from bot.handlers.counter import entering
from bot.handlers.customer import buying
from bot.routing import Handler, Route
from bot.screen import Screen

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.EnterFor: Route(entering.enter_for, buying.same_cart),
    taps.EnterOrder: Route(entering.enter, entering.again),
    taps.EnteredQr: Route(entering.qr, entering.same_qr),
}

ANSWERS: Mapping[str, Callable[..., Awaitable[Screen | None]]] = {"enter_who": entering.who_answered}

COMMANDS: Mapping[str, Handler] = {"enter": entering.command}
