"""The chat while the shop stands aside: whoever writes or taps hears so, once.

Nothing is taken: updates are looked at without confirming them, so Telegram keeps them for the shop that opens again.
"""

import asyncio
import logging

from telegram import Bot, Update
from telegram.error import TelegramError

from bot.fetching import ALLOWED
from bot.request import AiohttpRequest
from core.config import Config
from core.i18n import translator

log = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds between two looks at what came."""


class ClosedDoor:
    """Answers for a shop that has no database; ``answer`` runs until it is cancelled."""

    def __init__(self, config: Config) -> None:
        self._calling, self._asking = AiohttpRequest(), AiohttpRequest()
        self._bot = Bot(
            config.token, base_url=f"{config.telegram_api}/bot", request=self._calling, get_updates_request=self._asking
        )
        self._seen: set[int] = set()
        self._told: set[int] = set()

    async def answer(self) -> None:
        """Look again and again; what Telegram refuses, or cannot be reached for, is tried again."""
        await asyncio.gather(self._calling.initialize(), self._asking.initialize())
        try:
            while True:
                try:
                    for update in await self._bot.get_updates(timeout=0, allowed_updates=ALLOWED):
                        await self._say(update)
                except TelegramError as error:
                    log.info("who writes while the shop stands aside is not answered: %s", type(error).__name__)
                await asyncio.sleep(PAUSE)
        finally:
            await asyncio.gather(self._calling.shutdown(), self._asking.shutdown())

    async def _say(self, update: Update) -> None:
        if update.update_id in self._seen:
            return
        self._seen.add(update.update_id)
        sentence = translator(update.effective_user.language_code if update.effective_user else None)("closed.chat")
        chat = update.effective_chat
        if update.callback_query:
            await self._bot.answer_callback_query(update.callback_query.id, sentence)
        elif update.message and chat and chat.type == "private" and chat.id not in self._told:
            self._told.add(chat.id)
            await self._bot.send_message(chat.id, sentence)
