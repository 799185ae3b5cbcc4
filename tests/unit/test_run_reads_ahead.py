"""What an opened house reads before somebody needs it."""

import asyncio
import gc
import threading
from contextlib import AsyncExitStack

import pytest
from pydantic import SecretStr

import run
from bot.sandbox import Sandbox
from core.config import Config
from core.shipping.rules import Place
from tests.support.patience import PATIENCE
from tests.support.talk import TOKEN
from tests.support.unread import unread


@pytest.mark.usefixtures("as_before")
async def test_the_places_are_read_without_anybody_asking(sqlite_config: Config) -> None:
    """Beside the open shop, in a thread of their own: nobody wrote, and no page was asked for.

    From then on the collector passes by them as by all else that stands.
    """
    telegram = Sandbox(token=TOKEN, people=(), groups=())
    own = {"bot_token": SecretStr(TOKEN), "telegram_api": await telegram.start()}
    try:
        with unread() as threads:
            async with AsyncExitStack() as house:
                await run.open_house(house, sqlite_config.model_copy(update=own), None, pytest.fail)
                assert threads == []
                (reading,) = (task for task in asyncio.all_tasks() if task.get_name() == "read ahead")
                await asyncio.wait_for(reading, PATIENCE)
                assert [one for one in gc.get_objects() if isinstance(one, Place)] == []
    finally:
        await telegram.stop()
        gc.freeze()  # as the tests keep it
    assert [name != threading.current_thread().name for name in threads] == [True]
