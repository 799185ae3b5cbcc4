"""What Telegram shows of the bot before anything is written: commands by role and language, menu button, its words.

Each part is told when it differs from what was told last (a hash of it stands in the settings), so that a start costs
no calls. One that Telegram refuses is told again at the next start or change.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, NamedTuple

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    MenuButtonCommands,
    MenuButtonWebApp,
    WebAppInfo,
)
from telegram.error import RetryAfter, TelegramError

from bot import routes
from core.i18n import LANGUAGES, translator
from core.people.rules import Person, Role
from core.settings.rules import Policy
from core.setup import service
from core.shop import Shop

log = logging.getLogger(__name__)
GATHER = 5.0
"""Seconds in which changes that come together are told together."""
OWNERS = frozenset({"link"})
ADMINS = frozenset({"audit"})
"""Commands of the counter's pages that only admins may say; of the admins' pages they are all."""
COURIERS = ("parcels", "cash", "order", "ready", "out", "orders", "team")
ALONE = frozenset({"setup", "link", "cash", "parcels", "team", "enter"})
"""What is done in one's own chat, and so no command in a group."""
CUSTOMERS = ("cart", "help", "language", "settings")
"""What who works here finds beside their own commands; they too buy."""


class Part(NamedTuple):
    """Something to be told: its name, all that it says, and the call that tells it."""

    name: str
    said: Any
    call: Callable[[], Awaitable[Any]]

    @property
    def hash(self) -> str:
        """Know it again."""
        return hashlib.sha256(json.dumps(self.said, ensure_ascii=False).encode()).hexdigest()[:16]


class Menus:
    """Keeps what Telegram shows as the shop is.

    ``bot`` is one without pacing: a flood wait for the bot's name lasts hours, and must hold up nobody's message.
    """

    def __init__(self, shop: Shop, bot: Bot, gather: float = GATHER) -> None:
        self._shop, self._bot, self._gather = shop, bot, gather

    async def run(self) -> None:
        """Tell at the start, then whenever settings or roles changed; runs until it is cancelled."""
        changed = asyncio.Event()
        stops = [self._shop.changes.listen(kind, lambda _change: changed.set()) for kind in ("settings", "person")]
        try:
            while True:
                changed.clear()
                await self.tell()
                await changed.wait()
                await asyncio.sleep(self._gather)
        finally:
            for stop in stops:
                stop()

    async def tell(self) -> None:
        """Tell each part that differs, take back what is nobody's any more; a failure costs nobody an order."""
        await self._shop.refresh()
        told, wanted = await service.told(self._shop), {part.name: part for part in await self._parts()}
        new: dict[str, str | None] = {}
        try:
            for name, part in wanted.items():
                if told.get(name) != part.hash and await _done(part):
                    new[name] = part.hash
            for name in told.keys() - wanted.keys():
                if await self._take_back(name):
                    new[name] = None
        except RetryAfter as error:
            log.warning("Telegram wants to be told no more for now: %s", type(error).__name__)
        if new:
            await service.remember_told(self._shop, new)

    async def _parts(self) -> list[Part]:
        policy, workers = self._shop.policy, await service.workers(self._shop)
        return [
            *(self._commands(f"all {language}", BotCommandScopeAllPrivateChats(), routes.COMMANDS, language,
                             None if language == "en" else language) for language in LANGUAGES),
            *(self._commands(f"person {one.id}", BotCommandScopeChat(one.telegram_id), of_person(one),
                             one.language or policy.staff_language) for one in workers if one.telegram_id),
            *(self._commands(f"chat {chat}", BotCommandScopeChat(chat), of_group(admins=admins), policy.staff_language)
              for chat, admins in self._groups()),
            self._menu(),
            *(self._words(policy.shop_name) if policy.shop_name != Policy().shop_name else ()),
        ]  # fmt: skip

    def _groups(self) -> Iterator[tuple[int, bool]]:
        """The shop's groups, and whether admins work there."""
        policy = self._shop.policy
        if policy.admin_chat_id < 0:
            yield policy.admin_chat_id, True
        if policy.staff_chat_id < 0 and policy.staff_chat_id != policy.admin_chat_id:
            yield policy.staff_chat_id, False

    def _commands(
        self, name: str, scope: BotCommandScope, names: Iterable[str], language: str, code: str | None = None
    ) -> Part:
        t = translator(language)
        said = [(one, t(f"command.{one}")) for one in names]
        commands = [BotCommand(one, words) for one, words in said]
        return Part(name, said, lambda: self._bot.set_my_commands(commands, scope, language_code=code))

    def _menu(self) -> Part:
        """The button beside the composer: the shop's pages where they can be opened as a Mini App, else commands."""
        address, t = self._shop.config.public_url or "", translator(self._shop.policy.staff_language)
        if not address.startswith("https://"):
            return Part("menu", "commands", lambda: self._bot.set_chat_menu_button(menu_button=MenuButtonCommands()))
        button = MenuButtonWebApp(t("button.menu_shop"), WebAppInfo(address))
        return Part("menu", button.to_dict(), lambda: self._bot.set_chat_menu_button(menu_button=button))

    def _words(self, shop_name: str) -> Iterator[Part]:
        """The bot's name as the shop's, and what an empty chat and its page say, in each language.

        Only of a shop that was given a name; until then what its owner wrote at @BotFather stays.
        """
        bot = self._bot
        for language in LANGUAGES:
            t, code = translator(language), None if language == "en" else language
            text, short = t("setup.description", shop=shop_name), t("setup.short", shop=shop_name)
            yield Part(f"description {language}", text, lambda text=text, code=code: bot.set_my_description(text, code))  # type: ignore[misc]
            yield Part(f"short {language}", short, lambda s=short, code=code: bot.set_my_short_description(s, code))  # type: ignore[misc]
        yield Part("name", shop_name, lambda: bot.set_my_name(shop_name))

    async def _take_back(self, name: str) -> bool:
        """Let a chat show what everybody's shows again; whoever was forgotten has no chat any more."""
        kind, _, number = name.partition(" ")
        if kind not in {"person", "chat"}:
            return True
        chat = int(number)
        if kind == "person":
            one = await service.person(self._shop, chat)
            if one is None or one.telegram_id is None:
                return True
            chat = one.telegram_id
        return await _done(Part(name, "", lambda: self._bot.delete_my_commands(BotCommandScopeChat(chat))))


def of_person(one: Person) -> tuple[str, ...]:
    """The commands of who works here, in their own chat: the counter's first, then what they need as customers."""
    if one.role is Role.COURIER:
        return (*COURIERS, *CUSTOMERS)
    admins = routes.ADMIN_COMMANDS.keys() | ADMINS
    hidden = {Role.OWNER: frozenset[str](), Role.ADMIN: OWNERS}.get(one.role or Role.STAFF, admins | OWNERS)
    return (*(name for name in routes.COUNTER_COMMANDS if name not in hidden), *CUSTOMERS)


def of_group(*, admins: bool) -> tuple[str, ...]:
    """The commands of a group of the shop."""
    hidden = ALONE if admins else ALONE | ADMINS | routes.ADMIN_COMMANDS.keys()
    return tuple(name for name in routes.COUNTER_COMMANDS if name not in hidden)


async def _done(part: Part) -> bool:
    """Make the call; False where Telegram did not take it: somebody who never wrote to the bot has no chat yet."""
    try:
        await part.call()
    except RetryAfter:
        raise
    except TelegramError as error:
        log.warning("%s was not told: %s", part.name, type(error).__name__)
        return False
    return True
