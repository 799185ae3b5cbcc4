"""Where in a group a message stands: in its topic, where the group has topics; and the board, pinned on top."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from telegram.error import BadRequest, Forbidden, TelegramError

from bot.show import Show
from core.boards import service as boards
from core.i18n import translator
from core.messages.rules import Owed
from core.shop import Shop
from core.topics import store
from core.topics.rules import TOPIC_OF, Topic

T = TypeVar("T")
log = logging.getLogger(__name__)

GENERAL = 0
"""The thread of what is in no topic."""
LOOK = timedelta(minutes=5)
"""So long it is believed that a group has topics, or none."""
AGAIN = timedelta(hours=1)
"""So long nothing is begun in a group where the bot may not."""
DELETED = ("message thread not found", "topic_deleted", "topic_id_invalid")
CLOSED = "topic_closed"


class Threads:
    """Finds or begins the topic of each message that is owed to a group."""

    def __init__(self, shop: Shop, show: Show) -> None:
        self._shop, self._show = shop, show
        self._looked: dict[int, tuple[bool, datetime]] = {}
        self._refused: dict[int, datetime] = {}

    async def within(self, owed: Owed, send: Callable[[int], Awaitable[T]]) -> T:
        """Call ``send`` with the thread where a message belongs, or where it was asked for.

        Where that one was deleted, with another begun in its place; at the last with General: nothing is lost.
        """
        if owed.chat_id > 0 or not await self._has_topics(owed.chat_id):
            return await send(GENERAL)
        asked, topic = owed.data.get("thread"), TOPIC_OF.get(owed.kind)
        if asked is not None:
            try:
                return await send(int(asked))
            except BadRequest as error:
                _pass_by(error)
        if topic is not None:
            for _ in range(2):
                thread = await self._thread(owed.chat_id, topic)
                try:
                    return await send(thread)
                except BadRequest as error:
                    if thread == GENERAL:
                        raise
                    if _pass_by(error):
                        await self._shop.db.write(store.forget, owed.chat_id, topic, thread)
        return await send(GENERAL)

    async def _has_topics(self, chat_id: int) -> bool:
        now = self._shop.clock.now()
        known, at = self._looked.get(chat_id, (False, None))
        if at is None or not now - LOOK < at <= now:
            known = await self._show.has_topics(chat_id)
            self._looked[chat_id] = known, now
        return known

    async def _thread(self, chat_id: int, topic: Topic) -> int:
        """Find a topic's thread, or begin it in the group's language; General where the bot may not."""
        found = await self._shop.db.read(store.thread, chat_id, topic)
        now = self._shop.clock.now()
        refused = self._refused.get(chat_id)
        if found is not None or (refused is not None and now - AGAIN < refused <= now):
            return found or GENERAL
        name = translator(self._shop.policy.staff_language)(f"topic.{topic}")
        try:
            begun = await self._show.begin_topic(chat_id, name)
        except BadRequest as error:
            log.warning("no topic begun in the group: %s", error.message)
            self._refused[chat_id] = now
            return GENERAL
        return await self._shop.db.write(store.remember, chat_id, topic, begun, now)

    async def pin(self, owed: Owed, message_id: int) -> None:
        """Pin the board, in silence; where the bot may not, the admins hear it and the board stands unpinned."""
        try:
            await self._show.pin(owed.chat_id, message_id)
        except (BadRequest, Forbidden) as error:
            log.warning("the board was not pinned: %s", error.message)
            await boards.not_pinned(self._shop)
        except TelegramError as error:
            log.warning("the board was not pinned: %s", type(error).__name__)


def _pass_by(error: BadRequest) -> bool:
    """Tell whether a thread was deleted, False where it is closed; any other refusal is raised again."""
    reason = error.message.lower()
    if CLOSED in reason:
        return False
    if not any(sign in reason for sign in DELETED):
        raise error
    return True
