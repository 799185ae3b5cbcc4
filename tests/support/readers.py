"""Many people who want news, in a sandbox at Telegram's own limits; shop, sandbox and pacing go by the moved clock."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, update
from telegram.ext import ExtBot

from bot.broadcasting import Broadcasting
from bot.pictures import Pictures
from bot.sandbox import PersonSeed, Sandbox
from bot.show import Show
from core.broadcasts import service as broadcasts
from core.broadcasts import store
from core.broadcasts.rules import Broadcast, Counts, Otherwise, Words
from core.clock import SteppedClock
from core.database.tables import people
from core.messages.rules import MessageRef
from core.people import service as folk
from core.people.rules import Role
from core.shop import Shop
from tests.support import builders
from tests.support.rush import Watched
from tests.support.talk import BOT_ID, TOKEN, CountingRequest

FIRST = 5001
BOSS = 2001
WORDS = "Half price today"


class Killed(Broadcasting):
    """A process that is killed: what was under way may have arrived, and nothing is written down any more."""

    async def _let_go(self, one: Broadcast) -> None:
        _ = one
        for task in self._flying:
            task.cancel()


@dataclass
class Readers:
    """``size`` people, numbered from FIRST on; ``went`` is when each message of a worker left, by the moved clock."""

    shop: Shop
    sandbox: Sandbox
    bot: ExtBot[None]
    show: Show
    pacing: Watched
    size: int
    wanted: int = 0
    there: asyncio.Event = field(default_factory=asyncio.Event)
    kill_after: int = 0
    slept: int = 0
    went: list[float] = field(default_factory=list)
    workers: list[Broadcasting] = field(default_factory=list)

    def worker(self, owner: str, *, kill_after: int = 0) -> Broadcasting:
        """A process that sends; one that is killed when it has slept so often."""
        kind = Killed if kill_after else Broadcasting
        self.kill_after, self.slept = kill_after, 0
        made = kind(self.shop, self.show, owner, lambda: self.pacing.bulk_delay(self.now()), clock=self.now,
                    sleep=self.sleep)  # fmt: skip
        self.workers.append(made)
        return made

    def now(self) -> float:
        """The moved clock, in seconds."""
        return self.shop.clock.now().timestamp()

    async def sleep(self, seconds: float) -> None:
        """Let what is under way arrive, then move the clock; a process to be killed dies here."""
        self.slept += 1
        if self.kill_after and self.slept >= self.kill_after:
            raise asyncio.CancelledError
        flying = [task for worker in self.workers for task in worker._flying]
        if flying:
            await asyncio.wait(flying)
        assert isinstance(self.shop.clock, SteppedClock)
        self.shop.clock.move(timedelta(seconds=seconds))

    async def until(self, many: int, sending: "asyncio.Task[bool]") -> None:
        """Wait until so many messages left, or the worker stopped."""
        self.wanted, self.there = many, asyncio.Event()
        arrived = asyncio.create_task(self.there.wait())
        await asyncio.wait({arrived, sending}, return_when=asyncio.FIRST_COMPLETED)
        arrived.cancel()

    def let_go(self) -> None:
        """Note that a message leaves now."""
        self.went.append(self.now())
        if len(self.went) == self.wanted:
            self.there.set()

    async def begin(self, *languages: str, words: str = WORDS) -> Broadcast:
        """Start a broadcast that everybody gets."""
        boss = await builders.worker(self.shop, Role.ADMIN, BOSS)
        made = await broadcasts.draft(self.shop, boss)
        for language in languages or ("en",):
            made = await broadcasts.say(self.shop, boss, made.id, language, Words(words))
        made = await broadcasts.otherwise(self.shop, boss, made.id, made.stamp, Otherwise.OTHER)
        return await broadcasts.start(self.shop, boss, made.id, made.stamp, MessageRef(BOSS, 0, has_photo=False))

    async def counts(self, one: Broadcast) -> Counts:
        """What became of the copies, but for fates of nobody."""
        found = await self.shop.db.read(store.counts, one.id)
        return {fate: count for fate, count in found.items() if count}

    def got(self) -> Counter[int]:
        """How many copies each person has in their chat."""
        chats = self.sandbox.world.state.chats
        return Counter({
            number: sum(str(message.get("text", "")) == WORDS for message in chats[number].messages.values())
            for number in self.numbers
        })  # fmt: skip

    @property
    def numbers(self) -> Collection[int]:
        """Everybody's number at Telegram."""
        return range(FIRST, FIRST + self.size)


class _Timed(Watched):
    """Notes when each message was let go."""

    readers: Readers | None = None

    async def _turn(self, call: Any) -> None:
        await super()._turn(call)
        if self.readers is not None and call.bulk:
            self.readers.let_go()


@asynccontextmanager
async def readers(shop: Shop, size: int) -> AsyncIterator[Readers]:
    """So many people who wrote to the bot once and want news."""
    seeds = tuple(PersonSeed(FIRST + i, f"Reader {i}") for i in range(size))
    sandbox = Sandbox(token=TOKEN, people=(PersonSeed(BOSS, "Boss"), *seeds), groups=(),
                      clock=lambda: shop.clock.now().timestamp())  # fmt: skip
    address = await sandbox.start()
    try:
        for seed in seeds:
            sandbox.people.write(seed.id, seed.id, "/start")
        sandbox.world.updates.drop_all()
        async with CountingRequest() as request:
            clock = shop.clock
            pacing = _Timed(clock=lambda: clock.now().timestamp(), sleep=_moved(shop))
            bot: ExtBot[Any] = ExtBot(TOKEN, base_url=f"{address}/bot", request=request, get_updates_request=request,
                                      rate_limiter=pacing)  # fmt: skip
            pictures = Pictures(shop, BOT_ID)
            found = Readers(shop, sandbox, bot, Show(bot, pictures, alone=True), pacing, size)
            pacing.readers = found
            await _arrive(shop, found.numbers)
            yield found
    finally:
        await sandbox.stop()


def _moved(shop: Shop) -> Any:
    async def sleep(seconds: float) -> None:
        assert isinstance(shop.clock, SteppedClock)
        shop.clock.move(timedelta(seconds=max(seconds, 0.001)))
        await asyncio.sleep(0)

    return sleep


async def _arrive(shop: Shop, numbers: Collection[int]) -> None:
    for number in numbers:
        await folk.arrive(shop, number, f"Reader {number}")

    def want(tx: Connection) -> None:
        tx.execute(update(people).where(people.c.telegram_id.in_(numbers)).values(wants_news=True, language="en"))

    await shop.db.write(want)
    shop.seen.clear()
