"""Who is at the database: servers make room for whoever wants it alone, and nobody is locked out by the dead."""

import asyncio
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import pytest

from core import environment
from core.config import Config
from core.database import aside
from core.errors import Refused, StartRefused
from tests.support.patience import PATIENCE
from tests.support.still import move, still


async def test_servers_stand_aside_and_come_back(config: Config) -> None:
    """A server hears that the database is wanted; once it has left it is had alone; then the server has its place."""
    alone, done = asyncio.Event(), asyncio.Event()

    async def wish() -> None:
        async with aside.alone(config, patience=PATIENCE):
            alone.set()
            await done.wait()

    async with AsyncExitStack() as served:
        place = await served.enter_async_context(aside.serving(config))
        wishing = asyncio.create_task(wish())
        await asyncio.wait_for(place.wanted(), PATIENCE)
        assert not alone.is_set()
        await served.aclose()
        await asyncio.wait_for(alone.wait(), PATIENCE)
    again = asyncio.create_task(_serve_once(config))
    await asyncio.sleep(0.1)
    assert not again.done()
    done.set()
    await asyncio.wait_for(asyncio.gather(again, wishing), PATIENCE)


async def _serve_once(config: Config) -> None:
    async with aside.serving(config):
        pass


async def test_who_does_not_make_room_serves_on(sqlite_config: Config) -> None:
    """Nobody answers in time: refused with a sentence, the wish is withdrawn, and the server is asked nothing more."""
    async with aside.serving(sqlite_config):
        with pytest.raises(Refused) as refused:
            async with aside.alone(sqlite_config, patience=0.1):
                pass
        assert refused.value.key == "errors.restore_in_use"
        assert not aside.asked(sqlite_config.data_dir)


async def test_one_server_on_a_folder(sqlite_config: Config) -> None:
    """A second one on the same folder is refused with a sentence, not left waiting."""
    async with aside.serving(sqlite_config):
        with pytest.raises(StartRefused, match="Another Haang already serves"):
            await _serve_once(sqlite_config)
    await _serve_once(sqlite_config)


async def test_two_who_want_it_alone(sqlite_config: Config) -> None:
    """One restore at a time: the second is refused, and the first goes on."""
    async with aside.alone(sqlite_config):
        with pytest.raises(Refused):
            async with aside.alone(sqlite_config, patience=0.1):
                pass
        assert aside.asked(sqlite_config.data_dir)


def test_a_killed_one_wants_nothing(tmp_path: Path) -> None:
    """What a killed restore wrote stands there, but nobody holds it: no server makes room for it."""
    (tmp_path / aside.FILE).write_text('{"since": "2026-11-21T03:00:00+00:00", "process": 1}')
    assert not aside.asked(tmp_path)


async def test_whether_somebody_serves(config: Config) -> None:
    """Before, while and after: told as it is, and whoever looks takes nobody's place away."""
    assert await aside.served(config) is False
    async with aside.serving(config):
        assert await aside.served(config) is True
    assert await aside.served(config) is False


async def test_who_only_looks_keeps_nobody_out(sqlite_config: Config) -> None:
    """A look that holds the lock for a moment, just as a server begins: it begins all the same."""
    looking = environment.alone(sqlite_config.data_dir / aside.LOCK)
    with ExitStack() as stack:
        stack.enter_context(looking)
        beginning = asyncio.create_task(_serve_once(sqlite_config))
        await asyncio.sleep(0)
    await asyncio.wait_for(beginning, PATIENCE)


@still
async def test_a_look_may_last_for_some_tries(sqlite_config: Config) -> None:
    """Held through four tries, by one who looks on a busy machine: the server has its place at the fifth."""
    with ExitStack() as stack:
        stack.enter_context(environment.alone(sqlite_config.data_dir / aside.LOCK))
        beginning = asyncio.create_task(_serve_once(sqlite_config))
        for seconds in (0, *[aside.PAUSE / 10] * 3):
            await move(seconds)
        assert not beginning.done()
    await move(aside.PAUSE / 10)
    assert beginning.done()
    await beginning
