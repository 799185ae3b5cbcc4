"""A digest of new orders: a line and a button each, until their own cards stand in the group."""

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Screen
from bot.screens.room import paired
from bot.screens.shop import cut
from core.backlog.rules import Digest, NamedOrder
from core.i18n import Translator

NAME = 40
"""As many characters of a name: twenty of them fit a message."""
ROW = 3


def digest(t: Translator, found: Digest) -> Screen:
    """Name the orders; a button calls up the card of each that has none yet."""
    missing = [one.order for one in found.orders if not one.stands]
    parts = [
        t.html("backlog.title", count=len(found.orders)),
        Markup("\n").join(_line(t, one) for one in found.orders),
        t.html("backlog.waiting", count=found.waiting) if missing else t.html("backlog.all_there"),
    ]
    rows = paired((Button(order.number, taps.CallUp(order.id)) for order in missing), ROW)
    return Screen(Markup("\n\n").join(part for part in parts if part), rows)


def _line(t: Translator, one: NamedOrder) -> Markup:
    order = one.order
    name, count = cut(order.destination.recipient, NAME), sum(line.quantity for line in order.lines)
    return t.html(
        "backlog.stands" if one.stands else "backlog.line", number=order.number, method=order.payment_method.upper(),
        total=order.total, name=name, count=count,
    )  # fmt: skip
