"""What people do to the topics of a group: begin, rename, close, delete; and turning them on."""

from collections.abc import Callable
from typing import Any

from bot.sandbox import topics
from bot.sandbox.acts.given import number, word
from bot.sandbox.people import ActError, People
from bot.sandbox.roles import appointed, may
from bot.sandbox.state import Chat, Json, chat_entry
from bot.sandbox.world import World


def forum(world: World, _people: People, given: Json) -> Json:
    """Give the supergroup `chat` topics, or with `on` false take them away; what was written stays."""
    chat = world.state.chats.get(number(given, "chat"))
    if chat is None or chat.type != "supergroup":
        raise ActError("only a supergroup has topics")
    world.commit({**chat_entry(chat), "forum": bool(given.get("on", True))})
    world.events.ring("chat", {"chat": chat.id})
    return {}


def begin(world: World, _people: People, given: Json) -> Json:
    """Begin a topic of a `name` in `chat` as `person`; returns it."""
    chat, actor = _place(world, given)
    name = word(given, "name").strip()
    if not may(chat, actor["id"], "can_manage_topics"):
        raise ActError("this person may not begin a topic here", 403)
    if not name:
        raise ActError("a topic needs a name")
    made = topics.begin(world, chat, actor, name, number(given, "icon_color", 0), "")
    return {"topic": topics.topic_json(chat, made)}


def change(world: World, _people: People, given: Json) -> Json:
    """Change the topic `thread` (1 is General) as `person`: `name`, `closed`, `hidden` (General), or `deleted`."""
    chat, actor = _place(world, given)
    thread = number(given, "thread")
    if thread != topics.GENERAL and thread not in chat.topics:
        raise ActError("this topic is not there", 404)
    began = topics.topic(chat, thread)["creator"] == actor["id"]
    if not began and not appointed(chat, actor["id"], "can_manage_topics"):
        raise ActError("this person does not manage the topics here", 403)
    if given.get("deleted") and thread != topics.GENERAL:
        topics.delete(world, chat, thread)
        return {}
    if word(given, "name").strip():
        topics.edit(world, chat, actor, thread, {"name": word(given, "name").strip()})
    if given.get("closed") is not None:
        topics.close(world, chat, actor, thread, closed=bool(given["closed"]))
    if given.get("hidden") is not None and thread == topics.GENERAL:
        topics.hide(world, chat, actor, hidden=bool(given["hidden"]))
    return {}


def _place(world: World, given: Json) -> tuple[Chat, Json]:
    chat, actor = world.state.chats.get(number(given, "chat")), world.user(number(given, "person"))
    if chat is None or not chat.forum or actor is None:
        raise ActError("nobody is there, or the group has no topics", 404)
    return chat, actor


ACTS: dict[str, Callable[[World, People, dict[str, Any]], Json]] = {
    "forum": forum,
    "topics": begin,
    "topic": change,
}
