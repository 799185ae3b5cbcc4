"""MarkdownV2 and the older Markdown: text with signs in, plain text and entities out.

Source: td MessageEntity.cpp parse_markdown_v2 and parse_markdown; the names of kinds in refusals are the source's.
Offsets in refusals are in bytes of UTF-8, those of entities in UTF-16 code units.
"""

import re
from dataclasses import dataclass

from bot.sandbox.entities import Entity, sort_entities
from bot.sandbox.markup import UserOf, Writer, date_format, integer
from bot.sandbox.refusals import text as no

_SPECIAL = re.compile(r"[\\_*\[\]()~`>#+\-=|{}.!\n]")
_CODE_SPECIAL = re.compile(r"[\\`]")
_CODES = frozenset({"Code", "Pre", "PreCode"})
_ESCAPED = re.compile(r"\\([\x01-\x7e])")
_URL = re.compile(r"(?:\\[\x01-\x7e]|[^)])*")
_LANGUAGE = re.compile(r"[^ \t\r\n\0\v`]*")
_LINE_END = re.compile(r"\r\n|\n\r|\n|\r")
_OPENING = (  # the longer first
    ("```", "Pre"),
    ("__", "Underline"),
    ("||", "Spoiler"),
    ("![", "CustomEmoji"),
    ("_", "Italic"),
    ("*", "Bold"),
    ("~", "Strikethrough"),
    ("`", "Code"),
    ("[", "TextUrl"),
)
_CLOSING = {kind: sign for sign, kind in _OPENING} | {"PreCode": "```", "TextUrl": "]", "CustomEmoji": "]"}
_KINDS = {
    "Bold": "bold",
    "Italic": "italic",
    "Underline": "underline",
    "Strikethrough": "strikethrough",
    "Spoiler": "spoiler",
    "Code": "code",
    "Pre": "pre",
    "PreCode": "pre",
}
_LAST_SECOND = (1 << 31) - 1
_OLD_SPECIAL = re.compile(r"\\[_*`\[]|[_*`\[]")
_OLD_KINDS = {"_": "italic", "*": "bold", "`": "code"}


@dataclass(slots=True)
class _Open:
    kind: str
    begin: int  # of its sign in the source
    offset: int  # of its entity
    piece: int  # index in the list of finished pieces
    language: str = ""


class MarkdownV2Parser(Writer):
    """One pass over one text."""

    def __init__(self, text: str, user_of: UserOf) -> None:
        super().__init__(text, user_of)
        self._open: list[_Open] = []
        self._quote = False
        self._line_start = True

    def parse(self) -> tuple[str, list[Entity]]:
        """Return the plain text and its entities, sorted; raise RefusalError as Telegram would."""
        position = 0
        while position < self._end:
            pattern = _CODE_SPECIAL if self._open and self._open[-1].kind in _CODES else _SPECIAL
            found = pattern.search(self._text, position, self._end)
            stop = found.start() if found else self._end
            if stop > position:
                self._plain(self._text[position:stop])
            position = self._special(stop) if found else stop
        if self._quote:
            self._last_quote()
        if self._open:
            raise self._unended()
        return "".join(self._out), sort_entities(self._entities)

    def _plain(self, piece: str) -> None:
        self._add(piece)
        if piece.strip("\r"):
            self._line_start = False

    def _special(self, position: int) -> int:
        if self._text[position] == "\\":
            return self._escape(position)
        if self._open and self._ends(position):
            return self._close(position)
        return self._start(position)

    def _escape(self, position: int) -> int:
        found = _ESCAPED.match(self._text, position)
        if not found:
            self._plain("\\")
            return position + 1
        self._add(found[1])
        if found[1] != "\r":
            self._line_start = found[1] == "\n"
        return found.end()

    def _ends(self, position: int) -> bool:
        text, kind = self._text, self._open[-1].kind
        if text[position] == "\n":
            return self._quote and text[position + 1] != ">"
        sign = _CLOSING.get(kind)
        if sign is None or not text.startswith(sign, position):
            return False
        return kind != "Italic" or text[position + 1] != "_"

    def _start(self, position: int) -> int:
        text = self._text
        if text[position] == "\n":
            self._add("\n")
            self._line_start = True
            return position + 1
        if text[position] == ">" and self._line_start:
            if not self._quote:
                self._begin("BlockQuote", position)
                self._quote = True
            return position + 1
        for sign, kind in _OPENING:
            if text.startswith(sign, position):
                opened = self._begin(kind, position)
                after = position + len(sign)
                return self._language(opened, after) if kind == "Pre" else after
        raise no.RESERVED.error(sign=text[position])

    def _begin(self, kind: str, position: int) -> _Open:
        self._open.append(_Open(kind, position, self._length, len(self._out)))
        return self._open[-1]

    def _language(self, opened: _Open, position: int) -> int:
        language = _language(self._text, position, self._end)
        if language:
            opened.kind, opened.language = "PreCode", language
        return _after_line_end(self._text, position + len(language))

    def _close(self, position: int) -> int:
        if self._text[position] == "\n":
            return self._close_quote(position)
        opened = self._open.pop()
        after = position + len(_CLOSING[opened.kind])
        if opened.kind == "TextUrl":
            return self._close_link(opened, after)
        if opened.kind == "CustomEmoji":
            return self._close_emoji(opened, after)
        if self._length > opened.offset:
            fields = {"language": opened.language} if opened.language else {}
            self._put(_KINDS[opened.kind], opened.offset, **fields)
        return after

    def _close_link(self, opened: _Open, after: int) -> int:
        if self._text[after] == "(":
            url, after = self._url(after)
        else:
            url = "".join(self._out[opened.piece :])
        if self._length > opened.offset:
            self._put_link(opened.offset, url)
        return after

    def _url(self, bracket: int) -> tuple[str, int]:
        found = _URL.match(self._text, bracket + 1, self._end)
        end = found.end() if found else bracket + 1
        if self._text[end] != ")":
            raise no.URL_UNENDED.error(offset=self._byte(bracket + 1))
        return _ESCAPED.sub(r"\1", self._text[bracket + 1 : end]), end + 1

    def _close_emoji(self, opened: _Open, after: int) -> int:
        if self._text[after] != "(":
            raise no.NO_EMOJI_LINK.error()
        url, after = self._url(after)
        fields = _emoji(url) or _moment(url)
        if not fields:
            raise no.EMOJI_LINK.error()
        if self._length > opened.offset:
            self._put("custom_emoji" if "custom_emoji_id" in fields else "date_time", opened.offset, **fields)
        return after

    def _close_quote(self, position: int) -> int:
        opened, kind = self._open.pop(), "blockquote"
        if opened.kind != "BlockQuote":
            returned = bool(self._out) and self._out[-1].endswith("\r")
            if opened.kind != "Spoiler" or not (
                opened.begin == position - 2 or (opened.begin == position - 3 and returned)
            ):
                raise self._unended(opened)
            opened, kind = self._open.pop(), "expandable_blockquote"
            if opened.kind != "BlockQuote":
                raise self._unended(opened)
        self._quote = False
        self._line_start = True
        self._add("\n")
        self._put(kind, opened.offset)
        return position + 1

    def _last_quote(self) -> None:
        kind = "blockquote"
        if self._open[-1].kind == "Spoiler" and self._open[-1].begin == self._end - 2:
            self._open.pop()
            kind = "expandable_blockquote"
        if self._open[-1].kind == "BlockQuote":
            opened = self._open.pop()
            if self._length > opened.offset:
                self._put(kind, opened.offset)

    def _unended(self, opened: _Open | None = None) -> Exception:
        opened = opened or self._open[-1]
        return no.UNENDED.error(kind=opened.kind, offset=self._byte(opened.begin))


class MarkdownParser(Writer):
    """One pass over one text of the older Markdown, where nothing nests and a sign within an entity means itself."""

    def parse(self) -> tuple[str, list[Entity]]:
        """Return the plain text and its entities; raise RefusalError as Telegram would."""
        position = 0
        while found := _OLD_SPECIAL.search(self._text, position, self._end):
            self._add(self._text[position : found.start()])
            if found[0][0] == "\\":
                self._add(found[0][1])
                position = found.end()
            else:
                position = self._entity(found.start())
        self._add(self._text[position : self._end])
        return "".join(self._out), self._entities

    def _entity(self, begin: int) -> int:
        text, sign, position = self._text, self._text[begin], begin + 1
        closing, language = "]" if sign == "[" else sign, ""
        if text.startswith("```", begin):
            closing = "```"
            language = _language(text, begin + 3, self._end)
            position = _after_line_end(text, begin + 3 + len(language))
        stop = text.find(closing, position, self._end)
        if stop < 0:
            raise no.OLD_UNENDED.error(offset=self._byte(begin))
        offset = self._length
        self._add(text[position:stop])
        after = stop + len(closing)
        if self._length == offset:
            return after
        if sign == "[":
            return self._link(offset, text[position:stop], after)
        fields = {"language": language} if language else {}
        self._put("pre" if closing == "```" else _OLD_KINDS[sign], offset, **fields)
        return after

    def _link(self, offset: int, url: str, after: int) -> int:
        if self._text[after] == "(":
            stop = self._text.find(")", after, self._end)
            stop = self._end if stop < 0 else stop  # an address without its bracket goes to the end
            url, after = self._text[after + 1 : stop], stop + 1
        self._put_link(offset, url)
        return after


def _language(text: str, position: int, end: int) -> str:
    found = _LANGUAGE.match(text, position, end)
    return found[0] if found and found.end() < end and text[found.end()] != "`" else ""


def _after_line_end(text: str, position: int) -> int:
    found = _LINE_END.match(text, position)
    return found.end() if found else position


def _query(url: str, host: str) -> list[tuple[str, str]]:
    """Return the parameters of a `tg://host?…` link, none for another."""
    found = re.fullmatch(rf"tg:(?://)?{host}/?\?([^#]*)(?:#.*)?", url, re.IGNORECASE | re.DOTALL)
    return [(key, value) for key, _, value in (one.partition("=") for one in found[1].split("&"))] if found else []


def _emoji(url: str) -> dict[str, str]:
    given = next((value for key, value in _query(url, "emoji") if key == "id"), "")
    return {"custom_emoji_id": given} if integer(given) else {}


def _moment(url: str) -> dict[str, str | int]:
    moment, form = 0, ""
    for key, value in _query(url, "time"):
        if key == "unix":
            moment = integer(value) or 0
            if not 0 < moment <= _LAST_SECOND:
                return {}
        elif key == "format":
            form = value
    normal = date_format(form)
    return {"unix_time": moment, "date_time_format": normal} if moment and normal is not None else {}
