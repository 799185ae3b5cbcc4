"""News to many on their way: one process at a time, evenly, at nearly all of Telegram's rate, behind everybody else.

The rows are the truth (core/broadcasts): a person's copy is claimed before it is sent and never claimed again, so that
a kill at any instant leaves at most what was in hand unsure, and sends nothing twice.
"""

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from telegram.error import Forbidden, RetryAfter, TelegramError

from bot.request import Unreached, may_be_delivered
from bot.screens import news as screens
from bot.show import Show
from core.broadcasts import rules
from core.broadcasts import service as broadcasts
from core.broadcasts.rules import Broadcast, Fate, Recipient, State
from core.changes import Change
from core.database import log_failure
from core.i18n import translator
from core.shop import Shop

log = logging.getLogger(__name__)

RATE = 29
"""Messages a second, of the thirty that Telegram lets a bot send; spread evenly, so that the thirtieth stays free."""
CATCH_UP = 0.1  # seconds that a delay of ours may be made up for
HAND = 45  # copies claimed and not written down: a kill leaves no more than these unsure
AHEAD = 10  # of them not begun yet: those whom a kill surely leaves without theirs
LOW = 5  # with fewer not begun more are claimed
STEP, SOON = 1.0, 0.1  # seconds between two looks at the rows: at the most, and where more is wanted
TELL = 5.0  # seconds between two edits of the card
TELL_GROUP = 10.0  # in a group, where edits take room from its twenty a minute
AWAY = 5.0  # seconds to wait where Telegram could not be reached
LEAST = 0.001  # seconds: no sleep is shorter, whatever is left by a rounding
IDLE = 10.0  # seconds: the longest sleep without a bell
PATIENCE = 2.0  # seconds for what is under way when the shop closes


class Broadcasting:
    """One worker; several processes may each run one, the rows say which of them sends.

    ``room`` gives the seconds until the pacing lets one more go; ``clock`` monotonic seconds.
    """

    def __init__(
        self, shop: Shop, show: Show, owner: str, room: Callable[[], float], *,
        clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._shop, self._show, self._owner, self._room = shop, show, owner, room
        self._clock, self._sleep = clock, sleep
        self._rung, self._look = asyncio.Event(), False
        self._changed: set[int] = set()
        self._waiting: deque[Recipient] = deque()
        self._flying: set[asyncio.Task[None]] = set()
        self._fates: defaultdict[Fate, list[int]] = defaultdict(list)
        self._next = self._held = self._told = self._stepped = 0.0
        self._vain, self._why = 0, ""
        shop.changes.listen("broadcast", self._heard)
        shop.changes.listen("person", lambda change: self._changed.add(change.id))

    def _heard(self, _change: Change) -> None:
        self._look = True
        self._rung.set()

    async def run(self) -> None:
        """Send for ever: at each bell, and every ten seconds, when it may be morning or who sent be gone."""
        while True:
            self._rung.clear()
            if not await self.send():
                with suppress(TimeoutError):
                    async with asyncio.timeout(IDLE):
                        await self._rung.wait()

    async def send(self) -> bool:
        """Send one broadcast until it ends, is stopped, or the night comes; False where nothing is to be sent now."""
        await self._shop.refresh()
        self._changed.clear()
        one = None if broadcasts.is_quiet(self._shop) else await broadcasts.turn(self._shop, self._owner)
        if one is None:
            return False
        try:
            return await self._go_on(one)
        finally:
            await self._let_go(one)

    async def _go_on(self, one: Broadcast) -> bool:
        self._next, self._look, self._vain = self._clock(), True, 0
        while True:
            if self._is_due():
                found = await self._step(one)
                if found.state is not State.SENDING or found.quiet:
                    return not found.quiet and found.state is not None
                if found.listing:
                    self._look = True
                    continue
            if wait := self._wait():
                await self._pause(wait)
            elif self._waiting and not self._look:
                self._begin(one, self._waiting.popleft())
                await asyncio.sleep(0)  # it takes its place in the pacing before the next one asks for room

    def _is_due(self) -> bool:
        """Whether the rows are to be looked at: somebody rang, the hand runs low, or a second is over."""
        now = self._clock()
        hungry = len(self._waiting) < LOW and self._in_hand() < HAND and now >= self._held
        return self._look or now >= self._stepped + (SOON if hungry else STEP)

    def _in_hand(self) -> int:
        return len(self._waiting) + len(self._flying) + sum(map(len, self._fates.values()))

    def _room_in_hand(self) -> int:
        """How many more may be claimed; what became of the others is written down with the same step."""
        waiting = len(self._waiting)
        return max(min(AHEAD, HAND - len(self._flying)) - waiting, 0)

    async def _step(self, one: Broadcast) -> broadcasts.Step:
        """Write down what became of copies, claim more; what could not be written is written with the next step."""
        now, fates = self._clock(), dict(self._fates)
        self._fates.clear()
        self._look, self._stepped = False, now
        self._changed &= {0, *(person.telegram_id for person in self._waiting)}  # the others are read as they are now
        every = TELL if one.chat_id > 0 else TELL_GROUP
        tell = now >= self._told + every
        most = self._room_in_hand() if now >= self._held else 0
        try:
            found = await broadcasts.step(self._shop, self._owner, one.id, fates, most, tell=tell, why=self._why)
        except BaseException:
            for fate, ids in fates.items():
                self._fates[fate] += ids
            raise
        self._told = now if tell else self._told
        self._waiting.extend(found.claimed)
        return found

    def _wait(self) -> float:
        """Seconds until one more may begin; what is under way is waited for where nothing else is left to do."""
        now = self._clock()
        return max(self._next - now, self._room(), self._held - now, 0.0) if self._waiting else STEP

    async def _pause(self, seconds: float) -> None:
        """Sleep until then, until the next look is due, until somebody rings or, with an empty hand, something ends."""
        if self._waiting or not self._flying:
            look = self._stepped + (STEP if self._waiting else SOON)
            await self._sleep(max(min(seconds, look - self._clock()), LEAST))
        else:
            await asyncio.wait(self._flying, timeout=STEP, return_when=asyncio.FIRST_COMPLETED)

    def _begin(self, one: Broadcast, person: Recipient) -> None:
        now = self._clock()
        self._next = max(self._next + 1 / RATE, now - CATCH_UP)
        task = asyncio.create_task(self._bring(one, person))
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)

    async def _bring(self, one: Broadcast, person: Recipient) -> None:
        """Send one copy, and note what became of it; the edge of one copy: whatever is wrong with it, others follow."""
        (found,) = await asyncio.gather(self._fate(one, person), return_exceptions=True)
        if isinstance(found, BaseException):
            log_failure(log, f"news {one.id} to person {person.person_id} broke off", found)
        fate = found if isinstance(found, Fate) else Fate.UNSURE
        self._fates[fate].append(person.person_id)
        self._vain = 0 if fate is Fate.SENT else self._vain + (fate in rules.NAUGHT)
        if self._vain >= rules.VAIN:
            self._look = True  # before another one begins: the rows decide

    async def _fate(self, one: Broadcast, person: Recipient) -> Fate:
        if not self._changed.isdisjoint({0, person.telegram_id}):
            found = await broadcasts.standing(self._shop, person.telegram_id)
            if found is not Fate.SENDING:
                return found
        return await self._send(one, person)

    async def _send(self, one: Broadcast, person: Recipient) -> Fate:
        screen = screens.news(translator(rules.spoken(one.content, person.language)), one)
        try:
            await self._show.send(person.telegram_id, screen, bulk=True)
        except RetryAfter as error:
            wait = error.retry_after
            self._hold(wait.total_seconds() if isinstance(wait, timedelta) else wait)
            return Fate.WAITING
        except Forbidden as error:
            self._why = error.message
            await broadcasts.blocked(self._shop, person.telegram_id)
            return Fate.BLOCKED
        except Unreached:
            self._hold(AWAY)
            return Fate.WAITING
        except TelegramError as error:
            self._why = error.message
            if may_be_delivered(error):
                return Fate.UNSURE
            log.warning("news %d to person %d refused: %s", one.id, person.person_id, error.message)
            return Fate.FAILED
        return Fate.SENT

    def _hold(self, seconds: float) -> None:
        """Send nothing to anybody for so long; a longer wait that is under way stays."""
        self._held = max(self._held, self._clock() + seconds)

    async def _let_go(self, one: Broadcast) -> None:
        """Let what is under way arrive, give the rest back, and write down what became of them."""
        if self._flying:
            _, late = await asyncio.wait(self._flying, timeout=PATIENCE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._fates[Fate.WAITING] += [person.person_id for person in self._waiting]
        self._waiting.clear()
        fates = dict(self._fates)
        self._fates.clear()
        await broadcasts.let_go(self._shop, one.id, fates)
