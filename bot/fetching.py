"""Ask Telegram for updates, and say at once what keeps them away: another process, a webhook, a token that is void."""

import json
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from telegram import Bot
from telegram.error import Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.request import AiohttpRequest
from core.shop import Shop
from core.storage.alerts import owe_alert

log = logging.getLogger(__name__)

ALLOWED = ["message", "callback_query", "my_chat_member", "inline_query"]
LONG_POLL = 25
WEBHOOK_PATH = "/telegram/webhook"
"""Where Telegram brings updates instead, below the site's address."""
TELL_AGAIN = timedelta(hours=1)
TAKE_BACK = 600.0  # seconds between two removals of a webhook: two shops with one token would else fight for ever


class Trouble(StrEnum):
    """What keeps updates away until somebody does something; the values are alerts' names."""

    POLLED = "polled_elsewhere"
    HOOKED = "foreign_webhook"
    TOKEN = "token_refused"  # noqa: S105 - the trouble's name


SENTENCES = {
    Trouble.POLLED: "Another process fetches this bot's updates. Stop the other, or give it a token of its own.",
    Trouble.HOOKED: "Somebody set a webhook for this bot, updates go elsewhere. It is taken back. Who has the token?",
    Trouble.TOKEN: "Telegram refuses the bot's token now: it was taken back. Set the new one in HAANG_BOT_TOKEN.",
}


class Troubled(OSError):
    """Updates cannot be fetched, and the log says why already."""


class Fetching:
    """Fetches updates for one process; ``give_up`` is told why where trying again is of no use.

    A trouble that was not met for ``calm`` seconds is over.
    """

    def __init__(
        self, shop: Shop, request: AiohttpRequest, bot: Bot, give_up: Callable[[str], None], calm: float = 60.0
    ) -> None:
        self._shop, self._request, self._bot, self._give_up = shop, request, bot, give_up
        self._trouble: Trouble | None = None
        self._calm, self._met_at = calm, 0.0
        self._times = 0
        self._taken_back = float("-inf")

    async def fetch(self, offset: int | None) -> list[dict[str, Any]]:
        """Ask for the next updates as they are, so that what is stored is what came; ``OSError`` without them."""
        asked: dict[str, Any] = {"timeout": LONG_POLL, "allowed_updates": json.dumps(ALLOWED)}
        if offset is not None:
            asked["offset"] = offset
        config = self._shop.config
        try:
            got: Any = await self._request.post(
                f"{config.telegram_api}/bot{config.token}/getUpdates?{urlencode(asked)}", read_timeout=LONG_POLL + 10
            )
        except RetryAfter as error:
            raise ConnectionError("flood wait") from error
        except TelegramError as error:
            if trouble := _trouble(error):
                await self._met(trouble)
                raise Troubled(trouble) from None
            raise ConnectionError(type(error).__name__) from error
        self._well()
        return list(got)

    def _well(self) -> None:
        """Forget a trouble that is over; two processes that take turns at fetching are still two."""
        if self._trouble is Trouble.TOKEN or (self._trouble and time.monotonic() - self._met_at > self._calm):
            log.warning("updates come again")
            self._trouble = None

    async def _met(self, trouble: Trouble) -> None:
        """Say it once; act when it is met twice running: a process that takes over from another meets it once."""
        self._times = self._times + 1 if trouble is self._trouble else 1
        self._trouble, self._met_at = trouble, time.monotonic()
        if self._times == 1:
            log.error("%s", SENTENCES[trouble])
        elif trouble is Trouble.TOKEN:
            self._give_up(SENTENCES[trouble])
        else:
            await self._tell(trouble)
        if trouble is Trouble.HOOKED and self._times > 1:
            await self._take_back()

    async def _tell(self, trouble: Trouble) -> None:
        await self._shop.refresh()
        data = {"metric": trouble.value, "level": "critical"}
        await self._shop.db.write(
            owe_alert, self._shop.policy, trouble.value, data, self._shop.clock.now(), apart=TELL_AGAIN
        )

    async def _take_back(self) -> None:
        """Remove the webhook, as every start by polling does; seldom."""
        if time.monotonic() - self._taken_back < TAKE_BACK:
            return
        self._taken_back = time.monotonic()
        try:
            await self._bot.delete_webhook()
        except TelegramError as error:
            log.warning("the webhook cannot be removed: %s", type(error).__name__)


def _trouble(error: TelegramError) -> Trouble | None:
    """Name what no waiting mends. A 404 is none: a gateway before Telegram may say it of anything."""
    if isinstance(error, Conflict):
        return Trouble.HOOKED if "webhook" in error.message.lower() else Trouble.POLLED
    if isinstance(error, InvalidToken | Forbidden):
        return Trouble.TOKEN if "not found" not in error.message.lower() else None
    return None
