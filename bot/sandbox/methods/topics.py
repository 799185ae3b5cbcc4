"""Methods of forum topics, and the topic a message goes into.

Sources: Client.cpp check_message_topic; td ForumTopicManager.cpp create_forum_topic, edit_forum_topic,
toggle_forum_topic_is_closed, toggle_forum_topic_is_hidden, delete_forum_topic; docs createForumTopic.
"""

from collections.abc import Callable
from typing import Any

from bot.sandbox import refusals as no
from bot.sandbox import topics
from bot.sandbox.call import Call
from bot.sandbox.methods.lookup import find_chat
from bot.sandbox.refusals import topics as no_topics
from bot.sandbox.roles import appointed, may
from bot.sandbox.state import Chat, Json
from bot.sandbox.topics import GENERAL
from bot.sandbox.world import World

_NAME = 128  # characters: td cuts the rest off
_WHITE = 0xFFFFFF


def topic_of(call: Call, chat: Chat) -> int:
    """Return the topic a call names for its message, 0 for none or General; raise RefusalError."""
    thread = call.number("message_thread_id", low=0)
    if thread and (chat.private or (chat.forum and (thread == GENERAL or thread not in chat.topics))):
        raise no.THREAD_NOT_FOUND.error()
    return thread if chat.forum else 0  # as the server: groups without topics ignore the parameter


def check_open(world: World, chat: Chat, thread: int, answered: Json | None) -> None:
    """Raise RefusalError where the topic is closed to the bot: the one named, else that of the message answered."""
    if chat.forum:
        thread = thread or (topics.thread_of(answered) if answered else GENERAL)
        if not topics.may_write(chat, world.bot["id"], thread):
            raise no_topics.CLOSED.error()


def create(world: World, call: Call) -> Json:
    """Begin a topic."""
    chat = _forum(world, call)
    if not may(chat, world.bot["id"], "can_manage_topics"):
        raise no_topics.NO_CREATE_RIGHTS.error()
    name = _name(call)
    if not name:
        raise no_topics.NAME_EMPTY.error()
    color = call.number("icon_color")
    if not 0 <= color <= _WHITE:
        raise no_topics.ICON_COLOR.error()
    if color and color not in topics.COLORS:
        call.findings.append(f"icon_color {color} is none of the six Telegram knows")
    number = topics.begin(world, chat, world.bot, name, color, call.text("icon_custom_emoji_id"))
    return topics.topic_json(chat, number)


def edit(world: World, call: Call) -> bool:
    """Give a topic another name or icon."""
    return _edit(world, call, _forum(world, call), _thread(call))


def edit_general(world: World, call: Call) -> bool:
    """Give General another name."""
    return _edit(world, call, _forum(world, call), GENERAL)


def close(world: World, call: Call) -> bool:
    """Close a topic: only those who manage topics, or began it, write there."""
    return _close(world, _forum(world, call), _thread(call), closed=True)


def reopen(world: World, call: Call) -> bool:
    """Open a closed topic again."""
    return _close(world, _forum(world, call), _thread(call), closed=False)


def close_general(world: World, call: Call) -> bool:
    """Close General."""
    return _close(world, _forum(world, call), GENERAL, closed=True)


def reopen_general(world: World, call: Call) -> bool:
    """Open General again."""
    return _close(world, _forum(world, call), GENERAL, closed=False)


def hide_general(world: World, call: Call) -> bool:
    """Hide General, which closes it."""
    return _hide(world, call, hidden=True)


def unhide_general(world: World, call: Call) -> bool:
    """Show General again."""
    return _hide(world, call, hidden=False)


def delete(world: World, call: Call) -> bool:
    """Delete a topic with everything in it."""
    chat, thread = _forum(world, call), _thread(call)
    if thread in chat.topics and not _manages(world, chat, thread, "can_delete_messages"):
        raise no_topics.NO_DELETE_RIGHTS.error()
    if thread == GENERAL or thread not in chat.topics:
        raise no_topics.TOPIC_UNKNOWN.error()
    topics.delete(world, chat, thread)
    return True


def unpin_all(world: World, call: Call) -> bool:
    """Unpin every message of a topic."""
    return _unpin_all(world, call, _thread(call))


def unpin_all_general(world: World, call: Call) -> bool:
    """Unpin every message of General."""
    return _unpin_all(world, call, GENERAL)


def icon_stickers(_world: World, _call: Call) -> list[Json]:
    """Return the custom emoji every topic may have as icon; the sandbox has none."""
    return []


def _forum(world: World, call: Call) -> Chat:
    chat = find_chat(world, call.text("chat_id"))
    if not chat.forum:
        raise no_topics.NOT_A_FORUM.error()
    return chat


def _thread(call: Call) -> int:
    thread = call.number("message_thread_id", low=0)
    if not thread:
        raise no_topics.TOPIC_INVALID.error()
    return thread


def _name(call: Call) -> str:
    return " ".join(call.text("name").split())[:_NAME]


def _manages(world: World, chat: Chat, thread: int, right: str = "can_manage_topics") -> bool:
    """Whether the bot has a right over a topic, or began it."""
    began = topics.topic(chat, thread)["creator"] == world.bot["id"]
    return began or appointed(chat, world.bot["id"], right)


def _edit(world: World, call: Call, chat: Chat, thread: int) -> bool:
    there = thread == GENERAL or thread in chat.topics
    if there and not _manages(world, chat, thread):
        raise no_topics.NO_EDIT_RIGHTS.error()
    changes: Json = {}
    if call.text("name"):
        changes["name"] = _name(call)
        if not changes["name"]:
            raise no_topics.NAME_EMPTY.error()
    if "icon_custom_emoji_id" in call.arguments and thread != GENERAL:
        changes["icon_custom_emoji_id"] = call.text("icon_custom_emoji_id")
    if not changes:
        return True
    if not there:
        raise no_topics.TOPIC_UNKNOWN.error()
    if not topics.edit(world, chat, world.bot, thread, changes):
        raise no_topics.NOT_MODIFIED.error()
    return True


def _close(world: World, chat: Chat, thread: int, *, closed: bool) -> bool:
    there = thread == GENERAL or thread in chat.topics
    if there and not _manages(world, chat, thread):
        raise no_topics.NO_CLOSE_RIGHTS.error()
    if not there:
        raise no_topics.TOPIC_UNKNOWN.error()
    if not topics.close(world, chat, world.bot, thread, closed=closed):
        raise no_topics.NOT_MODIFIED.error()
    return True


def _hide(world: World, call: Call, *, hidden: bool) -> bool:
    chat = _forum(world, call)
    if not appointed(chat, world.bot["id"], "can_manage_topics"):
        raise no_topics.NO_CLOSE_RIGHTS.error()
    if not topics.hide(world, chat, world.bot, hidden=hidden):
        raise no_topics.NOT_MODIFIED.error()
    return True


def _unpin_all(world: World, call: Call, thread: int) -> bool:
    chat = find_chat(world, call.text("chat_id"))
    if not chat.private and not may(chat, world.bot["id"], "can_pin_messages"):
        raise no.NO_PIN_RIGHTS.error()
    if not chat.forum:
        raise no_topics.NO_TOPICS.error()
    if thread != GENERAL and thread not in chat.topics:
        raise no_topics.TOPIC_UNKNOWN.error()
    kept = [one for one in chat.pinned if topics.thread_of(chat.messages[one]) != thread]
    if kept != chat.pinned:
        world.commit({"do": "pinned", "chat": chat.id, "ids": kept})
        world.events.ring("chat", {"chat": chat.id})
    return True


METHODS: dict[str, Callable[[World, Call], Any]] = {
    "createForumTopic": create,
    "editForumTopic": edit,
    "closeForumTopic": close,
    "reopenForumTopic": reopen,
    "deleteForumTopic": delete,
    "unpinAllForumTopicMessages": unpin_all,
    "editGeneralForumTopic": edit_general,
    "closeGeneralForumTopic": close_general,
    "reopenGeneralForumTopic": reopen_general,
    "hideGeneralForumTopic": hide_general,
    "unhideGeneralForumTopic": unhide_general,
    "unpinAllGeneralForumTopicMessages": unpin_all_general,
    "getForumTopicIconStickers": icon_stickers,
}
