"""What staff decide about an order that a rule found suspicious: the row on its card, and the question once more."""

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Rows, Screen, Style
from bot.screens.room import paired
from core.cards import OrderCard
from core.i18n import Translator
from core.orders.rules import Order
from core.suspicion.rules import Verdict


def flags(t: Translator, card: OrderCard) -> list[Markup]:
    """Each flag in words, and who said what about them."""
    return [t.html("flag.line", text=one) for one in (*card.flags, card.checked) if one]


def rows(t: Translator, card: OrderCard) -> Rows:
    """The verdicts that can be given now, in one row where they fit."""
    buttons = []
    for verdict in card.verdicts:
        tap: taps.Tap = taps.CheckOrder(card.order_id, verdict, card.verdict)
        if verdict is Verdict.REJECTED:
            tap = taps.AskReject(card.order_id, card.verdict)
        buttons.append(Button(t(f"check.{verdict}"), tap))
    return paired(buttons, 3)


def ask_reject(t: Translator, order: Order, seen: str, card: Screen) -> Screen:
    """The card as it stands, with what rejecting does."""
    question = t.html("flag.ask_reject", number=order.number)
    reject = Button(t("button.reject_now"), taps.RejectOrder(order.id, order.version, seen), style=Style.DANGER)
    keep = Button(t("button.back"), taps.OpenOrder(order.id))
    return card.opened(((reject,), (keep,)), question)
