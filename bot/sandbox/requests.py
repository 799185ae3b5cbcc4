"""What a reply keyboard's button may ask a person for: other people, a chat, a poll. Read here in their normal form.

Source: telegram-bot-api Client.cpp get_keyboard_button_type; td RequestedDialogType.cpp.
"""

from collections.abc import Callable
from typing import Any

from bot.sandbox.fields import FieldError, boolean, inner, string, whole

_POLLS = frozenset({"quiz", "regular"})
_USER_SHOWN = ("request_name", "request_username", "request_photo")
_CHAT_SHOWN = ("request_title", "request_username", "request_photo")
_RIGHTS = (
    *("can_manage_chat", "can_change_info", "can_post_messages", "can_edit_messages", "can_delete_messages"),
    *("can_invite_users", "can_restrict_members", "can_pin_messages", "can_manage_topics", "can_promote_members"),
    *("can_manage_video_chats", "can_post_stories", "can_edit_stories", "can_delete_stories"),
    *("can_manage_direct_messages", "can_manage_tags", "is_anonymous"),
)


def read(raw: dict[str, Any]) -> dict[str, Any]:
    """Return what a button asks for, {} for a button of text alone, looked for in the source's order."""
    if boolean(raw, "request_phone_number") or boolean(raw, "request_contact"):
        return {"request_contact": True}
    if boolean(raw, "request_location"):
        return {"request_location": True}
    name = next((one for one in _READERS if one in raw), None)
    if name is None:
        return {}
    return {_RENAMED.get(name, name): _READERS[name](inner(raw, name))}


def _poll(raw: dict[str, Any]) -> dict[str, Any]:
    kind = string(raw, "type")
    return {"type": kind} if kind in _POLLS else {}


def _web_app(raw: dict[str, Any]) -> dict[str, Any]:
    return {"url": string(raw, "url", required=True)}


def _users(raw: dict[str, Any]) -> dict[str, Any]:
    asked: dict[str, Any] = {"request_id": whole(raw, "request_id", required=True)}
    asked |= {name: boolean(raw, name) for name in ("user_is_bot", "user_is_premium") if name in raw}
    asked["max_quantity"] = max(1, whole(raw, "max_quantity", default=1))
    return asked | {name: True for name in _USER_SHOWN if boolean(raw, name)}


def _chat(raw: dict[str, Any]) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "request_id": whole(raw, "request_id", required=True),
        "chat_is_channel": boolean(raw, "chat_is_channel"),
    }
    asked |= {name: boolean(raw, name) for name in ("chat_is_forum", "chat_has_username") if name in raw}
    if boolean(raw, "chat_is_created"):
        asked["chat_is_created"] = True
    for name in ("user_administrator_rights", "bot_administrator_rights"):
        if name in raw:
            asked[name] = _rights(raw[name])
    if boolean(raw, "bot_is_member"):
        asked["bot_is_member"] = True
    return asked | {name: True for name in _CHAT_SHOWN if boolean(raw, name)}


def _managed(raw: dict[str, Any]) -> dict[str, Any]:
    asked: dict[str, Any] = {"request_id": whole(raw, "request_id", required=True)}
    return asked | {name: one for name in ("suggested_name", "suggested_username") if (one := string(raw, name))}


def _rights(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FieldError("ChatAdministratorRights must be an Object")
    return {name: True for name in _RIGHTS if boolean(value, name)}


_RENAMED = {"request_user": "request_users"}
_READERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "request_poll": _poll,
    "web_app": _web_app,
    "request_users": _users,
    "request_user": _users,
    "request_chat": _chat,
    "request_managed_bot": _managed,
}
