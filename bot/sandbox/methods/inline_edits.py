"""Edits by `inline_message_id`: of messages people sent via the bot, in chats the bot may not even see.

Telegram's server makes these edits itself, so fewer of td's checks stand before them: text given for a message with a
file is its caption. Source: td InlineMessageManager.cpp; Client.cpp process_edit_message_*.
"""

from collections.abc import Callable
from typing import Any

from bot.sandbox import inline, keyboards
from bot.sandbox import refusals as no
from bot.sandbox.asked import is_inline_message_id
from bot.sandbox.call import Call
from bot.sandbox.files import FIELDS, field_of
from bot.sandbox.keyboards import Keyboard
from bot.sandbox.methods.content import caption_json, input_media, read_caption, read_text, text_json
from bot.sandbox.refusals import inline as no_inline
from bot.sandbox.state import Json
from bot.sandbox.text import CAPTION_LIMIT, TEXT_LIMIT, Formatted, fix
from bot.sandbox.world import World

Method = Callable[[World, Call], Any]

_TEXT = frozenset({"text", "entities", "link_preview_options"})
_CAPTION = frozenset({"caption", "caption_entities", "show_caption_above_media"})
_MEDIA = frozenset(FIELDS) | {"has_media_spoiler"}
_ATTACH = "attach://"


def either(in_chat: Method, by_inline_id: Method) -> Method:
    """Return the method that edits in a chat, or by `inline_message_id` where no chat and no message is named."""

    def edit(world: World, call: Call) -> Any:
        named = call.text("chat_id") or call.number("message_id")
        return in_chat(world, call) if named else by_inline_id(world, call)

    return edit


def edit_text(world: World, call: Call) -> bool:
    """Replace a message's text, or its caption if it holds a file."""
    given = read_text(world, call)
    name, keyboard = _named(call)
    fixed = fix(given)
    if not fixed.text:
        raise no.TEXT_BLANK.error()
    return _write(world, call, name, fixed, keyboard)


def edit_caption(world: World, call: Call) -> bool:
    """Replace a message's caption, or its text if it holds no file."""
    given = read_caption(world, call)
    name, keyboard = _named(call)
    return _write(world, call, name, fix(given), keyboard)


def edit_media(world: World, call: Call) -> bool:
    """Replace a message's file and caption by a file already uploaded."""
    media = input_media(world, call)
    if str(call.json("media").get("media", "")).startswith(_ATTACH) or "" in call.uploads:
        raise no_inline.INLINE_UPLOAD.error()
    content = media.json()
    name, keyboard = _named(call)
    return _replace(world, name, _TEXT | _CAPTION | _MEDIA, content, keyboard)


def edit_reply_markup(world: World, call: Call) -> bool:
    """Replace or, with none given, remove a message's keyboard."""
    name, keyboard = _named(call)
    return _replace(world, name, frozenset(), {}, keyboard)


def _named(call: Call) -> tuple[str, Keyboard | None]:
    """Return the inline_message_id and the keyboard of a call; raise RefusalError."""
    keyboard = keyboards.parse(call.json("reply_markup"))
    name = call.text("inline_message_id")
    if not name:
        raise no.EDIT_UNIDENTIFIED.error()
    keyboard = keyboards.settle(keyboard, private=False, inline_only=True)
    if not is_inline_message_id(name):
        raise no_inline.INLINE_ID.error()
    return name, keyboard


def _write(world: World, call: Call, name: str, fixed: Formatted, keyboard: Keyboard | None) -> bool:
    _, message = inline.find(world, name)
    if field_of(message):
        if len(fixed.text) > CAPTION_LIMIT:
            raise no.EDIT_CAPTION_LONG.error()
        content = caption_json(fixed, above=call.flag("show_caption_above_media"))
        return _replace(world, name, _CAPTION, content, keyboard)
    if "text" not in message or not fixed.text:
        raise no_inline.INLINE_EMPTY.error()
    if len(fixed.text) > TEXT_LIMIT:
        raise no.EDIT_TEXT_LONG.error()
    return _replace(world, name, _TEXT, text_json(fixed, call), keyboard)


def _replace(world: World, name: str, fields: frozenset[str], content: Json, keyboard: Keyboard | None) -> bool:
    chat, message = inline.find(world, name)
    markup: Json = {"reply_markup": keyboard.json} if keyboard else {}
    kept = {key: value for key, value in message.items() if key not in fields | {"reply_markup"}}
    edited = {**kept, **content, **markup}
    if edited == message:
        raise no.NOT_MODIFIED.error()
    if keyboard:
        world.keep_logins(keyboard)
    world.replace(chat, {**edited, "edit_date": world.now()})
    return True
