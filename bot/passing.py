"""What passes the inbox by: inline queries, which live some seconds and lose nothing when they are dropped.

They are not stored, wait behind no queue, and of one person only the newest counts: who goes on typing has no use for
the answer to what they typed before.
"""

import asyncio
import logging
from typing import Any

from bot.inbox import Handle
from core.database import log_failure

log = logging.getLogger(__name__)

AT_ONCE = 8
MOST = 500
"""So many people's queries may wait; what comes then is dropped."""

Update = dict[str, Any]


class Passing:
    """``handle`` works one update."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._newest: dict[int, Update] = {}
        self._asking: dict[int, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)

    def take(self, update: Update) -> bool:
        """Take an update that passes by, and begin to work it; False for any other."""
        query = update.get("inline_query")
        if not isinstance(query, dict):
            return False
        who = query.get("from")
        person = who.get("id") if isinstance(who, dict) else None
        if not isinstance(person, int) or (person not in self._asking and len(self._asking) >= MOST):
            return True
        self._newest[person] = update
        if person not in self._asking:
            self._begin(person)
        return True

    def _begin(self, person: int) -> None:
        task = self._asking[person] = asyncio.create_task(self._work(person))
        task.add_done_callback(lambda done: self._ended(person, done))

    async def _work(self, person: int) -> None:
        """Work what one person asks, the newest first and the rest never."""
        while person in self._newest:
            async with self._slots:
                (error,) = await asyncio.gather(self._handle(self._newest.pop(person)), return_exceptions=True)
            if isinstance(error, BaseException):
                log_failure(log, "an inline query broke off", error)

    def _ended(self, person: int, done: asyncio.Task[None]) -> None:
        del self._asking[person]
        if done.cancelled():  # also where it never began
            self._newest.pop(person, None)
        elif person in self._newest:
            self._begin(person)

    async def idle(self) -> None:
        """Wait until everything that was taken is worked."""
        while self._asking:
            await asyncio.gather(*self._asking.values(), return_exceptions=True)

    async def close(self) -> None:
        """Drop what is there."""
        for task in self._asking.values():
            task.cancel()
        await self.idle()
