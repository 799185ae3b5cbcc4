"""HTML parse mode: text with tags in, plain text and entities out (source: td MessageEntity.cpp parse_html).

Offsets and lengths of entities are in UTF-16 code units; offsets in refusals are in bytes of UTF-8, as Telegram
counts them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox import links
from bot.sandbox import refusals as no

Entity = dict[str, Any]
UserOf = Callable[[int], dict[str, Any] | None]

_SIMPLE = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("tg-spoiler", "span"), "spoiler"),
}
_TAGS = frozenset({*_SIMPLE, "a", "pre", "code", "blockquote", "tg-emoji", "tg-time"})
_SPACE = " \t\r\n\0\v"
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z]+));?")
_STOP = re.compile(r"[<&]")
_TAG_NAME = re.compile(r"[^ \t\r\n\0\v>]*")
_ATTRIBUTE = re.compile(r"[^ \t\r\n\0\v=>/\"']*")
_TOKEN = re.compile(r"[a-zA-Z0-9.\-]*")
_LONGEST_REFERENCE = 10
_LAST_CODE_POINT = 0x10FFFF
_INTEGER = re.compile(r"-?[0-9]{1,20}")
_DATE_PARTS = re.compile(r"[rR]|[wWdDtT]*")


def utf16(text: str) -> int:
    """Return the length of a text in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def integer(text: str) -> int | None:
    """Return the whole number a text writes, None for anything else or more than 20 digits."""
    return int(text) if _INTEGER.fullmatch(text) else None


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    date: int
    offset: int
    begin: int  # index in the list of finished pieces


class HtmlParser:
    """One pass over one text; `user_of` turns a `tg://user?id=` link into a User, or None when nobody is known."""

    __slots__ = ("_entities", "_length", "_open", "_out", "_text", "_user_of")

    def __init__(self, text: str, user_of: UserOf) -> None:
        self._text = text + "\0"  # a sentinel, as the source relies on C strings
        self._user_of = user_of
        self._out: list[str] = []
        self._length = 0
        self._open: list[_Open] = []
        self._entities: list[Entity] = []

    def parse(self) -> tuple[str, list[Entity]]:
        """Return the plain text and its entities, sorted; raise RefusalError as Telegram would."""
        position, end = 0, len(self._text) - 1
        while position < end:
            found = _STOP.search(self._text, position, end)
            stop = found.start() if found else end
            if stop > position:
                self._add(self._text[position:stop])
            if not found:
                break
            position = self._tag(stop) if found[0] == "<" else self._reference(stop)
        if self._open:
            raise no.END_MISSING.error(tag=self._open[-1].tag)
        text = "".join(self._out)
        try:
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")  # joins halves written as references
        except UnicodeDecodeError as error:
            raise no.SURROGATES.error() from error
        return text, self._finished()

    def _finished(self) -> list[Entity]:
        for entity in self._entities:
            if entity["type"] == "code":
                entity.pop("language", None)
        return sort_entities(self._entities)

    def _add(self, piece: str) -> None:
        self._out.append(piece)
        self._length += utf16(piece)

    def _reference(self, position: int) -> int:
        character, end = _decoded(self._text, position)
        self._add(character or "&")
        return end if character else position + 1

    def _byte(self, position: int) -> int:
        return len(self._text[:position].encode())

    def _tag(self, begin: int) -> int:
        return self._end_tag(begin) if self._text[begin + 1] == "/" else self._start_tag(begin)

    def _start_tag(self, begin: int) -> int:
        position = _end(_TAG_NAME, self._text, begin + 1)
        if position >= len(self._text) - 1:
            raise no.TAG_UNCLOSED.error(offset=self._byte(begin))
        tag = self._text[begin + 1 : position].lower()
        if tag not in _TAGS:
            raise no.TAG_UNSUPPORTED.error(tag=tag, offset=self._byte(begin))
        opened = _Open(tag, "", 0, self._length, len(self._out))
        position = self._attributes(opened, begin, position)
        if tag == "span" and opened.argument != "spoiler":
            raise no.TAG_SPAN.error(offset=self._byte(begin))
        self._open.append(opened)
        return position

    def _attributes(self, opened: _Open, begin: int, position: int) -> int:
        text = self._text
        last = len(text) - 1
        while True:
            position = _skip(text, position)
            if text[position] == ">":
                return position + 1
            end = _end(_ATTRIBUTE, text, position)
            name = text[position:end]
            if not name:
                raise no.TAG_ATTRIBUTE.error(tag=opened.tag, offset=self._byte(begin))
            position = _skip(text, end)
            if position < last and text[position] != "=":
                _set(opened, name, "1" if name == "expandable" else None)
                continue
            position = _skip(text, position + 1) if position < last else last
            if position >= last:
                raise no.TAG_UNCLOSED_NAMED.error(tag=opened.tag, offset=self._byte(begin))
            value, position = self._value(position)
            if position >= last:
                raise no.TAG_UNCLOSED.error(offset=self._byte(begin))
            _set(opened, name, value)

    def _value(self, position: int) -> tuple[str, int]:
        text = self._text
        quote = text[position]
        if quote not in "'\"":
            end = _end(_TOKEN, text, position)
            if text[end] not in _SPACE and text[end] != ">":
                raise no.TAG_NAME_TOKEN.error(offset=self._byte(position))
            return text[position:end].lower(), end
        end = text.find(quote, position + 1)
        if end < 0:
            return "", len(text) - 1
        return _decode_all(text[position + 1 : end]), end + 1

    def _end_tag(self, begin: int) -> int:
        if not self._open:
            raise no.END_UNEXPECTED.error(offset=self._byte(begin))
        position = _end(_TAG_NAME, self._text, begin + 2)
        found = self._text[begin + 2 : position].lower()
        position = _skip(self._text, position)
        if self._text[position] != ">":
            raise no.END_UNCLOSED.error(offset=self._byte(begin))
        opened = self._open.pop()
        if found and found != opened.tag:
            raise no.END_UNMATCHED.error(offset=self._byte(begin), tag=opened.tag, found=found)
        if self._length > opened.offset:
            self._close(opened)
        return position + 1

    def _close(self, opened: _Open) -> None:
        entity: Entity = {"type": "", "offset": opened.offset, "length": self._length - opened.offset}
        kind = _SIMPLE.get(opened.tag)
        if kind:
            entity["type"] = kind
        elif opened.tag == "a":
            if not self._link(entity, opened):
                return
        elif opened.tag in {"pre", "code"}:
            if self._code(entity, opened):
                return
        elif opened.tag == "blockquote":
            entity["type"] = "expandable_blockquote" if opened.argument else "blockquote"
        elif opened.tag == "tg-emoji":
            if not integer(opened.argument):
                raise no.EMOJI_ID.error()
            entity.update(type="custom_emoji", custom_emoji_id=opened.argument)
        elif not _date_time(entity, opened.date, opened.argument):
            return
        self._entities.append(entity)

    def _link(self, entity: Entity, opened: _Open) -> bool:
        url = opened.argument or "".join(self._out[opened.begin :])
        number = links.user_of(url)
        if number is not None:
            user = self._user_of(number)
            entity.update(type="text_mention", user=user)
            return user is not None
        try:
            entity.update(type="text_link", url=links.checked(url))
        except links.LinkError:
            return False  # Telegram drops a link it cannot read and keeps the text
        return True

    def _code(self, entity: Entity, opened: _Open) -> bool:
        """Join `<pre><code class="language-…">` into one entity; say whether that was done."""
        last = self._entities[-1] if self._entities else {}
        same = last.get("offset") == entity["offset"] and last.get("length") == entity["length"]
        if opened.tag == "pre" and same and last.get("type") == "code" and last.get("language"):
            last["type"] = "pre"
            return True
        if opened.tag == "code" and same and last.get("type") == "pre" and opened.argument:
            last["language"] = opened.argument
            return True
        entity["type"] = opened.tag
        if opened.tag == "code" and opened.argument:
            entity["language"] = opened.argument
        return False


def sort_entities(entities: list[Entity]) -> list[Entity]:
    """Return entities by offset, the longer first: the order in which Telegram lists them."""
    return sorted(entities, key=lambda one: (one["offset"], -one["length"]))


def date_format(text: str) -> str | None:
    """Return a date-time format in Telegram's own order, None when it is none (source: td FormattedDate.cpp)."""
    if not _DATE_PARTS.fullmatch(text):
        return None
    if text.lower() == "r":
        return "r"
    week = "w" if "w" in text.lower() else ""
    date = "d" if "d" in text else "D" if "D" in text else ""
    time = "t" if "t" in text else "T" if "T" in text else ""
    return week + date + time


def _date_time(entity: Entity, moment: int, text: str) -> bool:
    form = date_format(text)
    if form is None:
        raise no.DATE_FORMAT.error()
    entity.update(type="date_time", unix_time=moment, date_time_format=form)
    return moment > 0


def _set(opened: _Open, name: str, value: str | None) -> None:
    if value is None:
        return
    tag = opened.tag
    if (tag, name) in {("a", "href"), ("tg-emoji", "emoji-id"), ("tg-time", "format")}:
        opened.argument = value
    elif (tag, name) == ("code", "class") and value.startswith("language-"):
        opened.argument = value.removeprefix("language-")
    elif (tag, name) == ("span", "class") and value.startswith("tg-"):
        opened.argument = value.removeprefix("tg-")
    elif (tag, name) == ("blockquote", "expandable"):
        opened.argument = "1"
    elif (tag, name) == ("tg-time", "unix"):
        opened.date = integer(value) or 0


def _skip(text: str, position: int) -> int:
    last = len(text) - 1
    while position < last and text[position] in _SPACE:
        position += 1
    return position


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position


def _decoded(text: str, position: int) -> tuple[str, int]:
    found = _REFERENCE.match(text, position)
    if not found:
        return "", position
    if found[3]:
        return _NAMED.get(found[3], ""), found.end()
    if found.end() - position - found[0].endswith(";") >= _LONGEST_REFERENCE:
        return "", position
    code = int(found[1], 16) if found[1] else int(found[2])
    return (chr(code), found.end()) if 0 < code < _LAST_CODE_POINT else ("", position)


def _decode_all(value: str) -> str:
    return _REFERENCE.sub(lambda found: _decoded(value, found.start())[0] or found[0], value)
