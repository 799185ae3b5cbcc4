"""What taps in a busy group drew while it had no room: the newest of each message, drawn as soon as there is some.

A group takes 20 messages a minute, edits too. Who taps there is answered at once. Where little room is left (that is
kept for new orders) the redraw waits: an order's card for the outbox, which owes it anyway, everything else here. Menus
and lists have no row behind them: what a process that dies takes along costs one more tap.
"""

import asyncio
import itertools
import logging
import time
from collections.abc import Awaitable, Callable
from math import inf

log = logging.getLogger(__name__)

KEPT = 10
"""Half of a group's 20 a minute is left to what the outbox brings, before taps draw anything at once."""
EVERY = 7.5
"""Seconds between two that are drawn from that half: eight a minute, for people who wait before a menu or a list."""
GLANCE = 1.0
"""Seconds, at most, between two looks whether there is room."""
Draw = Callable[[], Awaitable[object]]


class Late:
    """One queue a group. ``free`` says how many messages a chat may receive now, ``delay`` seconds until one."""

    def __init__(
        self, free: Callable[[int], int], delay: Callable[[int], float], *,
        clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._free, self._delay, self._clock, self._sleep = free, delay, clock, sleep
        self._queues: dict[int, dict[int, tuple[Draw, object]]] = {}
        self._drawn: dict[int, float] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._nameless = itertools.count(-1, -1)  # names what is no redraw of a message that stands

    def is_full(self, chat_id: int) -> bool:
        """Tell whether a tap's redraw should wait; never in a private chat, where nobody else's news come."""
        return chat_id < 0 and self._free(chat_id) <= KEPT

    def wants(self, chat_id: int) -> int:
        """How many of the group's free messages are for what waits here: one, when it is its turn."""
        return int(bool(self._queues.get(chat_id)) and self._turn_in(chat_id) == 0)

    def put(self, chat_id: int, message_id: int | None, draw: Draw, over: object = None) -> None:
        """Draw later; what waited for the same message is not drawn any more. None: a message that is to be sent.

        ``over``: how the card looks whose page it is.
        """
        queue = self._queues.setdefault(chat_id, {})
        queue[next(self._nameless) if message_id is None else message_id] = draw, over
        if chat_id not in self._tasks:
            self._tasks[chat_id] = asyncio.create_task(self._work(chat_id))

    def drop(self, chat_id: int, message_id: int, but: object = None) -> None:
        """Forget what waits for a message: something newer is drawn there; ``but`` a page over a card of that look."""
        queue = self._queues.get(chat_id, {})
        if message_id in queue and (but is None or queue[message_id][1] != but):
            del queue[message_id]

    async def settle(self) -> None:
        """Wait until nothing waits."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values())

    async def close(self) -> None:
        """Give up what still waits."""
        tasks = tuple(self._tasks.values())
        self._queues.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, chat_id: int) -> None:
        try:
            while queue := self._queues.get(chat_id):
                if (wait := self._wait(chat_id)) > 0:
                    await self._sleep(min(wait, GLANCE))
                    continue
                draw, _ = queue.pop(next(iter(queue)))
                self._drawn[chat_id] = self._clock()
                (error,) = await asyncio.gather(draw(), return_exceptions=True)
                if error is not None:  # the edge of one screen: the next must still be drawn
                    log.warning("a tap's screen was not drawn: %s", type(error).__name__)
        finally:
            del self._tasks[chat_id]

    def _wait(self, chat_id: int) -> float:
        """Seconds until the next may be drawn: at once with plenty of room, else when it is its turn."""
        free = self._free(chat_id)
        if free > KEPT:
            return 0.0
        return self._turn_in(chat_id) if free > 0 else max(self._delay(chat_id), 0.02)

    def _turn_in(self, chat_id: int) -> float:
        """Seconds until the next may be drawn of what is kept."""
        return max(0.0, self._drawn.get(chat_id, -inf) + EVERY - self._clock())
