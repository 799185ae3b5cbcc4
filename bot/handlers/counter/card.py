"""The counter's card of an order, beside its moves: what else can be done with it."""

from bot import taps
from bot.handlers.counter.way import with_way
from bot.me import Me
from bot.screen import Screen
from bot.screens import card as screens
from bot.screens import staff
from core.cards import OrderCard, history_lines, order_card, with_cash, with_check, with_desk
from core.cash import service as cash
from core.counter import rules
from core.counter import service as counter
from core.errors import NotFound, OutOfDate
from core.fulfilment.undo import undo
from core.orders import service as orders
from core.orders.carriers import Carrier
from core.orders.rules import Order
from core.payments.rules import Attempt
from core.people import service as people
from core.people.rules import Question, Rank
from core.settlements.rules import Case
from core.shop import Reader, Shop
from core.suspicion import service as suspicion


async def decide(
    shop: Shop, order: Order, who: Reader, attempt: Attempt | None = None, cases: list[Case] | None = None
) -> OrderCard:
    """Decide an order's card for whoever reads, with all that stands beside the order: cash, suspicion, notes."""
    card = order_card(shop, order, who, attempt, cases or ())
    card = with_cash(shop, card, await cash.taken(shop, order), who)
    card = with_check(shop, card, await suspicion.of_order(shop, order, who.person), who)
    if who.person.rank < Rank.COURIER:
        return card
    return with_desk(shop, card, order, await counter.desk(shop, order), who)


async def _drawn(order: Order, me: Me) -> Screen:
    return with_way(staff.order(me.reader.t, await decide(me.shop, order, me.reader)), me)


async def _told(order: Order, me: Me, words: str) -> Screen:
    """Draw it, and say what was done; in a group with its number, for a full one draws the card later."""
    return (await _drawn(order, me)).saying(words if me.private else f"{order.number}: {words}")


async def more(tap: taps.MoreOfOrder, me: Me) -> Screen:
    """Show what else can be done with an order, below the same card; who lost it to another hears so."""
    me.person.must_be(Rank.COURIER)
    order = await orders.get(me.shop, me.person, tap.order_id)
    screen = with_way(staff.more(me.reader.t, await decide(me.shop, order, me.reader)), me)
    taken = await counter.taken_from(me.shop, me.person, order)
    return screen.saying(me.say("card.taken_over", name=taken)) if taken else screen


async def take_back(tap: taps.UndoMove, me: Me) -> Screen:
    """Take the last tap on it back."""
    me.person.must_be(Rank.COURIER)
    order = await undo(me.shop, me.person, tap.order_id, tap.version, shown_in=me.chat_id)
    return await _told(order, me, me.say("card.undone", status=me.say(f"status.{order.standing}")))


async def take_over(tap: taps.TakeOver, me: Me) -> Screen:
    """Hold it in place of who holds it."""
    order = await counter.take_over(me.shop, me.person, tap.order_id, tap.version, shown_in=me.chat_id)
    return await _told(order, me, me.say("card.took_over"))


async def ask_note(tap: taps.NoteOrder, me: Me) -> Screen:
    """Ask for a note."""
    me.person.must_be(Rank.COURIER)
    order = await orders.get(me.shop, me.person, tap.order_id)
    asked = await people.ask(me.shop, me.person, "order_note", chat_id=me.chat_id, order_id=order.id)
    return screens.ask_note(me.reader.t, order, me, asked)


async def note_answered(text: str, me: Me, question: Question) -> Screen:
    """Keep the note; a line that cannot be one leaves the question standing."""
    order = await counter.note(me.shop, me.person, int(question.data["order_id"]), text, question)
    return screens.noted(me.reader.t, order, me)


async def ask_carrier(tap: taps.AskCarrier, me: Me) -> Screen:
    """Ask who brings it."""
    order = await _shippable(me, tap.order_id)
    return screens.ask_carrier(me.reader.t, await decide(me.shop, order, me.reader), await _drawn(order, me))


async def _shippable(me: Me, order_id: int) -> Order:
    me.person.must_be(Rank.STAFF)
    order = await orders.get(me.shop, me.person, order_id)
    if not rules.can_ship(order, me.person):
        raise OutOfDate("moved_on")
    return order


async def pick_carrier(tap: taps.PickCarrier, me: Me) -> Screen:
    """Ask for the carrier's number."""
    order = await _shippable(me, tap.order_id)
    asked = await people.ask(
        me.shop, me.person, "tracking", chat_id=me.chat_id, order_id=order.id, carrier=tap.carrier, seen=tap.seen
    )
    return screens.ask_number(me.reader.t, order, tap.carrier, me, asked)


async def number_answered(text: str, me: Me, question: Question) -> Screen:
    """Write carrier and number down; a line that is no number leaves the question standing."""
    data = question.data
    try:
        order = await counter.ship(
            me.shop, me.person, int(data["order_id"]), Carrier(data["carrier"]), text, int(data["seen"]), question
        )
    except (OutOfDate, NotFound):
        await people.forget_question(me.shop, me.person)
        raise
    return screens.shipped(me.reader.t, order, me)


async def drop_carrier(tap: taps.DropCarrier, me: Me) -> Screen:
    """Take the carrier off."""
    order = await counter.unship(me.shop, me.person, tap.order_id, tap.seen, shown_in=me.chat_id)
    return await _told(order, me, me.say("card.unshipped"))


async def history(tap: taps.OpenHistory, me: Me) -> Screen:
    """Show what happened to it."""
    found = await counter.history(me.shop, me.person, tap.order_id)
    return screens.history(me.reader.t, found.order, history_lines(me.shop, found, me.reader))
