"""What answers about what staff are told of: what is running low, and the day's figures."""

from collections.abc import Mapping

from bot import taps
from bot.handlers.counter import nudges, reports
from bot.routing import Handler, Route

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.LowStock: Route(nudges.low, group=True),
    taps.AddStock: Route(nudges.add, nudges.again, group=True),
    taps.HideLow: Route(nudges.hide, nudges.again, group=True),
    taps.ShowLow: Route(nudges.show, nudges.again, group=True),
    taps.OpenDay: Route(reports.day, group=True),
}

COMMANDS: Mapping[str, Handler] = {
    "low": lambda _text, me: nudges.low(taps.LowStock(0, 0), me),
    "today": lambda _text, me: reports.day(taps.OpenDay(0), me),
}
