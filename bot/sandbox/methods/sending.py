"""Methods that put one message into a chat; the way they all go is `outgoing`.

Sources: Client.cpp process_send_*_query, get_chat_action; td Venue.cpp, Contact.cpp.
"""

from collections.abc import Callable
from typing import Any

from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.files import FIELDS
from bot.sandbox.methods.content import (
    caption_json,
    details_of,
    media_extras,
    media_json,
    named_file,
    place_json,
    read_caption,
    read_text,
    text_json,
)
from bot.sandbox.methods.lookup import find_chat
from bot.sandbox.methods.outgoing import send
from bot.sandbox.refusals import Refusal
from bot.sandbox.refusals import content as no_content
from bot.sandbox.state import Json
from bot.sandbox.text import caption_text, message_text
from bot.sandbox.world import World

_ACTIONS = frozenset(
    {
        *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document"),
        *("choose_sticker", "find_location", "record_video_note", "upload_video_note", "cancel", "record_audio"),
        *("upload_audio", "pick_up_location"),
    }
)
_MEDIA = {
    "photo": no.NO_PHOTO,
    "document": no.NO_DOCUMENT,
    "video": no_content.NO_VIDEO,
    "animation": no_content.NO_ANIMATION,
    "audio": no_content.NO_AUDIO,
    "voice": no_content.NO_VOICE,
}
_VENUE = ("foursquare_id", "foursquare_type"), ("google_place_id", "google_place_type")  # the first given wins


def send_message(world: World, call: Call) -> Json:
    """Send text, 1-4096 characters after parsing."""
    given = read_text(world, call)
    return send(world, call, lambda: text_json(message_text(given), call))


def _send_media(field: str, missing: Refusal) -> Callable[[World, Call], Json]:
    """Return the method that sends one file: an upload (a photo of up to 10 MB, others of 50 MB) or a file_id."""
    kind = FIELDS[field].name

    def method(world: World, call: Call) -> Json:
        name = named_file(call, field, call.text(field))
        if not name:
            raise missing.error()
        details = details_of(kind, call.number, call.text)
        caption = read_caption(world, call)
        above, spoiler = call.flag("show_caption_above_media"), call.flag("has_spoiler")

        def content() -> Json:
            held = {**media_json(world, call, kind, name, details), **caption_json(caption_text(caption))}
            return {**held, **media_extras(kind, above=above, spoiler=spoiler)}

        return send(world, call, content)

    return method


def send_location(world: World, call: Call) -> Json:
    """Send a point on the map."""
    latitude, longitude = _point(call)
    return send(world, call, lambda: place_json(latitude, longitude))


def send_venue(world: World, call: Call) -> Json:
    """Send a point on the map with a name and an address."""
    latitude, longitude = _point(call)
    venue = {"title": call.text("title"), "address": call.text("address")}
    call.findings += [f"{name}: a venue needs one" for name, value in venue.items() if not value]
    ids = ({name: call.text(name) for name in names if call.text(name)} for names in _VENUE)
    provider = next((one for one in ids if one), {})

    def content() -> Json:
        location = place_json(latitude, longitude)
        return {**location, "venue": {**location, **venue, **provider}}

    return send(world, call, content)


def _point(call: Call) -> tuple[str, str]:
    latitude, longitude = call.text("latitude"), call.text("longitude")
    if not latitude.strip():
        raise no.LATITUDE_EMPTY.error()
    if not longitude.strip():
        raise no.LONGITUDE_EMPTY.error()
    return latitude, longitude


def send_contact(world: World, call: Call) -> Json:
    """Send a phone number with a name."""
    contact: Json = {}
    for name in ("phone_number", "first_name"):
        contact[name] = call.text(name)
        if not contact[name]:
            raise no.PARAMETER.error(name=name)
    contact |= {name: call.text(name) for name in ("last_name", "vcard") if call.text(name)}
    return send(world, call, lambda: {"contact": contact})


def send_chat_action(world: World, call: Call) -> bool:
    """Show "typing…" or the like; never stored."""
    action = call.text("action").lower()
    if action not in _ACTIONS:
        raise no.ACTION.error()
    chat = find_chat(world, call.text("chat_id"))
    world.writable(chat)
    thread = call.number("message_thread_id", low=0)  # never judged: Client.cpp process_send_chat_action_query
    world.events.ring("typing", {"chat": chat.id, "action": action, **({"thread": thread} if thread else {})})
    return True


METHODS: dict[str, Callable[[World, Call], Any]] = {
    "sendMessage": send_message,
    **{f"send{field.capitalize()}": _send_media(field, missing) for field, missing in _MEDIA.items()},
    "sendLocation": send_location,
    "sendVenue": send_venue,
    "sendContact": send_contact,
    "sendChatAction": send_chat_action,
}
