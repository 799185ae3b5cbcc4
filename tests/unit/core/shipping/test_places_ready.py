"""The list of places is read beside what goes on, before a price is counted."""

import asyncio
import threading

import pytest

from core.shipping import rules, service
from tests.support.unread import unread

CROWD = 50
"""So many updates are worked at once."""


async def test_whoever_comes_at_once_waits_for_one_reading() -> None:
    """Fifty at once: read once, not where everything else is worked, and one thread is taken; then they are there."""
    before = set(threading.enumerate())
    with unread() as threads:
        await asyncio.gather(*(service.ready() for _ in range(CROWD)))
        assert rules.provinces.cache_info().currsize == 1
        await service.ready()
    (thread,) = threads
    assert thread != threading.current_thread().name
    assert [one.name for one in set(threading.enumerate()) - before] == [thread]


async def test_who_gives_up_takes_the_reading_from_nobody() -> None:
    """One of those who wait is cancelled: the others' reading goes on, and is no second one."""
    with unread() as threads:
        first, second = asyncio.create_task(service.ready()), asyncio.create_task(service.ready())
        await asyncio.sleep(0)
        first.cancel()
        await second
        assert rules.provinces.cache_info().currsize == 1
    assert first.cancelled()
    assert len(threads) == 1


async def test_a_reading_that_fails_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Once, whoever waits for it; nobody who waits fails with it, and the next one reads again."""
    with unread(ValueError("not JSON")) as threads:
        await asyncio.gather(*(service.ready() for _ in range(CROWD)))
        assert [record.getMessage() for record in caplog.records] == ["the list of places was not read"]
        await service.ready()
    assert len(threads) == 2
