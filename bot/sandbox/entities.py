"""Which entities may stand together in a text, and what becomes of those that may not.

Source: td MessageEntity.cpp fix_entities and merge_new_entities. Bold, italic and their like may cross anything: they
are cut into pieces so that all nests. Code holds nothing else, a link holds no link, a quotation no quotation; where
two of those meet, the first one stays. Offsets and lengths are in UTF-16 code units.
"""

import sys
from collections import deque
from collections.abc import Sequence
from typing import Any

Entity = dict[str, Any]

SPLITTABLE = ("bold", "italic", "underline", "strikethrough", "spoiler")
QUOTES = frozenset({"blockquote", "expandable_blockquote"})
SOLID = frozenset({"code", "pre", "date_time"})
FOUND = frozenset({"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number"})
WHOLE = FOUND | {"text_link", "text_mention", "custom_emoji"}
_PRIORITY = {
    **dict.fromkeys(QUOTES, 0),
    "pre": 11,
    "code": 20,
    "date_time": 30,
    "text_link": 49,
    "text_mention": 49,
    "bold": 90,
    "italic": 91,
    "underline": 92,
    "strikethrough": 93,
    "spoiler": 94,
    "custom_emoji": 99,
}
_PRE_WITH_LANGUAGE = 10
_OTHERS = 50


def utf16(text: str) -> int:
    """Return the length of a text in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def end(entity: Entity) -> int:
    """Return where an entity ends."""
    return int(entity["offset"]) + int(entity["length"])


def sort_entities(entities: list[Entity]) -> list[Entity]:
    """Return entities in Telegram's order: by offset, the longer first, then by kind."""
    return sorted(entities, key=_rank)


def _rank(entity: Entity) -> tuple[int, int, int]:
    kind = entity["type"]
    priority = _PRE_WITH_LANGUAGE if "language" in entity else _PRIORITY.get(kind, _OTHERS)
    return entity["offset"], -entity["length"], priority


def settle(entities: list[Entity]) -> list[Entity]:
    """Return given entities as they may stand: sorted, nested, cut and joined where needed."""
    entities = sort_entities(entities)
    if _settled(entities):
        return entities
    whole, quotes, splittable = _kinds(entities)
    quotes = apart(quotes)
    whole = _beside_quotes(apart(whole), quotes)
    return _together(sort_entities([*whole, *quotes]), splittable)


def merge(entities: list[Entity], found: list[Entity]) -> list[Entity]:
    """Add what was found in the text itself to settled entities, which go before; `found` must not overlap."""
    if not found:
        return entities
    if not entities:
        return found
    whole, quotes, splittable = _kinds(entities)
    kept = [one for one in _beside_quotes(found, quotes) if not any(_meet(one, other) for other in whole)]
    return _together(sort_entities([*whole, *kept, *quotes]), splittable)


def apart(entities: list[Entity]) -> list[Entity]:
    """Return sorted entities without those that begin inside an earlier one."""
    kept: list[Entity] = []
    for entity in entities:
        if not kept or entity["offset"] >= end(kept[-1]):
            kept.append(entity)
    return kept


def _meet(one: Entity, other: Entity) -> bool:
    return bool(one["offset"] < end(other) and other["offset"] < end(one))


def _kinds(entities: list[Entity]) -> tuple[list[Entity], list[Entity], list[Entity]]:
    quotes = [one for one in entities if one["type"] in QUOTES]
    splittable = [one for one in entities if one["type"] in SPLITTABLE]
    whole = [one for one in entities if one["type"] not in QUOTES and one["type"] not in SPLITTABLE]
    return whole, quotes, splittable


def _settled(entities: list[Entity]) -> bool:
    ends: dict[str, int] = {}
    around: list[Entity] = []
    for entity in entities:
        while around and entity["offset"] >= end(around[-1]):
            around.pop()
        if around and not _may_stand_in(entity, around):
            return False
        kind = entity["type"]
        if kind in SPLITTABLE:
            if ends.get(kind, -1) >= entity["offset"]:
                return False  # two of a kind that touch are one
            ends[kind] = end(entity)
        around.append(entity)
    return True


def _may_stand_in(entity: Entity, around: Sequence[Entity]) -> bool:
    kind = entity["type"]
    kinds = {one["type"] for one in around}
    if end(entity) > end(around[-1]) or kind in kinds or kinds & SOLID or kinds & frozenset(SPLITTABLE):
        return False
    if kind in SOLID:
        return kinds <= QUOTES
    if kind in SPLITTABLE:
        return True
    return not (kinds & WHOLE or (kind in QUOTES and kinds & QUOTES))


def _beside_quotes(entities: list[Entity], quotes: list[Entity]) -> list[Entity]:
    """Drop entities that a quotation's begin or end would cut."""
    if not quotes:
        return entities
    kept = []
    for entity in entities:
        quote = next((one for one in quotes if end(one) > entity["offset"]), None)
        if quote and (end(quote) < end(entity) or entity["offset"] < quote["offset"] < end(entity)):
            continue
        kept.append(entity)
    return kept


def _together(others: list[Entity], splittable: list[Entity]) -> list[Entity]:
    return sort_entities([*others, *split(splittable, others)]) if splittable else others


class _Splitter:
    """Joins bold with bold and cuts it where asked; the same for each kind that may be cut."""

    def __init__(self, entities: list[Entity]) -> None:
        self.done: list[Entity] = []
        self._todo = deque(entities)
        self._open: dict[str, tuple[int, int]] = {}

    def cut(self, offset: int) -> None:
        """Take up what begins before `offset` and cut there."""
        while self._todo and self._todo[0]["offset"] < offset:
            entity = self._todo.popleft()
            kind, first, last = entity["type"], entity["offset"], end(entity)
            span = self._open.get(kind)
            if span and first <= span[1]:
                self._open[kind] = span[0], max(span[1], last)
            else:
                self._flush(first)
                self._open[kind] = first, last
        self._flush(offset)

    def _flush(self, offset: int) -> None:
        for kind in SPLITTABLE:
            first, last = self._open.get(kind, (offset, offset))
            if first >= offset:
                continue
            self.done.append({"type": kind, "offset": first, "length": min(last, offset) - first})
            if last <= offset:
                del self._open[kind]
            else:
                self._open[kind] = offset, last


def split(splittable: list[Entity], others: list[Entity]) -> list[Entity]:
    """Join touching entities of one kind, cut them at the ends of `others`, drop what lies inside code; all sorted."""
    splitter = _Splitter(splittable)
    around: list[Entity] = []
    for other in [*others, None]:
        offset = other["offset"] if other else sys.maxsize
        while around and offset >= end(around[-1]):
            before = len(splitter.done)
            inner = around.pop()
            splitter.cut(end(inner))
            if inner["type"] in SOLID:
                del splitter.done[before:]
        splitter.cut(offset)
        if other:
            around.append(other)
    return sort_entities(splitter.done)
