"""Messages out: owed rows become messages, rendered fresh in each reader's language, paced, retried, edited.

A card is edited where it stands and sent only where it stands nowhere. After an unclear timeout (it may have been
delivered) a message waits longer before it is sent again; a kill at any instant leaves every row to be taken up.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from bot.letters import screen_for
from bot.request import may_be_delivered
from bot.screen import Screen
from bot.show import Gone, Show
from core.messages import rules, store
from core.messages.rules import MessageRef, Owed
from core.people import service as people
from core.settings import service as settings
from core.shop import Shop

log = logging.getLogger(__name__)

UNCLEAR = timedelta(seconds=30)
IDLE = 30.0  # seconds: the longest sleep without a bell


class Outbox:
    """One worker; several processes may each run one. ``delay`` says how long a chat must wait (Telegram's limits)."""

    def __init__(self, shop: Shop, show: Show, owner: str, delay: Callable[[int], float]) -> None:
        self._shop, self._show, self._owner, self._delay = shop, show, owner, delay
        self._rung = asyncio.Event()
        self._chats: dict[int, asyncio.Lock] = {}
        shop.changes.listen("outbox", lambda _change: self._rung.set())

    async def run(self) -> None:
        """Send for ever: at each bell, and when the next message becomes due."""
        await self._shop.db.write(store.release_owed, self._owner.partition(":")[0], self._shop.clock.now())
        while True:
            self._rung.clear()
            if await self.send_due() == 0:
                await self._sleep()

    async def send_due(self) -> int:
        """Send what is due now; returns how many messages were taken."""
        owed = await self._shop.db.write(store.claim_owed, self._owner, self._shop.clock.now())
        await asyncio.gather(*(self._in_turn(message) for message in owed))
        return len(owed)

    async def _sleep(self) -> None:
        due = await self._shop.db.read(store.next_due)
        seconds = IDLE if due is None else (due - self._shop.clock.now()).total_seconds()
        try:
            await asyncio.wait_for(self._rung.wait(), max(0.02, min(seconds, IDLE)))
        except TimeoutError:
            return

    async def _in_turn(self, owed: Owed) -> None:
        """Send one message after those before it in its chat; one whose chat must wait goes back into the box."""
        async with self._chats.setdefault(owed.chat_id, asyncio.Lock()):
            wait = self._delay(owed.chat_id)
            if wait > 0:
                due = self._shop.clock.now() + timedelta(seconds=wait)
                await self._shop.db.write(store.put_off, owed, due, "the chat's limit")
                return
            await self._send(owed)

    async def _send(self, owed: Owed) -> None:
        try:
            screen = await screen_for(self._shop, owed)
            ref = await self._deliver(owed, screen) if screen is not None else None
        except RetryAfter as error:
            wait = error.retry_after
            await self._later(owed, wait if isinstance(wait, timedelta) else timedelta(seconds=wait), error)
        except Forbidden as error:
            await self._shop.db.write(store.fail, owed, type(error).__name__)
            if owed.chat_id > 0:
                await people.blocked(self._shop, owed.chat_id)
        except ChatMigrated as error:
            await self._follow(owed, error.new_chat_id)
        except BadRequest as error:
            log.warning("owed message %d refused: %s", owed.id, error.message)
            await self._shop.db.write(store.fail, owed, error.message)
        except TelegramError as error:
            await self._later(owed, max(rules.wait(owed.attempts), UNCLEAR) if may_be_delivered(error) else None, error)
        else:
            await self._shop.db.write(store.sent, owed, self._shop.clock.now(), ref)

    async def _deliver(self, owed: Owed, screen: Screen) -> MessageRef | None:
        """Edit the card where it stands, else send it; returns where it stands now, None for what is no card."""
        if owed.kind.is_card:
            ref = await self._shop.db.read(store.ref, owed.chat_id, owed.kind, owed.subject_id)
            if ref is not None:
                try:
                    await self._show.edit(ref, screen)
                except Gone:
                    log.info("card of %s %d is gone from its chat, sent again", owed.kind, owed.subject_id)
                else:
                    return ref
        sent = await self._show.send(owed.chat_id, screen)
        return MessageRef(owed.chat_id, sent.message_id, bool(sent.photo)) if owed.kind.is_card else None

    async def _later(self, owed: Owed, wait: timedelta | None, error: TelegramError) -> None:
        """Put a message off; after many tries give it up, with the reason."""
        if owed.attempts >= rules.MOST_ATTEMPTS and not isinstance(error, RetryAfter):
            await self._shop.db.write(store.fail, owed, type(error).__name__)
            return
        due = self._shop.clock.now() + (wait or rules.wait(owed.attempts))
        await self._shop.db.write(store.put_off, owed, due, type(error).__name__)

    async def _follow(self, owed: Owed, new_chat_id: int) -> None:
        """A group became a supergroup: its settings and this message go along."""
        policy = self._shop.policy
        for key in ("staff_chat_id", "admin_chat_id"):
            if getattr(policy, key) == owed.chat_id:
                await settings.change(self._shop.db, self._shop.clock, key, new_chat_id, None)
        await self._shop.db.write(store.readdress, owed, new_chat_id, self._shop.clock.now())
