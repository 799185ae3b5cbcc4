"""What the chat page hears live: named events to every listener, as server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from bot.sandbox.journal import encode

_PING = 15.0  # seconds; a comment line keeps proxies and tabs awake
_BACKLOG = 1000  # a listener this far behind is dropped and comes back by itself


class Events:
    """A bell with any number of listeners."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[bytes | None]] = set()
        self._watchers: set[asyncio.Queue[bytes | None]] = set()  # the listeners that hear of every call too

    @property
    def heard(self) -> bool:
        """Whether anybody listens, so that work for nobody is saved."""
        return bool(self._listeners)

    @property
    def watched(self) -> bool:
        """Whether somebody listens to the calls of the bot."""
        return bool(self._watchers)

    def ring(self, name: str, data: dict[str, Any], *, watchers: bool = False) -> None:
        """Tell every listener, or only those who listen to calls."""
        listeners = self._watchers if watchers else self._listeners
        if not listeners:
            return
        line = f"event: {name}\ndata: {encode(data)}\n\n".encode(errors="replace")
        for queue in list(listeners):
            if queue.qsize() >= _BACKLOG:
                self._leave(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(line)

    async def listen(self, *, calls: bool = False) -> AsyncIterator[bytes]:
        """Yield lines for one listener until it goes or the sandbox stops; `calls`: those of the bot's calls too."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._listeners.add(queue)
        if calls:
            self._watchers.add(queue)
        try:
            yield b"retry: 1000\n\n"
            while True:
                try:
                    async with asyncio.timeout(_PING):
                        line = await queue.get()
                except TimeoutError:
                    line = b": ping\n\n"
                if line is None:
                    return
                yield line
        finally:
            self._leave(queue)

    def close(self) -> None:
        """Let every listener go."""
        for queue in self._listeners:
            queue.put_nowait(None)
        self._listeners.clear()
        self._watchers.clear()

    def _leave(self, queue: asyncio.Queue[bytes | None]) -> None:
        self._listeners.discard(queue)
        self._watchers.discard(queue)
