"""More orders than a group takes messages: each is seen soon, nothing is lost, and Telegram never has to refuse."""

import asyncio
import logging
import os
import random
import time
from datetime import timedelta

import pytest
from pydantic import SecretStr

from bot.app import Face
from bot.sandbox import Sandbox
from core.boards import service as boards
from core.boards.rules import EVERY
from core.clock import SystemClock
from core.config import Config
from core.messages.rules import MessageKind
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support.rush import STAFF, Counter, rush, telegram
from tests.support.talk import TOKEN

log = logging.getLogger(__name__)

SEEN = timedelta(minutes=2)
SOAK = float(os.environ.get("HAANG_SOAK_SECONDS", "600"))
CALM = max(600.0, 3 * SOAK)
"""Seconds for what is owed to a busy group to be brought, but for the cards of orders that it was named.

At 20 messages a minute the newest state of each card that stands takes longer than the load itself.
"""


async def test_three_hundred_orders_in_ten_minutes(sqlite_shop: Shop) -> None:
    """Thirty a minute, staff tap now and then: each is named within two minutes, its card true or a tap away."""
    async with rush(sqlite_shop, seed=7) as found:
        await found.open(300)
        for _ in range(100):
            for _ in range(3):
                await found.order()
            found.press()
            await found.go_on(6)
        await found.settle(100, fully=False)
        assert found.pacing.refused == 0
        assert len(await found.cards()) < 300  # the group is behind
        await found.reachable()
        assert found.slowest() <= SEEN
        await found.sound()


async def test_half_a_minute_of_fifty_orders_a_minute(sqlite_shop: Shop) -> None:
    """Five staff tap at random all the while: all agrees in the end, the board too; every tap is answered."""
    async with rush(sqlite_shop, seed=11) as found:
        await found.open(25)
        for _ in range(25):
            await found.order()
            for _ in range(3):
                found.press()
            await found.go_on(1.2)
        await found.settle(100)
        await boards.show_board(sqlite_shop)
        await found.go_on(6)
        assert (found.pacing.refused, len(await found.cards())) == (0, 25)
        assert found.slowest() <= SEEN
        assert await found.board_is_true()
        assert all(query.answer is not None for query in found.sandbox.world.state.queries.values())
        await found.sound()


async def _busy(counter: Counter, seconds: float) -> None:
    """Fifty orders a minute, and five who tap every second or two."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds

    async def staff() -> None:
        while loop.time() < end:
            counter.press()
            await asyncio.sleep(counter.rng.uniform(0.5, 2.5))

    async def watch() -> None:
        while True:
            counter.look()
            await asyncio.sleep(0.5)

    async def board() -> None:
        while True:
            await boards.show_board(counter.shop)
            await asyncio.sleep(EVERY.total_seconds())

    others = [asyncio.create_task(watch()), asyncio.create_task(board())]
    tapping = [asyncio.create_task(staff()) for _ in STAFF]
    while loop.time() < end:
        await counter.order()
        await asyncio.sleep(60 / 50)
    await asyncio.gather(*tapping)
    await _calm(counter)
    for task in others:
        task.cancel()


async def _calm(counter: Counter) -> None:
    """Wait until the group is owed nothing but cards of orders that were named to it."""
    async with asyncio.timeout(CALM):
        while await counter.owed_news():  # noqa: ASYNC110 - no bell
            await asyncio.sleep(1)


async def _drawn(face: Face) -> None:
    """Wait until every tap is worked and every menu drawn."""
    await asyncio.sleep(5)
    await face.show.late.settle()


@pytest.mark.soak
@pytest.mark.timeout(SOAK + 3 * CALM)
async def test_ten_minutes_of_fifty_orders_a_minute(sqlite_config: Config, open_shop: OpenShop) -> None:
    """The whole face in real time, HAANG_SOAK_SECONDS of it: then cards, board, digests, timelines and stock agree."""
    sandbox: Sandbox = telegram(time.time)
    address = await sandbox.start()
    config = sqlite_config.model_copy(update={"bot_token": SecretStr(TOKEN), "telegram_api": address})
    shop = await open_shop(config, SystemClock())
    face = Face(shop)
    counter = Counter(shop, sandbox, random.Random(3))
    try:
        await counter.open(int(SOAK / 60 * 50) + 5)
        await face.start()
        await _busy(counter, SOAK)
        await _drawn(face)
        for card in (await counter.outdated()).values():
            counter.leave(card)
            await asyncio.sleep(1)
        await _drawn(face)
        await asyncio.sleep(EVERY.total_seconds())
        await boards.show_board(shop)
        await _calm(counter)
        await _agreed(counter)
    finally:
        await face.stop()
        await sandbox.stop()


async def _agreed(counter: Counter) -> None:
    """Each order has its card, or a button in the digest that names it; all that stands is true."""
    cards, named = await counter.cards(), await counter.standing(MessageKind.ORDER_NAMED)
    log.info(
        "%d orders, %d cards, %d named, slowest %s", len(counter.placed), len(cards), len(named), counter.slowest()
    )
    assert counter.slowest() <= SEEN
    await counter.reachable()
    assert await counter.outdated() == {}
    assert await counter.board_is_true()
    assert all(query.answer is not None for query in counter.sandbox.world.state.queries.values())
    await counter.sound()
