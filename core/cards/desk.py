"""What the counter's card says beside the order: who holds it since when, notes, what can be taken back or over."""

from dataclasses import replace
from datetime import datetime

from core.cards.order import OrderCard
from core.cards.shared import NoteText
from core.counter.rules import Desk, can_ship, can_take_over
from core.orders import service as access
from core.orders.rules import Order
from core.people.rules import Rank
from core.shop import Reader, Shop


def with_desk(shop: Shop, card: OrderCard, order: Order, desk: Desk, reader: Reader) -> OrderCard:
    """Add what only the counter reads. In the group (person 0) a tap can be taken back by whoever made it."""
    person = reader.person
    if person.rank < Rank.COURIER:
        return card
    theirs = desk.notes if access.may_read_address(order, person) else ()
    notes = tuple(NoteText(_name(reader, one.author), moment(shop, reader, one.at), one.text) for one in theirs)
    undoing = desk.undoing is not None and (person.id == 0 or desk.undoing.theirs(person))
    return replace(
        card, notes=notes, earlier_notes=desk.earlier if theirs else 0, can_undo=undoing,
        can_take_over=can_take_over(order, person), can_ship=can_ship(order, person),
        can_look_back=person.rank >= Rank.STAFF,
        held_since=moment(shop, reader, order.held_at) if order.held_at else "",
    )  # fmt: skip


def moment(shop: Shop, reader: Reader, at: datetime) -> str:
    """Write a moment in the shop's zone: the time alone where it is today."""
    zone = shop.config.zone
    today = at.astimezone(zone).date() == shop.clock.now().astimezone(zone).date()
    return reader.t.when(at, zone, "HH:mm") if today else reader.t.when(at, zone)


def _name(reader: Reader, name: str) -> str:
    return name or reader.t("order.forgotten")
