"""What answers where an order is entered for somebody who phoned; in the clerk's own chat only."""

from collections.abc import Mapping

from bot import taps
from bot.handlers.counter import entering
from bot.handlers.customer import buying
from bot.routing import Handler, Route

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.EnterFor: Route(entering.enter_for, buying.same_cart),
    taps.EnterOrder: Route(entering.enter, entering.again),
    taps.EnteredQr: Route(entering.qr, entering.same_qr),
}

COMMANDS: Mapping[str, Handler] = {"enter": entering.command}
