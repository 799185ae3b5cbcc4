"""Tracking pages that move by themselves: server-sent events (WHATWG HTML, 9.2) of an order's card.

Who watches gets the card whenever the order's version is another than the one they have seen, so a connection that was
lost catches up with ``Last-Event-ID``. One order read and drawn serves all who watch it in one language.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aiohttp import web

from core.changes import Change, Changes
from web.memory import Memory

HEARTBEAT = 20.0
"""Seconds of silence after which a sign of life is sent; proxies close what is silent for a minute."""
MOST = 5_000
"""Watchers one process serves at most; whoever comes then is told so, and their page reloads by itself meanwhile."""
MOST_EACH = 50
"""Watchers of one order: its customer, whoever they showed it to, and a few forgotten tabs."""
_ALIVE = b": still here\n\n"
_END = b"event: end\ndata:\n\n"


@dataclass(frozen=True, slots=True)
class Moment:
    """An order's card as it stands: ``message`` is the whole event; ``final`` when no step can follow."""

    order_id: int
    version: int
    final: bool
    message: bytes


Look = Callable[[], Awaitable[Moment]]


def message(version: int, fragment: str) -> bytes:
    """Write a fragment of HTML as one event ``card`` whose id is the order's version."""
    lines = "".join(f"data: {line}\n" for line in fragment.splitlines())
    return f"id: {version}\nevent: card\n{lines}\n".encode()


class Moments:
    """Everybody who watches an order, ``most`` at once. ``heartbeat`` is in seconds."""

    def __init__(self, heartbeat: float = HEARTBEAT, most: int = MOST) -> None:
        self._most = most
        self.memory: Memory[Moment] = Memory()
        self._heartbeat = heartbeat
        self._bells: defaultdict[int, set[asyncio.Event]] = defaultdict(set)
        self._closing = False
        self.watching = 0

    def listen(self, changes: Changes) -> Callable[[], None]:
        """Ring for those who watch; what was drawn before the change is dropped first."""
        forgetting = self.memory.listen(changes)
        ringing = changes.listen("order", self._ring)

        def stop() -> None:
            ringing()
            forgetting()

        return stop

    def close(self) -> None:
        """Let everybody go: the process stops."""
        self._closing = True
        self._ring(Change("order"))

    def full(self, order_id: int) -> bool:
        """Whether nobody else can be served who watches this order."""
        return self._closing or self.watching >= self._most or len(self._bells.get(order_id, ())) >= MOST_EACH

    async def follow(self, response: web.StreamResponse, order_id: int, look: Look, seen: str) -> None:
        """Send the card at every change until the order is final and silent, or the shop stops.

        ``seen`` is the version the visitor has, as text; empty: none. ``ConnectionResetError`` when the visitor leaves.
        """
        with self._bell(order_id) as bell:
            while not self._closing:
                bell.clear()
                moment = await look()
                if str(moment.version) != seen:
                    await response.write(moment.message)
                    seen = str(moment.version)
                if await self._rings(bell):
                    continue
                if moment.final:
                    await response.write(_END)
                    return
                await response.write(_ALIVE)

    async def _rings(self, bell: asyncio.Event) -> bool:
        """Wait for the bell; False when it stayed silent for a heartbeat."""
        try:
            async with asyncio.timeout(self._heartbeat):
                return await bell.wait()
        except TimeoutError:
            return False

    @contextmanager
    def _bell(self, order_id: int) -> Iterator[asyncio.Event]:
        bell = asyncio.Event()
        self._bells[order_id].add(bell)
        self.watching += 1
        try:
            yield bell
        finally:
            self.watching -= 1
            self._bells[order_id].discard(bell)
            if not self._bells[order_id]:
                del self._bells[order_id]

    def _ring(self, change: Change) -> None:
        watched = self._bells.get(change.id, ()) if change.id else [b for bells in self._bells.values() for b in bells]
        for bell in tuple(watched):
            bell.set()
