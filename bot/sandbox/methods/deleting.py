"""Methods that delete and pin messages.

Sources: Client.cpp process_delete_message_query, get_message_ids, process_pin_chat_message_query; td
MessagesManager.cpp can_delete_message and can_revoke_message; docs deleteMessage (48 hours).
"""

from collections.abc import Callable
from typing import Any

from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.files import is_service
from bot.sandbox.markup import integer
from bot.sandbox.methods.lookup import find_chat, find_message
from bot.sandbox.refusals import content as no_content
from bot.sandbox.roles import leads, may, place_of
from bot.sandbox.state import Chat, Json
from bot.sandbox.world import World

_LIFE = 48 * 3600  # seconds in which a message can still be deleted for everyone
_MOST = 100


def delete_message(world: World, call: Call) -> bool:
    """Delete one message for everyone."""
    if not call.text("chat_id"):
        raise no.DELETE_NO_CHAT.error()
    if not call.number("message_id"):
        raise no.DELETE_NO_MESSAGE.error()
    chat, message = find_message(world, call, no.DELETE_NOT_FOUND)
    _deletable(world, chat, message)
    world.remove(chat, [message["message_id"]])
    return True


def delete_messages(world: World, call: Call) -> bool:
    """Delete up to 100 messages; those that do not exist are skipped."""
    ids = read_ids(call)
    chat = find_chat(world, call.text("chat_id"))
    found = [chat.messages[number] for number in ids if number in chat.messages]
    for message in found:
        _deletable(world, chat, message)
    world.remove(chat, [message["message_id"] for message in found])
    return True


def pin_message(world: World, call: Call) -> bool:
    """Pin a message on top of its chat; a grey line tells so."""
    chat, message = find_message(world, call, no.PIN_NOT_FOUND)
    _may_pin(world, chat)
    if is_service(message):
        raise no_content.PIN_SERVICE.error()
    if chat.pinned[-1:] == [message["message_id"]]:
        raise no_content.PIN_AGAIN.error()
    pin(world, chat, message, world.bot, silent=call.flag("disable_notification"))
    return True


def unpin_message(world: World, call: Call) -> bool:
    """Unpin a message, the last one pinned if none is named."""
    if call.number("message_id"):
        chat, message = find_message(world, call, no.UNPIN_NOT_FOUND)
    else:
        chat = find_chat(world, call.text("chat_id"))
        if not chat.pinned:
            raise no.UNPIN_NOT_FOUND.error()
        message = chat.messages[chat.pinned[-1]]
    _may_pin(world, chat)
    unpin(world, chat, message)
    return True


def unpin_all_messages(world: World, call: Call) -> bool:
    """Unpin every message of a chat."""
    chat = find_chat(world, call.text("chat_id"))
    _may_pin(world, chat)
    for number in list(chat.pinned):
        unpin(world, chat, chat.messages[number])
    return True


def pin(world: World, chat: Chat, message: Json, who: Json, *, silent: bool = False) -> Json:
    """Pin a message as somebody; return the message that tells so, which the bot hears of even as its own."""
    number = message["message_id"]
    _keep(world, chat, [*(one for one in chat.pinned if one != number), number], message)
    told = {name: value for name, value in message.items() if name != "reply_to_message"}
    thread = message["message_thread_id"] if message.get("is_topic_message") else 0
    line = world.post(chat, who, {"pinned_message": told}, thread=thread, silent=silent)
    if place_of(chat, world.bot["id"]).inside:
        world.updates.add("message", line)
    return line


def unpin(world: World, chat: Chat, message: Json) -> None:
    """Take a pinned message down."""
    _keep(world, chat, [one for one in chat.pinned if one != message["message_id"]], message)


def _keep(world: World, chat: Chat, ids: list[int], message: Json) -> None:
    if ids == chat.pinned:
        return
    world.commit({"do": "pinned", "chat": chat.id, "ids": ids})
    world.events.ring("chat", {"chat": chat.id})
    if world.events.heard:
        world.events.ring("edited", {"chat": chat.id, "message": world.shown(chat, message)})


def _may_pin(world: World, chat: Chat) -> None:
    bot = world.bot["id"]
    if not chat.private and not (may(chat, bot, "can_pin_messages") and (chat.type != "group" or leads(chat, bot))):
        raise no.NO_PIN_RIGHTS.error()


def _deletable(world: World, chat: Chat, message: Json) -> None:
    old = world.now() - message["date"] > _LIFE
    if chat.private:
        if old:
            raise no.DELETE_FOR_EVERYONE.error()
    elif not may(chat, world.bot["id"], "can_delete_messages") and (old or message["from"]["id"] != world.bot["id"]):
        raise no.DELETE_REFUSED.error()


def read_ids(call: Call) -> list[int]:
    """Return the `message_ids` of a call; raise RefusalError."""
    value = call.json("message_ids")
    if value is None or value == []:
        raise no.IDS_EMPTY.error()
    if isinstance(value, str):
        raise no.IDS_JSON.error()
    if not isinstance(value, list):
        raise no.IDS_ARRAY.error()
    if len(value) > _MOST:
        raise no.IDS_MANY.error()
    return [_id(one) for one in value]


def _id(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise no.IDS_NUMBER.error()
    number = integer(value) if isinstance(value, str) else value
    if number is None:
        raise no_content.IDS_PARSE.error()
    if number <= 0:
        raise no.IDS_INVALID.error()
    return number


METHODS: dict[str, Callable[[World, Call], Any]] = {
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "pinChatMessage": pin_message,
    "unpinChatMessage": unpin_message,
    "unpinAllChatMessages": unpin_all_messages,
}
