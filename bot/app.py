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
from telegram import BotCommand, BotCommandScopeAllPrivateChats
from telegram.error import Forbidden, InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder

from bot.dispatch import Dispatch
from bot.fetching import ALLOWED, Fetching
from bot.inbox import Closing, Inbox, known, poll
from bot.late import Late
from bot.outbox import Outbox
from bot.pacing import Pacing
from bot.passing import Passing
from bot.pictures import Pictures
from bot.request import AiohttpRequest
from bot.routes import COMMANDS
from bot.show import Show
from core.errors import StartRefused
from core.i18n import LANGUAGES, translator
from core.logs import Sparing
from core.messages import store
from core.shop import Shop

log = logging.getLogger(__name__)

AGAIN = 1.0  # seconds before what broke off begins again; doubles up to LONGEST_PAUSE while it goes on breaking
LONGEST_PAUSE = 30.0
STOPPING = 2.0  # seconds for what is being worked, and again for what is being sent
WEBHOOK_PATH = "/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name


class Face:
    """The Telegram face of one process. ``start`` returns when the bot answers; ``stop`` loses nothing.

    ``give_up`` is called with a sentence when the bot can work no more until somebody does something.
    """

    inbox: Inbox
    passing: Passing
    outbox: Outbox
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
            with _reached():
                await self.application.initialize()
            await self._furnish()
            undo.push_async_callback(self.inbox.close, STOPPING)
            undo.push_async_callback(self.passing.close)
            await self.inbox.resume()
            with _reached():
                await self._receive()
            undo.pop_all()
        self._begin(self.inbox.keep, "inbox")
        self._begin(self.outbox.run, "outbox")
        self._begin(self._commands, "commands")
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
        await bot.set_webhook(
            config.public_url + WEBHOOK_PATH, secret_token=config.webhook_secret.get_secret_value(),
            allowed_updates=ALLOWED, max_connections=40,
        )  # fmt: skip

    async def _commands(self) -> None:
        """Tell Telegram the commands in both languages; a failure costs nobody an order."""
        for language in LANGUAGES:
            t = translator(language)
            commands = [BotCommand(name, t(f"command.{name}")) for name in COMMANDS]
            try:
                await self.application.bot.set_my_commands(
                    commands, BotCommandScopeAllPrivateChats(), language_code=None if language == "en" else language
                )
            except TelegramError as error:
                log.warning("commands not set: %s", type(error).__name__)

    def _begin(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        self._tasks.append(asyncio.create_task(_again_and_again(work, name), name=name))


@contextmanager
def _reached() -> Iterator[None]:
    """Say plainly why the bot cannot start where Telegram does not let it."""
    try:
        yield
    except TelegramError as error:
        if isinstance(error, InvalidToken | Forbidden):
            raise StartRefused("Telegram refuses the bot's token. Check HAANG_BOT_TOKEN.") from None
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
        log.error("%s broke off, again in %d s", name, pause, exc_info=error)
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
