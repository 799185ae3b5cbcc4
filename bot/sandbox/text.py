"""Message text as Telegram takes it: parse mode or entities, clean-up, trimming, length, entities found in plain text.

Sources: telegram-bot-api Client.cpp get_formatted_text; td MessageEntity.cpp fix_formatted_text and find_entities.
"""

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox import links
from bot.sandbox import refusals as no
from bot.sandbox.markup import Entity, HtmlParser, UserOf, date_format, integer, sort_entities, utf16

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
_BYTES_LIMIT = 1 << 15
_OFFSET_LIMIT = 1_000_000
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
_DROPPED = re.compile(r"[\r\u2028-\u202e\u0333\u033f\u030a]")
_MAYBE = re.compile(r"[@#/.]")
_FOUND = re.compile(
    r"(?P<url>\bhttps?://[^\s<>\"]+|\bwww\.[^\s<>\"]+\.[a-z]{2,}[^\s<>\"]*|(?<![\w@./])t\.me/[^\s<>\"]+)"
    r"|(?P<email>\b[a-zA-Z0-9._%+-]+@[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*\.[a-zA-Z]{2,}\b)"
    r"|(?<![\w/@<>])(?P<bot_command>/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?)(?![\w/<>])"
    r"|(?<![\w@])(?P<mention>@[a-zA-Z][a-zA-Z0-9_]{3,31})(?!\w)"
    r"|(?<![\w#])(?P<hashtag>#(?=\w*[^\W\d])\w{1,256})(?![\w#])"
)
_TYPES = frozenset(
    {
        *("bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "text_link", "text_mention"),
        *("custom_emoji", "blockquote", "expandable_blockquote", "date_time"),
    }
)
_IGNORED_TYPES = frozenset(  # found by Telegram itself, so taken from nobody
    {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number"}
)
_SOLID = frozenset({"code", "pre", "text_link", "text_mention", "custom_emoji", "date_time"})


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text as stored: plain characters and entities with UTF-16 offsets."""

    text: str = ""
    entities: list[Entity] = field(default_factory=list)


def nobody(_number: int) -> None:
    """Know no person: links to people are dropped."""


def parse(text: str, mode: str, entities: object = None, *, user_of: UserOf = nobody) -> Formatted:
    """Return what a request's text, parse_mode and entities mean, before trimming; raise RefusalError."""
    if len(text) > _BYTES_LIMIT // 4 and len(text.encode("utf-8", "replace")) > _BYTES_LIMIT:
        raise no.TEXT_HUGE.error()
    mode = mode.lower()
    if text and mode and mode != "none":
        if mode in {"markdown", "markdownv2"}:
            raise no.MARKDOWN_UNBUILT.error(mode=mode)
        if mode != "html":
            raise no.PARSE_MODE.error()
        return Formatted(*HtmlParser(text, user_of).parse())
    if not isinstance(entities, list):
        return Formatted(text)
    return Formatted(text, [one for raw in entities if (one := _entity(raw, user_of)) is not None])


def fix(given: Formatted) -> Formatted:
    """Clean and trim a text, move its entities along, add those Telegram finds; it may come out empty."""
    text, entities = given.text, given.entities
    if not text.isprintable():  # line breaks too land here; the common one-line text skips the work
        text, entities = _clean(text, entities)
    text, entities = _trim(text, entities)
    if _MAYBE.search(text):
        entities = _merge(entities, find(text))
    return Formatted(text, entities)


def message_text(given: Formatted) -> Formatted:
    """Return a message's text ready to store; raise RefusalError when blank or longer than 4,096 characters."""
    fixed = fix(given)
    if not fixed.text:
        raise no.TEXT_BLANK.error()
    if len(fixed.text) > TEXT_LIMIT:
        raise no.TEXT_LONG.error()
    return fixed


def caption_text(given: Formatted) -> Formatted:
    """Return a caption ready to store; raise RefusalError when longer than 1,024 characters."""
    fixed = fix(given)
    if len(fixed.text) > CAPTION_LIMIT:
        raise no.CAPTION_LONG.error()
    return fixed


def find(text: str) -> list[Entity]:
    """Return the links, addresses, commands, mentions and hashtags of a plain text."""
    found: list[Entity] = []
    for match in _FOUND.finditer(text):
        kind = str(match.lastgroup)
        value = match[0].rstrip(".,:;!?)'") if kind == "url" else match[0]
        found.append({"type": kind, "offset": utf16(text[: match.start()]), "length": utf16(value)})
    return found


def _merge(given: list[Entity], found: list[Entity]) -> list[Entity]:
    if not given:
        return found
    solid = [_span(one) for one in given if one["type"] in _SOLID]
    kept = [one for one in found if not any(_span(one)[0] < end and _span(one)[1] > start for start, end in solid)]
    return sort_entities([*given, *kept])


def _span(entity: Entity) -> tuple[int, int]:
    return entity["offset"], entity["offset"] + entity["length"]


def _clean(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    text = _CONTROL.sub(" ", text)
    if not _DROPPED.search(text):
        return text, entities
    gone = [utf16(text[: match.start()]) for match in _DROPPED.finditer(text)]
    return _DROPPED.sub("", text), _moved(entities, gone)


def _moved(entities: list[Entity], gone: Sequence[int]) -> list[Entity]:
    """Shift entities left past dropped UTF-16 units at positions `gone` (sorted)."""
    moved = []
    for entity in entities:
        start, end = _span(entity)
        start -= bisect.bisect_left(gone, start)
        end -= bisect.bisect_left(gone, end)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return moved


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    short = text.rstrip(" \n")
    if entities:
        end = utf16(short)
        cut = [(one, *_span(one)) for one in entities]
        entities = [{**one, "length": min(stop, end) - start} for one, start, stop in cut if start < end]
    first = int(str(entities[0]["offset"])) if entities else len(short)
    left = len(short) - len(short.lstrip(" \n"))
    left = min(left, first)
    if left:
        entities = [{**one, "offset": _span(one)[0] - left} for one in entities]
    return short[left:], entities


def _entity(raw: object, user_of: UserOf) -> Entity | None:
    if not isinstance(raw, dict):
        raise no.ENTITY.error(reason="expected an Object")
    offset, length = _number(raw, "offset"), _number(raw, "length")
    kind = raw.get("type")
    if not isinstance(kind, str):
        raise no.ENTITY.error(reason='Can\'t find field "type"')
    if kind in _IGNORED_TYPES:
        return None
    if kind not in _TYPES:
        raise no.ENTITY.error(reason="Unsupported type specified" if kind else "Type is not specified")
    if not 0 <= offset <= _OFFSET_LIMIT:
        raise no.ENTITY_OFFSET.error(value=offset)
    if not 0 <= length <= _OFFSET_LIMIT:
        raise no.ENTITY_LENGTH.error(value=length)
    entity: Entity = {"type": kind, "offset": offset, "length": length}
    return _detailed(entity, raw, user_of) if length else None


def _detailed(entity: Entity, raw: dict[str, Any], user_of: UserOf) -> Entity | None:
    kind = entity["type"]
    if kind == "text_link":
        url = _link(_string(raw, "url"))
        return {**entity, "url": url} if url else None
    if kind == "text_mention":
        given = raw.get("user")
        user = user_of(_number(given, "id")) if isinstance(given, dict) else None
        return {**entity, "user": user} if user else None
    if kind == "custom_emoji":
        entity["custom_emoji_id"] = str(raw.get("custom_emoji_id", ""))
    elif kind == "pre" and raw.get("language"):
        entity["language"] = str(raw["language"])
    elif kind == "date_time":
        form = date_format(str(raw.get("date_time_format") or ""))
        if form is None:
            raise no.ENTITY.error(reason="Invalid date-time format specified")
        entity.update(unix_time=_number(raw, "unix_time"), date_time_format=form)
    return entity


def _link(url: str) -> str | None:
    try:
        return links.checked(url)
    except links.LinkError:
        return None


def _number(raw: dict[str, Any], name: str) -> int:
    if name not in raw:
        raise no.ENTITY.error(reason=f'Can\'t find field "{name}"')
    value = raw[name]
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise no.ENTITY.error(reason=f'Field "{name}" must be a Number')
    number = integer(value) if isinstance(value, str) else value
    if number is None:
        raise no.ENTITY.error(reason=f'Field "{name}" must be a valid Number')
    return number


def _string(raw: dict[str, Any], name: str) -> str:
    value = raw.get(name)
    if value is None:
        raise no.ENTITY.error(reason=f'Can\'t find field "{name}"')
    return str(value)
