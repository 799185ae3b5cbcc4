"""Parcels in hands: what one carries, whom to give one to, the word that one came or went."""

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Rows, Screen, grid
from bot.screens.boards import SIGNS
from bot.screens.shop import cut
from core.boards.rules import Listing
from core.cards import OrderCard
from core.fulfilment.carrying import Hands, Load
from core.i18n import Translator
from core.orders.rules import Order, PaymentStatus, Status

NAME, ADDRESS = 40, 200
"""As many characters of a recipient's name and of an address stand in a list."""


def parcels(t: Translator, load: Load, cards: Sequence[OrderCard]) -> Screen:
    """What one carries, then what is ready for them: whereto, what to collect; below it their cash, and all that is."""
    at = f" · {load.page + 1}" if load.page or load.more else ""
    blocks, listed = [t.html("carry.title", at=at)], list(zip(load.parcels, cards, strict=True))
    for status, heading in ((Status.OUT, "carry.out"), (Status.READY, "carry.ready")):
        some = [_line(t, order, card, "carry.parcel") for order, card in listed if card.status is status]
        blocks += [t.html(heading), *some] if some else []
    if not cards:
        blocks.append(t.html("carry.none"))
    if load.held.amounts:
        blocks.append(t.html("carry.cash", held=load.held, today=load.today))
    turn = [Button("‹", taps.MyParcels(load.page - 1))] * (load.page > 0)
    turn += [Button("›", taps.MyParcels(load.page + 1))] * load.more
    last = (Button(t("button.refresh"), taps.MyParcels(load.page)), Button(t("button.my_cash"), taps.MyCash()),
            Button(f"{SIGNS[Listing.READY]} {t('list.ready')}", taps.OrderList(Listing.READY, 0)))  # fmt: skip
    rows = [_row(t, card) for card in cards]
    return Screen(Markup("\n\n").join(blocks), (*rows, *([tuple(turn)] if turn else []), last))


def _line(t: Translator, order: Order, card: OrderCard, key: str) -> Markup:
    """Whom it is for, with the number to tap and call, where they are, and what is to be collected there."""
    to = card.whereto
    name, address = (cut(to.recipient, NAME), to.address) if to else ("", "")
    who = f"{name} · {to.phone}" if to and to.phone else name
    amount = order.to_collect if order.payment_status is PaymentStatus.DUE else t("carry.paid")
    return t.html(key, number=order.number, name=who, amount=amount, address=cut(address, ADDRESS))


def _row(t: Translator, card: OrderCard) -> tuple[Button, ...]:
    row = [Button(card.number, taps.OpenOrder(card.order_id))]
    if card.whereto and card.whereto.phone_link:
        row.append(Button(t("button.copy_short"), copy=card.whereto.phone_link))
        if card.whereto.map_url:
            row.append(Button(t("button.map_short"), url=card.whereto.map_url))
    return tuple(row)


def to_list(t: Translator, screen: Screen, back: taps.MyParcels) -> Screen:
    """A card that was opened from the list, with the way back to it."""
    return replace(screen, rows=(*screen.rows, (Button(t("button.my_parcels"), back),)))


def ask_give(t: Translator, found: Hands, card: Screen) -> Screen:
    """The card as it stands, with the question who takes the parcel; each answer is a button."""
    order = found.order
    hands = [Button(one.name, taps.GiveParcel(order.id, one.id, order.version)) for one in found.people]
    turn = [Button("‹", taps.AskGive(order.id, found.page - 1))] * (found.page > 0)
    turn += [Button("›", taps.AskGive(order.id, found.page + 1))] * found.more
    back = (Button(t("button.back"), taps.OpenOrder(order.id)),)
    question = t.html("carry.ask", number=order.number)
    rows: Rows = (*grid(hands, 1), *([tuple(turn)] if turn else []), back)
    return card.opened(rows, question)


def given(t: Translator, order: Order, card: OrderCard, *, yours: bool) -> Screen:
    """Tell somebody that a parcel came to them, with all they need for the way; or that it went to somebody else."""
    mine = (Button(t("button.my_parcels"), taps.MyParcels(0)),)
    if not yours:
        return Screen(t.html("carry.not_yours", number=card.number, name=cut(order.courier_name, NAME)), (mine,))
    return Screen(_line(t, order, card, "carry.yours"), (_row(t, card), mine))
