"""Updates in: stored before they are acknowledged, each once, in order for one person, many people at once.

Whether they come by long polling or by webhook, :meth:`Inbox.receive` returns only when they are rows. A kill at any
instant loses none: what was not finished is taken up again at the next start.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from core.messages import store
from core.messages.rules import Received
from core.shop import Shop

log = logging.getLogger(__name__)

AT_ONCE = 16
LEASE = timedelta(minutes=5)
FINISH_AFTER = 0.05  # seconds that finished updates wait for others to be marked together with
FULL = 2_000

Handle = Callable[[dict[str, Any]], Awaitable[bool]]


class Inbox:
    """``handle`` works one update and says whether it went well; it never raises."""

    def __init__(self, shop: Shop, handle: Handle, owner: str) -> None:
        self._shop, self._handle, self._owner = shop, handle, owner
        self._waiting: dict[int, deque[Received]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._storing: list[tuple[list[Received], asyncio.Future[None]]] = []
        self._done: dict[bool, list[int]] = {True: [], False: []}
        self._marker: asyncio.Task[None] | None = None
        self._storer: asyncio.Task[None] | None = None
        self._count = 0
        self._room = asyncio.Event()
        self._room.set()

    async def receive(self, updates: list[dict[str, Any]]) -> None:
        """Store updates; when this returns they may be acknowledged. Calls at the same time share one transaction."""
        loop = asyncio.get_running_loop()
        stored: asyncio.Future[None] = loop.create_future()
        self._storing.append(([received(update) for update in updates], stored))
        if self._storer is None or self._storer.done():
            self._storer = asyncio.create_task(self._store())
        await stored

    async def resume(self) -> int:
        """Take up what an earlier life left unfinished; returns how many updates that is."""
        now = self._shop.clock.now()
        left = await self._shop.db.write(store.claim_new, self._owner, now, now + LEASE)
        self._enqueue(left)
        return len(left)

    async def idle(self) -> None:
        """Wait until everything received is worked and marked."""
        while self._tasks or self._marker:
            await asyncio.gather(*self._tasks, *([self._marker] if self._marker else []))

    async def room(self) -> None:
        """Wait while so much waits that no more should be fetched."""
        await self._room.wait()

    async def _store(self) -> None:
        while self._storing:
            batch, self._storing = self._storing, []
            now = self._shop.clock.now()
            everything = [update for updates, _ in batch for update in updates]
            try:
                fresh = await self._shop.db.write(store.receive, everything, self._owner, now, now + LEASE)
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits; nothing was acknowledged
                for _, stored in batch:
                    stored.set_exception(error)
                continue
            self._enqueue(fresh)
            for _, stored in batch:
                if not stored.done():
                    stored.set_result(None)

    def _enqueue(self, updates: list[Received]) -> None:
        for update in updates:
            self._counted(1)
            line = self._waiting.get(update.person)
            if line is not None:
                line.append(update)
                continue
            self._waiting[update.person] = deque([update])
            task = asyncio.create_task(self._work(update.person))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _work(self, person: int) -> None:
        """Work one person's updates in order; only an update being worked holds a slot."""
        line = self._waiting[person]
        while line:
            update = line[0]
            async with self._slots:
                good = await self._handle(json.loads(update.payload))
            line.popleft()
            self._counted(-1)
            self._done[good].append(update.update_id)
            if self._marker is None:
                self._marker = asyncio.create_task(self._mark())
        del self._waiting[person]

    def _counted(self, by: int) -> None:
        self._count += by
        if self._count < FULL:
            self._room.set()
        else:
            self._room.clear()

    async def _mark(self) -> None:
        await asyncio.sleep(FINISH_AFTER)
        done, self._done = self._done, {True: [], False: []}
        self._marker = None
        await self._shop.db.write(store.finish, done[True], done[False])


def received(update: dict[str, Any]) -> Received:
    """Read from a raw update what the inbox needs: its id, and whom it must be kept in order for."""
    person = 0
    for value in update.values():
        if isinstance(value, dict):
            sender = value.get("from") or value.get("user") or value.get("chat") or {}
            person = int(sender.get("id", 0))
            break
    return Received(int(update["update_id"]), person, json.dumps(update, ensure_ascii=False, separators=(",", ":")))


async def poll(inbox: Inbox, get_updates: Callable[[int | None], Awaitable[list[dict[str, Any]]]], shop: Shop) -> None:
    """Fetch updates for ever: each batch is stored before the next question acknowledges it."""
    last = await shop.db.read(store.last_update)
    pause = 1.0
    while True:
        await inbox.room()
        try:
            updates = await get_updates(None if last is None else last + 1)
            pause = 1.0
        except OSError as error:
            log.warning("updates cannot be fetched (%s), again in %d s", type(error).__name__, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 30)
            continue
        if updates:
            await inbox.receive(updates)
            last = max(int(update["update_id"]) for update in updates)
