"""``/link CODE``: typed in a group or to the bot it makes the chat the shop's, or whoever typed it an owner."""

import logging
from dataclasses import dataclass, replace

from telegram import Bot, ChatFullInfo, ChatMember, Message
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.membership import LEADING, standing
from bot.screen import Screen
from bot.screens import setup as screens
from bot.show import Show, thread_of
from core.doctor.outside import Group
from core.i18n import Translator, translator
from core.logs import Sparing
from core.people import service as people
from core.people.rules import Person
from core.setup import service
from core.setup.rules import Goal, Lack, Trial
from core.shop import Shop
from core.team.rules import Standing

log = logging.getLogger(__name__)
COMMAND = "/link"


def code_of(message: Message, bot: Bot) -> str:
    """Read the code behind ``/link``; "" for any other line, and for a command to another bot."""
    word, _, rest = (message.text or "").partition(" ")
    name, _, to = word.lower().partition("@")
    return rest.strip() if name == COMMAND and (not to or to == bot.username.lower()) else ""


@dataclass(frozen=True, slots=True)
class Typed:
    """A code as somebody typed it: by whom, where, and in which language they are answered below what message."""

    message: Message
    person: Person | None
    t: Translator
    below: int | None

    @property
    def place(self) -> str:
        """Name for the log where it came from."""
        return f"chat {self.message.chat.id}" if self.below or self.person is None else f"person {self.person.id}"


async def typed(shop: Shop, message: Message) -> Typed:
    """Read who typed a code."""
    private, user = message.chat.type == message.chat.PRIVATE, message.from_user
    person = await _who(shop, message, private=private)
    own = person.language if person else None
    language = own or (user.language_code if user and private else shop.policy.staff_language)
    return Typed(message, person, translator(language), None if private else message.message_id)


async def taken(shop: Shop, bot: Bot, one: Typed, security: Sparing) -> Screen | None:
    """Take the code; None after too many wrong ones: then only security.log hears of it. A ``ShopError`` passes."""
    tried = await service.take_code(shop, code_of(one.message, bot), one.person, one.message.chat.id)
    if tried.trial is not Trial.LINKED:
        security.warning(f"{one.place}: a link code that is not good ({tried.trial})")
    if tried.trial is Trial.SILENT:
        return None
    await shop.refresh()
    if tried.goal is None:
        return screens.wrong(one.t, one.below)
    both = tried.goal is not Goal.OWNER and shop.policy.staff_chat_id == shop.policy.admin_chat_id
    return await _linked(bot, tried.goal, one.t.language, one.message.chat.id, both=both)


async def answer(show: Show, screen: Screen, one: Typed) -> None:
    """Answer where it was typed; where the bot may not write there, whoever typed it hears so in private."""
    try:
        await show.send(one.message.chat.id, screen, thread_of(one.message))
    except (BadRequest, Forbidden):
        if one.person is None or not one.person.telegram_id:
            raise
        await show.send(one.person.telegram_id, replace(screen, reply_to=None))


async def _who(shop: Shop, message: Message, *, private: bool) -> Person | None:
    """Know who typed; in a group strangers stay strangers, and the group's own name is nobody."""
    user = message.from_user
    if user is None or user.is_bot:
        return None
    if private:
        return await people.arrive(shop, user.id, user.full_name, user.username or "")
    return await people.known(shop, user.id)


async def _linked(bot: Bot, goal: Goal, language: str, chat_id: int, *, both: bool) -> Screen:
    lacks, topics = ((), False) if chat_id > 0 else await look(bot, chat_id, goal)
    return screens.linked(translator(language), goal, lacks, topics=topics, both=both)


async def look(bot: Bot, chat_id: int, goal: Goal) -> tuple[tuple[Lack, ...], bool]:
    """Look at what the bot may not do in a group, and whether that has topics; nothing where Telegram does not say."""
    try:
        found = await rights(bot, chat_id, goal)
    except TelegramError as error:
        log.warning("the bot's rights in its group are not known: %s", type(error).__name__)
        return (), False
    return found.lacks, found.topics


async def rights(bot: Bot, chat_id: int, goal: Goal) -> Group:
    """Look at a chat and what the bot may not do there; a ``TelegramError`` passes.

    Where admins work it must hear the photos that become products: as an administrator, or with privacy mode off.
    """
    chat = await bot.get_chat(chat_id)
    if chat_id > 0:
        return Group(chat.full_name or "", private=True)
    me = await bot.get_chat_member(chat_id, int(bot.token.partition(":")[0]))
    topics = bool(chat.is_forum)
    lacks = [Lack.WRITE] if not _may(chat, me, "can_send_messages") or standing(me) is Standing.OUT else []
    lacks += [Lack.PIN] if not _may(chat, me, "can_pin_messages") else []
    lacks += [Lack.TOPICS] if topics and not _may(chat, me, "can_manage_topics") else []
    if goal is Goal.ADMIN and me.status not in LEADING and not (await bot.get_me()).can_read_all_group_messages:
        lacks.append(Lack.HEAR)
    return Group(chat.effective_name or "", topics=topics, lacks=tuple(lacks))


def _may(chat: ChatFullInfo, me: ChatMember, right: str) -> bool:
    """Tell whether a member has a right: an administrator by name (writing is not named), others as everybody."""
    if me.status == ChatMember.OWNER or (me.status in LEADING and right == "can_send_messages"):
        return True
    everybody = chat.permissions is not None and bool(getattr(chat.permissions, right, False))
    if me.status == ChatMember.RESTRICTED:
        return everybody and bool(getattr(me, right, False))
    return everybody or bool(getattr(me, right, False))
