"""Updates in: stored before they are acknowledged, each once, in order for one person, many people at once.

Whether they come by long polling or by webhook, :meth:`Inbox.receive` returns only when they are rows. A kill at any
instant loses none: what was not finished is taken up again, at the next start or by another process that lives.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from bot.fetching import Troubled
from core.database import log_failure
from core.inbox import rules, store
from core.inbox.rules import Received
from core.shop import Shop

log = logging.getLogger(__name__)
security = logging.getLogger("haang.security")

AT_ONCE = 16
LEASE = timedelta(seconds=30)
"""How long a claim lasts unless it is renewed, should nobody notice that its process is dead."""
RENEWED = 10.0  # seconds between two renewals
SWEPT = 1.0  # the same where other processes may live beside this one
FINISH_AFTER = 0.5  # seconds that finished updates wait for others to be marked together with, out of taps' way
FULL = 2_000
LARGEST = 2**63
"""No number of Telegram's reaches it, and no database holds it."""
SHARE = 100
"""So many updates of one person may wait; nobody taps so fast, and the rest of a flood is not worked."""

Update = dict[str, Any]
Handle = Callable[[Update], Awaitable[bool]]


class Closing(Exception):
    """The process is about to end and takes no more updates; Telegram brings them again."""


class Inbox:
    """``handle`` works one update and says whether it went well; where it raises, it did not.

    What ``passing`` takes is not stored and waits for nothing here.
    """

    def __init__(
        self, shop: Shop, handle: Handle, owner: str, passing: Callable[[Update], bool] = lambda _update: False, *,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._shop, self._handle, self._owner, self._passing, self._rest = shop, handle, owner, passing, rest
        self._waiting: dict[int, deque[Received]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._one_by_one = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._storing: list[tuple[list[Received], asyncio.Future[None]]] = []
        self._done: dict[bool, list[int]] = {True: [], False: []}
        self._marker: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        self._storer: asyncio.Task[None] | None = None
        self._floods: set[int] = set()
        self._count = 0
        self._closing = False
        self._room = asyncio.Event()
        self._room.set()

    async def receive(self, updates: list[Update]) -> None:
        """Store updates; when this returns they may be acknowledged. Calls at the same time share one transaction.

        ``Closing``, or the database's error, where they were not stored.
        """
        if self._closing:
            raise Closing
        updates = [update for update in updates if not self._passing(update)]
        if not updates:
            return
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._storing.append(([received(update) for update in updates], stored))
        if self._storer is None or self._storer.done():
            self._storer = asyncio.create_task(self._store())
        await stored

    async def resume(self) -> int:
        """Take up what dead processes left unfinished; returns how many updates that is."""
        found = 0
        await self._shop.db.write(store.bury, self._owner, self._shop.clock.now())
        while True:
            now = self._shop.clock.now()
            left = await self._shop.db.write(store.claim_new, self._owner, now, now + LEASE)
            if not left:
                return found
            self._enqueue(left)
            found += len(left)

    async def keep(self) -> None:
        """Renew for ever what is claimed here, and take what a dead process left, or what came here out of turn."""
        while True:
            await asyncio.sleep(RENEWED if self._shop.db.dialect == "sqlite" else SWEPT)
            await self._shop.db.write(store.renew, self._owner, self._shop.clock.now() + LEASE)
            self._mark_soon()
            if found := await self.resume():
                log.info("took up %d updates that waited for another process", found)

    async def idle(self) -> None:
        """Wait until everything received is worked and marked."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        while self._marker:
            self._hurry.set()
            await asyncio.gather(self._marker, return_exceptions=True)

    async def close(self, patience: float) -> None:
        """Take no more, and finish what is there within ``patience`` seconds; the rest stands in its rows."""
        self._closing = True
        if self._storer is not None:  # who fetched may be gone; what it brought would be begun in a closed shop
            await asyncio.gather(self._storer, return_exceptions=True)
        working = tuple(self._tasks)
        if working:
            _, late = await asyncio.wait(working, timeout=patience)
            for task in late:
                log.info("stopping with updates unfinished; they are taken up at the next start")
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.idle()

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
                    if not stored.done():
                        stored.set_exception(error)
                continue
            self._enqueue(fresh)
            for _, stored in batch:
                if not stored.done():
                    stored.set_result(None)

    def _enqueue(self, updates: list[Received]) -> None:
        for update in updates:
            line = self._waiting.get(update.person)
            if line is not None and len(line) >= SHARE:  # a flood: nobody else waits for it
                self._done[False].append(update.update_id)
                self._mark_soon()
                if update.person not in self._floods:
                    self._floods.add(update.person)
                    security.warning("a flood of updates of one person; what is too much is left unworked")
                continue
            self._counted(1)
            if line is not None:
                line.append(update)
                continue
            self._waiting[update.person] = deque([update])
            task = asyncio.create_task(self._work(update.person))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _work(self, person: int) -> None:
        """Work one person's updates in order; whatever is wrong with one, the next is worked."""
        line = self._waiting[person]
        try:
            while line:
                (good,) = await asyncio.gather(self._worked(line[0]), return_exceptions=True)
                if isinstance(good, BaseException):
                    log_failure(log, f"update {line[0].update_id} broke off", good)
                self._done[good is True].append(line.popleft().update_id)
                self._counted(-1)
                self._mark_soon()
        finally:
            del self._waiting[person]
            self._floods.discard(person)

    async def _worked(self, update: Received) -> bool:
        """Work one update, holding a slot.

        Those that a process died with are counted, and worked one by one: so the one that kills is known from those
        that only stood beside it, and is given up instead of killing every start. After a second death it waits for a
        while first (``rules.CALM``): a process that is killed sooner, whatever the reason, blames nobody.
        """
        if not update.left:
            async with self._slots:
                return await self._handle(json.loads(update.payload))
        await self._rest(update.rest)
        async with self._one_by_one, self._slots:
            if await self._shop.db.write(store.begin, update.update_id):
                return await self._handle(json.loads(update.payload))
        log.error("update %d given up: %d processes died with it", update.update_id, rules.MOST_LIVES + 1)
        return False

    def _counted(self, by: int) -> None:
        self._count += by
        if self._count < FULL:
            self._room.set()
        else:
            self._room.clear()

    def _mark_soon(self) -> None:
        if self._marker is None and (self._done[True] or self._done[False]):
            self._marker = asyncio.create_task(self._mark())
            self._marker.add_done_callback(self._marked)

    async def _mark(self) -> None:
        """Mark what is finished, many in one transaction."""
        while self._done[True] or self._done[False]:
            await asyncio.wait([hurry := asyncio.create_task(self._hurry.wait())], timeout=FINISH_AFTER)
            hurry.cancel()
            done, self._done = self._done, {True: [], False: []}
            try:
                await self._shop.db.write(store.finish, done[True], done[False])
            except BaseException:
                self._done = {good: done[good] + self._done[good] for good in done}
                raise

    def _marked(self, marker: asyncio.Task[None]) -> None:
        self._marker = None
        error = None if marker.cancelled() else marker.exception()
        if error is not None:
            log.warning("finished updates are not marked yet: %s", type(error).__name__)
        else:
            self._mark_soon()


def known(update: Any) -> bool:
    """Whether this is an update: an object with a number that is one of Telegram's (Bot API: positive; 64 bits)."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < LARGEST


def received(update: Update) -> Received:
    """Read from a raw update what the inbox needs: its id, and whom it must be kept in order for.

    The payload is ASCII: half a surrogate pair, which no database takes, is written as its escape.
    """
    return Received(int(update["update_id"]), _person(update), json.dumps(update, separators=(",", ":")))


def _person(update: Update) -> int:
    """Whom an update comes from: the user, else the chat; 0 where it names neither."""
    for value in update.values():
        if isinstance(value, dict):
            sender = value.get("from") or value.get("user") or value.get("chat")
            number = sender.get("id") if isinstance(sender, dict) else None
            return number if isinstance(number, int) and abs(number) < LARGEST else 0
    return 0


async def poll(
    inbox: Inbox, get_updates: Callable[[int | None], Awaitable[list[Update]]], shop: Shop, pause: float = 1.0
) -> None:
    """Fetch updates for ever: each batch is stored before the next question acknowledges it.

    ``pause`` is how many seconds are waited after a first failure; it doubles up to half a minute.
    """
    last = await shop.db.read(store.last_update)
    first = pause
    while True:
        await inbox.room()
        try:
            updates = await get_updates(None if last is None else last + 1)
            pause = first
        except OSError as error:
            if not isinstance(error, Troubled):  # which was told, once
                log.warning("updates cannot be fetched (%s), again in %d s", type(error).__name__, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 30)
            continue
        if updates:
            await inbox.receive(updates)
            last = max(int(update["update_id"]) for update in updates)
