"""What a message holds: text, photo, document, place. Two steps, as Telegram's: read the request, then judge it.

Reading happens before the chat is looked up, judging after; so a request with several faults is refused for the
same one.
"""

import math
import mimetypes
from pathlib import PurePath
from typing import Any

from bot.sandbox import pictures
from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.keyboards import FieldError, boolean, string
from bot.sandbox.refusals import RefusalError
from bot.sandbox.state import Json, StoredFile
from bot.sandbox.text import Formatted, caption_text, parse
from bot.sandbox.world import World

PHOTO_LIMIT = 10 << 20
_SIDES_LIMIT = 10_000
_RATIO_LIMIT = 20
_ATTACH = "attach://"


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


def media_json(world: World, call: Call, kind: str, name: str) -> Json:
    """Return the `photo` or `document` field of a message for a file named by `named_file`; raise RefusalError."""
    return file_json(_file(world, call, kind, name))


def file_json(file: StoredFile) -> Json:
    """Return the `photo` or `document` field of a message for a stored file."""
    base = {"file_id": file.file_id, "file_unique_id": file.unique_id, "file_size": file.size}
    if file.kind == "Photo":
        return {"photo": [{**base, "width": file.width, "height": file.height}]}
    return {"document": {"file_name": file.name, "mime_type": file.mime, **base}}


def _file(world: World, call: Call, kind: str, name: str) -> StoredFile:
    if name.startswith(_ATTACH):
        upload = call.uploads[name.removeprefix(_ATTACH)]
        return store_upload(world, kind, upload.name, upload.data)
    if "." in name:
        call.findings.append("the sandbox fetches no address of the web; upload the file")
        raise no.FILE_URL.error()
    file = world.state.files.get(name)
    if file is None:
        raise no.FILE_ID_WRONG.error()
    if file.kind != kind:
        raise no.FILE_KIND.error(kind=file.kind, wanted=kind)
    return file


def store_upload(world: World, kind: str, name: str, data: bytes) -> StoredFile:
    """Keep an uploaded photo or document; raise RefusalError for one Telegram would not take."""
    if not data:
        raise no.FILE_EMPTY.error()
    name = PurePath(name).name
    if kind != "Photo":
        mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return world.store(data, kind=kind, name=name, mime=mime)
    if len(data) > PHOTO_LIMIT:
        raise no.PHOTO_BIG.error(size=len(data))
    size = pictures.size(data)
    if size is None:
        raise no.PHOTO_UNREADABLE.error()
    if sum(size) > _SIDES_LIMIT or min(size) < 1 or max(size) > _RATIO_LIMIT * min(size):
        raise no.PHOTO_DIMENSIONS.error()
    return world.store(data, kind=kind, name="", mime=pictures.kind(data))


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
    """An InputMedia read from a request: kind, file and caption, to be judged with `json`."""

    __slots__ = ("_above", "_call", "_caption", "_file", "_kind", "_spoiler", "_world")

    def __init__(self, world: World, call: Call, value: Any) -> None:
        """Read; raise RefusalError in the source's order (Client.cpp get_input_media)."""
        if value in (None, ""):
            raise no.PARAMETER.error(name="media")
        if isinstance(value, str):
            raise no.MEDIA_JSON.error()
        self._world, self._call = world, call
        try:
            self._read(value)
        except FieldError as error:
            raise no.MEDIA.error(reason=error) from error

    def _read(self, value: Any) -> None:
        if not isinstance(value, dict):
            raise FieldError("expected an Object")
        try:
            self._caption = parse(
                string(value, "caption"),
                string(value, "parse_mode"),
                value.get("caption_entities"),
                user_of=self._world.user,
            )
        except RefusalError as error:
            raise FieldError(error.description.removeprefix("Bad Request: ")) from error
        self._above = boolean(value, "show_caption_above_media")
        self._spoiler = boolean(value, "has_spoiler")
        kind = string(value, "type", required=True)
        self._file = named_file(self._call, "", string(value, "media"))
        if not self._file:
            raise FieldError("media not found")
        self._kind = {"photo": "Photo", "document": "Document"}.get(kind, "")
        if not self._kind:
            if kind in {"video", "animation", "audio", "live_photo"}:
                self._call.findings.append(f"the sandbox does not take media of type {kind} yet")
            raise FieldError(f'type "{kind}" is unsupported')

    def json(self) -> Json:
        """Return the message's fields; raise RefusalError."""
        content = media_json(self._world, self._call, self._kind, self._file)
        content |= caption_json(caption_text(self._caption), above=self._above)
        return {**content, "has_media_spoiler": True} if self._spoiler and self._kind == "Photo" else content
