"""Methods that put a message into a chat, checked in the order of Client.cpp do_send_message and td send_message."""

from collections.abc import Callable
from typing import Any

from bot.sandbox import keyboards
from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.keyboards import FieldError, boolean, string
from bot.sandbox.markup import integer
from bot.sandbox.methods.content import (
    caption_json,
    media_json,
    named_file,
    place_json,
    read_caption,
    read_text,
    text_json,
)
from bot.sandbox.methods.lookup import find_chat
from bot.sandbox.state import Chat, Json
from bot.sandbox.text import caption_text, message_text
from bot.sandbox.world import World

_ACTIONS = frozenset(
    {
        *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document"),
        *("choose_sticker", "find_location", "record_video_note", "upload_video_note", "cancel", "record_audio"),
        *("upload_audio", "pick_up_location"),
    }
)
_COPIED = (
    *("text", "entities", "link_preview_options", "photo", "document", "location", "contact"),
    *("caption", "caption_entities", "show_caption_above_media", "has_media_spoiler"),
)


def send_message(world: World, call: Call) -> Json:
    """Send text, 1-4096 characters after parsing."""
    given = read_text(world, call)
    return _send(world, call, lambda: text_json(message_text(given), call))


def send_photo(world: World, call: Call) -> Json:
    """Send a photo: an upload of up to 10 MB, or a file_id."""
    name = named_file(call, "photo", call.text("photo"))
    if not name:
        raise no.NO_PHOTO.error()
    caption = read_caption(world, call)
    above = call.flag("show_caption_above_media")
    spoiler: Json = {"has_media_spoiler": True} if call.flag("has_spoiler") else {}

    def content() -> Json:
        return {**media_json(world, call, "Photo", name), **caption_json(caption_text(caption), above=above), **spoiler}

    return _send(world, call, content)


def send_document(world: World, call: Call) -> Json:
    """Send a file of any kind: an upload of up to 50 MB, or a file_id."""
    name = named_file(call, "document", call.text("document"))
    if not name:
        raise no.NO_DOCUMENT.error()
    caption = read_caption(world, call)
    return _send(
        world, call, lambda: {**media_json(world, call, "Document", name), **caption_json(caption_text(caption))}
    )


def send_location(world: World, call: Call) -> Json:
    """Send a point on the map."""
    latitude, longitude = call.text("latitude"), call.text("longitude")
    if not latitude.strip():
        raise no.LATITUDE_EMPTY.error()
    if not longitude.strip():
        raise no.LONGITUDE_EMPTY.error()
    return _send(world, call, lambda: place_json(latitude, longitude))


def send_chat_action(world: World, call: Call) -> bool:
    """Show "typing…" or the like; never stored."""
    action = call.text("action").lower()
    if action not in _ACTIONS:
        raise no.ACTION.error()
    chat = find_chat(world, call.text("chat_id"))
    world.writable(chat)
    world.events.ring("typing", {"chat": chat.id, "action": action})
    return True


def copy_message(world: World, call: Call) -> Json:
    """Send a message's content again without a link to it; a new caption replaces the old."""
    source = find_chat(world, call.text("from_chat_id"))
    message = source.messages.get(call.number("message_id"))
    if message is None:
        raise no.COPY_NOT_FOUND.error()
    caption = read_caption(world, call) if "caption" in call.arguments else None

    def content() -> Json:
        copied = {name: message[name] for name in _COPIED if name in message}
        if caption is None or not ({"photo", "document"} & copied.keys()):
            return copied
        kept = {name: value for name, value in copied.items() if not name.startswith("caption")}
        return {**kept, **caption_json(caption_text(caption))}

    return {"message_id": _send(world, call, content)["message_id"]}


def _send(world: World, call: Call, content: Callable[[], Json]) -> Json:
    reply_to, optional = _reply(call)
    keyboard = keyboards.parse(call.json("reply_markup"))
    chat = find_chat(world, call.text("chat_id"))
    if call.number("message_thread_id") > 0:
        raise no.THREAD_NOT_FOUND.error()  # topics are not built yet, so no thread exists
    replied = _replied(chat, reply_to, optional=optional)
    keyboard = keyboards.settle(keyboard, private=chat.private)
    holds = content()
    world.writable(chat)
    world.limits.take(chat.id, private=chat.private)
    return world.post(chat, world.bot, holds, keyboard=keyboard, reply_to=replied)


def _reply(call: Call) -> tuple[int, bool]:
    """Return the id of the message replied to (0 for none) and whether it may be missing."""
    if "reply_parameters" not in call.arguments:
        return call.number("reply_to_message_id"), call.flag("allow_sending_without_reply")
    given = call.json("reply_parameters")
    if given is None:
        return 0, False
    if isinstance(given, str):
        raise no.REPLY_JSON.error()
    if not isinstance(given, dict):
        raise no.REPLY_OBJECT.error()
    if not given:
        return 0, False
    try:
        number = string(given, "message_id", required=True)
        optional = boolean(given, "allow_sending_without_reply")
    except FieldError as error:
        sentence = str(error)
        raise no.MARKUP_FIELD.error(reason=sentence[:1].lower() + sentence[1:]) from error
    return integer(number) or 0, optional


def _replied(chat: Chat, number: int, *, optional: bool) -> Json | None:
    if number <= 0:
        return None
    message = chat.messages.get(number)
    if message is None and not optional:
        raise no.REPLY_NOT_FOUND.error()
    return message


METHODS: dict[str, Callable[[World, Call], Any]] = {
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendLocation": send_location,
    "sendChatAction": send_chat_action,
    "copyMessage": copy_message,
}
