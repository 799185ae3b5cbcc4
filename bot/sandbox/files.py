"""Stored files as messages show them: their kinds, their ids, the fields of a message that hold one.

Sources: td files/FileType.cpp; telegram-bot-api Client.cpp JsonVideo, JsonAnimation, JsonAudio, JsonVoiceNote,
JsonDocument. The ids begin as Telegram's do, so a bot that looks at them sees what it knows.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from bot.sandbox.state import Json, StoredFile


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: td's name of it, how its ids begin, its folder for downloads, its type when no name tells."""

    name: str
    file_id: str
    unique_id: str
    folder: str
    mime: str = "application/octet-stream"


FIELDS: dict[str, Kind] = {  # by the field of a message, those that hold another's field too first
    "photo": Kind("Photo", "AgACAgUAAx", "AQAD", "photos"),
    "animation": Kind("Animation", "CgACAgUAAx", "AgADn", "animations", "video/mp4"),
    "video": Kind("Video", "BAACAgUAAx", "AgADv", "videos", "video/mp4"),
    "audio": Kind("Audio", "CQACAgUAAx", "AgADm", "music", "audio/mpeg"),
    "voice": Kind("VoiceNote", "AwACAgUAAx", "AgADr", "voice", "audio/ogg"),
    "document": Kind("Document", "BQACAgUAAx", "AgAD", "documents"),
}
ABOVE = frozenset({"photo", "video", "animation"})  # a caption may stand above these, a spoiler hide them
KINDS = {kind.name: kind for kind in FIELDS.values()}
HELD = (*FIELDS, "text", "location", "venue", "contact")  # a message with none of these is a service message
WORDS = ("entities", "link_preview_options", "caption", "caption_entities", "show_caption_above_media")
FOLDERS = tuple(kind.folder for kind in FIELDS.values())


def ids(bot: int, content: str, kind: str, name: str, details: Json) -> tuple[str, str]:
    """Return (file_unique_id, file_id) of a file with a content (SHA-256 in hex) uploaded as a kind under a name."""
    about = f"{bot} {kind} {name}" + "".join(f" {key}={value}" for key, value in details.items() if value)
    begins = KINDS[kind]
    return begins.unique_id + content[:40], begins.file_id + content + hashlib.sha256(about.encode()).hexdigest()[:16]


def file_json(file: StoredFile) -> Json:
    """Return the fields of a message for a stored file: one by its kind; an animation is a document as well."""
    base = {"file_id": file.file_id, "file_unique_id": file.unique_id, "file_size": file.size}
    sizes = {"width": file.width, "height": file.height}
    named = {key: value for key, value in (("file_name", file.name), ("mime_type", file.mime)) if value}
    lasting = {"duration": file.details.get("duration", 0)}
    match file.kind:
        case "Photo":
            return {"photo": [{**base, **sizes}]}
        case "Video":
            return {"video": {**lasting, **sizes, **named, **base}}
        case "Animation":
            return {"animation": {**named, **lasting, **sizes, **base}, "document": {**named, **base}}
        case "Audio":
            said = {key: file.details[key] for key in ("title", "performer") if file.details.get(key)}
            return {"audio": {**lasting, **named, **said, **base}}
        case "VoiceNote":
            return {"voice": {**lasting, "mime_type": file.mime, **base}}
        case _:
            return {"document": {"file_name": file.name, "mime_type": file.mime, **base}}


def field_of(message: Json) -> str | None:
    """Return the field in which a message holds a file, None when it holds none."""
    return next((field for field in FIELDS if field in message), None)


def media_of(message: Json) -> Json | None:
    """Return the file a message holds, of a photo the largest size."""
    field = field_of(message)
    if field is None:
        return None
    held: Any = message[field]
    found: Json = held[-1] if isinstance(held, list) else held
    return found


def is_service(message: Json) -> bool:
    """Whether a message only tells that something happened: it can be neither forwarded nor pinned."""
    return not any(field in message for field in HELD)


def content_of(message: Json) -> Json:
    """Return what a message holds, without who sent it where and when: the fields a copy has too."""
    return {name: message[name] for name in (*HELD, *WORDS, "has_media_spoiler") if name in message}
