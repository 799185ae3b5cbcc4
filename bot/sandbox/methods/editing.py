"""Methods that change a message the bot sent.

Sources: Client.cpp process_edit_message_*; td MessagesManager.cpp edit_message_*, can_edit_message.
"""

from collections.abc import Callable
from typing import Any

from bot.sandbox import keyboards
from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.files import ABOVE, FIELDS, field_of, is_service
from bot.sandbox.keyboards import Keyboard
from bot.sandbox.methods import inline_edits
from bot.sandbox.methods.albums import mixed
from bot.sandbox.methods.content import caption_json, input_media, read_caption, read_text, text_json
from bot.sandbox.methods.inline_edits import either
from bot.sandbox.methods.lookup import find_message
from bot.sandbox.refusals import Refusal
from bot.sandbox.refusals import content as no_content
from bot.sandbox.state import Chat, Json
from bot.sandbox.text import CAPTION_LIMIT, TEXT_LIMIT, fix
from bot.sandbox.world import World

_TEXT = frozenset({"text", "entities", "link_preview_options"})
_CAPTION = frozenset({"caption", "caption_entities", "show_caption_above_media"})
_MEDIA = frozenset(FIELDS) | {"has_media_spoiler"}
_CHANGEABLE = (_MEDIA | {"text"}) - {"voice"}


def edit_text(world: World, call: Call) -> Json:
    """Replace a text message's text."""
    given = read_text(world, call)
    keyboard = keyboards.parse(call.json("reply_markup"))
    chat, message = _own(world, call, no.EDIT_REFUSED)
    if "text" not in message:
        raise no.EDIT_NO_TEXT.error()
    keyboard = keyboards.settle(keyboard, private=chat.private, inline_only=True)
    fixed = fix(given)
    if not fixed.text:
        raise no.TEXT_BLANK.error()
    if len(fixed.text) > TEXT_LIMIT:
        raise no.EDIT_TEXT_LONG.error()
    return _replace(world, chat, message, _TEXT, text_json(fixed, call), keyboard)


def edit_caption(world: World, call: Call) -> Json:
    """Replace a photo's or document's caption; an empty one removes it."""
    keyboard = keyboards.parse(call.json("reply_markup"))
    given = read_caption(world, call)
    chat, message = _own(world, call, no.EDIT_REFUSED)
    if field_of(message) is None:
        raise no.EDIT_NO_CAPTION.error()
    fixed = fix(given, seen=False)
    keyboard = keyboards.settle(keyboard, private=chat.private, inline_only=True)
    if len(fixed.text) > CAPTION_LIMIT:
        raise no.EDIT_CAPTION_LONG.error()
    above = call.flag("show_caption_above_media") and field_of(message) in ABOVE
    content = caption_json(fixed, above=above)
    return _replace(world, chat, message, _CAPTION, content, keyboard)


def edit_media(world: World, call: Call) -> Json:
    """Replace a message's media and caption; a text message becomes a media message."""
    keyboard = keyboards.parse(call.json("reply_markup"))
    media = input_media(world, call)
    chat, message = _own(world, call, no.EDIT_MEDIA_REFUSED)
    if not _CHANGEABLE & message.keys():
        raise no.EDIT_MEDIA_REFUSED.error()
    content = media.json()
    if "media_group_id" in message:
        _check_album(message, media.kind)
    keyboard = keyboards.settle(keyboard, private=chat.private, inline_only=True)
    return _replace(world, chat, message, _TEXT | _CAPTION | _MEDIA, content, keyboard)


def edit_reply_markup(world: World, call: Call) -> Json:
    """Replace or, with none given, remove a message's inline keyboard."""
    keyboard = keyboards.parse(call.json("reply_markup"))
    chat, message = _own(world, call, no.EDIT_REFUSED, keyboard_only=True)
    keyboard = keyboards.settle(keyboard, private=chat.private, inline_only=True)
    return _replace(world, chat, message, frozenset(), {}, keyboard)


def _own(world: World, call: Call, refusal: Refusal, *, keyboard_only: bool = False) -> tuple[Chat, Json]:
    """Return the chat and message to edit; raise RefusalError, `refusal` for one that is not the bot's to change."""
    chat, message = find_message(world, call, no.EDIT_NOT_FOUND)
    own = world.bot["id"] in (message["from"]["id"], message.get("via_bot", {}).get("id"))
    if not own or message["message_id"] in chat.sealed or "forward_origin" in message:
        raise refusal.error()
    if is_service(message) or not (keyboard_only or field_of(message) or "text" in message):
        raise refusal.error()  # of a place or a contact only the keyboard can be changed
    return chat, message


def _check_album(message: Json, kind: str) -> None:
    """Raise RefusalError unless a message of an album may change to media of a kind."""
    before = FIELDS[field_of(message) or "document"].name
    if before != kind and kind == "Animation":
        raise no_content.ALBUM_EDIT_KIND.error()
    if mixed([before, kind]):
        raise no_content.ALBUM_EDIT_MIXED.error()


def _replace(
    world: World, chat: Chat, message: Json, fields: frozenset[str], content: Json, keyboard: Keyboard | None
) -> Json:
    markup: Json = {"reply_markup": keyboard.json} if keyboard else {}
    kept = {name: value for name, value in message.items() if name not in fields | {"reply_markup"}}
    edited = {**kept, **content, **markup}
    if edited == message:
        raise no.NOT_MODIFIED.error()
    if keyboard:
        world.keep_logins(keyboard)
    edited["edit_date"] = world.now()
    world.replace(chat, edited)
    return edited


METHODS: dict[str, Callable[[World, Call], Any]] = {
    "editMessageText": either(edit_text, inline_edits.edit_text),
    "editMessageCaption": either(edit_caption, inline_edits.edit_caption),
    "editMessageMedia": either(edit_media, inline_edits.edit_media),
    "editMessageReplyMarkup": either(edit_reply_markup, inline_edits.edit_reply_markup),
}
