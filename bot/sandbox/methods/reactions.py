"""Reactions of the bot to messages, and which reactions there are.

Sources: Client.cpp process_set_message_reaction_query, get_reaction_type; td MessageReaction.cpp set_message_reactions,
SendReactionQuery; docs ReactionTypeEmoji, setMessageReaction.
"""

from collections.abc import Callable
from typing import Any

from bot.sandbox.call import Call
from bot.sandbox.fields import FieldError, long, string
from bot.sandbox.files import is_service
from bot.sandbox.methods.lookup import find_message
from bot.sandbox.refusals import content as no_content
from bot.sandbox.state import Chat, Json
from bot.sandbox.world import World

_LIST = (
    "👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤\u200d🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 "
    "🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨\u200d💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 "
    "☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ 😡"
)
EMOJI = tuple(_LIST.split())
_SELECTOR = "\ufe0f"  # asks for a colourful picture; Telegram keeps reactions without it


def set_message_reaction(world: World, call: Call) -> bool:
    """Give the bot's reaction to a message, or take it back with none."""
    given = _read(call)
    chat, message = find_message(world, call, no_content.REACT_NOT_FOUND)
    if any(one.get("emoji") == "" or one["type"] == "paid" for one in given):
        raise no_content.REACTION_EMPTY.error()
    if len(given) > 1:
        raise no_content.REACTIONS_MANY.error()
    if is_service(message) or not all(_allowed(chat, message, one) for one in given):
        raise no_content.REACTION_INVALID.error()
    react(world, chat, message, world.bot["id"], given)
    return True


def react(world: World, chat: Chat, message: Json, user: int, given: list[Json]) -> list[Json]:
    """Put a user's reactions in place of those before; return those before."""
    number = message["message_id"]
    before = chat.reactions.get(number, {}).get(user, [])
    if given != before:
        world.commit({"do": "reaction", "chat": chat.id, "message": number, "user": user, "reactions": given})
        if world.events.heard:
            world.events.ring("edited", {"chat": chat.id, "message": world.shown(chat, message)})
    return before


def plain(emoji: str) -> str:
    """Return an emoji as reactions are kept."""
    return emoji.replace(_SELECTOR, "")


def _read(call: Call) -> list[Json]:
    given = call.json("reaction")
    if given is None:
        return []
    if isinstance(given, str):
        raise no_content.REACTION_JSON.error()
    if not isinstance(given, list):
        raise no_content.REACTION_ARRAY.error()
    try:
        return [_type(one) for one in given]
    except FieldError as error:
        raise no_content.REACTION_TYPE.error(reason=error) from error


def _type(value: Any) -> Json:
    if not isinstance(value, dict):
        raise FieldError("expected an Object")
    kind = string(value, "type", required=True)
    if kind == "emoji":
        return {"type": kind, "emoji": plain(string(value, "emoji", required=True))}
    if kind == "custom_emoji":
        return {"type": kind, "custom_emoji_id": str(long(value, "custom_emoji_id"))}
    raise FieldError("invalid reaction type specified")


def _allowed(chat: Chat, message: Json, reaction: Json) -> bool:
    """Tell whether the bot may react so: an emoji of the list, or a custom one that is on the message already."""
    if reaction["type"] == "emoji":
        return reaction["emoji"] in EMOJI
    return any(reaction in one for one in chat.reactions.get(message["message_id"], {}).values())


METHODS: dict[str, Callable[[World, Call], Any]] = {"setMessageReaction": set_message_reaction}
