"""The list of places, read before anybody needs it."""

import asyncio
from threading import Lock

from core.shipping import rules

_READING = Lock()


async def ready() -> None:
    """See to it that the places are read, once in a process: it takes some tenths of a second, in a thread of its own.

    Whoever counts a price in a transaction then, or draws a page, finds them in memory.
    """
    if not rules.provinces.cache_info().currsize:
        await asyncio.to_thread(_read)


def _read() -> None:
    """Read them; who comes meanwhile waits for that, and reads nothing."""
    with _READING:
        rules.provinces()
