"""What answers about cash: at the door, in the courier's hand, in the till."""

from collections.abc import Awaitable, Callable, Mapping

from bot import taps
from bot.handlers.counter import cash
from bot.handlers.customer import orders
from bot.routing import Handler, Route
from bot.screen import Screen
from core.messages.rules import MessageKind

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.AskTaken: Route(cash.ask_taken, orders.open_order, group=True),
    taps.AskReturn: Route(cash.ask_return, orders.open_order, group=True),
    taps.ReturnOrder: Route(cash.give_back, orders.open_order, group=True, owed=MessageKind.STAFF_CARD),
    taps.MyCash: Route(cash.my_cash),
    taps.HandInCash: Route(cash.hand_in, cash.my_cash),
    taps.OpenTill: Route(cash.till, group=True),
    taps.OpenPurse: Route(cash.purse, group=True),
    taps.OpenHandIn: Route(cash.open_hand_in, group=True),
    taps.ConfirmCash: Route(cash.confirm, cash.open_hand_in, group=True, owed=MessageKind.CASH_HAND_IN),
    taps.AskCounted: Route(cash.ask_counted, cash.open_hand_in, group=True),
}

COMMANDS: Mapping[str, Handler] = {"cash": cash.cash_command}

ANSWERS: Mapping[str, Callable[..., Awaitable[Screen | None]]] = {
    "cash_taken": cash.taken_answered,
    "cash_counted": cash.counted_answered,
}
