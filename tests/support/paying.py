"""Money that does not fit, in a bot test: an order that waits for its QR, what the bank says, and who sees to it."""

from typing import Any

from bot import taps
from core.fulfilment import settle
from core.orders.rules import Order
from core.payments.bakong import ManualBank
from core.payments.rules import Attempt
from core.people.rules import Role
from core.settlements import store
from core.settlements.rules import Case
from tests.support import builders
from tests.support.helping import bring, by_bot, picture, send_file
from tests.support.talk import BOPHA, DARA, SOKHA, STAFF_GROUP, Json, Talk, keys, said


async def at_desk(talk: Talk, language: str = "en", **more: Any) -> Talk:
    """Sokha is staff, Bopha an admin, both in the staff group; the shop takes KHQR."""
    await builders.with_khqr(talk.shop, staff_chat_id=STAFF_GROUP, staff_language=language, **more)
    await talk.shop.refresh()
    await builders.worker(talk.shop, telegram_id=SOKHA)
    await builders.worker(talk.shop, Role.ADMIN, BOPHA, "Bopha")
    return talk


async def hear(talk: Talk, attempt: Attempt, **changes: Any) -> Order:
    """Let the bank say that money came for a QR, and everybody be told."""
    shop, now = talk.shop, talk.shop.clock.now()
    came = builders.money(attempt, now, **changes)
    order = await shop.db.write(settle.settle, shop.policy, attempt.order_id, attempt.id, came, now)
    await bring(talk)
    return order


async def ordered(talk: Talk, **changes: Any) -> tuple[Order, Json]:
    """Dara's order of $13.50 with money that does not fit, and its case's card in the group."""
    order, attempt = await builders.khqr_order(talk.shop)
    order = await hear(talk, attempt, **changes)
    return order, case_card(talk, order)


def case_card(talk: Talk, order: Order, chat: int = STAFF_GROUP) -> Json:
    """The card of an order's newest case."""
    return [one for one in by_bot(talk, chat) if said(one).startswith(f"💰 {order.number}")][-1]


async def cases_of(talk: Talk, order: Order) -> list[Case]:
    """Every case of an order."""
    return await talk.shop.db.read(store.cases, order.id)


async def press(talk: Talk, person: int, message: Json, words: str, chat: int = STAFF_GROUP) -> Json:
    """Tap a button by its words; what comes of it is brought. Returns the answer."""
    standing = talk.message(chat, message["message_id"])
    answer = await talk.tap(person, message["message_id"], keys(standing)[words], chat)
    await bring(talk)
    return answer


def now(talk: Talk, message: Json, chat: int = STAFF_GROUP) -> str:
    """What a message says now."""
    return said(talk.message(chat, message["message_id"]))


async def to_pay(talk: Talk, *, bank: bool = False) -> Json:
    """Dara's order of $13.50 on her phone, with its QR; no bank can be asked, unless ``bank``."""
    await at_desk(talk)
    if not bank:
        talk.shop.bank = ManualBank()
    order, _ = await builders.khqr_order(talk.shop)
    return await shown(talk, order.id)


async def shown(talk: Talk, order_id: int) -> Json:
    """An order of Dara's, opened from her list."""
    sent = await talk.say(DARA, "/orders")
    await talk.tap(DARA, sent[-1]["message_id"], taps.OpenOrder(order_id))
    await bring(talk)
    return talk.messages(DARA)[-1]


async def send_picture(talk: Talk, kind: str = "photo", data: bytes = b"") -> list[Json]:
    """Dara sends a picture, or another ``kind`` of file; what is owed is brought. Returns what came back."""
    sent = send_file(talk, DARA, DARA, kind, data or picture())
    await talk.work()
    await bring(talk)
    return [one for one in talk.messages(DARA) if one["message_id"] > sent["message_id"]]
