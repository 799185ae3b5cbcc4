"""What answers about parcels: what is printed for them, one by one or all that are ready, and a new code."""

from collections.abc import Mapping

from bot import taps
from bot.handlers.counter import parcels
from bot.handlers.customer import orders
from bot.routing import Handler, Route
from core.messages.rules import MessageKind

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.GetPaper: Route(parcels.picture, group=True),
    taps.GetPdf: Route(parcels.pdf, group=True),
    taps.AllPapers: Route(parcels.all_ready, group=True),
    taps.AskNewCode: Route(parcels.ask_new_code, orders.open_order, group=True),
    taps.NewCode: Route(parcels.new_code, orders.open_order, group=True, owed=MessageKind.STAFF_CARD),
}

COMMANDS: Mapping[str, Handler] = {"labels": parcels.labels_command}
