"""Use cases of opinions: judge a delivered line, say why, read what others say, hide what should not be read."""

from dataclasses import replace

from sqlalchemy import Connection

from core.errors import NotFound
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.orders import notices
from core.people import rules as words
from core.people import store as people
from core.people.rules import Person, Question, Rank
from core.reviews import rules, store
from core.reviews.rules import Delivered, Opinion, OpinionPage
from core.settings import store as settings_store
from core.shop import Shop


def _mine(tx: Connection, person: Person, order_id: int) -> Delivered:
    found = store.delivered(tx, order_id, person.id)
    if found is None:
        raise NotFound
    return found


async def of_order(shop: Shop, person: Person, order_id: int) -> Delivered:
    """Read what can be judged of an order and what was said; ``NotFound`` for any but a delivered one of theirs."""
    return await shop.db.read(_mine, person, order_id)


async def rate(shop: Shop, person: Person, order_id: int, variant_id: int, stars: int) -> Delivered:
    """Give a delivered line its stars, or others; ``Refused`` when it is too late, ``NotFound`` where it is not theirs.

    Returns the order with what is said of it now.
    """
    if stars not in rules.STARS:
        raise NotFound
    now = shop.clock.now()

    def write(tx: Connection) -> Delivered:
        line = _mine(tx, person, order_id).to_judge(variant_id, now)
        store.rate(tx, line, person.id, stars, now)
        return _mine(tx, person, order_id)

    return await shop.db.write(write)


async def say(shop: Shop, person: Person, question: Question, text: str) -> Delivered:
    """Keep what was typed about the line that a question asked for, and owe the counter a note of it.

    ``Refused`` where it says nothing, is too long or too late. Said again for the same question it changes nothing.
    """
    line_, now = words.clean_line(text, rules.LONGEST), shop.clock.now()
    order_id, variant_id = int(question.data["order_id"]), int(question.data["variant_id"])
    await shop.refresh()

    def write(tx: Connection) -> Delivered:
        line = _mine(tx, person, order_id).to_judge(variant_id, now)
        if people.take(tx, person.id, question):
            opinion_id = store.say(tx, line, line_, now)
            for chat in notices.staff_chats(tx, shop.policy) if opinion_id else ():
                messages.owe(tx, chat, MessageKind.REVIEW, opinion_id or 0, now)
        return _mine(tx, person, order_id)

    return await shop.db.write(write)


async def unsay(shop: Shop, person: Person, order_id: int, variant_id: int) -> Delivered:
    """Take back the words of a line; its stars stay. Refused as above."""
    now = shop.clock.now()

    def write(tx: Connection) -> Delivered:
        store.say(tx, _mine(tx, person, order_id).to_judge(variant_id, now), "", now)
        return _mine(tx, person, order_id)

    return await shop.db.write(write)


async def about(shop: Shop, product_id: int, number: int) -> OpinionPage:
    """Read one page of what is said of a product, for everybody."""
    return await shop.db.read(store.page, product_id, number)


async def newest(shop: Shop, product_id: int, most: int) -> list[Opinion]:
    """Read the newest of what is said of a product, for everybody."""
    return await shop.db.read(store.newest, product_id, most)


async def at_counter(shop: Shop, person: Person, opinion_id: int) -> Opinion:
    """Read one opinion, hidden or not; staff only."""
    person.must_be(Rank.STAFF)
    found = await shop.db.read(store.by_id, opinion_id)
    if found is None:
        raise NotFound
    return found


async def hide(shop: Shop, person: Person, opinion_id: int, *, hidden: bool) -> Opinion:
    """Hide an opinion from everybody but its author, or show it again; staff only, audited.

    Hidden already, nothing happens, and nothing is written down.
    """
    person.must_be(Rank.STAFF)
    now = shop.clock.now()

    def write(tx: Connection) -> Opinion:
        found = store.by_id(tx, opinion_id)
        if found is None:
            raise NotFound
        if store.hide(tx, found, now, hidden=hidden):
            settings_store.write_audit(tx, now, person.id, "hide" if hidden else "show", "review", opinion_id)
        return replace(found, hidden=hidden)

    return await shop.db.write(write)
