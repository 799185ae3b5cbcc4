"""Finding the chat and the message a call names, in Telegram's order of checks (source: Client.cpp check_chat)."""

import re

from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.refusals import Refusal
from bot.sandbox.state import LEFT, Chat, Json
from bot.sandbox.world import World

_NUMBER = re.compile(r"-?\d{1,20}")


def find_chat(world: World, name: str) -> Chat:
    """Return the chat of a `chat_id`; raise RefusalError when there is none or the bot is out of it."""
    if not name:
        raise no.CHAT_EMPTY.error()
    found = _NUMBER.match(name)
    number = int(found[0]) if found else 0
    moved = world.state.settings.get("migrated", {}).get(str(number))
    if moved:
        raise no.migrated(moved)
    if number == world.bot["id"]:
        raise no.TO_A_BOT.error()
    chat = world.state.chats.get(number)
    if chat is None:
        raise no.CHAT_NOT_FOUND.error()
    status = chat.members.get(world.bot["id"], "left")
    if status in LEFT:
        raise (no.KICKED if status == "kicked" else no.NOT_A_MEMBER).error()
    return chat


def find_message(world: World, call: Call, missing: Refusal) -> tuple[Chat, Json]:
    """Return the chat and message of `chat_id` and `message_id`; raise RefusalError, `missing` for no message."""
    chat = find_chat(world, call.text("chat_id"))
    message = chat.messages.get(call.number("message_id"))
    if message is None:
        raise missing.error()
    return chat, message
