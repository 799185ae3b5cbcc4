"""A digest in the staff's group: what it says, its buttons, and who may press them."""

import logging

import pytest

from bot import taps
from bot.outbox import EVERY, Outbox
from core.backlog.rules import FOLD
from core.database.tables import outbox
from core.i18n import translator
from core.messages.rules import MessageKind
from core.orders.rules import Order
from core.settings import service as settings
from tests.support import builders
from tests.support.talk import BOPHA, SOKHA, STAFF_GROUP, Json, Talk, keys, said

SAY = translator("en")


async def _rush(talk: Talk, room: list[int]) -> tuple[Outbox, list[Order]]:
    """Eleven new orders, a group with so much room, and Sokha of the staff."""
    shop = talk.shop
    await settings.change(shop.db, shop.clock, "staff_chat_id", STAFF_GROUP, None)
    await builders.worker(shop, telegram_id=SOKHA)
    rose, buyers = await builders.product(shop, 20), await builders.crowd(shop, FOLD + 1)
    made = [await builders.order(shop, person, rose, units=1 + (i == 0)) for i, person in enumerate(buyers)]
    await shop.db.write(lambda tx: tx.execute(outbox.delete().where(outbox.c.chat_id != STAFF_GROUP)))
    return Outbox(shop, talk.show, "me", lambda _chat: 0.0, lambda _chat: room[0]), made


def _group(talk: Talk) -> list[Json]:
    return [one for one in talk.messages(STAFF_GROUP) if one["from"]["is_bot"]]


async def test_a_digest_names_orders_and_calls_up_their_cards(sqlite_talk: Talk) -> None:
    """Number, method, amount, name, units and a button each; the one pressed comes next, and in the end all stand."""
    talk, room = sqlite_talk, [1]
    box, made = await _rush(talk, room)
    assert await box.send_due() == 1
    (digest,) = _group(talk)
    assert "11 new order(s)" in said(digest)
    assert "MD00001 · COD $25.50 · Buyer · 2 item(s)" in said(digest)
    assert "11 more card(s)" in said(digest)
    assert list(keys(digest)) == [order.number for order in made]
    answer = await talk.tap(SOKHA, digest["message_id"], taps.CallUp(made[7].id), STAFF_GROUP)
    assert answer["text"] == SAY("backlog.comes", number=made[7].number)
    assert await box.send_due() == 0
    talk.shop.clock.move(EVERY)
    assert await box.send_due() == 1
    assert made[7].number in said(_group(talk)[-1])
    answer = await talk.tap(SOKHA, digest["message_id"], taps.CallUp(made[7].id), STAFF_GROUP)
    assert answer["text"] == SAY("backlog.there", number=made[7].number)
    now = talk.message(STAFF_GROUP, digest["message_id"])
    assert (made[7].number in keys(now), "10 more card(s)" in said(now)) == (False, True)
    room[0] = 20
    while await box.send_due():
        pass
    now = talk.message(STAFF_GROUP, digest["message_id"])
    assert (keys(now), SAY("backlog.all_there") in said(now)) == ({}, True)
    assert len(_group(talk)) == 1 + len(made)


async def test_a_digest_is_for_who_works_here(sqlite_talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """A stranger in the group is refused, in the log too, and nothing hurries; what is no order is not found."""
    talk = sqlite_talk
    box, made = await _rush(talk, [1])
    await box.send_due()
    (digest,) = _group(talk)
    with caplog.at_level(logging.WARNING, "haang.security"):
        answer = await talk.tap(BOPHA, digest["message_id"], taps.CallUp(made[7].id), STAFF_GROUP)
    assert answer["text"] == translator("km")("errors.not_allowed")
    assert "may not CallUp" in caplog.text
    talk.shop.clock.move(EVERY)
    await box.send_due()
    assert made[0].number in said(_group(talk)[-1])
    answer = await talk.tap(SOKHA, digest["message_id"], taps.CallUp(999), STAFF_GROUP)
    assert answer["text"] == SAY("errors.not_found")
    assert (STAFF_GROUP, MessageKind.ORDER_DIGEST) in await builders.owed(talk.shop)
