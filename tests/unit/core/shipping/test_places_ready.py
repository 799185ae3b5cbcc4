"""The list of places is read beside what goes on, before a price is counted."""

import asyncio
import threading

from core.shipping import rules, service
from tests.support.unread import unread


async def test_whoever_comes_at_once_waits_for_one_reading() -> None:
    """Five at once: read once, not where everything else is worked; then they are there."""
    with unread() as threads:
        await asyncio.gather(*(service.ready() for _ in range(5)))
        assert rules.provinces.cache_info().currsize == 1
        await service.ready()
    (thread,) = threads
    assert thread != threading.current_thread().name
