"""Messages out: owed rows become messages, rendered fresh in each reader's language, paced, retried, edited.

A card is edited where it stands and sent only where it stands nowhere. After an unclear timeout (it may have been
delivered) a message waits longer before it is sent again; a kill at any instant leaves every row to be taken up.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from bot.copying import Copying
from bot.late import GLANCE
from bot.letters import COUNTER, HOUSE, screen_for
from bot.request import Unreached, may_be_delivered
from bot.screen import Copy, Screen
from bot.show import GROUP_ROOM, Gone, Show
from bot.talks import Talks
from bot.threads import Threads
from core.backlog import service as backlog
from core.boards import moving
from core.database import log_failure
from core.help import service as talks
from core.messages import rules, store
from core.messages.rules import MessageKind, MessageRef, Owed
from core.orders import notices
from core.people import service as people
from core.settings.hours import quiet_until
from core.shop import Shop

log = logging.getLogger(__name__)

UNCLEAR = timedelta(seconds=30)
UNREACHED = timedelta(seconds=5)  # between two tries while the network is away; nothing is given up for that
CHATS = 20  # served at once
IDLE = 30.0  # seconds: the longest sleep without a bell
PLENTY = 10  # messages a group may have now: with fewer it gets one at a time
EVERY = timedelta(seconds=3)  # between those: twenty a minute
FRESH = 5.0  # seconds after the claim that a message may still begin to be sent
LONGEST = 35.0  # seconds one may take, flood waits and all: FRESH + LONGEST stays below the 45 seconds of a claim


class Outbox:
    """One worker; several processes may each run one. ``delay`` says how long a chat must wait (Telegram's limits).

    One chat is served by one task at a time, in the order of its messages; a chat that has to wait holds up no other.
    What goes first into the counter's groups is decided in core/backlog; ``free`` says how many each takes now.
    """

    def __init__(
        self, shop: Shop, show: Show, owner: str, delay: Callable[[int], float],
        free: Callable[[int], int] = lambda _chat: GROUP_ROOM,
    ) -> None:  # fmt: skip
        self._shop, self._show, self._owner, self._delay, self._free = shop, show, owner, delay, free
        self._threads = Threads(shop, show)
        self._served_at: dict[int, datetime] = {}
        talk = Talks(shop, show, self._threads).go_on
        self._errands: dict[MessageKind, Callable[[Owed], Awaitable[None]]] = {
            MessageKind.HELP_ASKED: talk,
            MessageKind.HELP_ANSWERED: talk,
            MessageKind.BACKUP_PART: Copying(shop, show, self._threads).go_on,
        }
        self._rung = asyncio.Event()
        self._chats: dict[int, asyncio.Task[None]] = {}
        shop.changes.listen("outbox", lambda _change: self._rung.set())

    async def run(self) -> None:
        """Send for ever: at each bell, and when the next message becomes due."""
        await self._shop.db.write(store.bury, self._owner, self._shop.clock.now())
        while True:
            self._rung.clear()
            if await self._take() == 0:
                await self._sleep()

    async def send_due(self) -> int:
        """Send what is due now and wait for it; returns how many messages were taken."""
        taken = await self._take()
        await asyncio.gather(*self._chats.values())
        return taken

    async def close(self, patience: float) -> None:
        """Let what is being sent arrive, ``patience`` seconds at most; :meth:`run` was stopped before."""
        sending = tuple(self._chats.values())
        if sending:
            _, late = await asyncio.wait(sending, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _take(self) -> int:
        """Claim what is due for chats that nobody serves, and begin to serve them."""
        free = CHATS - len(self._chats)
        if free <= 0:
            return 0
        rooms = {chat: self._room(chat) for chat in self._groups()}
        owed = await backlog.claim(self._shop, self._owner, free, tuple(self._chats), rooms)
        self._served_at |= {one.chat_id: self._shop.clock.now() for one in owed if one.chat_id in rooms}
        for chat_id, messages in groupby(sorted(owed, key=lambda one: one.chat_id), key=lambda one: one.chat_id):
            task = asyncio.create_task(self._serve(list(messages)))
            self._chats[chat_id] = task
            task.add_done_callback(partial(self._served, chat_id))
        return len(owed)

    def _groups(self) -> set[int]:
        """The groups where orders are worked."""
        return {chat for chat in (self._shop.policy.staff_chat_id, self._shop.policy.admin_chat_id) if chat < 0}

    def _room(self, chat_id: int) -> int:
        """How many messages a group gets now: of plenty half, then one by one, or a minute's would go in a second."""
        free = self._free(chat_id) - self._show.late.wants(chat_id)
        if free >= PLENTY:
            return free // 2
        return min(free, 1) if self._shop.clock.now() >= self._next_at(chat_id) else 0

    def _next_at(self, chat_id: int) -> datetime:
        """When a group that has little room gets the next message."""
        now = self._shop.clock.now()
        return min(self._served_at.get(chat_id, now - EVERY), now) + EVERY

    def _room_at(self, chat_id: int) -> datetime:
        """When a group may have room for what is owed to it."""
        now = self._shop.clock.now()
        if self._room(chat_id) > 0:
            return now
        return max(self._next_at(chat_id), now + timedelta(seconds=max(self._delay(chat_id), GLANCE)))

    async def _sleep(self) -> None:
        due = None
        if len(self._chats) < CHATS:
            rooms = {chat: self._room_at(chat) for chat in self._groups()}
            due = await backlog.next_due(self._shop, tuple(self._chats), rooms)
        seconds = IDLE if due is None else (due - self._shop.clock.now()).total_seconds()
        with suppress(TimeoutError):  # Python 3.11's wait_for forgets that it was cancelled, where the bell rings then
            async with asyncio.timeout(max(0.02, min(seconds, IDLE))):
                await self._rung.wait()

    async def _serve(self, messages: list[Owed]) -> None:
        """Send a chat's messages one after the other; where the chat must wait, they go back into the box."""
        loop = asyncio.get_running_loop()
        stale = loop.time() + FRESH
        for owed in messages:
            wait = self._wait(owed)
            if wait or loop.time() > stale:
                due = self._shop.clock.now() + wait
                await self._shop.db.write(store.put_off, owed, due, "the chat's limit", counted=False)
                continue
            (error,) = await asyncio.gather(self._send(owed), return_exceptions=True)
            if error is not None:  # the edge of one message: whatever is wrong with it, the next must still be sent
                log_failure(log, f"owed message {owed.id} failed", error)
                await self._later(owed, UNCLEAR, error)

    def _wait(self, owed: Owed) -> timedelta:
        """How long a message must wait before it may be sent: for its chat's limit, or for the morning."""
        now = self._shop.clock.now()
        quiet = quiet_until(self._shop.policy, now.astimezone(self._shop.config.zone)) if owed.kind.is_patient else None
        night = min(quiet - now, rules.LONGEST_WAIT) if quiet else timedelta()
        return max(timedelta(seconds=self._delay(owed.chat_id)), night)

    def _served(self, chat_id: int, task: asyncio.Task[None]) -> None:
        """See to it that a chat is free; rows of one that broke off are taken up when their claim ends."""
        self._chats.pop(chat_id, None)
        self._rung.set()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log_failure(log, "messages owed to a chat broke off", error)

    async def _send(self, owed: Owed) -> None:
        if why := await self._no_more(owed):
            await self._give_up(owed, why)
            return
        try:
            async with asyncio.timeout(LONGEST):
                if errand := self._errands.get(owed.kind):
                    await errand(owed)
                    return
                screen = await screen_for(self._shop, owed)
                ref = await self._deliver(owed, screen) if screen is not None else None
        except RetryAfter as error:
            wait = error.retry_after
            await self._later(owed, wait if isinstance(wait, timedelta) else timedelta(seconds=wait), error)
        except Forbidden as error:
            await self._give_up(owed, type(error).__name__)
            if owed.chat_id > 0:
                await people.blocked(self._shop, owed.chat_id)
        except ChatMigrated as error:
            await moving.follow(self._shop, owed.chat_id, error.new_chat_id, owed)
        except BadRequest as error:
            log.warning("owed message %d refused: %s", owed.id, error.message)
            await self._give_up(owed, error.message)
        except TelegramError as error:
            await self._later(owed, max(rules.wait(owed.attempts), UNCLEAR) if may_be_delivered(error) else None, error)
        else:
            await self._sent(owed, ref, screen)

    async def _no_more(self, owed: Owed) -> str:
        """Say why a message must not be sent, "" where it may: it may have come, or is the counter's and they left."""
        if owed.kind.is_once and owed.attempts > 1:
            return "it may have been delivered"
        if owed.chat_id < 0 or not (owed.kind in COUNTER or owed.kind in HOUSE or owed.kind is MessageKind.HELP_ASKED):
            return ""
        reader = await people.known(self._shop, owed.chat_id)
        return "who read it works here no more" if reader is not None and reader.role is None else ""

    async def _sent(self, owed: Owed, ref: MessageRef | None, screen: Screen | Copy | None) -> None:
        """Remember that it was sent; whoever sent a picture of their payment sees on it that the staff have it."""
        if owed.kind is MessageKind.ORDER_DIGEST and ref is not None:
            await backlog.sent(self._shop, owed, ref)
        else:
            await self._shop.db.write(store.sent, owed, self._shop.clock.now(), ref)
        if owed.kind is MessageKind.PAYMENT_PROOF and isinstance(screen, Copy):
            await self._show.mark(screen.chat_id, screen.message_id)

    async def _deliver(self, owed: Owed, screen: Screen | Copy) -> MessageRef | None:
        """Edit the card where it stands, else send it; returns where it stands now, None for what is no card."""
        if isinstance(screen, Copy):
            await self._threads.within(owed, lambda thread: self._show.copy(owed.chat_id, screen, thread))
            return None
        if owed.kind.is_card:
            ref = await self._shop.db.read(store.ref, owed.chat_id, owed.kind, owed.subject_id)
            if ref is not None:
                try:
                    await self._show.edit(ref, screen, owed=True)
                except Gone:
                    log.info("card of %s %d is gone from its chat, sent again", owed.kind, owed.subject_id)
                else:
                    return MessageRef(ref.chat_id, ref.message_id, ref.has_photo or screen.picture is not None)
        sent = await self._threads.within(owed, lambda thread: self._show.send(owed.chat_id, screen, thread))
        if owed.kind is MessageKind.BOARD:
            await self._threads.pin(owed, sent.message_id)
        return MessageRef(owed.chat_id, sent.message_id, bool(sent.photo)) if owed.kind.is_remembered else None

    async def _later(self, owed: Owed, wait: timedelta | None, error: BaseException) -> None:
        """Put a message off; after many tries that met Telegram give it up, with the reason."""
        counted = (
            owed.kind.is_once if isinstance(error, TimeoutError) else not isinstance(error, RetryAfter | Unreached)
        )
        if counted and owed.attempts >= rules.MOST_ATTEMPTS:
            log.warning("owed message %d given up: %s", owed.id, type(error).__name__)
            await self._give_up(owed, type(error).__name__)
            return
        due = self._shop.clock.now() + min(wait or UNREACHED, rules.LONGEST_WAIT)
        reason = rules.FLOOD if isinstance(error, RetryAfter) else type(error).__name__
        await self._shop.db.write(store.put_off, owed, due, reason, counted=counted)

    async def _give_up(self, owed: Owed, reason: str) -> None:
        """Give a message up; what staff or admins had to see is owed to the next who can, in the same write."""
        await self._shop.refresh()
        give_up = talks.give_up if owed.kind.is_talk else notices.give_up
        await self._shop.db.write(give_up, self._shop.policy, owed, reason, self._shop.clock.now())
