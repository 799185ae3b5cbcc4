"""The counter: the one card of an order that staff work from, and what admins are told."""

from typing import Any

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Rows, Screen, Style
from bot.screens.orders import carrier_site, progress
from bot.screens.room import paired
from bot.screens.shop import cut, listing
from bot.screens.suspicion import flags
from bot.screens.suspicion import rows as verdicts
from core.cards import OrderCard
from core.i18n import Translator
from core.orders.rules import Move, PaymentStatus
from core.parcels.rules import Paper

PLAIN = frozenset({
    "job", "books", "cash", "staff_chat", "bank_token", "polled_elsewhere", "board_pin", "foreign_webhook", "team_left",
    "copies", "owner_door", "owner_new",
    *(f"{group}_{news}" for group in ("staff", "admin") for news in ("lost", "demoted", "back")),
})  # fmt: skip
"""What is told in one sentence, which has the name of what is told."""
OVER = {"database_file": "alert.database_back", "backup_age": "alert.backup_back"}
"""What is said in other words than of something that was full when it is well again."""
MOST = 34
"""As many lines as a message has room for beside the longest note; no cart holds so many."""
FEWER = 26
"""As many, where notes of the staff stand below them."""
NOTE, AUTHOR = 160, 24
"""As many characters of a note, and of who wrote it."""
STYLES = {Move.CANCEL: Style.DANGER, Move.DELIVER: Style.SUCCESS}


def order(t: Translator, card: OrderCard) -> Screen:
    """``MD00042 · COD $13.50 · Dara · 2 items``, then all that packing and delivering need."""
    count = sum(line.quantity for line in card.lines)
    name = card.whereto.recipient if card.whereto else ""
    parts = [t.html("staff.title", number=card.number, total=card.total, name=name, count=count),
             t.html("staff.state", status=card.headline, payment=card.payment)]  # fmt: skip
    parts += _known(t, card) + flags(t, card)
    blocks = [Markup("\n").join(parts)]
    if card.steps:
        blocks.append(progress(card))
    blocks.append(listing(t, card.lines, FEWER if card.notes else MOST))
    if card.extras:
        sums = [t.html("total.row", label=label, amount=amount) for label, amount in card.extras]
        blocks.append(Markup("\n").join(sums))
    if card.whereto and not card.whereto.phone:
        blocks.append(t.html("staff.to_nobody", name=card.whereto.recipient, address=card.whereto.address))
    elif card.whereto:
        to = card.whereto
        blocks.append(t.html("staff.to", name=to.recipient, phone=to.phone, address=to.address))
    if card.note:
        blocks.append(t.html("order.note", text=card.note))
    if card.notes:
        blocks.append(Markup("\n").join(_notes(t, card)))
    return Screen(Markup("\n\n").join(blocks), _rows(t, card))


def _notes(t: Translator, card: OrderCard) -> list[Markup]:
    """The last notes, each as much as there is room for; all of each stands in the history."""
    lines = [t.html("card.earlier", count=card.earlier_notes)] if card.earlier_notes else []
    said = [(cut(one.author, AUTHOR), one.when, cut(one.text, NOTE)) for one in card.notes]
    return lines + [t.html("card.note", name=name, when=when, text=text) for name, when, text in said]


def _known(t: Translator, card: OrderCard) -> list[Markup]:
    """What is known of it beside its state, each a line where there is something to say."""
    taken = " · ".join(one for one in (card.taken, card.taken_note) if one)
    lines = [
        ("staff.holder", "name", ", ".join(one for one in (card.holder, card.held_since) if one) * bool(card.holder)),
        ("carry.line", "name", card.carrier),
        ("order.entered", "name", card.entered),
        ("order.reason", "text", card.reason),
        ("staff.received", "when", card.received),
        ("cash.line", "text", taken),
        ("order.problem", "text", card.problem),
    ]
    said = [t.html(key, **{gap: value}) for key, gap, value in lines if value]
    parcel = [t.html("card.parcel", name=card.parcel.carrier, number=card.parcel.number)] if card.parcel else []
    return [*parcel, *said] if not card.holder else [said[0], *parcel, *said[1:]]


def _rows(t: Translator, card: OrderCard) -> Rows:
    moves = [Move.PREPARE if move is Move.CONFIRM else move for move in card.moves]
    first = [
        Button(
            _label(t, move, card),
            taps.MoveOrder(card.order_id, move, card.version),
            style=STYLES.get(move, Style.PRIMARY),
        )
        for move in moves
        if move not in {Move.CANCEL, Move.RETURN}
    ]
    if Move.DELIVER in moves and card.payment_status is PaymentStatus.DUE:
        first.append(Button(t("button.other_amount"), taps.AskTaken(card.order_id, card.version)))
    rows: list[tuple[Button, ...]] = [*paired(first)]
    rows += verdicts(t, card)
    if Move.RETURN in moves:
        rows.append((Button(t("move.return"), taps.AskReturn(card.order_id)),))
    return (*rows, *_seldom(t, card))


def _seldom(t: Translator, card: OrderCard) -> Rows:
    """The way to the customer, the carrier's site, then undo and more: in as few rows as there is room for."""
    reach, last = [], []
    if card.whereto and card.whereto.phone_link:
        reach.append(Button(t("button.copy_phone"), copy=card.whereto.phone_link))
        if card.whereto.map_url:
            reach.append(Button(t("button.map"), url=card.whereto.map_url))
    if card.can_undo:
        last.append(Button(t("button.undo"), taps.UndoMove(card.order_id, card.version)))
    last.append(Button(t("button.more_of_order"), taps.MoreOfOrder(card.order_id)))
    if card.parcel and card.parcel.url:
        return (*paired(reach), (carrier_site(t, card.parcel),), *paired(last))
    return paired([*reach, *last]) if len(reach) == len(last) == 1 else (*paired(reach), *paired(last))


def more(t: Translator, card: OrderCard) -> Screen:
    """The same card with what is done seldom, and the way back."""
    buttons = [Button(t("button.note_order"), taps.NoteOrder(card.order_id))]
    if card.can_ship:
        buttons.append(Button(t("button.carrier"), taps.AskCarrier(card.order_id)))
    if card.can_take_over:
        buttons.append(Button(t("button.take_over"), taps.TakeOver(card.order_id, card.version)))
    if card.can_look_back:
        buttons.append(Button(t("button.history"), taps.OpenHistory(card.order_id)))
    if card.can_give:
        buttons.append(Button(t("button.give_to"), taps.AskGive(card.order_id, 0)))
    if card.can_print:
        buttons.append(Button(t("button.label"), taps.GetPaper(card.order_id, Paper.LABEL)))
        buttons.append(Button(t("button.slip"), taps.GetPaper(card.order_id, Paper.SLIP)))
    if card.can_renew_code:
        buttons.append(Button(t("button.new_code"), taps.AskNewCode(card.order_id)))
    if card.can_change:
        buttons.append(Button(t("button.change_order"), taps.ChangeOrder(card.order_id, card.version)))
    if Move.CANCEL in card.moves:
        buttons.append(Button(t("button.cancel_order"), taps.AskCancel(card.order_id)))
    back = (Button(t("button.back"), taps.OpenOrder(card.order_id)),)
    return order(t, card).opened((*paired(buttons), back))


def _label(t: Translator, move: Move, card: OrderCard) -> str:
    if move is Move.PREPARE and (Move.CONFIRM in card.moves or not card.holder):
        return t("move.claim")
    if move is Move.DELIVER and card.payment_status is PaymentStatus.DUE:
        return t("cash.delivered", amount=card.collect.partition(" / ")[0])
    return t(f"move.{move}")


def alert(t: Translator, data: dict[str, Any]) -> Screen:
    """What the shop tells the admins of itself: a job that failed, odd money, and that what was watched is well again.

    What is watched and not well has a card of its own (``screens/storage.py``).
    """
    metric = str(data["metric"])
    if metric in PLAIN:
        return Screen(t.html(f"alert.{metric}", **{"job": "", "number": ""} | data))
    if metric.startswith("drill_"):
        why = t(f"errors.{data['why']}", **data["values"]) if data["why"] else ""
        return Screen(t.html(f"alert.{metric}", **data | {"why": why}))
    if metric == "payment":
        return Screen(t.html("alert.payment", number=data["number"], reason=t(f"alert.reason.{data['reason']}")))
    if metric in OVER:
        return Screen(t.html(OVER[metric]))
    words = {"metric": t(f"watch.name.{metric}"), "percent": round(float(data.get("percent", 0)))}
    return Screen(t.html("alert.recovered", **words))
