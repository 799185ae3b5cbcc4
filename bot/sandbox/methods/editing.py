"""Methods that change a message the bot sent.

Sources: Client.cpp process_edit_message_*; td MessagesManager.cpp edit_message_*, can_edit_message.
"""

from collections.abc import Callable
from typing import Any

from bot.sandbox import keyboards
from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.keyboards import Keyboard
from bot.sandbox.methods.content import Media, caption_json, read_caption, read_text, text_json
from bot.sandbox.methods.lookup import find_message
from bot.sandbox.refusals import Refusal
from bot.sandbox.state import Chat, Json
from bot.sandbox.text import CAPTION_LIMIT, TEXT_LIMIT, fix
from bot.sandbox.world import World

_TEXT = frozenset({"text", "entities", "link_preview_options"})
_CAPTION = frozenset({"caption", "caption_entities", "show_caption_above_media"})
_MEDIA = frozenset({"photo", "document", "has_media_spoiler"})


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
    if not _MEDIA & message.keys():
        raise no.EDIT_NO_CAPTION.error()
    fixed = fix(given)
    keyboard = keyboards.settle(keyboard, private=chat.private, inline_only=True)
    if len(fixed.text) > CAPTION_LIMIT:
        raise no.EDIT_CAPTION_LONG.error()
    content = caption_json(fixed, above=call.flag("show_caption_above_media"))
    return _replace(world, chat, message, _CAPTION, content, keyboard)


def edit_media(world: World, call: Call) -> Json:
    """Replace a message's media and caption; a text message becomes a media message."""
    keyboard = keyboards.parse(call.json("reply_markup"))
    media = Media(world, call, call.json("media"))
    chat, message = _own(world, call, no.EDIT_MEDIA_REFUSED)
    if not (_MEDIA | _TEXT) & message.keys():
        raise no.EDIT_MEDIA_REFUSED.error()
    content = media.json()
    keyboard = keyboards.settle(keyboard, private=chat.private, inline_only=True)
    return _replace(world, chat, message, _TEXT | _CAPTION | _MEDIA, content, keyboard)


def edit_reply_markup(world: World, call: Call) -> Json:
    """Replace or, with none given, remove a message's inline keyboard."""
    keyboard = keyboards.parse(call.json("reply_markup"))
    chat, message = _own(world, call, no.EDIT_REFUSED)
    keyboard = keyboards.settle(keyboard, private=chat.private, inline_only=True)
    return _replace(world, chat, message, frozenset(), {}, keyboard)


def _own(world: World, call: Call, refusal: Refusal) -> tuple[Chat, Json]:
    """Return the chat and message to edit; raise RefusalError, `refusal` for one that is not the bot's to change."""
    if not call.text("chat_id") and not call.number("message_id"):
        raise no.EDIT_UNIDENTIFIED.error()  # inline messages are not built yet
    chat, message = find_message(world, call, no.EDIT_NOT_FOUND)
    if message["from"]["id"] != world.bot["id"] or message["message_id"] in chat.sealed:
        raise refusal.error()
    return chat, message


def _replace(
    world: World, chat: Chat, message: Json, fields: frozenset[str], content: Json, keyboard: Keyboard | None
) -> Json:
    markup: Json = {"reply_markup": keyboard.json} if keyboard else {}
    kept = {name: value for name, value in message.items() if name not in fields | {"reply_markup"}}
    edited = {**kept, **content, **markup}
    if edited == message:
        raise no.NOT_MODIFIED.error()
    edited["edit_date"] = world.now()
    world.replace(chat, edited)
    return edited


METHODS: dict[str, Callable[[World, Call], Any]] = {
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "editMessageMedia": edit_media,
    "editMessageReplyMarkup": edit_reply_markup,
}
