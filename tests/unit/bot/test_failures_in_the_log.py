"""What the log says where the database is away: a line for each thing under way; all of what is wrong otherwise."""

import asyncio
import logging
from typing import Any

import pytest

from bot.inbox import Inbox
from bot.outbox import Outbox
from core.i18n import translator
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.readers import FIRST, readers
from tests.support.talk import DARA, said
from tests.support.wire import Wire
from tests.unit.bot.conftest import Starting

Told = list[tuple[str, bool]]


@pytest.fixture
async def by_wire(wire: Wire, open_shop: OpenShop) -> Shop:
    """A shop that goes by it."""
    return await open_shop(wire.config)


def _told(caplog: pytest.LogCaptureFixture) -> Told:
    """Every error, as far as what it is called, and whether a traceback stands below it."""
    errors = [one for one in caplog.records if one.levelno >= logging.ERROR]
    return [(one.message.partition(":")[0], bool(one.exc_info)) for one in errors]


async def test_an_update(by_wire: Shop, wire: Wire, start_bot: Starting, caplog: pytest.LogCaptureFixture) -> None:
    """Worked while nobody answers: failed, one line, and the person is told; what is not foreseen has its traceback."""
    talk = await start_bot(by_wire)
    await talk.say(DARA, "/start")
    wire.cut()
    talk.sandbox.people.write(DARA, DARA, "/orders")
    (update,) = await talk.arrived()
    assert not await talk.dispatch.work(update)
    name = f"update {update['update_id']} failed"
    assert _told(caplog) == [(name, False)]
    assert said(talk.messages(DARA)[-1]) == translator("en")("errors.went_wrong")
    assert not await talk.dispatch.work(update | {"message": 5})
    assert _told(caplog)[1:] == [(name, True)]


async def test_a_line_of_updates(by_wire: Shop, wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    """Working one breaks off, for the database or for something else: the next is worked, a line and a traceback."""

    async def handle(update: dict[str, Any]) -> bool:
        if update["update_id"] == 1:
            raise LookupError
        wire.cut()
        return bool(await by_wire.db.read(builders.people_store.by_id, 1))

    box = Inbox(by_wire, handle, "me")
    await box.receive([{"update_id": number, "message": {"from": {"id": DARA}}} for number in (1, 2)])
    await box.idle()
    assert _told(caplog) == [("update 1 broke off", True), ("update 2 broke off", False)]


async def test_a_message_that_is_owed(
    by_wire: Shop, wire: Wire, start_bot: Starting, caplog: pytest.LogCaptureFixture
) -> None:
    """Claimed, and then nobody answers, neither for what it says nor for when it is tried again: a line each."""
    talk = await start_bot(by_wire)
    await by_wire.db.write(messages.owe, DARA, MessageKind.ORDER_CARD, 1, by_wire.clock.now())

    def delay(_chat: int) -> float:
        wire.cut()
        return 0.0

    box = Outbox(by_wire, talk.show, "one", delay)
    await asyncio.gather(box.send_due(), return_exceptions=True)
    assert _told(caplog) == [("owed message 1 failed", False), ("messages owed to a chat broke off", False)]


async def test_a_copy_of_news(by_wire: Shop, wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    """Whom it is for blocked the bot, and nobody takes that down: a line."""
    async with readers(by_wire, 1) as there:
        await there.begin()
        there.sandbox.people.block(FIRST, blocked=True)
        sending = asyncio.create_task(there.worker("one").send())
        await there.until(1, sending)
        wire.cut()
        await asyncio.gather(sending, return_exceptions=True)
    assert _told(caplog) == [("news 1 to person 1 broke off", False)]
