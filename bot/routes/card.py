"""What answers on the counter's card of an order, beside its moves."""

from collections.abc import Awaitable, Callable, Mapping

from bot import taps
from bot.handlers.counter import card
from bot.handlers.customer import orders
from bot.routing import Route
from bot.screen import Screen
from core.messages.rules import MessageKind

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.MoreOfOrder: Route(card.more, orders.open_order, group=True),
    taps.UndoMove: Route(card.take_back, orders.open_order, group=True, owed=MessageKind.STAFF_CARD),
    taps.TakeOver: Route(card.take_over, orders.open_order, group=True, owed=MessageKind.STAFF_CARD),
    taps.NoteOrder: Route(card.ask_note, orders.open_order, group=True),
    taps.AskCarrier: Route(card.ask_carrier, orders.open_order, group=True),
    taps.PickCarrier: Route(card.pick_carrier, orders.open_order, group=True),
    taps.DropCarrier: Route(card.drop_carrier, orders.open_order, group=True, owed=MessageKind.STAFF_CARD),
    taps.OpenHistory: Route(card.history, orders.open_order, group=True),
}

ANSWERS: Mapping[str, Callable[..., Awaitable[Screen | None]]] = {
    "order_note": card.note_answered,
    "tracking": card.number_answered,
}
