"""What answers at the counter: its own taps, and the commands of who works here."""

from collections.abc import Mapping

from bot import taps
from bot.handlers.counter import asking, card, nudges, payments
from bot.handlers.customer import orders
from bot.routing import Handler, Route
from core.messages.rules import MessageKind

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.NotNow: Route(asking.not_now, group=True, keeps=True),
    taps.Payments: Route(payments.waiting, group=True),
    taps.OpenCase: Route(payments.open_case, group=True),
    taps.OrderBelow: Route(payments.order_below, group=True),
    taps.MoreOfOrder: Route(card.more, orders.open_order, group=True),
    taps.LowStock: Route(nudges.low, group=True),
    taps.AddStock: Route(nudges.add, nudges.again, group=True),
    taps.HideLow: Route(nudges.hide, nudges.again, group=True),
    taps.ShowLow: Route(nudges.show, nudges.again, group=True),
    taps.ActOnCase: Route(payments.act, payments.open_case, group=True, owed=MessageKind.PAYMENT_CASE),
}

COMMANDS: Mapping[str, Handler] = {
    "low": lambda _text, me: nudges.low(taps.LowStock(0, 0), me),
    "payments": lambda _text, me: payments.waiting(taps.Payments(0), me),
}
