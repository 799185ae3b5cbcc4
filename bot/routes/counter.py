"""What answers at the counter: its own taps, and the commands of who works here."""

from collections.abc import Mapping

from bot import taps
from bot.handlers.counter import asking
from bot.routing import Handler, Route

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.NotNow: Route(asking.not_now, group=True, keeps=True),
}

COMMANDS: Mapping[str, Handler] = {}
