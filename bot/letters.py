"""What an owed message says when it is sent: read fresh, in the reader's own language."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from sqlalchemy import Connection

from bot import talks
from bot.handlers.admin import news as news_letters
from bot.handlers.counter import backlog as digest_letters
from bot.handlers.counter import boards as board_letters
from bot.handlers.counter import card as order_cards
from bot.handlers.counter import cash as cash_letters
from bot.handlers.counter import courier as courier_letters
from bot.handlers.counter import figures as figures_letters
from bot.handlers.counter import nudges as nudge_letters
from bot.handlers.counter import reports as report_letters
from bot.handlers.counter import storage as storage_letters
from bot.handlers.counter import team as team_letters
from bot.handlers.customer import waiting
from bot.handlers.customer.orders import decide
from bot.me import Me
from bot.screen import Copy, Screen
from bot.screens import changing as changing_screens
from bot.screens import orders as screens
from bot.screens import payments as payment_screens
from bot.screens import privacy as privacy_screens
from bot.screens import reviews as review_screens
from bot.screens import settings as settings_screens
from bot.screens import staff as staff_screens
from core.cards import case_card, review_card
from core.checkout import service as checkout
from core.fulfilment import changing, inbox
from core.i18n import Translator, translator
from core.messages import store as messages
from core.messages.rules import MessageKind, Owed
from core.orders import store as orders
from core.orders.rules import Order, Status
from core.orders.service import first_parcel
from core.people import store as people
from core.people.rules import Person
from core.privacy import service as privacy
from core.reminders import service as reminders
from core.reviews import store as opinions
from core.shop import Reader, Shop, counter, reader

NOTES = {
    MessageKind.NOTE_PAID: "paid",
    MessageKind.NOTE_OUT: "out",
    MessageKind.NOTE_DELIVERED: "delivered",
    MessageKind.NOTE_CLOSED: "closed",
    MessageKind.NOTE_NOT_FOUND: "not_found",
}


async def screen_for(shop: Shop, owed: Owed) -> Screen | Copy | None:
    """Render an owed message; None where there is nothing left to say."""
    await shop.refresh()
    person = await shop.db.read(people.by_telegram, owed.chat_id) if owed.chat_id > 0 else None
    if owed.kind in COUNTER:
        return await COUNTER[owed.kind](shop, owed, reader(person) if person else counter(shop.policy))
    if owed.kind in HOUSE:
        return await HOUSE[owed.kind](shop, owed, translator(person.language if person else shop.policy.staff_language))
    if owed.kind in PERSONAL:
        return await PERSONAL[owed.kind](shop, owed, reader(person)) if person else None
    order = await shop.db.read(orders.by_id, owed.subject_id)
    return await _customer_message(shop, owed, order, person) if person and order else None


async def _counter_card(shop: Shop, owed: Owed, who: Reader) -> Screen | None:
    order = await shop.db.read(orders.by_id, owed.subject_id)
    if order is None:
        return None
    return staff_screens.order(who.t, await order_cards.decide(shop, order, who))


async def _case(shop: Shop, owed: Owed, who: Reader) -> Screen | None:
    found = await shop.db.read(inbox.seen, owed.subject_id)
    return payment_screens.case(who.t, case_card(shop, found, who), None) if found else None


async def _proof(shop: Shop, owed: Owed, _who: Reader) -> Copy | None:
    """The picture that came with a claim, below its case; None where its customer is forgotten."""

    def read(tx: Connection) -> Copy | None:
        found = inbox.seen(tx, int(owed.data["case"]))
        customer = people.by_id(tx, found.order.person_id) if found else None
        if found is None or customer is None or not customer.telegram_id:
            return None
        card = messages.ref(tx, owed.chat_id, MessageKind.PAYMENT_CASE, found.case.id)
        return Copy(customer.telegram_id, owed.subject_id, reply_to=card.message_id if card else None)

    return await shop.db.read(read)


async def _talk(shop: Shop, owed: Owed, _t: Translator) -> Screen | None:
    return await talks.screen_of(shop, owed)


async def _opinion(shop: Shop, owed: Owed, t: Translator) -> Screen | None:
    said = await shop.db.read(opinions.by_id, owed.subject_id)
    return review_screens.staff(t, said) if said and said.text else None


async def _reminder(shop: Shop, owed: Owed, who: Reader) -> Screen | None:
    """Name what of the basket can still be bought; None where there is nothing to remind of any more."""
    if not await reminders.still_wanted(shop, owed):
        return None
    found = await checkout.review(shop, who.person, owed.subject_id)
    there = replace(found, lines=tuple(line for line in found.lines if line.variant.left > 0))
    return settings_screens.reminder(who.t, review_card(shop, there, who).lines)


async def _my_data(shop: Shop, _owed: Owed, who: Reader) -> Screen:
    return privacy_screens.file(who.t, *await privacy.export(shop, who.person))


COUNTER: Mapping[MessageKind, Callable[[Shop, Owed, Reader], Awaitable[Screen | Copy | None]]] = {
    MessageKind.STAFF_CARD: _counter_card,
    MessageKind.PAYMENT_CASE: _case,
    MessageKind.ORDER_DIGEST: digest_letters.letter,
    MessageKind.PAYMENT_PROOF: _proof,
    MessageKind.CASH_HAND_IN: cash_letters.card_letter,
    MessageKind.NUDGE: nudge_letters.stuck_letter,
    MessageKind.LOW_STOCK: nudge_letters.low_letter,
    MessageKind.DAY_REPORT: report_letters.letter,
}
"""What the counter sees: its group with everybody's buttons, or a person of it in their own chat."""
HOUSE: Mapping[MessageKind, Callable[[Shop, Owed, Translator], Awaitable[Screen | None]]] = {
    MessageKind.ALERT: storage_letters.alert_letter,
    MessageKind.WATCH: storage_letters.watch_letter,
    MessageKind.WORK: storage_letters.work_letter,
    MessageKind.BROADCAST: news_letters.letter,
    MessageKind.HELP_CARD: _talk,
    MessageKind.HELP_TOLD: _talk,
    MessageKind.REVIEW: _opinion,
    MessageKind.BOARD: board_letters.board_letter,
    MessageKind.STORAGE_REPORT: figures_letters.letter,
}
"""What is told in a person's chat or a group's, in the language that is read there."""
PERSONAL: Mapping[MessageKind, Callable[[Shop, Owed, Reader], Awaitable[Screen | None]]] = {
    MessageKind.CART_REMINDER: _reminder,
    MessageKind.MY_DATA: _my_data,
    MessageKind.BACK_IN_STOCK: waiting.letter,
    MessageKind.CASH_COUNTED: cash_letters.counted_letter,
    MessageKind.TEAM: team_letters.letter,
    MessageKind.PARCEL_GIVEN: courier_letters.given_letter,
}
"""What is for one person; nothing, where they are not known any more."""


async def _customer_message(shop: Shop, owed: Owed, order: Order, person: Person) -> Screen | None:
    if owed.kind is MessageKind.NOTE_OUT and order.status in {Status.RETURNED, Status.READY}:  # back before it could go
        return None
    me = Me(shop, person, reader(person), owed.chat_id, private=True)
    card = await decide(order, me)
    if owed.kind is MessageKind.ORDER_CARD:
        return screens.order(me.reader.t, shop.policy.shop_name, card)
    if owed.kind is MessageKind.NOTE_CHANGED:
        told = await changing.news(shop, order.id, int(owed.data["after"]))
        return changing_screens.note(me.reader.t, order, told, card) if told else None
    note = screens.note(me.reader.t, NOTES[owed.kind], card)
    if owed.kind is MessageKind.NOTE_DELIVERED and not person.wants_news and await first_parcel(shop, order):
        return settings_screens.with_news(me.reader.t, note, order.id)
    return note
