"""Results a bot offers: inline query results, and the one message a Mini App sends. Read first, judged after.

Sources: telegram-bot-api Client.cpp get_inline_query_result, get_input_message_content; td InlineQueriesManager.cpp
get_input_bot_inline_result, get_inline_message.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox import keyboards
from bot.sandbox import refusals as no
from bot.sandbox.fields import FieldError, boolean, double, inner, string, whole
from bot.sandbox.files import file_json, media_of
from bot.sandbox.keyboards import Keyboard
from bot.sandbox.methods.content import caption_json, place_json
from bot.sandbox.refusals import Refusal, RefusalError
from bot.sandbox.refusals import inline as no_inline
from bot.sandbox.state import Json
from bot.sandbox.text import Formatted, caption_text, message_text, parse
from bot.sandbox.world import World

Content = Callable[[], Json]


@dataclass(frozen=True, slots=True)
class _Media:
    """A kind of result that is a file: td's name of it, its fields for an address of the web and for a file id."""

    kind: str
    url: str
    file_id: str
    titled: bool = False  # whether the title is required


_MEDIA = {
    "photo": _Media("Photo", "photo_url", "photo_file_id"),
    "document": _Media("Document", "document_url", "document_file_id", titled=True),
    "video": _Media("Video", "video_url", "video_file_id", titled=True),
    "audio": _Media("Audio", "audio_url", "audio_file_id"),
    "voice": _Media("VoiceNote", "voice_url", "voice_file_id", titled=True),
    "gif": _Media("Animation", "gif_url", "gif_file_id"),
    "mpeg4_gif": _Media("Animation", "mpeg4_url", "mpeg4_file_id"),
    "sticker": _Media("Sticker", "", "sticker_file_id"),
}
_NAMELESS = {
    "article": no_inline.ARTICLE_TITLE,
    "document": no_inline.FILE_TITLE,
    "video": no_inline.VIDEO_TITLE,
    "audio": no_inline.AUDIO_TITLE,
}
_MIMES: dict[str, tuple[tuple[str, ...], Refusal]] = {  # what a file of the web may be
    "document": (("application/pdf", "application/zip"), no_inline.DOCUMENT_MIME),
    "video": (("video/mp4", "text/html"), no_inline.VIDEO_MIME),
}
_LONGEST_ID = 64
_PLACE_NUMBERS = ("live_period", "heading", "proximity_alert_radius")
_VENUE_WORDS = ("foursquare_id", "foursquare_type", "google_place_id", "google_place_type")


@dataclass(frozen=True, slots=True)
class Result:
    """A result as read: what a list shows of it, its keyboard, and its message, still to be judged."""

    shown: Json
    keyboard: Keyboard | None
    content: Content | None
    caption: Formatted
    above: bool
    target: str = ""  # of a file: its id, or its address on the web
    mime: str = ""

    def judge(self, world: World) -> Json:
        """Return the result as kept: what is shown, its `message`, perhaps `fetch`; raise RefusalError."""
        kind = self.shown["type"]
        if kind == "game":
            raise no_inline.GAME.error()
        self._check(kind)
        keyboard = keyboards.settle(self.keyboard, private=False, inline_only=True)
        content = self.content() if self.content else caption_json(caption_text(self.caption), above=self.above)
        kept: Json = {**self.shown, "message": content}
        if kind in _MEDIA:
            kept |= self._file(world, _MEDIA[kind].kind)
        if keyboard:
            world.keep_logins(keyboard)
            kept["message"] = {**kept["message"], "reply_markup": keyboard.json}
        return kept

    def _check(self, kind: str) -> None:
        if kind == "contact":
            if not self.shown["phone_number"].strip():
                raise no_inline.CONTACT_PHONE.error()
            if not self.shown["first_name"].strip():
                raise no_inline.CONTACT_NAME.error()
        if "." in self.target and kind in _MIMES and not self.mime.startswith(_MIMES[kind][0]):
            raise _MIMES[kind][1].error()
        if kind in _NAMELESS and not self.shown["title"] and not (kind == "audio" and "." not in self.target):
            raise _NAMELESS[kind].error()

    def _file(self, world: World, kind: str) -> Json:
        """Return the message with its file in it; a file of the web is only fetched when somebody chooses it."""
        spoken: Json = self.content() if self.content else {}
        told = spoken or caption_json(caption_text(self.caption), above=self.above)
        if "." in self.target:
            if kind == "Photo" and not self.shown["thumbnail_url"]:
                raise no_inline.PHOTO_THUMBNAIL.error()
            return {"message": told} if spoken else {"message": told, "fetch": {"kind": kind, "url": self.target}}
        file = world.state.files.get(self.target)
        if file is None:
            raise no.FILE_ID_WRONG.error()
        if file.kind != kind:
            raise no.FILE_KIND.error(kind=file.kind, wanted=kind)
        held = file_json(file)
        media = media_of(held) or {}
        shown = {"file_url": f"/sandbox/files/{media.get('file_unique_id', '')}"}
        return {**shown, "message": told if spoken else {**held, **told}}


def read_result(world: World, value: object) -> Result:
    """Read one result; raise FieldError, or RefusalError where the source's sentence stands alone."""
    if not isinstance(value, dict):
        raise FieldError("Inline query result must be an object")
    kind = string(value, "type", required=True).lower()
    number = string(value, "id", required=True)
    content = _content(world, value, required=kind == "article")
    caption = _parsed(world, value, "caption", "caption_entities")
    above = boolean(value, "show_caption_above_media")
    keyboard = _keyboard(value)
    thumbnail = string(value, "thumbnail_url") or string(value, "thumb_url")
    for name in ("thumbnail_width", "thumbnail_height"):
        whole(value, name)
    shown: Json = {"type": kind, "id": number, "thumbnail_url": thumbnail}
    if kind in _MEDIA:
        return _media(value, shown, content, caption, keyboard, above=above)
    if kind not in _READERS:
        raise FieldError(f'type "{kind}" is unsupported for the inline query result')
    about, own = _READERS[kind](value)
    return Result({**shown, **about}, keyboard, content or own, caption, above)


def check_ids(results: list[Json]) -> None:
    """Raise RefusalError unless every result has an id of its own, 1-64 bytes long."""
    seen: set[str] = set()
    for one in results:
        if not 0 < len(one["id"].encode()) <= _LONGEST_ID:
            raise no_inline.RESULT_ID.error()
        if one["id"] in seen:
            raise no_inline.RESULT_TWICE.error()
        seen.add(one["id"])


def _media(
    value: Json, shown: Json, content: Content | None, caption: Formatted, keyboard: Keyboard | None, *, above: bool
) -> Result:
    media = _MEDIA[shown["type"]]
    url = string(value, media.url) if media.url else ""
    needs_title = media.titled or (shown["type"] == "audio" and bool(url))
    about = {"title": string(value, "title", required=needs_title), "description": string(value, "description")}
    mime = string(value, "mime_type", required=bool(url) and shown["type"] in _MIMES)
    target = url or string(value, media.file_id, required=True)
    return Result({**shown, **about}, keyboard, content, caption, above, target, mime)


def _content(world: World, value: Json, *, required: bool) -> Content | None:
    given = value.get("input_message_content")
    if given is None:  # the old form: the text stands in the result itself
        if not string(value, "message_text", required=required) and not required:
            return None
        return _text(world, value)
    if not isinstance(given, dict):
        raise FieldError('Field "input_message_content" must be of type Object')
    if string(given, "message_text"):
        return _text(world, given)
    reader = next((read for names, read in _CONTENTS if all(name in given for name in names)), None)
    if reader:
        return reader(given)
    if required:
        raise FieldError("Input message content is not specified")
    return None


def _text(world: World, value: Json) -> Content:
    preview = inner(value, "link_preview_options") if "link_preview_options" in value else {}
    if boolean(value, "disable_web_page_preview"):
        preview = {"is_disabled": True}
    if not string(value, "message_text"):
        raise FieldError("Message text is empty")
    given = _parsed(world, value, "message_text", "entities")

    def content() -> Json:
        fixed = message_text(given)
        entities: Json = {"entities": fixed.entities} if fixed.entities else {}
        return {"text": fixed.text, **entities, **({"link_preview_options": preview} if preview else {})}

    return content


def _parsed(world: World, value: Json, name: str, entities: str) -> Formatted:
    try:
        return parse(string(value, name), string(value, "parse_mode"), value.get(entities), user_of=world.user)
    except RefusalError as error:
        raise _spoken(error) from error


def _keyboard(value: Json) -> Keyboard | None:
    if value.get("reply_markup") is None:
        return None
    try:
        return keyboards.parse(inner(value, "reply_markup"))
    except RefusalError as error:
        raise _spoken(error) from error


def _spoken(error: RefusalError) -> FieldError:
    """Return a refusal's sentence as the source has it before it makes an answer of it."""
    sentence = error.description.removeprefix("Bad Request: ")
    return FieldError(sentence[:1].upper() + sentence[1:])


def _location(value: Json) -> Content:
    north, east = double(value, "latitude"), double(value, "longitude")
    accuracy = double(value, "horizontal_accuracy", 0.0)
    more: Json = {name: one for name in _PLACE_NUMBERS if (one := whole(value, name))}
    if accuracy:
        more["horizontal_accuracy"] = accuracy
    return lambda: {"location": {**place_json(str(north), str(east))["location"], **more}}


def _venue(value: Json) -> Content:
    place = _location({name: value[name] for name in ("latitude", "longitude") if name in value})
    about = {name: string(value, name, required=True) for name in ("title", "address")}
    about |= {name: one for name in _VENUE_WORDS if (one := string(value, name))}
    return lambda: {"venue": {**place(), **about}, **place()}


def _contact(value: Json) -> Content:
    contact = {name: string(value, name, required=True) for name in ("phone_number", "first_name")}
    contact |= {name: one for name in ("last_name", "vcard") if (one := string(value, name))}
    return lambda: {"contact": contact}


def _invoice(_value: Json) -> Content:
    raise no_inline.INVOICE_UNBUILT.error()


_CONTENTS: tuple[tuple[tuple[str, ...], Callable[[Json], Content]], ...] = (
    (("latitude", "longitude", "title", "address"), _venue),
    (("latitude", "longitude"), _location),
    (("phone_number",), _contact),
    (("payload",), _invoice),
)


def _read_article(value: Json) -> tuple[Json, Content | None]:
    url = "" if boolean(value, "hide_url") else string(value, "url")
    title, description = string(value, "title", required=True), string(value, "description")
    return {"title": title, "description": description, "url": url}, None


def _read_contact(value: Json) -> tuple[Json, Content | None]:
    own = _contact(value)
    named = {name: string(value, name) for name in ("phone_number", "first_name", "last_name")}
    title = f"{named['first_name']} {named['last_name']}".strip()
    return {**named, "title": title, "description": named["phone_number"]}, own


def _read_location(value: Json) -> tuple[Json, Content | None]:
    own = _location(value)
    return {"title": string(value, "title", required=True), "description": ""}, own


def _read_venue(value: Json) -> tuple[Json, Content | None]:
    own = _venue(value)
    return {"title": string(value, "title"), "description": string(value, "address")}, own


def _read_game(value: Json) -> tuple[Json, Content | None]:
    return {"title": string(value, "game_short_name", required=True), "description": ""}, None


_READERS: dict[str, Callable[[Json], tuple[Json, Content | None]]] = {
    "article": _read_article,
    "contact": _read_contact,
    "location": _read_location,
    "venue": _read_venue,
    "game": _read_game,
}


def refused(refusal: Refusal, error: FieldError) -> RefusalError:
    """Return a refusal around a reader's sentence; alone it begins in lower case, as every answer does."""
    reason = str(error)
    lone = refusal.sentence == "Bad Request: {reason}"
    return refusal.error(reason=reason[:1].lower() + reason[1:] if lone and not reason[:2].isupper() else reason)


def json_fault(text: Any) -> str:
    """Return what Telegram's JSON reader says of a text that is no JSON, as near as a sandbox can tell."""
    return "Unexpected end" if not str(text).strip() or str(text).strip()[-1] in "{[,:" else "Unexpected symbol"
