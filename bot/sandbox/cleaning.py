"""The signs Telegram takes out of every text, and entities moved along.

Sources: td misc.cpp clean_input_string and strip_empty_characters; MessageEntity.cpp clean_input_string_with_entities.
"""

import bisect
import re
from collections import deque

from bot.sandbox.entities import Entity, end, utf16
from bot.sandbox.refusals import RefusalError
from bot.sandbox.refusals import text as no_text

_UNCLEAN = re.compile(r"[\x00-\x09\x0b-\x1f\u2028-\u202e\u0333\u033f\u030a\u200e\u200f]")
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
_DROPPED = re.compile(r"[\r\u2028-\u202e\u0333\u033f\u030a]")
_MARKS = re.compile(r"[\u200e\u200f](?=[\u200e\u200f])")
_SEEN = re.compile(
    r"[^ \n\xa0\u1680\u180e\u2000-\u200f\u202e\u202f\u205f\u2800\u3000\ufeff\ufffc\U000e0000-\U000e007f]"
)


def clean(text: str) -> str:
    """Return a text without control signs, line and paragraph separators and the like."""
    if not _UNCLEAN.search(text):
        return text
    text = _DROPPED.sub("", _CONTROL.sub(" ", text))
    return _MARKS.sub("\u200c", text)  # a row of direction marks could hide what follows


def clean_along(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Clean a text and move its entities along; those of which nothing is left go."""
    gone = [utf16(text[: match.start()]) for match in _DROPPED.finditer(text)] if entities else []
    if not gone:
        return clean(text), entities
    moved = []
    for entity in entities:
        first, last = entity["offset"], end(entity)
        first -= bisect.bisect_left(gone, first)
        last -= bisect.bisect_left(gone, last)
        if last > first:
            moved.append({**entity, "offset": first, "length": last - first})
    return clean(text), moved


def is_seen(text: str) -> bool:
    """Say whether a cleaned text shows anything at all."""
    return bool(_SEEN.search(text))


def check_places(text: str, entities: list[Entity]) -> None:
    """Check that entities (sorted, nested) begin and end at signs of the text; raise RefusalError for the first."""
    size = utf16(text)
    if size == len(text) and all(end(one) <= size for one in entities):
        return
    fault = _misplaced(text, entities)
    if fault:
        raise fault


def _misplaced(text: str, entities: list[Entity]) -> RefusalError | None:
    """Walk over the text as the source does, so that of several faults the same one is named."""
    todo, around = deque(entities), list[Entity]()
    offset = byte = 0
    for sign in [*text, ""]:
        while around and offset >= end(around[-1]):
            inner = around.pop()
            if offset != end(inner):
                return no_text.ENDS_INSIDE.error(offset=inner["offset"], byte=byte)
        while todo and offset >= todo[0]["offset"]:
            around.append(todo.popleft())
            if offset != around[-1]["offset"]:
                return no_text.BEGINS_INSIDE.error(byte=byte)
        offset += utf16(sign)
        byte += len(sign.encode())
    if todo:
        return no_text.BEGINS_AFTER.error(offset=todo[0]["offset"])
    return no_text.ENDS_AFTER.error(offset=around[-1]["offset"], end=end(around[-1])) if around else None
