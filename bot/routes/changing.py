"""What answers where an order is changed after it was placed."""

from collections.abc import Awaitable, Callable, Mapping

from bot import taps
from bot.handlers.counter import changing
from bot.handlers.customer import orders
from bot.routing import Route
from bot.screen import Screen

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.ChangeOrder: Route(changing.begin, orders.open_order, group=True),
    taps.ShowChange: Route(changing.again, changing.stands, group=True, keeps=True),
    taps.ChangeUnits: Route(changing.units, changing.stands, group=True, keeps=True),
    taps.AskItem: Route(changing.ask_item, changing.stands, group=True, keeps=True),
    taps.ChangeWhere: Route(changing.where, changing.stands, group=True, keeps=True),
    taps.AskWhere: Route(changing.ask_where, changing.stands, group=True, keeps=True),
    taps.ChangePlace: Route(changing.place, changing.stands, group=True, keeps=True),
    taps.ConfirmChange: Route(changing.confirm, changing.stands, group=True, keeps=True),
}

ANSWERS: Mapping[str, Callable[..., Awaitable[Screen | None]]] = {"change": changing.answered}
"""What answers a typed line."""
