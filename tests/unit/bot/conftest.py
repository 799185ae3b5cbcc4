"""The bot on a fresh sandbox: Dara (English), Bopha (Khmer) and Sokha wrote to it; two groups they all are in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from bot.sandbox import Sandbox
from core.shop import Shop
from tests.support.gallery import House, furnish
from tests.support.talk import GROUPS, MEMBERS, PEOPLE, TOKEN, CountingRequest, Talk

Starting = Callable[..., Awaitable[Talk]]


@pytest.fixture
async def start_bot() -> AsyncIterator[Starting]:
    """A way to start the bot on a shop; ``after`` another, it is the next process in the same Telegram."""
    async with AsyncExitStack() as stack:

        async def start(shop: Shop, after: Talk | None = None, *, alone: bool = True) -> Talk:
            request = await stack.enter_async_context(CountingRequest())
            if after is not None:
                return await Talk.begin(shop, after.sandbox, after.address, request, alone=alone)
            sandbox = Sandbox(
                token=TOKEN, people=PEOPLE, groups=GROUPS, limits=False, clock=lambda: shop.clock.now().timestamp()
            )
            address = await sandbox.start()
            stack.push_async_callback(sandbox.stop)
            for person in MEMBERS:
                sandbox.people.write(person, person, "/start")
            sandbox.world.updates.drop_all()
            return await Talk.begin(shop, sandbox, address, request, alone=alone)

        yield start


@pytest.fixture
async def talk(shop: Shop, start_bot: Starting) -> Talk:
    """The bot, on each engine in turn."""
    return await start_bot(shop)


@pytest.fixture
async def sqlite_talk(sqlite_shop: Shop, start_bot: Starting) -> Talk:
    """The bot on SQLite, for what does not depend on the engine."""
    return await start_bot(sqlite_shop)


@pytest.fixture
async def house(sqlite_shop: Shop) -> House:
    """A shop with one of everything, for the gallery of screens."""
    return await furnish(sqlite_shop)
