"""What answers at the counter: its own taps, and the commands of who works here."""

from collections.abc import Mapping

from bot import taps
from bot.handlers.counter import asking, card, payments
from bot.handlers.customer import orders
from bot.routing import Handler, Route

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.NotNow: Route(asking.not_now, group=True, keeps=True),
    taps.Payments: Route(payments.waiting, group=True),
    taps.OpenCase: Route(payments.open_case, group=True),
    taps.OrderBelow: Route(payments.order_below, group=True),
    taps.MoreOfOrder: Route(card.more, orders.open_order, group=True),
    taps.ActOnCase: Route(payments.act, payments.open_case, group=True),
}

COMMANDS: Mapping[str, Handler] = {
    "payments": lambda _text, me: payments.waiting(taps.Payments(0), me),
}
