"""Keyboards under messages: parsed as the Bot API server does, then judged as Telegram does once the chat is known.

Sources: telegram-bot-api Client.cpp get_reply_markup; td ReplyMarkup.cpp; tdutils JsonBuilder.cpp for the sentences.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.sandbox import links, requests
from bot.sandbox import refusals as no
from bot.sandbox.fields import FieldError, boolean, inner, string
from bot.sandbox.refusals import Refusal
from bot.sandbox.refusals import keyboards as no_keyboards

Button = dict[str, Any]
Rows = list[list[Button]]

_ROW_LIMIT = 12
_INLINE_LIMIT = 100
_DATA_LIMIT = 64
_COPY_LIMIT = 256
_MOST_USERS = 10
_STYLES = {"", "default", "primary", "danger", "success"}
_BOT_NAME = re.compile(r"@?[A-Za-z0-9_]+")
_SHARED = ("contact", "location", "users_shared", "chat_shared", "web_app_data", "poll")
_TARGETS = ("allow_user_chats", "allow_bot_chats", "allow_group_chats", "allow_channel_chats")


class Kind(StrEnum):
    """The four keyboards of the Bot API."""

    INLINE = "inline"
    REPLY = "reply"
    REMOVE = "remove"
    FORCE = "force"


@dataclass(frozen=True, slots=True)
class Keyboard:
    """A parsed keyboard: its kind and its normal JSON form, as clients are shown it.

    `logins` holds what its login buttons say beside their address: in messages a bot gets they are plain links.
    """

    kind: Kind
    json: dict[str, Any]
    logins: dict[str, Any] = field(default_factory=dict)


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


def settle(
    keyboard: Keyboard | None, *, private: bool, inline_only: bool = False, pay: bool = False
) -> Keyboard | None:
    """Judge a parsed keyboard for its chat; return it in stored form, None if nothing is left of it.

    `pay` says that the message is an invoice, the only kind a pay button may stand under.
    """
    if keyboard is None:
        return None
    if inline_only and keyboard.kind is not Kind.INLINE:
        raise no.INLINE_EXPECTED.error()
    if keyboard.kind is Kind.INLINE:
        logins: dict[str, Any] = {}
        judge = _Judge(private=private, pay=pay, logins=logins)
        rows = _settled(keyboard.json["inline_keyboard"], judge.inline, no_keyboards.INLINE_TEXT)
        if sum(map(len, rows)) > _INLINE_LIMIT:
            raise no.KEYBOARD_LONG.error()
        return Keyboard(Kind.INLINE, {"inline_keyboard": rows}, logins) if rows else None
    shown = {name: one for name, one in keyboard.json.items() if name != "selective" or not private}
    if keyboard.kind is Kind.REPLY:
        rows = _settled(shown["keyboard"], lambda button: _key(button, private=private), no_keyboards.KEY_TEXT)
        return Keyboard(Kind.REPLY, {**shown, "keyboard": rows}) if rows else None
    return Keyboard(keyboard.kind, shown)


def placed(before: dict[str, Any] | None, keyboard: Keyboard, named: list[int]) -> dict[str, Any] | None:
    """Return the reply keyboard a chat shows after a message with one; a selective one is `for` those it names."""
    selective = bool(keyboard.json.get("selective"))
    if keyboard.kind is not Kind.REMOVE:
        return {**keyboard.json, "for": named} if selective else keyboard.json
    if not (selective and before):
        return None
    rest = [one for one in before.get("for", []) if one not in named]
    return {**before, "for": rest} if rest else before if "for" not in before else None


def after_message(keyboard: dict[str, Any], person: int, content: dict[str, Any]) -> dict[str, Any] | None:
    """Return a chat's reply keyboard once a person wrote: a forced reply is done, a one-time keyboard folds away."""
    if person not in keyboard.get("for", [person]):
        return keyboard
    if keyboard.get("force_reply"):
        return None
    pressed = any(button["text"] == content.get("text") for row in keyboard["keyboard"] for button in row)
    shared = any(name in content for name in _SHARED)
    folds = keyboard.get("one_time_keyboard") and (pressed or shared)
    return {**keyboard, "hidden": True} if folds else keyboard


def _settled(rows: Rows, judge: Callable[[Button], Button], nameless: Refusal) -> Rows:
    kept: Rows = []
    for row in rows:
        shown = [one for one in row if one["text"] or one.get("icon_custom_emoji_id")]
        if not all(one["text"] for one in shown):
            raise nameless.error()
        kept.append([judge(one) for one in shown[:_ROW_LIMIT]])
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
        return Keyboard(Kind.REMOVE, {"remove_keyboard": True, **{one: True for one in shown if one == "selective"}})
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
    return {**_common(raw), **requests.read(raw)}


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
            return {name: True if name == "pay" else {}}
    action = next((one for one in _ACTIONS if one in raw), None)
    if action is None:
        raise FieldError("Text buttons are unallowed in the inline keyboard")
    return _ACTIONS[action](raw)


def _chosen_chat(button: dict[str, Any]) -> Button:
    raw = inner(button, "switch_inline_query_chosen_chat")
    query = string(raw, "query")
    allowed = {name: boolean(raw, name) for name in _TARGETS}
    if all(allowed.values()):
        return {"switch_inline_query": query}
    return {"switch_inline_query_chosen_chat": {"query": query, **allowed}}


def _login(button: dict[str, Any]) -> Button:
    raw = inner(button, "login_url")
    url, bot = string(raw, "url", required=True), string(raw, "bot_username")
    if bot and not _BOT_NAME.fullmatch(bot):
        raise FieldError("LoginUrl bot username is invalid")
    login: Button = {"url": url, "request_write_access": boolean(raw, "request_write_access")}
    named = {"bot_username": bot.removeprefix("@"), "forward_text": string(raw, "forward_text")}
    return {"login_url": login | {name: one for name, one in named.items() if one}}


def _one(name: str, part: str) -> Callable[[dict[str, Any]], Button]:
    return lambda raw: {name: {part: string(inner(raw, name), part, required=True)}}


_ACTIONS: dict[str, Callable[[dict[str, Any]], Button]] = {
    "switch_inline_query": lambda raw: {"switch_inline_query": string(raw, "switch_inline_query", required=True)},
    "switch_inline_query_chosen_chat": _chosen_chat,
    "switch_inline_query_current_chat": lambda raw: {
        "switch_inline_query_current_chat": string(raw, "switch_inline_query_current_chat", required=True)
    },
    "login_url": _login,
    "web_app": _one("web_app", "url"),
    "copy_text": _one("copy_text", "text"),
}


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


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges inline buttons for one message, and notes what its login buttons say."""

    private: bool
    pay: bool
    logins: dict[str, Any]

    def inline(self, button: Button) -> Button:
        """Return a button in stored form; raise RefusalError for one that may not stand here."""
        if "url" in button:
            return {**button, "url": _checked(button["url"], no.BUTTON_URL)}
        if "web_app" in button:
            _no_person(button["web_app"]["url"], no_keyboards.WEB_APP_PERSON)
            url = _checked(button["web_app"]["url"], no.BUTTON_WEB_APP, https_only=True)
            if not self.private:
                raise no.BUTTON_TYPE.error()
            return {**button, "web_app": {"url": url}}
        if "login_url" in button:
            return self._login(button)
        self._check(button)
        return button

    def _login(self, button: Button) -> Button:
        login = button["login_url"]
        _no_person(login["url"], no_keyboards.LOGIN_PERSON)
        url = _checked(login["url"], no_keyboards.BUTTON_LOGIN, https_only=True)
        self.logins[url] = {name: one for name, one in login.items() if name != "url"}
        return {**{name: one for name, one in button.items() if name != "login_url"}, "url": url}

    def _check(self, button: Button) -> None:
        chosen = button.get("switch_inline_query_chosen_chat")
        if chosen and not any(chosen[name] for name in _TARGETS):
            raise no_keyboards.NO_TARGET.error()
        if len(button.get("callback_data", "").encode()) > _DATA_LIMIT:
            raise no.BUTTON_DATA.error()
        if "copy_text" in button and not 0 < len(button["copy_text"]["text"]) <= _COPY_LIMIT:
            raise no.BUTTON_COPY.error()
        if ("pay" in button and not self.pay) or "callback_game" in button:
            raise no.BUTTON_TYPE.error()  # only under an invoice or a game


_PRIVATE_ONLY = {
    "request_contact": no.PHONE_IN_GROUP,
    "request_location": no.LOCATION_IN_GROUP,
    "request_poll": no.POLL_IN_GROUP,
    "web_app": no.WEB_APP_IN_GROUP,
    "request_users": no.USERS_IN_GROUP,
    "request_chat": no.CHATS_IN_GROUP,
    "request_managed_bot": no_keyboards.MANAGED_IN_GROUP,
}


def _key(button: Button, *, private: bool) -> Button:
    for name, refusal in _PRIVATE_ONLY.items():
        if name in button and not private:
            raise refusal.error()
    if "web_app" in button:
        url = button["web_app"]["url"]
        _no_person(url, no_keyboards.WEB_APP_PERSON)
        return {**button, "web_app": {"url": _checked(url, no.KEY_WEB_APP, https_only=True)}}
    if button.get("request_users", {}).get("max_quantity", 1) > _MOST_USERS:
        raise no_keyboards.BUTTON_INVALID.error()
    return button


def _no_person(url: str, refusal: Refusal) -> None:
    if links.user_of(url):
        raise refusal.error()


def _checked(url: str, refusal: Refusal, *, https_only: bool = False) -> str:
    try:
        return links.checked(url, https_only=https_only)
    except links.LinkError as error:
        raise refusal.error(url=url, reason=error) from error


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
