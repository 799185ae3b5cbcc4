"""What answers about parcels in hands, and about orders that a rule found suspicious."""

from collections.abc import Mapping

from bot import taps
from bot.handlers.counter import cash, courier, suspicion
from bot.handlers.customer import orders
from bot.routing import Handler, Route
from core.messages.rules import MessageKind

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.MyParcels: Route(courier.parcels),
    taps.AskGive: Route(courier.ask_give, orders.open_order, group=True),
    taps.GiveParcel: Route(courier.give, orders.open_order, group=True, owed=MessageKind.STAFF_CARD),
    taps.CheckOrder: Route(suspicion.check, orders.open_order, group=True, owed=MessageKind.STAFF_CARD),
    taps.AskReject: Route(suspicion.ask_reject, orders.open_order, group=True),
    taps.RejectOrder: Route(suspicion.reject, orders.open_order, group=True, owed=MessageKind.STAFF_CARD),
    taps.TakeOverCash: Route(cash.take_over, cash.purse, group=True),
}

COMMANDS: Mapping[str, Handler] = {"parcels": courier.parcels_command}
