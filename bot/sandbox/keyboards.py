"""Keyboards under messages: parsed as the Bot API server does, then judged as Telegram does once the chat is known.

Sources: telegram-bot-api Client.cpp get_reply_markup; td ReplyMarkup.cpp; tdutils JsonBuilder.cpp for the sentences.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.sandbox import links
from bot.sandbox import refusals as no
from bot.sandbox.refusals import Refusal

Button = dict[str, Any]
Rows = list[list[Button]]

_ROW_LIMIT = 12
_INLINE_LIMIT = 100
_DATA_LIMIT = 64
_COPY_LIMIT = 256
_STYLES = {"", "default", "primary", "danger", "success"}


class Kind(StrEnum):
    """The four keyboards of the Bot API."""

    INLINE = "inline"
    REPLY = "reply"
    REMOVE = "remove"
    FORCE = "force"


@dataclass(frozen=True, slots=True)
class Keyboard:
    """A parsed keyboard: its kind and its normal JSON form, as clients are shown it."""

    kind: Kind
    json: dict[str, Any]


class FieldError(ValueError):
    """A JSON field is missing or of the wrong type; the text is Telegram's."""


def parse(value: object) -> Keyboard | None:
    """Return the keyboard a `reply_markup` value means, None for none; raise RefusalError on bad shape."""
    if value in (None, ""):
        return None
    if isinstance(value, str):
        raise no.MARKUP_JSON.error()
    if not isinstance(value, dict):
        raise no.MARKUP_OBJECT.error()
    try:
        return _keyboard(value)
    except FieldError as error:
        raise no.MARKUP_FIELD.error(reason=_lower(str(error))) from error


def settle(keyboard: Keyboard | None, *, private: bool, inline_only: bool = False) -> Keyboard | None:
    """Judge a parsed keyboard for its chat; return it in stored form, None if nothing is left of it."""
    if keyboard is None:
        return None
    if inline_only and keyboard.kind is not Kind.INLINE:
        raise no.INLINE_EXPECTED.error()
    if keyboard.kind is Kind.INLINE:
        rows = _settled(keyboard.json["inline_keyboard"], lambda button: _inline(button, private=private))
        if sum(map(len, rows)) > _INLINE_LIMIT:
            raise no.KEYBOARD_LONG.error()
        return Keyboard(Kind.INLINE, {"inline_keyboard": rows}) if rows else None
    if keyboard.kind is Kind.REPLY:
        rows = _settled(keyboard.json["keyboard"], lambda button: _key(button, private=private))
        return Keyboard(Kind.REPLY, {**keyboard.json, "keyboard": rows}) if rows else None
    return keyboard


def _settled(rows: Rows, judge: Callable[[Button], Button]) -> Rows:
    kept = [[judge(one) for one in row if one["text"] or one.get("icon_custom_emoji_id")][:_ROW_LIMIT] for row in rows]
    return [row for row in kept if row]


def _keyboard(value: dict[str, Any]) -> Keyboard | None:
    rows = _rows(value, "keyboard", no.KEYBOARD_ROWS, _parse_key, no.KEYBOARD_BUTTON)
    inline = _rows(value, "inline_keyboard", no.INLINE_ROWS, _parse_inline, no.INLINE_BUTTON)
    flags = {name: True for name in ("remove_keyboard", "force_reply", "selective") if boolean(value, name)}
    placeholder = string(value, "input_field_placeholder")
    shown: dict[str, Any] = {"input_field_placeholder": placeholder} if placeholder else {}
    if flags.pop("selective", None):
        shown["selective"] = True
    if rows:
        shape = {
            name: True for name in ("resize_keyboard", "one_time_keyboard", "is_persistent") if boolean(value, name)
        }
        return Keyboard(Kind.REPLY, {"keyboard": rows, **shape, **shown})
    if inline:
        return Keyboard(Kind.INLINE, {"inline_keyboard": inline})
    if "remove_keyboard" in flags:
        return Keyboard(Kind.REMOVE, {"remove_keyboard": True})
    return Keyboard(Kind.FORCE, {"force_reply": True, **shown}) if "force_reply" in flags else None


def _rows(
    value: dict[str, Any], name: str, not_rows: Refusal, parse_button: Callable[[Any], Button], refusal: Refusal
) -> Rows:
    rows = value.get(name)
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise FieldError(f'Field "{name}" must be of type Array')
    parsed: Rows = []
    for row in rows:
        if not isinstance(row, list):
            raise not_rows.error()
        try:
            parsed.append([parse_button(button) for button in row])
        except FieldError as error:
            raise refusal.error(reason=str(error)) from error
    return parsed


def _parse_key(raw: object) -> Button:
    if isinstance(raw, str):
        return {"text": raw}
    if not isinstance(raw, dict):
        raise FieldError("KeyboardButton must be a String or an Object")
    button = _common(raw)
    for name in ("request_contact", "request_location"):
        if boolean(raw, name):
            return {**button, name: True}
    for name in ("request_poll", "web_app", "request_users", "request_chat"):
        if name in raw:
            return {**button, name: _object(raw, name)}
    return button


def _parse_inline(raw: object) -> Button:
    if not isinstance(raw, dict):
        raise FieldError("InlineKeyboardButton must be an Object")
    return {**_common(raw), **_action(raw)}


def _action(raw: dict[str, Any]) -> Button:
    """Return what an inline button does, looked for in the source's order."""
    for name in ("url", "callback_data"):
        value = string(raw, name)
        if value:
            return {name: value}
    for name in ("callback_game", "pay"):
        if name in raw:
            return {name: raw[name]}
    for name in ("switch_inline_query", "switch_inline_query_current_chat"):
        if name in raw:
            return {name: string(raw, name, required=True)}
    for name, field in (("login_url", "url"), ("web_app", "url"), ("copy_text", "text")):
        if name in raw:
            inner = _object(raw, name)
            return {name: {**inner, field: string(inner, field, required=True)}}
    if "switch_inline_query_chosen_chat" in raw:
        return {"switch_inline_query_chosen_chat": _object(raw, "switch_inline_query_chosen_chat")}
    raise FieldError("Text buttons are unallowed in the inline keyboard")


def _common(raw: dict[str, Any]) -> Button:
    button: Button = {"text": string(raw, "text", required=True)}
    icon, style = string(raw, "icon_custom_emoji_id"), string(raw, "style").lower()
    if style not in _STYLES:
        raise FieldError("invalid button style specified")
    if icon:
        button["icon_custom_emoji_id"] = icon
    if style not in {"", "default"}:
        button["style"] = style
    return button


def _inline(button: Button, *, private: bool) -> Button:
    if "url" in button:
        return {**button, "url": _checked(button["url"], no.BUTTON_URL)}
    if "callback_data" in button:
        if len(button["callback_data"].encode()) > _DATA_LIMIT:
            raise no.BUTTON_DATA.error()
    elif "web_app" in button:
        url = _checked(button["web_app"]["url"], no.BUTTON_WEB_APP, https_only=True)
        if not private:
            raise no.BUTTON_TYPE.error()
        return {**button, "web_app": {"url": url}}
    elif "copy_text" in button:
        if not 0 < len(button["copy_text"]["text"]) <= _COPY_LIMIT:
            raise no.BUTTON_COPY.error()
    elif "pay" in button or "callback_game" in button:
        raise no.BUTTON_TYPE.error()  # only under an invoice or a game, and the sandbox sends neither yet
    return button


_PRIVATE_ONLY = {
    "request_contact": no.PHONE_IN_GROUP,
    "request_location": no.LOCATION_IN_GROUP,
    "request_poll": no.POLL_IN_GROUP,
    "web_app": no.WEB_APP_IN_GROUP,
    "request_users": no.USERS_IN_GROUP,
    "request_chat": no.CHATS_IN_GROUP,
}


def _key(button: Button, *, private: bool) -> Button:
    for name, refusal in _PRIVATE_ONLY.items():
        if name in button and not private:
            raise refusal.error()
    if "web_app" in button:
        return {
            **button,
            "web_app": {"url": _checked(button["web_app"].get("url", ""), no.KEY_WEB_APP, https_only=True)},
        }
    return button


def _checked(url: str, refusal: Refusal, *, https_only: bool = False) -> str:
    try:
        return links.checked(url, https_only=https_only)
    except links.LinkError as error:
        raise refusal.error(url=url, reason=error) from error


def string(raw: dict[str, Any], name: str, *, required: bool = False) -> str:
    """Return a String (or Number) field, "" when absent; raise FieldError."""
    value = raw.get(name)
    if isinstance(value, str):
        return value
    if name not in raw:
        if required:
            raise FieldError(f'Can\'t find field "{name}"')
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise FieldError(f'Field "{name}" must be of type String')


def boolean(raw: dict[str, Any], name: str) -> bool:
    """Return a Boolean field, False when absent; raise FieldError."""
    value = raw.get(name, False)
    if not isinstance(value, bool):
        raise FieldError(f'Field "{name}" must be of type Boolean')
    return value


def _object(raw: dict[str, Any], name: str) -> dict[str, Any]:
    value = raw.get(name)
    if not isinstance(value, dict):
        raise FieldError(f'Field "{name}" must be of type Object')
    return value


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
