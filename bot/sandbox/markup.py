"""HTML parse mode: text with tags in, plain text and entities out (source: td MessageEntity.cpp parse_html).

Offsets and lengths of entities are in UTF-16 code units; offsets in refusals are in bytes of UTF-8, as Telegram
counts them. What Markdown needs too is here: the `Writer`, whole numbers and date-time formats.
"""

import contextlib
import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox import links
from bot.sandbox import refusals as no
from bot.sandbox.entities import Entity, sort_entities, utf16
from bot.sandbox.refusals import text as no_text

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
_SKIPPED = re.compile(r"[ \t\r\n\v]*")
_QUOTED = {"'": re.compile(r"[^'\0]*"), '"': re.compile(r'[^"\0]*')}
_LOWER = str.maketrans({sign: sign.lower() for sign in string.ascii_uppercase})
_TOKEN = re.compile(r"[a-zA-Z0-9.\-]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST_REFERENCE = 10
_LAST_CODE_POINT = 0x10FFFF
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_INT64 = 1 << 63
_INT32 = 1 << 31
_LEADING_INTEGER = re.compile(r"-?[0-9]+")
_DATE_PARTS = re.compile(r"[rR]|[wWdDtT]*")


def integer(text: str) -> int | None:
    """Return the 64-bit number a text writes as a computer would write it, None for anything else."""
    number = int(text) if _INTEGER.fullmatch(text) else _INT64
    return number if -_INT64 <= number < _INT64 else None


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    date: int
    offset: int
    begin: int  # index in the list of finished pieces


class Writer:
    """Plain text and entities as a parser makes them; `user_of` names the person of a `tg://user?id=` link, or None."""

    def __init__(self, text: str, user_of: UserOf) -> None:
        self._text = text + "\0\0\0"  # sentinels, as the source relies on C strings
        self._end = len(text)
        self._user_of = user_of
        self._out: list[str] = []
        self._length = 0  # in UTF-16 code units
        self._entities: list[Entity] = []

    def _add(self, piece: str) -> None:
        self._out.append(piece)
        self._length += utf16(piece)

    def _byte(self, position: int) -> int:
        return len(self._text[:position].encode())

    def _put(self, kind: str, offset: int, **fields: Any) -> None:
        self._entities.append({"type": kind, "offset": offset, "length": self._length - offset, **fields})

    def _put_link(self, offset: int, url: str) -> None:
        """Add a link or the mention of a person; what is neither is dropped and its text stays."""
        number = links.user_of(url)
        if number is not None:
            if user := self._user_of(number):
                self._put("text_mention", offset, user=user)
            return
        if not _encodes(url):
            raise no_text.LINK_UTF8.error()
        with contextlib.suppress(links.LinkError):
            self._put("text_link", offset, url=links.checked(url))


class HtmlParser(Writer):
    """One pass over one text."""

    def __init__(self, text: str, user_of: UserOf) -> None:
        super().__init__(text, user_of)
        self._open: list[_Open] = []

    def parse(self) -> tuple[str, list[Entity]]:
        """Return the plain text and its entities, sorted; raise RefusalError as Telegram would."""
        position = 0
        while position < self._end:
            found = _STOP.search(self._text, position, self._end)
            stop = found.start() if found else self._end
            if stop > position:
                self._add(self._text[position:stop])
            if not found:
                break
            position = self._tag(stop) if found[0] == "<" else self._reference(stop)
        if self._open:
            raise no.END_MISSING.error(tag=self._open[-1].tag)
        text = "".join(self._out)
        if not _encodes(text):
            raise no.SURROGATES.error()
        return text, self._finished()

    def _finished(self) -> list[Entity]:
        for entity in self._entities:
            if entity["type"] == "code":
                entity.pop("language", None)
        return sort_entities(self._entities)

    def _reference(self, position: int) -> int:
        character, end = _decoded(self._text, position)
        self._add(character or "&")
        return end if character else position + 1

    def _tag(self, begin: int) -> int:
        return self._end_tag(begin) if self._text[begin + 1] == "/" else self._start_tag(begin)

    def _start_tag(self, begin: int) -> int:
        position = _end(_TAG_NAME, self._text, begin + 1)
        if self._text[position] == "\0":
            raise no.TAG_UNCLOSED.error(offset=self._byte(begin))
        tag = self._text[begin + 1 : position].translate(_LOWER)
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
        while True:
            position = _end(_SKIPPED, text, position)
            if text[position] == ">":
                return position + 1
            end = _end(_ATTRIBUTE, text, position)
            name = text[position:end]
            if not name:
                raise no.TAG_ATTRIBUTE.error(tag=opened.tag, offset=self._byte(begin))
            position = _end(_SKIPPED, text, end)
            if text[position] not in "=\0":
                _set(opened, name, "1" if name == "expandable" else None)
                continue
            position = _end(_SKIPPED, text, position + 1) if text[position] == "=" else position
            if text[position] == "\0":
                raise no.TAG_UNCLOSED_NAMED.error(tag=opened.tag, offset=self._byte(begin))
            value, position = self._value(position)
            if text[position] == "\0":
                raise no.TAG_UNCLOSED.error(offset=self._byte(begin))
            _set(opened, name, value)

    def _value(self, position: int) -> tuple[str, int]:
        text = self._text
        quote = text[position]
        if quote not in "'\"":
            end = _end(_TOKEN, text, position)
            if text[end] not in _SPACE and text[end] != ">":
                raise no.TAG_NAME_TOKEN.error(offset=self._byte(position))
            return text[position:end].translate(_LOWER), end
        end = _end(_QUOTED[quote], text, position + 1)
        return _decode_all(text[position + 1 : end]), end + (text[end] == quote)

    def _end_tag(self, begin: int) -> int:
        if not self._open:
            raise no.END_UNEXPECTED.error(offset=self._byte(begin))
        position = _end(_TAG_NAME, self._text, begin + 2)
        found = self._text[begin + 2 : position].translate(_LOWER)
        position = _end(_SKIPPED, self._text, position)
        if self._text[position] != ">":
            raise no.END_UNCLOSED.error(offset=self._byte(begin))
        opened = self._open.pop()
        if found and found != opened.tag:
            raise no.END_UNMATCHED.error(offset=self._byte(begin), tag=opened.tag, found=found)
        if self._length > opened.offset:
            self._close(opened)
        return position + 1

    def _close(self, opened: _Open) -> None:
        if kind := _SIMPLE.get(opened.tag):
            self._put(kind, opened.offset)
        elif opened.tag == "a":
            self._put_link(opened.offset, opened.argument or "".join(self._out[opened.begin :]))
        elif opened.tag in {"pre", "code"}:
            self._code(opened)
        elif opened.tag == "blockquote":
            self._put("expandable_blockquote" if opened.argument else "blockquote", opened.offset)
        elif opened.tag == "tg-emoji":
            if not integer(opened.argument):
                raise no.EMOJI_ID.error()
            self._put("custom_emoji", opened.offset, custom_emoji_id=opened.argument)
        else:
            form = date_format(opened.argument)
            if form is None:
                raise no_text.TIME_FORMAT.error()
            if opened.date > 0:
                self._put("date_time", opened.offset, unix_time=opened.date, date_time_format=form)

    def _code(self, opened: _Open) -> None:
        """Add code; `<pre><code class="language-…">` becomes one entity."""
        if not _encodes(opened.argument):
            raise no_text.LANGUAGE_UTF8.error()
        last = self._entities[-1] if self._entities else {}
        same = last.get("offset") == opened.offset and last.get("length") == self._length - opened.offset
        if opened.tag == "pre" and same and last.get("type") == "code" and last.get("language"):
            last["type"] = "pre"
        elif opened.tag == "code" and same and last.get("type") == "pre" and opened.argument:
            last["language"] = opened.argument
        else:
            self._put(opened.tag, opened.offset, **({"language": opened.argument} if opened.argument else {}))


def date_format(text: str, *, lenient: bool = False) -> str | None:
    """Return a date-time format in Telegram's own order, None when it is none.

    Sources: td FormattedDate.cpp get_date_flags; client get_text_entity_type for a given entity, where the last of two
    precisions counts and not the shorter one (`lenient`).
    """
    if not _DATE_PARTS.fullmatch(text):
        return None
    if text in {"r", "R"}:
        return "r"
    date, time = (_precision(text, kind, lenient=lenient) for kind in "dt")
    return ("w" if "w" in text.lower() else "") + date + time


def _precision(text: str, kind: str, *, lenient: bool) -> str:
    given = [sign for sign in text if sign.lower() == kind]
    if not given:
        return ""
    return given[-1] if lenient else min(given, key=str.isupper)


def _encodes(text: str) -> bool:
    """Say whether a text is whole, without half of a surrogate pair from a character reference."""
    return text.isascii() or not _SURROGATE.search(text)


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
        found = _LEADING_INTEGER.match(value)
        opened.date = int(found[0]) if found and int(found[0]) < _INT32 else 0


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
