"""Messages owed reach their chats: once where it can be known, later where it cannot, and never at another's cost."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select
from telegram.ext import ExtBot

from bot.outbox import UNCLEAR, UNREACHED, Outbox
from bot.sandbox.faults import Fault
from bot.show import Show
from core.config import Config
from core.database.tables import outbox, people
from core.messages import store
from core.messages.rules import MessageKind, MessageRef
from core.orders.rules import Move, Order
from core.settings import service as settings
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.patience import PATIENCE, until
from tests.support.talk import BOPHA, DARA, SOKHA, STAFF_GROUP, TOKEN, Json, Talk, said
from tests.unit.bot.conftest import Starting

CARD, NOTE, STAFF_CARD, ALERT = (
    MessageKind.ORDER_CARD,
    MessageKind.NOTE_PAID,
    MessageKind.STAFF_CARD,
    MessageKind.ALERT,
)


def _box(talk: Talk, name: str = "one", delay: Callable[[int], float] = lambda _chat: 0.0) -> Outbox:
    return Outbox(talk.shop, talk.show, name, delay)


async def _ordered(shop: Shop, telegram_id: int = DARA, units: int = 1) -> Order:
    """An order of somebody with a language; nobody is owed anything about it yet."""
    person, rose = await builders.customer(shop, telegram_id), await builders.product(shop, sku=f"ROSE-{telegram_id}")
    made = await builders.order(shop, person, rose, units)
    await shop.db.write(lambda tx: tx.execute(outbox.delete()))
    return made


async def _owe(shop: Shop, chat: int, kind: MessageKind, subject: int, **more: Any) -> None:
    await shop.db.write(store.owe, chat, kind, subject, shop.clock.now(), **more)


async def _rows(shop: Shop) -> list[Any]:
    return list(await shop.db.read(lambda tx: tx.execute(select(outbox).order_by(outbox.c.id)).all()))


async def _states(shop: Shop) -> list[str]:
    return [row.state for row in await _rows(shop)]


async def _due(shop: Shop) -> datetime | None:
    return await shop.db.read(store.next_due)


def _of(talk: Talk, chat: int) -> list[Json]:
    """What the bot wrote in a chat."""
    return [message for message in talk.messages(chat) if message["from"]["is_bot"]]


async def test_a_card_is_sent_once_and_edited_where_it_stands(talk: Talk) -> None:
    """Owed, moved on, owed again: one message, which shows the last state; the picture is not sent twice."""
    shop, box = talk.shop, _box(talk)
    order = await _ordered(shop)
    await _owe(shop, DARA, CARD, order.id)
    assert await box.send_due() == 1
    talk.calls()
    await builders.moved(shop, await builders.worker(shop), order, Move.CONFIRM)
    await shop.db.write(lambda tx: tx.execute(outbox.delete().where(outbox.c.kind != CARD)))
    await box.send_due()
    assert talk.calls() == ["editMessageCaption"]
    (card,) = _of(talk, DARA)
    assert "Confirmed" in said(card)
    assert set(await _states(shop)) == {"sent"}


async def test_many_changes_are_one_message(talk: Talk) -> None:
    """Four moves before anything could be sent cost one call, which says where the order stands now."""
    shop = talk.shop
    await settings.change(shop.db, shop.clock, "staff_chat_id", STAFF_GROUP, None)
    order = await _ordered(shop)
    await builders.moved(shop, await builders.worker(shop), order, Move.PREPARE, Move.READY, Move.OUT)
    talk.calls()
    while await _box(talk).send_due():
        pass
    assert len(_of(talk, STAFF_GROUP)) == 1
    assert "On its way" in said(_of(talk, STAFF_GROUP)[0])
    assert len(talk.calls()) == 3  # the group's card, the customer's, and the note that it is on its way


async def test_delivered_without_an_answer(talk: Talk) -> None:
    """The connection broke after Telegram had it: one more, no sooner than half a minute, and then edits of that."""
    shop, box = talk.shop, _box(talk)
    order = await _ordered(shop)
    await _owe(shop, STAFF_GROUP, STAFF_CARD, order.id)
    talk.sandbox.world.faults.add(Fault("sendmessage", "cut_after"))
    await box.send_due()
    assert (len(_of(talk, STAFF_GROUP)), await _states(shop)) == (1, ["pending"])
    assert await box.send_due() == 0
    shop.clock.move(UNCLEAR)
    await box.send_due()
    await _owe(shop, STAFF_GROUP, STAFF_CARD, order.id)
    await box.send_due()
    assert (len(_of(talk, STAFF_GROUP)), await _states(shop)) == (2, ["sent", "sent"])
    ref = await shop.db.read(store.ref, STAFF_GROUP, STAFF_CARD, order.id)
    assert ref is not None
    assert ref.message_id == _of(talk, STAFF_GROUP)[-1]["message_id"]


@pytest.mark.parametrize("kind", ["cut_before", "500", "502"])
async def test_what_telegram_did_not_take_is_sent_again(talk: Talk, kind: str) -> None:
    """A connection broken before the effect, a server's error: later, once; the try is counted and its reason kept."""
    shop, box = talk.shop, _box(talk)
    order = await _ordered(shop)
    await _owe(shop, STAFF_GROUP, STAFF_CARD, order.id)
    talk.sandbox.world.faults.add(Fault("sendmessage", kind))
    await box.send_due()
    (row,) = await _rows(shop)
    assert (row.state, row.attempts, bool(row.error)) == ("pending", 1, True)
    assert row.due_at == shop.clock.now() + UNCLEAR
    shop.clock.move(UNCLEAR)
    await box.send_due()
    assert (len(_of(talk, STAFF_GROUP)), await _states(shop)) == (1, ["sent"])


async def test_a_flood_wait_is_kept(talk: Talk) -> None:
    """429: not before the seconds that Telegram named, and it counts as no try."""
    shop, box = talk.shop, _box(talk)
    await _owe(shop, STAFF_GROUP, STAFF_CARD, (await _ordered(shop)).id)
    talk.sandbox.world.faults.add(Fault("sendmessage", "429", seconds=17))
    await box.send_due()
    (row,) = await _rows(shop)
    assert (row.attempts, row.due_at) == (0, shop.clock.now() + timedelta(seconds=17))
    shop.clock.move(timedelta(seconds=17))
    await box.send_due()
    assert await _states(shop) == ["sent"]


async def test_while_the_network_is_away_nothing_is_given_up(talk: Talk) -> None:
    """Nobody is reached twenty times: every few seconds again, no try counted; then it arrives."""
    shop = talk.shop
    await _owe(shop, STAFF_GROUP, STAFF_CARD, (await _ordered(shop)).id)
    nowhere: ExtBot[None] = ExtBot(TOKEN, base_url="http://127.0.0.1:1/bot", request=talk.request)
    away = Outbox(shop, Show(nowhere, talk.pictures, alone=True), "one", lambda _chat: 0.0)
    for _ in range(20):
        assert await away.send_due() == 1
        shop.clock.move(UNREACHED)
    (row,) = await _rows(shop)
    assert (row.state, row.attempts) == ("pending", 0)
    await _box(talk).send_due()
    assert await _states(shop) == ["sent"]


async def test_who_blocked_the_bot_is_left_alone(talk: Talk) -> None:
    """The card of somebody who blocked the bot fails, they are marked, and nothing more is owed to them."""
    shop = talk.shop
    order = await _ordered(shop)
    talk.sandbox.people.block(DARA, blocked=True)
    await _owe(shop, DARA, CARD, order.id)
    await _box(talk).send_due()
    assert await _states(shop) == ["failed"]
    assert await shop.db.read(
        lambda tx: tx.execute(select(people.c.blocked).where(people.c.telegram_id == DARA)).scalar()
    )
    await builders.moved(shop, await builders.worker(shop), order, Move.PREPARE)
    assert [row.chat_id for row in await _rows(shop)] == [DARA]


async def test_a_card_that_went_is_sent_again(talk: Talk) -> None:
    """Somebody deleted the card: the next news comes as a new message, and the shop knows where it stands."""
    shop, box = talk.shop, _box(talk)
    order = await _ordered(shop)
    await _owe(shop, STAFF_GROUP, STAFF_CARD, order.id)
    await box.send_due()
    first = _of(talk, STAFF_GROUP)[0]["message_id"]
    await talk.bot.delete_message(STAFF_GROUP, first)
    await builders.moved(shop, await builders.worker(shop), order, Move.CONFIRM)
    await _owe(shop, STAFF_GROUP, STAFF_CARD, order.id)
    await box.send_due()
    (card,) = _of(talk, STAFF_GROUP)
    ref = await shop.db.read(store.ref, STAFF_GROUP, STAFF_CARD, order.id)
    assert ref is not None
    assert first != card["message_id"] == ref.message_id


async def test_a_group_that_moved_is_followed(talk: Talk) -> None:
    """The staff group became a supergroup: the setting and the message go to its new id, and later news too."""
    shop, new = talk.shop, -1009009009
    await settings.change(shop.db, shop.clock, "staff_chat_id", STAFF_GROUP, None)
    await shop.refresh()
    order = await _ordered(shop)
    await _owe(shop, STAFF_GROUP, STAFF_CARD, order.id)
    asked: list[tuple[str, int]] = []

    async def answer(request: web.Request) -> web.Response:
        form, method = await request.post(), request.path.rpartition("/")[2]
        asked.append((method, int(str(form["chat_id"]))))
        if asked[-1] == ("getChat", new):
            gifts = dict.fromkeys(("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription",
                                   "gifts_from_channels"), False)  # fmt: skip
            chat = {"id": new, "type": "supergroup", "accent_color_id": 0, "max_reaction_count": 1}
            asked.pop()
            return web.json_response({"ok": True, "result": chat | {"accepted_gift_types": gifts}})
        if asked[-1][1] == STAFF_GROUP:
            moved = {"ok": False, "error_code": 400, "description": "Bad Request: group chat was upgraded",
                     "parameters": {"migrate_to_chat_id": new}}  # fmt: skip
            return web.json_response(moved, status=400)
        message = {"message_id": 1, "date": 1, "chat": {"id": new, "type": "supergroup"}, "text": "ok"}
        return web.json_response({"ok": True, "result": message})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    async with TestServer(app) as server:
        bot: ExtBot[None] = ExtBot(TOKEN, base_url=f"http://127.0.0.1:{server.port}/bot", request=talk.request)
        box = Outbox(shop, Show(bot, talk.pictures, alone=True), "one", lambda _chat: 0.0)
        while await box.send_due():
            pass
    assert {method for method, chat in asked if chat == STAFF_GROUP} <= {"getChat", "sendMessage"}
    board = [("sendMessage", new), ("pinChatMessage", new)]
    assert [one for one in asked if one[1] == new] == [("sendMessage", new), *board]
    await shop.refresh()
    assert shop.policy.staff_chat_id == new
    assert await shop.db.read(store.ref, new, STAFF_CARD, order.id) is not None


async def test_a_chat_that_must_wait_goes_back_into_the_box(sqlite_talk: Talk) -> None:
    """Over the group's limit: put off until it may, as often as it takes, and no try is counted."""
    shop, waits = sqlite_talk.shop, [3.0] * 15
    await _owe(shop, STAFF_GROUP, STAFF_CARD, (await _ordered(shop)).id)
    box = _box(sqlite_talk, delay=lambda _chat: waits.pop() if waits else 0.0)
    for _ in range(15):
        await box.send_due()
        (row,) = await _rows(shop)
        assert (row.state, row.attempts, row.due_at) == ("pending", 0, shop.clock.now() + timedelta(seconds=3))
        shop.clock.move(timedelta(seconds=3))
    await box.send_due()
    assert await _states(shop) == ["sent"]


async def test_one_chat_keeps_its_order(sqlite_talk: Talk) -> None:
    """Seven orders' cards owed to one group at once stand there in the order in which they were owed."""
    shop = sqlite_talk.shop
    numbers = []
    for i in range(7):
        order = await _ordered(shop, 6000 + i)
        numbers.append(order.number)
    for i in range(7):
        await _owe(shop, STAFF_GROUP, STAFF_CARD, i + 1)
    await _box(sqlite_talk).send_due()
    assert [next(n for n in numbers if n in said(m)) for m in _of(sqlite_talk, STAFF_GROUP)] == numbers


async def test_one_slow_chat_holds_up_no_other(sqlite_talk: Talk) -> None:
    """While Telegram takes its time with one chat, what is owed to others, even later, is sent."""
    shop, talk = sqlite_talk.shop, sqlite_talk
    for person in (DARA, BOPHA, SOKHA):
        await _ordered(shop, person)
    running = asyncio.create_task(_box(talk).run())
    talk.sandbox.world.faults.add(Fault("sendmessage", "delay", seconds=3600))
    await _owe(shop, DARA, NOTE, 1)
    await until(lambda: not talk.sandbox.world.faults._waiting)
    for subject, person in ((2, BOPHA), (3, SOKHA)):
        await _owe(shop, person, NOTE, subject)
    await until(lambda: _of(talk, BOPHA) and _of(talk, SOKHA))
    assert _of(talk, DARA) == []
    talk.sandbox.world.move_clock(3600)
    await until(lambda: _of(talk, DARA))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_two_workers_send_each_message_once(
    postgres_config: Config, open_shop: OpenShop, start_bot: Starting
) -> None:
    """Two processes on one PostgreSQL share nine messages out between them; no chat gets one twice."""
    one = await start_bot(await open_shop(postgres_config), alone=False)
    two = await start_bot(await open_shop(postgres_config), after=one, alone=False)
    orders = {chat: await _ordered(one.shop, chat) for chat in (DARA, BOPHA, SOKHA)}
    for chat, order in orders.items():
        for kind in (NOTE, MessageKind.NOTE_OUT, MessageKind.NOTE_DELIVERED):
            await _owe(one.shop, chat, kind, order.id)
    boxes = [_box(one, "one"), _box(two, "two")]
    for _ in range(6):
        await asyncio.gather(*(box.send_due() for box in boxes))
    assert set(await _states(one.shop)) == {"sent"}
    texts = [said(m) for chat in orders for m in _of(one, chat)]
    assert len(texts) == len(set(texts)) == 9


async def test_a_card_on_its_way_is_not_sent_beside_itself(talk: Talk) -> None:
    """News of an order whose first card another process is sending right now wait until it is known where it stands."""
    shop = talk.shop
    order = await _ordered(shop)
    await _owe(shop, STAFF_GROUP, STAFF_CARD, order.id)
    (first,) = await shop.db.write(store.claim_owed, "other", shop.clock.now())
    await _owe(shop, STAFF_GROUP, STAFF_CARD, order.id)
    assert await _box(talk).send_due() == 0
    sent = await talk.bot.send_message(STAFF_GROUP, "the first card")
    ref = MessageRef(STAFF_GROUP, sent.message_id, has_photo=False)
    await shop.db.write(store.sent, first, shop.clock.now(), ref)
    assert await _box(talk).send_due() == 1
    (card,) = _of(talk, STAFF_GROUP)
    assert order.number in said(card)


async def test_what_a_dead_process_was_sending_is_sent(
    config: Config, open_shop: OpenShop, start_bot: Starting
) -> None:
    """Killed between claiming and sending: the next process sends it at its start, not when the claim ends."""
    before = await open_shop(config)
    order = await _ordered(before)
    await before.db.write(store.bury, "dead:1", before.clock.now())
    await _owe(before, STAFF_GROUP, STAFF_CARD, order.id)
    await before.db.write(store.claim_owed, "dead:1", before.clock.now())
    await before.close()
    talk = await start_bot(await open_shop(config))
    box = _box(talk, "alive:2")
    running: asyncio.Task[None] = asyncio.create_task(_again(box))
    await until(lambda: _of(talk, STAFF_GROUP))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await box.close(PATIENCE)
    assert len(_of(talk, STAFF_GROUP)) == 1


async def _again(box: Outbox) -> None:
    """Start again and again, as processes do: PostgreSQL may need a moment to see that connections are gone."""
    starts: list[asyncio.Task[None]] = []
    try:
        while True:
            starts.append(asyncio.create_task(box.run()))
            await asyncio.wait(starts[-1:], timeout=0.1)
    finally:
        for start in starts:
            start.cancel()
        await asyncio.gather(*starts, return_exceptions=True)  # left alone, one met the closed database while reading


async def test_one_that_breaks_costs_the_others_nothing(talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """An alert that cannot be written is logged and put off; what is owed after it, in the same chat too, arrives."""
    shop = talk.shop
    order = await _ordered(shop)
    await _owe(shop, STAFF_GROUP, ALERT, 0, data={"kind": "storage", "percent": "not a number"})
    await _owe(shop, STAFF_GROUP, STAFF_CARD, order.id)
    await _box(talk).send_due()
    assert await _states(shop) == ["pending", "sent"]
    assert "owed message" in caplog.text
    assert order.number in said(_of(talk, STAFF_GROUP)[0])


async def test_closing_lets_what_is_on_its_way_arrive(sqlite_talk: Talk) -> None:
    """A message being sent when the process ends is waited for; its row says that it was sent."""
    shop, talk = sqlite_talk.shop, sqlite_talk
    order = await _ordered(shop)
    await _owe(shop, STAFF_GROUP, STAFF_CARD, order.id)
    talk.sandbox.world.faults.add(Fault("sendmessage", "delay", seconds=0.05))
    box = _box(talk)
    await box._take()
    await box.close(PATIENCE)
    assert (len(_of(talk, STAFF_GROUP)), await _states(shop)) == (1, ["sent"])


async def test_everybody_reads_their_own_language(sqlite_talk: Talk) -> None:
    """The same order's card in English and Khmer: each in its reader's language."""
    shop = sqlite_talk.shop
    orders = {person: await _ordered(shop, person) for person in (DARA, BOPHA)}
    await shop.db.write(
        lambda tx: tx.execute(people.update().where(people.c.telegram_id == BOPHA).values(language="km"))
    )
    for person, order in orders.items():
        await _owe(shop, person, CARD, order.id)
    await _box(sqlite_talk).send_due()
    assert "Waiting" in said(_of(sqlite_talk, DARA)[0])
    assert "Waiting" not in said(_of(sqlite_talk, BOPHA)[0])
