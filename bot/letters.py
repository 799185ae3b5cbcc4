"""What an owed message says when it is sent: read fresh, in the reader's own language."""

from bot.handlers.customer.orders import decide
from bot.me import Me
from bot.screen import Screen
from bot.screens import orders as screens
from bot.screens import staff as staff_screens
from core.cards import order_card
from core.i18n import translator
from core.messages.rules import MessageKind, Owed
from core.orders import store as orders
from core.orders.rules import Order
from core.people import store as people
from core.people.rules import Person
from core.shop import Reader, Shop, counter, reader

NOTES = {
    MessageKind.NOTE_PAID: "paid",
    MessageKind.NOTE_OUT: "out",
    MessageKind.NOTE_DELIVERED: "delivered",
    MessageKind.NOTE_CLOSED: "closed",
}


async def screen_for(shop: Shop, owed: Owed) -> Screen | None:
    """Render an owed message; None where there is nothing left to say."""
    await shop.refresh()
    person = await shop.db.read(people.by_telegram, owed.chat_id) if owed.chat_id > 0 else None
    if owed.kind is MessageKind.ALERT:
        t = translator(person.language if person else shop.policy.staff_language)
        return staff_screens.alert(t, owed.data)
    order = await shop.db.read(orders.by_id, owed.subject_id)
    if order is None:
        return None
    if owed.kind is MessageKind.STAFF_CARD:
        return _counter_card(shop, order, reader(person) if person else counter(shop.policy))
    return await _customer_message(shop, owed, order, person) if person else None


def _counter_card(shop: Shop, order: Order, who: Reader) -> Screen:
    return staff_screens.order(who.t, order_card(shop, order, who))


async def _customer_message(shop: Shop, owed: Owed, order: Order, person: Person) -> Screen:
    me = Me(shop, person, reader(person), owed.chat_id, private=True)
    card = await decide(order, me)
    if owed.kind is MessageKind.ORDER_CARD:
        return screens.order(me.reader.t, shop.policy.shop_name, card)
    return screens.note(me.reader.t, NOTES[owed.kind], card)
