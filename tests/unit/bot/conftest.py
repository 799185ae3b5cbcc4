"""The bot on a fresh sandbox: Dara (English), Bopha (Khmer) and Sokha wrote to it; two groups they all are in."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from bot.sandbox import Sandbox
from bot.screen import Screen
from core.clock import SteppedClock
from core.config import Config
from core.i18n import LANGUAGES
from core.payments.bakong import ManualBank
from core.shop import Shop, open_shop
from tests.support.gallery import House, everything, furnish
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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def drawn(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, plain_config: Config
) -> dict[str, list[Screen]]:
    """Every screen there is, by language; drawn once, for to furnish a shop and draw them takes most of a second."""
    folder = tmp_path_factory.mktemp("gallery")
    shutil.copyfile(sqlite_template, folder / "haang.sqlite3")
    config = plain_config.model_copy(update={"data_dir": folder, "backup_dir": folder / "backups"})
    shop = await open_shop(config, ManualBank(), SteppedClock())
    try:
        house = await furnish(shop)
        return {language: await everything(house, language) for language in LANGUAGES}
    finally:
        await shop.close()
