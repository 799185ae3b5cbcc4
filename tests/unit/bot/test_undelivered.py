"""A card that its chat cannot get is told to somebody: the outbox against the sandbox, over real HTTP (hole 8)."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.outbox import Outbox
from bot.pictures import Pictures
from bot.request import AiohttpRequest
from bot.sandbox import GroupSeed, PersonSeed, Sandbox
from bot.show import Show
from core.database.tables import outbox
from core.messages import store
from core.messages.rules import MOST_ATTEMPTS, MessageKind
from core.orders import notices
from core.orders import store as orders
from core.orders.rules import Move
from core.people import service as people
from core.people.rules import Role
from core.shop import Shop
from tests.support import builders
from tests.support.talk import CountingRequest

Telegram = tuple[Sandbox, str]
TOKEN = "1000001:made-up-token"
DARA, OWNER, SECOND_OWNER = 1001, 3001, 3002
ADMINS, NOT_THERE = -1001, -1009
STAFF_CARD, ALERT = MessageKind.STAFF_CARD, MessageKind.ALERT


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    """A Telegram with an admin group; the staff group of these tests is none that it knows."""
    members = [PersonSeed(DARA, "Dara"), PersonSeed(OWNER, "Vanna"), PersonSeed(SECOND_OWNER, "Da")]
    sandbox = Sandbox(token=TOKEN, people=members, groups=[GroupSeed(ADMINS, "Admins", (OWNER,), ())], limits=False)
    address = await sandbox.start()
    for person in (DARA, OWNER):
        sandbox.people.write(person, person, "/start")
    yield sandbox, address
    await sandbox.stop()


def _box(shop: Shop, request: AiohttpRequest, address: str) -> Outbox:
    bot: ExtBot[None] = ExtBot(TOKEN, base_url=f"{address}/bot", request=request)
    return Outbox(shop, Show(bot, Pictures(shop, 1000001), alone=True), "me", lambda _chat: 0.0)


async def _send(shop: Shop, address: str) -> None:
    """Send until nothing is owed."""
    async with CountingRequest() as request:
        box = _box(shop, request, address)
        while await box.send_due():
            pass


def _texts(telegram: Sandbox) -> list[str]:
    """What stands in the admin group."""
    return [message["text"] for message in telegram.world.state.chats[ADMINS].messages.values()]


async def _rows(shop: Shop) -> set[tuple[int, str, str]]:
    """(chat, kind, state) of what was owed to staff and admins."""
    rows = await shop.db.read(lambda tx: tx.execute(outbox.select()).all())
    return {(row.chat_id, row.kind, row.state) for row in rows if row.kind in {STAFF_CARD, ALERT}}


async def _ordered(shop: Shop, **chats: int) -> None:
    """An order in a shop with two owners and these chats."""
    await builders.with_khqr(shop, **chats)
    await shop.refresh()
    await builders.worker(shop, Role.OWNER, OWNER, "Vanna")
    await builders.worker(shop, Role.OWNER, SECOND_OWNER, "Da")
    await builders.order(shop, await builders.customer(shop, DARA), await builders.product(shop))


async def test_a_lost_staff_group_is_told_to_the_admins(sqlite_shop: Shop, telegram: Telegram) -> None:
    """The group is not there: the admin chat gets the card and one alert that says why."""
    await _ordered(sqlite_shop, staff_chat_id=NOT_THERE, admin_chat_id=ADMINS)
    await _send(sqlite_shop, telegram[1])
    assert await _rows(sqlite_shop) == {
        (NOT_THERE, STAFF_CARD, "failed"), (ADMINS, STAFF_CARD, "sent"), (ADMINS, ALERT, "sent"),
    }  # fmt: skip
    assert any("The staff's chat cannot be reached" in text and "MD00001" in text for text in _texts(telegram[0]))


async def test_a_card_that_moves_on_alerts_once(sqlite_shop: Shop, telegram: Telegram) -> None:
    """The order is claimed while its group is lost: the card in the admin chat is edited, nobody is alerted again."""
    shop = sqlite_shop
    await _ordered(shop, staff_chat_id=NOT_THERE, admin_chat_id=ADMINS)
    await _send(shop, telegram[1])
    (card,) = [m for m in _texts(telegram[0]) if "MD00001" in m and "Cash" in m]
    vanna = await builders.worker(shop, Role.OWNER, OWNER, "Vanna")
    order = await shop.db.read(orders.by_number, "MD00001")
    assert order is not None
    await builders.moved(shop, vanna, order, Move.PREPARE)
    await _send(shop, telegram[1])
    assert await builders.owed(shop, ALERT) == [(ADMINS, ALERT)]
    (after,) = [m for m in _texts(telegram[0]) if "MD00001" in m and "Cash" in m]
    assert ("Waiting" in card, "Being prepared" in after) == (True, True)


async def test_owners_are_the_last(sqlite_shop: Shop, telegram: Telegram) -> None:
    """No admin chat: each owner gets card and alert; one whom the bot may not write to is not told of it again."""
    await _ordered(sqlite_shop, staff_chat_id=NOT_THERE)
    await _send(sqlite_shop, telegram[1])
    assert await _rows(sqlite_shop) == {
        (NOT_THERE, STAFF_CARD, "failed"), (OWNER, STAFF_CARD, "sent"), (OWNER, ALERT, "sent"),
        (SECOND_OWNER, STAFF_CARD, "failed"), (SECOND_OWNER, ALERT, "failed"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "chat", "told"),
    [(STAFF_CARD, NOT_THERE, [ADMINS]), (STAFF_CARD, -77, [NOT_THERE]), (STAFF_CARD, ADMINS, [OWNER, SECOND_OWNER]),
     (STAFF_CARD, OWNER, []), (ALERT, ADMINS, [OWNER, SECOND_OWNER]), (ALERT, OWNER, [ADMINS]),
     (MessageKind.ORDER_CARD, DARA, [])],
)  # fmt: skip
async def test_who_is_next(shop: Shop, kind: MessageKind, chat: int, told: list[int]) -> None:
    """Staff group, admin chat, owners; an alert begins anew; a group of former times; a customer's card to nobody."""
    await _ordered(shop, staff_chat_id=NOT_THERE, admin_chat_id=ADMINS)
    now = shop.clock.now()
    await shop.db.write(lambda tx: tx.execute(outbox.delete()))
    await shop.db.write(store.owe, chat, kind, 1, now)
    (owed,) = await shop.db.write(store.claim_owed, "me", now)
    await shop.db.write(notices.give_up, shop.policy, owed, "chat not found", now)
    assert [(row, row_kind) for row, row_kind in await builders.owed(shop, kind) if row != chat] == [
        (row, kind) for row in told
    ]


@pytest.mark.parametrize("kind", [STAFF_CARD, MessageKind.REVIEW, MessageKind.PAYMENT_CASE])
async def test_who_left_is_not_next(sqlite_shop: Shop, kind: MessageKind) -> None:
    """The admin chat is a colleague's own, who works here no more: what names customers goes past it to the owners."""
    shop, left = sqlite_shop, 3009
    await builders.worker(shop, Role.ADMIN, left, "Left")
    await _ordered(shop, staff_chat_id=NOT_THERE, admin_chat_id=left)
    await people.revoke(shop, left)
    now = shop.clock.now()
    await shop.db.write(lambda tx: tx.execute(outbox.delete()))
    await shop.db.write(store.owe, NOT_THERE, kind, 1, now)
    (owed,) = await shop.db.write(store.claim_owed, "me", now)
    await shop.db.write(notices.give_up, shop.policy, owed, "chat not found", now)
    assert sorted(row for row, _ in await builders.owed(shop, kind) if row != NOT_THERE) == [OWNER, SECOND_OWNER]


async def test_a_card_given_up_after_many_tries_goes_on_too(sqlite_shop: Shop) -> None:
    """Telegram answers 500 for ever: the last try hands the card on."""
    await _ordered(sqlite_shop, staff_chat_id=NOT_THERE, admin_chat_id=ADMINS)
    box = _box(sqlite_shop, AiohttpRequest(), "")
    await sqlite_shop.db.write(lambda tx: tx.execute(outbox.delete().where(outbox.c.kind != STAFF_CARD)))
    (owed,) = await sqlite_shop.db.write(store.claim_owed, "me", sqlite_shop.clock.now())
    tired = replace(owed, attempts=MOST_ATTEMPTS)
    await box._later(tired, None, TelegramError("internal"))
    assert (ADMINS, STAFF_CARD, "pending") in await _rows(sqlite_shop)
