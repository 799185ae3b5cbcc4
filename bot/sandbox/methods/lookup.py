"""Finding what a call names, in Telegram's order of checks: chat, message (source: Client.cpp check_chat), language."""

import re

from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.refusals import Refusal
from bot.sandbox.refusals import chats as no_chats
from bot.sandbox.roles import place_of
from bot.sandbox.state import Chat, Json
from bot.sandbox.world import World

_NUMBER = re.compile(r"-?\d{1,20}")
_LANGUAGE = re.compile(r"([a-z]{2})?")


def find_chat(world: World, name: str, *, reading: bool = False) -> Chat:
    """Return the chat of a `chat_id`; raise RefusalError when there is none or the bot is out of it.

    `reading` asks for less: what the bot once saw of a basic group, or of a deleted account, it can still ask about.
    """
    if not name:
        raise no.CHAT_EMPTY.error()
    found = _NUMBER.match(name)
    number = int(found[0]) if found else 0
    if number == world.bot["id"]:
        raise no.TO_A_BOT.error()
    chat = world.state.chats.get(number)
    if chat is None:
        raise no.CHAT_NOT_FOUND.error()
    if not (reading and chat.type in {"group", "private"}):
        _accessible(world, chat)
    return chat


def _accessible(world: World, chat: Chat) -> None:
    if chat.moved_to:
        raise no.migrated(chat.moved_to)
    if chat.private:
        if world.state.people[chat.id].deactivated:
            raise no.DEACTIVATED.error()
        return
    if place_of(chat, world.bot["id"]).inside:
        return
    kicked = chat.members.get(world.bot["id"]) == "kicked"
    if chat.type == "group":
        raise (no_chats.KICKED_FROM_GROUP if kicked else no_chats.NOT_IN_GROUP).error()
    raise (no.KICKED if kicked else no.NOT_A_MEMBER).error()


def find_message(world: World, call: Call, missing: Refusal) -> tuple[Chat, Json]:
    """Return the chat and message of `chat_id` and `message_id`; raise RefusalError, `missing` for no message."""
    chat = find_chat(world, call.text("chat_id"))
    message = chat.messages.get(call.number("message_id"))
    if message is None:
        raise missing.error()
    return chat, message


def read_language(call: Call) -> str:
    """Return the `language_code` of a call, "" for all languages; raise RefusalError."""
    language = call.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise no.LANGUAGE.error()
    return language
