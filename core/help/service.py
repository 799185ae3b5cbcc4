"""Use cases of talks: write to the shop, answer, close; and how what was said gets to the other side, in its order.

Nothing is sent from here: a talk with something to bring is owed to a chat (``HELP_ASKED`` to the staff,
``HELP_ANSWERED`` to the customer), and whoever pays that debt brings one message after the other.
"""

from datetime import datetime

from sqlalchemy import Connection

from core.errors import NotFound, Refused
from core.help import rules, store
from core.help.rules import Heard, News, Piece, Said, Side, Spot, Talk, TalkCard, Written
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef, Owed
from core.orders import store as orders
from core.orders.notices import REDRAW_AFTER, staff_chats
from core.people import store as people
from core.people.rules import Person, Rank, clean_text
from core.settings import store as settings
from core.settings.rules import Policy
from core.shop import Shop

LONGEST = 4096


def desk(tx: Connection, policy: Policy) -> int:
    """Where talks are answered; 0 where nobody is. The one place that chooses the chat; its topic is in core/topics."""
    return next((chat for chat in staff_chats(tx, policy) if chat), 0)


async def say(shop: Shop, person: Person, written: Written, order_id: int | None = None) -> Heard:
    """Bring a customer's message to the staff, about an order of theirs or none; their talk is open from now on.

    The same message a second time changes nothing. ``Refused`` for more than the shop takes at once.
    """
    media, now = rules.taken(written), shop.clock.now()
    text = clean_text(written.text, LONGEST)

    def write(tx: Connection) -> Heard:
        chat = desk(tx, shop.policy)
        if not chat:
            raise Refused("help_nobody")
        talk, changed = store.open_talk(tx, person.id, _own(tx, person, order_id), now)
        before = store.last(tx, talk.id)
        if not store.add(tx, talk.id, Side.CUSTOMER, person.id, media, written, now, text=text):
            return Heard(first=False)
        if store.count_since(tx, talk.id, now - rules.WITHIN) > rules.MOST:
            raise Refused("help_too_many", most=rules.MOST, minutes=int(rules.WITHIN.total_seconds()) // 60)
        messages.owe(tx, chat, MessageKind.HELP_ASKED, talk.id, now)
        if changed:
            _redraw(tx, chat, talk, now)
        if store.next_said(tx, talk.id, Side.SHOP):  # they had blocked the bot, and are back
            messages.owe(tx, person.telegram_id or 0, MessageKind.HELP_ANSWERED, talk.id, now)
        return Heard(rules.is_first(before, now))

    return await shop.db.write(write)


def _own(tx: Connection, person: Person, order_id: int | None) -> int | None:
    order = orders.by_id(tx, order_id) if order_id else None
    return order.id if order is not None and order.person_id == person.id else None


async def answer(shop: Shop, person: Person, spot: Spot, written: Written) -> None:
    """Bring an answer to the talk's customer and to nobody else; a closed talk opens again.

    ``NotAllowed`` for who has no role, ``Refused`` where the customer is forgotten. Where they blocked the bot the
    staff hear it below the talk.
    """
    person.must_be(Rank.COURIER)
    media, now = rules.taken(written), shop.clock.now()
    text = clean_text(written.text, LONGEST)
    asked = spot.said.message_id if spot.said and spot.said.side is Side.CUSTOMER else None

    def write(tx: Connection) -> None:
        people.lock(tx, spot.talk.person_id)  # who is being forgotten at this moment is gone before or after this
        customer = people.by_id(tx, spot.talk.person_id)
        if customer is None or not customer.telegram_id:
            raise Refused("help_gone")
        talk, changed = store.open_talk(tx, spot.talk.person_id, None, now)
        if not store.add(tx, talk.id, Side.SHOP, person.id, media, written, now, text=text, reply_to=asked):
            return
        if changed:
            _redraw(tx, written.chat_id, talk, now)
        if customer.blocked:
            _tell(tx, written.chat_id, talk, News.BLOCKED, now)
        else:
            messages.owe(tx, customer.telegram_id, MessageKind.HELP_ANSWERED, talk.id, now)

    await shop.db.write(write)


async def close(shop: Shop, person: Person, talk_id: int) -> Talk:
    """Close a talk; ``NotFound`` for one that is neither this person's nor, by their role, theirs to answer."""
    now = shop.clock.now()

    def write(tx: Connection) -> Talk:
        talk = store.talk(tx, talk_id)
        if talk is None or not rules.may_close(talk, person):
            raise NotFound
        if store.close(tx, talk_id, now):
            chat = desk(tx, shop.policy)
            _redraw(tx, chat, talk, now + REDRAW_AFTER)
            if talk.person_id == person.id:
                _tell(tx, chat, talk, News.SOLVED, now)
            else:
                settings.write_audit(tx, now, person.id, "talk_closed", "person", talk.person_id)
        return store.talk(tx, talk_id) or talk

    return await shop.db.write(write)


def _redraw(tx: Connection, chat: int, talk: Talk, due_at: datetime) -> None:
    """Owe a talk's card where it stands; where it does not, the next message brings it."""
    if messages.ref(tx, chat, MessageKind.HELP_CARD, talk.id) is not None:
        messages.owe(tx, chat, MessageKind.HELP_CARD, talk.id, due_at, due_at=due_at)


def _tell(tx: Connection, chat: int, talk: Talk, news: News, now: datetime) -> None:
    messages.owe(tx, chat, MessageKind.HELP_TOLD, talk.id, now, data={"news": news})


async def spot(shop: Shop, chat_id: int, message_id: int) -> Spot | None:
    """Find the talk that a message stands in: a copy, a card, a word of news; None for any other message."""

    def read(tx: Connection) -> Spot | None:
        for kind in (MessageKind.HELP_CARD, MessageKind.HELP_TOLD):
            talk_id = messages.standing(tx, kind, MessageRef(chat_id, message_id, has_photo=False))
            talk = store.talk(tx, talk_id) if talk_id else None
            if talk is not None:
                return Spot(talk, Side.SHOP)
        return store.spot(tx, chat_id, message_id)

    return await shop.db.read(read)


async def is_card(shop: Shop, chat_id: int, message_id: int) -> bool:
    """Tell whether the card of an order, or of its money, stands in a message: below it staff talk with each other."""
    here = MessageRef(chat_id, message_id, has_photo=False)

    def read(tx: Connection) -> bool:
        kinds = (MessageKind.STAFF_CARD, MessageKind.PAYMENT_CASE)
        return any(messages.standing(tx, kind, here) is not None for kind in kinds)

    return await shop.db.read(read)


async def order_of(shop: Shop, person: Person, order_id: int) -> str:
    """Name the order that somebody wants to write about; ``NotFound`` unless it is their own."""
    order = await shop.db.read(orders.by_id, order_id)
    if order is None or order.person_id != person.id:
        raise NotFound
    return order.number


async def card(shop: Shop, talk_id: int) -> TalkCard | None:
    """What a talk's card shows the staff."""
    return await shop.db.read(_card, talk_id)


def _card(tx: Connection, talk_id: int) -> TalkCard | None:
    talk = store.talk(tx, talk_id)
    customer = people.by_id(tx, talk.person_id) if talk else None
    if talk is None or customer is None:
        return None
    order = orders.by_id(tx, talk.order_id) if talk.order_id else None
    name = customer.name if customer.telegram_id else ""  # forgotten, with all that was said
    return TalkCard(talk, name, customer.language, order.number if order else "")


# ── bringing it over ─────────────────────────────────────────────────────────────────────────────────────────────────
SIDES = {MessageKind.HELP_ASKED: Side.CUSTOMER, MessageKind.HELP_ANSWERED: Side.SHOP}


async def next_piece(shop: Shop, owed: Owed) -> Piece | None:
    """What a talk has to bring to a chat next; None where nothing is left."""

    def read(tx: Connection) -> Piece | None:
        talk = store.talk(tx, owed.subject_id)
        said = store.next_said(tx, owed.subject_id, SIDES[owed.kind])
        ref = messages.ref(tx, owed.chat_id, MessageKind.HELP_CARD, owed.subject_id)
        return Piece(talk, said, ref.message_id if ref else None) if talk and said else None

    return await shop.db.read(read)


def brought(tx: Connection, owed: Owed, said: Said, copy_id: int, now: datetime) -> None:
    """It is there: remember where, and owe what comes after it."""
    store.brought(tx, said.id, (owed.chat_id, copy_id), now)
    _go_on(tx, owed, now)


def lost(tx: Connection, policy: Policy, owed: Owed, said: Said, now: datetime) -> None:
    """One message cannot be brought (its author deleted it, its reader takes no such): say so, and go on."""
    store.brought(tx, said.id, None, now)
    news = News.LOST_QUESTION if owed.kind is MessageKind.HELP_ASKED else News.LOST_ANSWER
    talk = store.talk(tx, said.talk_id)
    if talk is not None:
        _tell(tx, desk(tx, policy), talk, news, now)
    _go_on(tx, owed, now)


def _go_on(tx: Connection, owed: Owed, now: datetime) -> None:
    messages.sent(tx, owed, now, None)
    if store.next_said(tx, owed.subject_id, SIDES[owed.kind]):
        messages.owe(tx, owed.chat_id, owed.kind, owed.subject_id, now)


def give_up(tx: Connection, policy: Policy, owed: Owed, error: str, now: datetime) -> None:
    """A chat cannot be reached. What a customer wrote goes to the next who can answer; what the shop wrote waits.

    It comes when the customer writes again, and the staff hear that.
    """
    messages.fail(tx, owed, error)
    if owed.kind is MessageKind.HELP_ASKED:
        messages.owe(tx, _next_desk(tx, policy, owed.chat_id), owed.kind, owed.subject_id, now)
        return
    talk = store.talk(tx, owed.subject_id)
    if talk is not None:
        _tell(tx, desk(tx, policy), talk, News.BLOCKED if error == "Forbidden" else News.UNREACHED, now)


def _next_desk(tx: Connection, policy: Policy, tried: int) -> int:
    """Who is next: the staff group, the admin chat, then each owner; 0 after the last."""
    owners = [owner.telegram_id or 0 for owner in people.owners(tx) if not owner.blocked or owner.telegram_id == tried]
    desk = people.admin_desk(tx, policy.admin_chat_id)
    line = list(dict.fromkeys(chat for chat in (policy.staff_chat_id, desk, *owners) if chat))
    return next(iter(line[line.index(tried) + 1 :] if tried in line else line), 0)
