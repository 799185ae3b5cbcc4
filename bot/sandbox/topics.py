"""Forum topics: what the bot and people alike do to them, with the grey lines that say so.

A topic lies in `Chat.topics` under the id of the message that began it; General has number 1 and always exists in a
forum, its messages carry no thread. Source of the six colours: docs createForumTopic.
"""

from bot.sandbox.members import announce
from bot.sandbox.roles import appointed
from bot.sandbox.state import Chat, Json
from bot.sandbox.world import World

GENERAL = 1
COLORS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)


def topic(chat: Chat, thread: int) -> Json:
    """Return a topic of a forum: name, icon_color, icon_custom_emoji_id, creator, closed, hidden."""
    return chat.topics.get(thread) or _fresh("General" if thread == GENERAL else "", COLORS[0], "", 0)


def topic_json(chat: Chat, thread: int) -> Json:
    """Return the ForumTopic object."""
    one = topic(chat, thread)
    return {"message_thread_id": thread, **_face(one)}


def thread_of(message: Json) -> int:
    """Return the topic of a message in a forum."""
    number: int = message["message_thread_id"] if message.get("is_topic_message") else GENERAL
    return number


def may_write(chat: Chat, user: int, thread: int) -> bool:
    """Whether somebody may write into a topic: into a closed one only who manages topics, or began it."""
    one = topic(chat, thread)
    return not one["closed"] or one["creator"] == user or appointed(chat, user, "can_manage_topics")


def begin(world: World, chat: Chat, actor: Json, name: str, color: int, emoji: str) -> int:
    """Begin a topic; return its number. Telegram picks the colour when none is asked for."""
    number = world.state.next_message_id(chat)
    one = _fresh(name, color or COLORS[number % len(COLORS)], emoji, actor["id"])
    world.commit({"do": "topic", "chat": chat.id, "id": number, "topic": one})
    announce(world, chat, actor, {"forum_topic_created": _face(one)}, number)
    world.events.ring("chat", {"chat": chat.id})
    return number


def edit(world: World, chat: Chat, actor: Json, thread: int, changes: Json) -> bool:
    """Change a topic's name or icon; False when nothing differs."""
    one = topic(chat, thread)
    differing = {name: value for name, value in changes.items() if one[name] != value}
    return bool(differing) and _change(world, chat, actor, thread, differing, {"forum_topic_edited": differing})


def close(world: World, chat: Chat, actor: Json, thread: int, *, closed: bool) -> bool:
    """Close or open a topic; False when it is so already. Opening General shows it again."""
    one = topic(chat, thread)
    if one["closed"] == closed:
        return False
    line: Json = {"forum_topic_closed" if closed else "forum_topic_reopened": {}}
    return _change(world, chat, actor, thread, {"closed": closed, "hidden": one["hidden"] and closed}, line)


def hide(world: World, chat: Chat, actor: Json, *, hidden: bool) -> bool:
    """Hide General, which closes it, or show it; False when it is so already."""
    one = topic(chat, GENERAL)
    if one["hidden"] == hidden:
        return False
    line: Json = {"general_forum_topic_hidden" if hidden else "general_forum_topic_unhidden": {}}
    return _change(world, chat, actor, GENERAL, {"hidden": hidden, "closed": one["closed"] or hidden}, line)


def delete(world: World, chat: Chat, thread: int) -> None:
    """Delete a topic with everything in it."""
    world.commit({"do": "topic", "chat": chat.id, "id": thread, "topic": None})
    world.remove(chat, [number for number, one in chat.messages.items() if thread_of(one) == thread])
    world.events.ring("chat", {"chat": chat.id})


def known(chat: Chat) -> list[Json]:
    """Return every topic of a forum as the chat page needs it, General first."""
    if not chat.forum:
        return []
    numbers = dict.fromkeys((GENERAL, *chat.topics))
    return [
        {**topic_json(chat, one), **{mark: topic(chat, one)[mark] for mark in ("closed", "hidden")}} for one in numbers
    ]


def _fresh(name: str, color: int, emoji: str, creator: int) -> Json:
    icon = {"icon_color": color, "icon_custom_emoji_id": emoji}
    return {"name": name, **icon, "creator": creator, "closed": False, "hidden": False}


def _face(one: Json) -> Json:
    emoji = {"icon_custom_emoji_id": one["icon_custom_emoji_id"]} if one["icon_custom_emoji_id"] else {}
    return {"name": one["name"], "icon_color": one["icon_color"], **emoji}


def _change(world: World, chat: Chat, actor: Json, thread: int, changes: Json, line: Json) -> bool:
    world.commit({"do": "topic", "chat": chat.id, "id": thread, "topic": {**topic(chat, thread), **changes}})
    announce(world, chat, actor, line, 0 if thread == GENERAL else thread)
    world.events.ring("chat", {"chat": chat.id})
    return True
