"""The counter's card of an order beside its moves: a note, the carrier and its number, what happened."""

from collections.abc import Sequence

from markupsafe import Markup

from bot import taps
from bot.me import Me
from bot.screen import Button, Screen, Style
from bot.screens import counter
from bot.screens.room import paired
from core.cards import HistoryLine, OrderCard
from core.i18n import Translator
from core.orders.carriers import Carrier
from core.orders.rules import Order
from core.people.rules import Question

EXAMPLE = "860012345678"
ROOM = 3600
"""As many characters of a history stand in one message, of the 4096 that Telegram takes."""


def ask_note(t: Translator, order: Order, me: Me, question: Question) -> Screen:
    """Ask what the others should know: in a group by a reply, in their own chat in the next line."""
    what = t.html("card.ask_note", number=order.number)
    return counter.ask_either(t, what, me, question, taps.MoreOfOrder(order.id))


def ask_number(t: Translator, order: Order, carrier: Carrier, me: Me, question: Question) -> Screen:
    """Ask for the carrier's number in the same way."""
    what = t.html("card.ask_number", number=order.number, name=t(f"carrier.{carrier}"), example=EXAMPLE)
    return counter.ask_either(t, what, me, question, taps.AskCarrier(order.id))


def ask_carrier(t: Translator, card: OrderCard, drawn: Screen) -> Screen:
    """The card as it stands, with the question who brings it; the one that does is marked, and can be taken off."""
    seen = card.parcel.stamp if card.parcel else 0
    buttons = [Button(t(f"carrier.{one}"), taps.PickCarrier(card.order_id, one, seen)) for one in Carrier]
    rows = [*paired(buttons)]
    if card.parcel:
        rows.append((Button(t("button.drop_carrier"), taps.DropCarrier(card.order_id, seen), style=Style.DANGER),))
    question = t.html("card.ask_carrier", number=card.number)
    back = (Button(t("button.back"), taps.MoreOfOrder(card.order_id)),)
    return drawn.opened((*rows, back), question)


def noted(t: Translator, order: Order, me: Me) -> Screen:
    """It is kept; the card itself is drawn again where it stands."""
    return _answered(t, t.html("card.noted", number=order.number), order, me)


def shipped(t: Translator, order: Order, me: Me) -> Screen:
    """Carrier and number as they were understood."""
    found = order.shipment
    name, tracking = (t(f"carrier.{found.carrier}"), found.tracking_number) if found else ("", "")
    return _answered(t, t.html("card.shipped", number=order.number, name=name, tracking=tracking), order, me)


def _answered(t: Translator, text: Markup, order: Order, me: Me) -> Screen:
    rows = ((Button(t("button.order"), taps.OpenOrder(order.id)),),) if me.private else ()
    return Screen(text, rows, reply_to=None if me.private or me.wrote is None else me.wrote.message_id)


def history(t: Translator, order: Order, lines: Sequence[HistoryLine]) -> Screen:
    """What happened, the oldest first; of more than a message holds the newest, with how many came before."""
    told = [t.html("history.note" if one.note else "history.line", when=one.when, what=one.what, who=one.who)
            for one in lines]  # fmt: skip
    shown: list[Markup] = []
    left = ROOM
    while told and len(told[-1]) < left:
        left -= len(told[-1]) + 1
        shown.insert(0, told.pop())
    if told:
        shown.insert(0, t.html("history.earlier", count=len(told)))
    text = Markup("\n").join([t.html("history.title", number=order.number), Markup(""), *shown])
    return Screen(text, ((Button(t("button.back"), taps.OpenOrder(order.id)),),))
