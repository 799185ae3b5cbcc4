"""Methods that ask about a chat and its members."""

from collections.abc import Callable
from typing import Any

from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.methods.lookup import find_chat
from bot.sandbox.state import LEFT, Chat, Json
from bot.sandbox.world import World

_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)
_REACTIONS = 11  # how many reactions a message can carry: docs ChatFullInfo.max_reaction_count
_RIGHTS = (
    *("can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members"),
    *("can_promote_members", "can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics"),
    *("can_post_stories", "can_edit_stories", "can_delete_stories", "can_send_welcome_messages"),
)


def get_chat(world: World, call: Call) -> Json:
    """Return the ChatFullInfo."""
    chat = find_chat(world, call.text("chat_id"))
    full: Json = {**chat.json, "accent_color_id": 0, "max_reaction_count": _REACTIONS, "accepted_gift_types": _GIFTS}
    if chat.pinned:
        full["pinned_message"] = chat.messages[chat.pinned[-1]]
    return full


def get_chat_member(world: World, call: Call) -> Json:
    """Return the ChatMember of a person; "left" for one who is not in the chat."""
    number = call.number("user_id", high=1 << 60)
    if number <= 0:
        raise no.INVALID_USER.error()
    chat = find_chat(world, call.text("chat_id"))
    if world.user(number) is None:
        raise no.USER_NOT_FOUND.error()
    return member_json(world, chat, number, chat.members.get(number, "left"))


def get_chat_administrators(world: World, call: Call) -> list[Json]:
    """Return the administrators of a group."""
    chat = find_chat(world, call.text("chat_id"))
    if chat.private:
        raise no.NO_ADMINISTRATORS.error()
    leading = {"creator", "administrator"}
    return [member_json(world, chat, number, status) for number, status in chat.members.items() if status in leading]


def get_chat_member_count(world: World, call: Call) -> int:
    """Return how many are in a chat, the bot among them."""
    chat = find_chat(world, call.text("chat_id"))
    return sum(status not in LEFT for status in chat.members.values())


def member_json(world: World, chat: Chat, number: int, status: str) -> Json:
    """Return the ChatMember object of a member with a status."""
    member: Json = {"user": world.user(number), "status": status}
    if status == "administrator":
        rights = {name: name != "can_manage_topics" or chat.forum for name in _RIGHTS}
        return {**member, "can_be_edited": False, "is_anonymous": False, **rights}
    return {**member, "until_date": 0} if status == "kicked" else member


METHODS: dict[str, Callable[[World, Call], Any]] = {
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
}
