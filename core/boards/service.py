"""Use cases of the counter's lists: look through them, find an order, bring its card, keep the board true."""

from datetime import timedelta

from sqlalchemy import Connection

from core.boards import rules, store
from core.boards.rules import EVERY, PAGE, Counts, Found, Listing, Page
from core.errors import NotFound, OutOfDate
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.orders import store as orders
from core.people import service as people
from core.people.rules import FOUND, Person
from core.settings import store as settings
from core.shop import Shop
from core.storage.alerts import owe_alert

SHOWN = "board"
"""Under this name the settings keep what the board said last, where and when: no rule of the shop, but its state."""
ONCE = timedelta(days=365)


async def page(shop: Shop, person: Person, listing: Listing, after: int = 0) -> Page:
    """Read one page of a list; ``NotAllowed`` for who has no role, and for couriers a list that is not theirs."""
    statuses = rules.statuses(listing, person)
    found = await shop.db.read(store.in_statuses, statuses, PAGE + 1, after)
    return Page(tuple(found[:PAGE]), after, more=len(found) > PAGE)


async def find(shop: Shop, person: Person, text: str, before: int = 0) -> Found:
    """Look for an order by its number, a phone or a part of a name; ``Refused`` where nothing was typed."""
    statuses = rules.findable(person)
    wanted = rules.wanted(text, shop.policy.order_prefix)
    found = await shop.db.read(store.find, wanted, statuses, PAGE + 1, before)
    return Found(tuple(found[:PAGE]), before, more=len(found) > PAGE)


async def keep(shop: Shop, person: Person, text: str, chat_id: int) -> int:
    """Keep what somebody looked for in a chat, so that its pages can be turned after a restart too; returns a stamp.

    The row is theirs alone, and no button carries a word of it: a phone would lie open in the group.
    """
    return (await people.ask(shop, person, FOUND, text=text, chat_id=chat_id)).stamp


async def kept(shop: Shop, person: Person, stamp: int, chat_id: int) -> str:
    """Read what somebody looked for; ``OutOfDate`` where that was another, or they look for something else by now."""
    asked = await people.question(shop, person)
    if asked is None or asked.kind != FOUND or asked.stamp != stamp or not asked.asked_in(chat_id):
        raise OutOfDate("old_button")
    return str(asked.data["text"])


async def may_open(shop: Shop, person: Person, order_id: int) -> None:
    """Refuse, with ``NotFound``, an order that this person may not look for."""
    order = await shop.db.read(orders.by_id, order_id)
    if order is None or order.status not in rules.findable(person):
        raise NotFound


async def bring(shop: Shop, person: Person, order_id: int, chat_id: int, thread: int) -> str:
    """Owe a group an order's card, sent anew below what is there; from then on that one lives. Returns the number.

    ``thread`` is the topic where it was asked for. ``NotFound`` for an order that this person may not look for.
    """
    statuses, now = rules.findable(person), shop.clock.now()

    def write(tx: Connection) -> str:
        order = orders.by_id(tx, order_id)
        if order is None or order.status not in statuses:
            raise NotFound
        messages.no_card(tx, chat_id, MessageKind.STAFF_CARD, order_id)
        messages.owe(tx, chat_id, MessageKind.STAFF_CARD, order_id, now)
        store.say_where(tx, chat_id, MessageKind.STAFF_CARD, order_id, {"opened": True, "thread": thread})
        return order.number

    return await shop.db.write(write)


# ── the board ────────────────────────────────────────────────────────────────────────────────────────────────────────
async def counts(shop: Shop) -> Counts:
    """Count what waits at the counter."""
    return await shop.db.read(store.counts)


async def show_board(shop: Shop) -> None:
    """Owe the staff group its board where that would say anything else than it said last; a job.

    The board is no debt of the facts it counts: were it written in their transactions, all of them would wait for one
    row. Two processes that look at once write one message.
    """
    await shop.refresh()
    chat, now = shop.policy.staff_chat_id, shop.clock.now()
    if chat >= 0:  # in a person's own chat it would only be in the way
        return

    def stale(tx: Connection) -> list[object] | None:
        said, last = store.counts(tx).shown, settings.load(tx).get(SHOWN) or {}
        early = 0 <= now.timestamp() - last.get("at", 0) < EVERY.total_seconds() * 0.9
        return None if early or (last.get("chat"), last.get("said")) == (chat, said) else said

    def write(tx: Connection) -> None:
        if said := stale(tx):
            settings.save(tx, SHOWN, {"chat": chat, "said": said, "at": now.timestamp()}, now)
            messages.owe(tx, chat, MessageKind.BOARD, 0, now)

    if await shop.db.read(stale):
        await shop.db.write(write)


async def not_pinned(shop: Shop) -> None:
    """Tell the admins, once, that the bot may not pin the board in the group."""
    now = shop.clock.now()
    data = {"metric": "board_pin", "level": "warning"}
    await shop.db.write(lambda tx: owe_alert(tx, shop.policy, "board pin", data, now, apart=ONCE))
