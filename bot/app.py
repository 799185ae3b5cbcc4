"""Builds the PTB application and runs the Telegram face: updates in, screens out, messages owed.

PTB's own updater is not used: it acknowledges updates before they are stored (reference: telegram.md).
"""

import asyncio
import hmac
import logging
import os
import platform
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any

from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder

from bot.broadcasting import Broadcasting
from bot.dispatch import Dispatch
from bot.fetching import ALLOWED, WEBHOOK_PATH, Fetching
from bot.heartbeat import Heartbeat
from bot.inbox import Closing, Inbox, known, poll
from bot.late import Late
from bot.menus import Menus
from bot.outbox import Outbox
from bot.pacing import Pacing
from bot.passing import Passing
from bot.pictures import Pictures
from bot.request import AiohttpRequest, is_stranger
from bot.show import Show
from core.database import is_away
from core.errors import StartRefused
from core.inbox import store
from core.logs import Sparing
from core.shop import Shop

log = logging.getLogger(__name__)

AGAIN = 1.0  # seconds before what broke off begins again; doubles up to LONGEST_PAUSE while it goes on breaking
LONGEST_PAUSE = 30.0
STOPPING = 2.0  # seconds for what is being worked, and again for what is being sent
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name


class Face:
    """The Telegram face of one process. ``start`` returns when the bot answers; ``stop`` loses nothing.

    ``give_up`` is called with a sentence when the bot can work no more until somebody does something.
    """

    inbox: Inbox
    passing: Passing
    outbox: Outbox
    broadcasting: Broadcasting
    show: Show

    def __init__(self, shop: Shop, give_up: Callable[[str], None] = log.error) -> None:
        self._give_up = give_up
        self._shop, self._pacing = shop, Pacing()
        self._calling, self._asking = AiohttpRequest(), AiohttpRequest()
        self.application = _application(shop, self._pacing, self._calling, self._asking)
        self._owner = f"{platform.node()[:40]}:{os.getpid()}:{secrets.token_hex(3)}"
        self._security = Sparing(logging.getLogger("haang.security"))
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> str:
        """Say hello to Telegram, take up what was left, begin; returns the bot's name. A failed start is undone."""
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self._hang_up)
            with reached():
                await self.application.initialize()
            await self._furnish()
            undo.push_async_callback(self.inbox.close, STOPPING)
            undo.push_async_callback(self.passing.close)
            await self.inbox.resume()
            with reached():
                await self._receive()
            undo.pop_all()
        self._begin(self.inbox.keep, "inbox")
        self._begin(self.outbox.run, "outbox")
        self._begin(self.broadcasting.run, "broadcasts")
        self._begin(Menus(self._shop, self._unpaced()).run, "menus")
        if (beaten_at := self._shop.config.heartbeat_url) is not None:
            self._begin(Heartbeat(self._shop, beaten_at.get_secret_value()).run, "heartbeat")
        return str(self.application.bot.username)

    async def _furnish(self) -> None:
        bot = self.application.bot
        self._shop.inline = bot.supports_inline_queries
        pictures = Pictures(self._shop, bot.id)
        await pictures.load()
        self.show = Show(bot, pictures, alone=self._shop.db.dialect == "sqlite", late=Late(self._free, self._delay))
        work = Dispatch(self._shop, bot, self.show).work
        self.passing = Passing(work)
        self.inbox = Inbox(self._shop, work, self._owner, self.passing.take)
        self.outbox = Outbox(self._shop, self.show, self._owner, self._delay, self._free)
        self.broadcasting = Broadcasting(
            self._shop, self.show, self._owner, lambda: self._pacing.bulk_delay(time.monotonic())
        )

    def _delay(self, chat_id: int) -> float:
        """Seconds until a chat may receive a message."""
        return self._pacing.delay(chat_id, time.monotonic())

    def _free(self, chat_id: int) -> int:
        """How many messages a chat may receive now."""
        return self._pacing.free(chat_id, time.monotonic())

    async def stop(self) -> None:
        """Finish what is being worked and sent (two seconds each), then let go; the rest stands in its rows."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.passing.close()
        await self.inbox.close(STOPPING)
        await self.outbox.close(STOPPING)
        await self.show.close()
        await self._shop.db.write(store.let_go, self._owner, self._shop.clock.now())
        await self._hang_up()

    async def _hang_up(self) -> None:
        """Close every connection; those of a bot that was never reached are not closed by PTB."""
        await self.application.shutdown()
        await asyncio.gather(self._calling.shutdown(), self._asking.shutdown())

    async def webhook(self, request: web.Request) -> web.Response:
        """Take updates that Telegram brings: 200 only when they are stored, 403 without the secret.

        While too much waits here the answer waits too, which holds Telegram back.
        """
        secret = self._shop.config.webhook_secret
        given = request.headers.get(SECRET_HEADER, "")
        if secret is None or not hmac.compare_digest(
            given.encode("utf-8", "surrogateescape"), secret.get_secret_value().encode()
        ):
            raise web.HTTPForbidden
        try:
            update = await request.json()
        except (ValueError, RecursionError):
            update = None
        if not known(update):
            self._security.warning("what came by webhook with the right secret is no update")
            raise web.HTTPBadRequest
        if self.passing.take(update):
            return web.Response()
        await self.inbox.room()
        try:
            await self.inbox.receive([update])
        except Closing:
            raise web.HTTPServiceUnavailable from None
        return web.Response()

    async def _receive(self) -> None:
        """Ask for updates: by webhook where a secret is set, else by long polling."""
        config, bot = self._shop.config, self.application.bot
        if config.webhook_secret is None:
            await bot.delete_webhook()
            fetching = Fetching(self._shop, self._asking, bot, self._give_up)
            self._begin(lambda: poll(self.inbox, fetching.fetch, self._shop), "polling")
            return
        if not config.public_url:
            raise StartRefused("HAANG_WEBHOOK_SECRET is set, but HAANG_PUBLIC_URL is not: where should updates go?")
        try:
            await bot.set_webhook(
                config.public_url + WEBHOOK_PATH, secret_token=config.webhook_secret.get_secret_value(),
                allowed_updates=ALLOWED, max_connections=40,
            )  # fmt: skip
        except BadRequest as error:
            raise StartRefused(
                f"Telegram takes no webhook at {config.public_url} ({error.message}). It wants https on port 443, 80, "
                "88 or 8443 and a name the world knows. Without HAANG_WEBHOOK_SECRET the shop asks by itself."
            ) from None

    def _unpaced(self) -> Bot:
        """A bot beside the pacing, on the same connections."""
        config = self._shop.config
        return Bot(config.token, f"{config.telegram_api}/bot", request=self._calling, get_updates_request=self._asking)

    def _begin(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        self._tasks.append(asyncio.create_task(_again_and_again(work, name), name=name))


NOT_TELEGRAM = (
    "What answered is not Telegram: a proxy or a sign-in page, perhaps. Let this machine through to api.telegram.org, "
    "or to where HAANG_TELEGRAM_API says."
)


@contextmanager
def reached() -> Iterator[None]:
    """Say plainly why the bot cannot start where Telegram does not let it."""
    try:
        yield
    except TelegramError as error:
        if isinstance(error, InvalidToken | Forbidden):
            raise StartRefused("Telegram refuses the bot's token. Check HAANG_BOT_TOKEN.") from None
        if is_stranger(error):
            raise StartRefused(NOT_TELEGRAM) from None
        raise StartRefused(f"Telegram cannot be reached ({type(error).__name__}). Is the network there?") from None


async def _again_and_again(work: Callable[[], Awaitable[None]], name: str, again: float = AGAIN) -> None:
    """Do ``work``, and begin again whenever it breaks off: a full disk, a database that was away for a moment."""
    pause = again
    while True:
        begun = time.monotonic()
        (error,) = await asyncio.gather(work(), return_exceptions=True)
        if error is None:
            return
        pause = again if time.monotonic() - begun > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
        told = None if is_away(error) else error
        log.error("%s broke off (%s), again in %d s", name, type(error).__name__, pause, exc_info=told)
        await asyncio.sleep(pause)


def _application(
    shop: Shop, pacing: Pacing, calling: AiohttpRequest, asking: AiohttpRequest
) -> Application[Any, Any, Any, Any, Any, Any]:
    """Build PTB on our aiohttp request class, paced, without an updater."""
    api = shop.config.telegram_api
    return (
        ApplicationBuilder()
        .token(shop.config.token)
        .base_url(f"{api}/bot")
        .base_file_url(f"{api}/file/bot")
        .request(calling)
        .get_updates_request(asking)
        .rate_limiter(pacing)
        .updater(None)
        .build()
    )
