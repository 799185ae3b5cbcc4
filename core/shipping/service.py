"""The list of places, read before anybody needs it."""

import asyncio
import logging

from core.database import log_failure
from core.shipping import rules

log = logging.getLogger(__name__)

_READINGS = dict[asyncio.AbstractEventLoop, asyncio.Task[None]]()
"""The reading that goes on, of each loop: one."""


async def ready() -> None:
    """See to it that the places are read, once in a process: it takes some tenths of a second, in a thread of its own.

    Whoever counts a price in a transaction then, or draws the first page, finds them in memory; all who come meanwhile
    wait for one reading. One that fails is logged, and only who needs a place fails too: the next one tries again.
    """
    if rules.provinces.cache_info().currsize:
        return
    loop = asyncio.get_running_loop()
    if loop not in _READINGS:
        _READINGS[loop] = loop.create_task(_read())
        _READINGS[loop].add_done_callback(lambda _: _READINGS.pop(loop, None))
    await asyncio.wait({_READINGS[loop]})


async def _read() -> None:
    (found,) = await asyncio.gather(asyncio.to_thread(rules.provinces), return_exceptions=True)
    if isinstance(found, BaseException):
        log_failure(log, "the list of places was not read", found)
