"""The line on which a process hears what others changed: LISTEN on PostgreSQL, opened again whenever it is lost.

Source: the asyncpg reference ("Connection": listeners, termination listeners). A connection whose other end vanished
without a word says nothing by itself, so it is asked now and then.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import asyncpg

log = logging.getLogger(__name__)

PULSE = 30.0
"""Seconds between two looks whether the server still answers; as many are given to the answer."""
SOONEST, LATEST = 0.05, 10.0
"""Seconds before another try to connect: doubled from the first to the last."""
FAILURES = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class Listener:
    """Calls ``heard(payload)`` at each notification, and ``missed()`` after a time in which some may have been lost."""

    def __init__(
        self, url: str, channel: str, heard: Callable[[str], None], missed: Callable[[], None], pulse: float = PULSE
    ) -> None:
        self._url, self._channel, self._pulse = url, channel, pulse
        self._heard, self._missed = heard, missed
        self._line: asyncpg.Connection | None = None
        self._lost = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect and listen; ``OSError`` or asyncpg's errors when the server refuses."""
        await self._connect()
        self._keeping = asyncio.create_task(self._keep(), name="listener")

    async def close(self) -> None:
        """Hear nothing more."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._line is not None:
            with suppress(*FAILURES):
                await self._line.close(timeout=self._pulse)

    async def _connect(self) -> None:
        lost = asyncio.Event()
        line = await asyncpg.connect(self._url, timeout=PULSE)
        try:
            line.add_termination_listener(lambda _line: lost.set())
            await line.add_listener(self._channel, self._tell)
        except BaseException:
            line.terminate()
            raise
        self._line, self._lost = line, lost

    async def _keep(self) -> None:
        while True:
            if await self._gone():
                log.warning("the line to the other processes was lost")
                await self._connect_again()
                log.warning("the line to the other processes stands again")
                self._missed()

    async def _gone(self) -> bool:
        """Wait until the line is lost, or until it is time to ask whether it is."""
        try:
            async with asyncio.timeout(self._pulse):
                return await self._lost.wait()
        except TimeoutError:
            return not await self._answers()

    async def _answers(self) -> bool:
        line = self._line
        if line is None:
            return False
        try:
            await line.execute("SELECT 1", timeout=self._pulse)
        except FAILURES:
            line.terminate()
            return False
        return True

    async def _connect_again(self) -> None:
        wait = SOONEST
        while True:
            try:
                return await self._connect()
            except FAILURES as error:
                log.info("no line to the other processes yet: %s", type(error).__name__)
            await asyncio.sleep(wait)
            wait = min(2 * wait, LATEST)

    def _tell(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        self._heard(payload)
