"""What a message holds: text, media, place, contact. Two steps, as Telegram's: read the request, then judge it.

Reading happens before the chat is looked up, judging after; so a request with several faults is refused for the
same one.
"""

import math
import mimetypes
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from bot.sandbox import pictures
from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.fields import FieldError, boolean, string, whole
from bot.sandbox.files import ABOVE, FIELDS, KINDS, file_json
from bot.sandbox.refusals import RefusalError
from bot.sandbox.state import Json, StoredFile
from bot.sandbox.text import Formatted, caption_text, parse
from bot.sandbox.world import World

PHOTO_LIMIT = 10 << 20
_SIDES_LIMIT = 10_000
_RATIO_LIMIT = 20
_ATTACH = "attach://"
_LONGEST = 24 * 3600  # seconds: Client.h MAX_DURATION
_WIDEST = 10_000  # pixels: Client.h MAX_LENGTH
_NUMBERS = {"duration": _LONGEST, "width": _WIDEST, "height": _WIDEST}
_DETAILS: dict[str, tuple[str, ...]] = {
    "Video": ("duration", "width", "height"),
    "Animation": ("duration", "width", "height"),
    "Audio": ("duration", "title", "performer"),
    "VoiceNote": ("duration",),
}
_ABOVE = frozenset(FIELDS[field].name for field in ABOVE)
_ALBUM = frozenset({"Photo", "Video", "Audio", "Document"})


def read_text(world: World, call: Call) -> Formatted:
    """Read `text`, `parse_mode`, `entities`; raise RefusalError."""
    given = call.text("text")
    if not given:
        raise no.TEXT_EMPTY.error()
    return parse(given, call.text("parse_mode"), call.json("entities"), user_of=world.user)


def read_caption(world: World, call: Call) -> Formatted:
    """Read `caption`, `parse_mode`, `caption_entities`; raise RefusalError."""
    return parse(call.text("caption"), call.text("parse_mode"), call.json("caption_entities"), user_of=world.user)


def text_json(fixed: Formatted, call: Call) -> Json:
    """Return a text message's own fields."""
    content: Json = {"text": fixed.text}
    if fixed.entities:
        content["entities"] = fixed.entities
    preview = call.json("link_preview_options")
    return {**content, "link_preview_options": preview} if isinstance(preview, dict) and preview else content


def caption_json(fixed: Formatted, *, above: bool = False) -> Json:
    """Return a caption's fields, none for an empty one."""
    content: Json = {"caption": fixed.text} if fixed.text else {}
    if fixed.entities:
        content["caption_entities"] = fixed.entities
    return {**content, "show_caption_above_media": True} if above else content


def named_file(call: Call, field: str, value: str) -> str:
    """Return what names a media file: `attach://part` or a file id; "" when the request holds none."""
    if not value and field in call.uploads:
        return _ATTACH + field
    if value.startswith(_ATTACH) and value.removeprefix(_ATTACH) not in call.uploads:
        return ""
    return value


def details_of(kind: str, read_number: Callable[[str], int], read_text: Callable[[str], str]) -> Json:
    """Return what a sender says of a file of a kind: clamped numbers, an audio's title and performer."""
    return {
        name: max(0, min(_NUMBERS[name], read_number(name))) if name in _NUMBERS else read_text(name)
        for name in _DETAILS.get(kind, ())
    }


def media_json(world: World, call: Call, kind: str, name: str, details: Json | None = None) -> Json:
    """Return the field of a message for a file named by `named_file`; raise RefusalError."""
    return file_json(_file(world, call, kind, name, details))


def media_extras(kind: str, *, above: bool, spoiler: bool) -> Json:
    """Return how media of a kind is shown: its caption above it, itself under a spoiler."""
    if kind not in _ABOVE:
        return {}
    extras: Json = {"show_caption_above_media": True} if above else {}
    return {**extras, "has_media_spoiler": True} if spoiler else extras


def _file(world: World, call: Call, kind: str, name: str, details: Json | None) -> StoredFile:
    if name.startswith(_ATTACH):
        upload = call.uploads[name.removeprefix(_ATTACH)]
        return store_upload(world, kind, upload.name, upload.data, details)
    if "." in name:
        call.findings.append("the sandbox fetches no address of the web; upload the file")
        raise no.FILE_URL.error()
    file = world.state.files.get(name)
    if file is None:
        raise no.FILE_ID_WRONG.error()
    if file.kind != kind:
        if "Photo" in {file.kind, kind}:
            raise no.FILE_KIND.error(kind=file.kind, wanted=kind)
        call.findings.append(f"a file_id of {file.kind} sent as {kind} stays what it is")
    return file


def store_upload(world: World, kind: str, name: str, data: bytes, details: Json | None = None) -> StoredFile:
    """Keep an uploaded file as a kind; raise RefusalError for one Telegram would not take."""
    if not data:
        raise no.FILE_EMPTY.error()
    name = PurePath(name).name
    if kind != "Photo":
        return world.store(data, kind=kind, name=name, mime=_mime(kind, name), details=details)
    if len(data) > PHOTO_LIMIT:
        raise no.PHOTO_BIG.error(size=len(data))
    size = pictures.size(data)
    if size is None:
        raise no.PHOTO_UNREADABLE.error()
    if sum(size) > _SIDES_LIMIT or min(size) < 1 or max(size) > _RATIO_LIMIT * min(size):
        raise no.PHOTO_DIMENSIONS.error()
    return world.store(data, kind=kind, name="", mime=pictures.kind(data))


def _mime(kind: str, name: str) -> str:
    """Return the type a file's name tells where it fits the kind (td MessageContent.cpp), else the kind's own."""
    known = mimetypes.guess_type(name)[0]
    usual = KINDS[kind].mime
    if kind == "Document" or (known and known.partition("/")[0] == usual.partition("/")[0]):
        return known or usual
    return known if kind == "Animation" and known == "image/gif" else usual


def place_json(latitude: str, longitude: str) -> Json:
    """Return a `location` field; raise RefusalError for what is no place on Earth."""
    if not latitude.strip():
        raise no.LATITUDE_EMPTY.error()
    if not longitude.strip():
        raise no.LONGITUDE_EMPTY.error()
    try:
        north, east = float(latitude), float(longitude)
    except ValueError as error:
        raise no.LOCATION.error() from error
    if not (math.isfinite(north) and math.isfinite(east) and abs(north) <= 90 and abs(east) <= 180):  # noqa: PLR2004 -- degrees
        raise no.LOCATION.error()
    return {"location": {"latitude": north, "longitude": east}}


class Media:
    """An InputMedia read from a request: kind, file and caption, to be judged with `json`.

    Reading follows Client.cpp get_input_media; `album` is for one of several.
    """

    __slots__ = ("_call", "_caption", "_details", "_file", "_spoiler", "_world", "above", "kind")

    def __init__(self, world: World, call: Call, value: Any, *, album: bool = False) -> None:
        """Read; raise RefusalError."""
        self._world, self._call = world, call
        try:
            self._read(value, album=album)
        except FieldError as error:
            raise no.MEDIA.error(reason=error) from error

    def _read(self, value: Any, *, album: bool) -> None:
        if not isinstance(value, dict):
            raise FieldError("expected an Object")
        self._caption = self._read_caption(value)
        above = boolean(value, "show_caption_above_media")
        self._spoiler = boolean(value, "has_spoiler")
        name = string(value, "type", required=True)
        self._file = named_file(self._call, "", string(value, "media"))
        if not self._file:
            raise FieldError("media not found")
        if name == "live_photo":
            self._call.findings.append("the sandbox does not take media of type live_photo yet")
        if name not in {"photo", "video", "animation", "audio", "document"}:
            raise FieldError(f'type "{name}" is unsupported')
        self.kind = FIELDS[name].name
        if album and self.kind not in _ALBUM:
            raise FieldError(f'type "{name}" can\'t be used in sendMediaGroup')
        self._details = details_of(self.kind, lambda field: whole(value, field), lambda field: string(value, field))
        self.above = above and self.kind in _ABOVE

    def _read_caption(self, value: Json) -> Formatted:
        text, mode = string(value, "caption"), string(value, "parse_mode")
        try:
            return parse(text, mode, value.get("caption_entities"), user_of=self._world.user)
        except RefusalError as error:
            raise FieldError(error.description.removeprefix("Bad Request: ")) from error

    def json(self) -> Json:
        """Return the message's fields; raise RefusalError."""
        content = media_json(self._world, self._call, self.kind, self._file, self._details)
        content |= caption_json(caption_text(self._caption))
        return {**content, **media_extras(self.kind, above=self.above, spoiler=self._spoiler)}


def input_media(world: World, call: Call) -> Media:
    """Read the one InputMedia of a call; raise RefusalError."""
    value = call.json("media")
    if value is None:
        raise no.PARAMETER.error(name="media")
    if isinstance(value, str):
        raise no.MEDIA_JSON.error()
    return Media(world, call, value)
