"""The gallery's screens of the counter's card beside its moves: notes, the carrier, what happened."""

from dataclasses import replace

from markupsafe import Markup

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import card as carding
from bot.screens import counter, staff
from bot.screens import orders as buying
from core import cards
from core.counter.rules import Desk, History, Note
from core.i18n import Translator
from core.orders.carriers import Carrier, Shipment
from core.orders.rules import CancelReason, Event, Move, ReturnReason, Status
from core.orders.undoing import UNDO, Undoing
from core.people.rules import Question, Role
from tests.support.furnished import ODD, House

LONG = "9 " * 250
"""As much as a note can hold."""


async def screens(house: House, t: Translator) -> list[Screen]:
    """A card with all that can stand on it, for the group; each carrier; a history of everything, and a long one."""
    shop, now = house.shop, house.shop.clock.now()
    chats = [Me(shop, house.dara, house.reader(t.language), chat, private=chat > 0) for chat in (5, -5)]
    asked, who = Question("order_note", now, {}), house.reader(t.language, Role.STAFF)
    sent = [replace(house.order, status=Status.OUT, held_at=now, holder_id=99, person_id=98,
                    shipment=Shipment(one, "860012345678", now)) for one in Carrier]  # fmt: skip
    desk = Desk(
        (Note(ODD, LONG, now), Note(ODD, ODD, now), Note(ODD, ODD, now)),
        7,
        Undoing((UNDO[3],), house.dara.id, ODD, now, {}),
    )
    full = [cards.with_desk(shop, cards.order_card(shop, one, who), one, desk, who) for one in sent]
    own = cards.order_card(shop, sent[0], house.reader(t.language))
    kinds = [*cards.TOLD, "of another day"]
    events: list[Event | Note] = [Event(kind, None, None, None, "", now) for kind in kinds]
    events += [Event(move, Status.PENDING, Status.OUT, 1, ODD, now) for move in Move]
    events += [Event(Move.CANCEL, None, "cancelled", 1, "", now, {"reason": one}) for one in CancelReason]
    events += [Event(Move.RETURN, None, "returned", 1, ODD, now, {"reason": one}) for one in ReturnReason]
    events += [Event("undo", None, one, 1, ODD, now) for one in Status if one is not Status.EXPIRED]
    events += [Event("shipment", None, None, 1, ODD, now, {"carrier": one}) for one in Carrier]
    events += [Note(ODD, LONG, now), Note("", "x", now)]
    told = cards.history_lines(shop, History(house.order, tuple(events)), who)
    return [
        *(draw(t, one) for one in full for draw in (staff.order, staff.more)),
        buying.order(t, shop.policy.shop_name, own), buying.note(t, "out", own),
        *(counter.ask_either(t, Markup("MD"), me, asked, taps.MoreOfOrder(1)) for me in chats),
        *(carding.ask_note(t, house.order, me, asked) for me in chats),
        *(carding.ask_number(t, house.order, one, me, asked) for me in chats for one in Carrier),
        *(carding.ask_carrier(t, one, staff.order(t, one)) for one in (full[0], replace(full[0], parcel=None))),
        *(carding.noted(t, house.order, me) for me in chats), *(carding.shipped(t, sent[0], me) for me in chats),
        *(carding.history(t, house.order, lines) for lines in (told[:3], told, told[-2:] * 40)),
    ]  # fmt: skip
