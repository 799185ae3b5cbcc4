"""A stored text as safe HTML for the chat page: everything escaped, entities as tags, links only to known schemes."""

import re
from html import escape

from bot.sandbox.entities import Entity

_PLAIN = {
    "bold": ("<b>", "</b>"),
    "italic": ("<i>", "</i>"),
    "underline": ("<u>", "</u>"),
    "strikethrough": ("<s>", "</s>"),
    "spoiler": ('<span class="spoiler">', "</span>"),
    "code": ("<code>", "</code>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "expandable_blockquote": ('<blockquote class="expandable">', "</blockquote>"),
    "mention": ('<span class="mention">', "</span>"),
    "hashtag": ('<span class="hashtag">', "</span>"),
    "cashtag": ('<span class="hashtag">', "</span>"),
    "bank_card_number": ('<span class="card">', "</span>"),
}
_SAFE = re.compile(r"(https?|ftp|tg|ton|mailto|tel):", re.IGNORECASE)
_TAGS = {"pre": "code", "bot_command": "span", "text_mention": "span", "custom_emoji": "span", "date_time": "time"}
_LINKS = frozenset({"url", "email", "phone_number", "text_link"})
_UNIT = 2  # bytes in one UTF-16 code unit


def render(text: str, entities: list[Entity]) -> str:
    """Return the text as HTML; line breaks stay line breaks. Overlapping entities are cut so that tags always nest."""
    if not entities:
        return escape(text)
    units = text.encode("utf-16-le")
    spans = [(one["offset"], one["offset"] + one["length"], one) for one in entities]
    spans.sort(key=lambda span: (span[0], -span[1]))
    return _inside(units, 0, len(units) // _UNIT, spans)


def _inside(units: bytes, start: int, end: int, spans: list[tuple[int, int, Entity]]) -> str:
    pieces: list[str] = []
    at = start
    while spans:
        first, last, entity = spans[0]
        first, last = max(first, at), min(last, end)
        if last <= first:
            spans = spans[1:]
            continue
        within = [(max(low, first), min(high, last), one) for low, high, one in spans[1:] if low < last]
        after = [(max(low, last), high, one) for low, high, one in spans[1:] if high > last]
        opening, closing = _tags(entity, _slice(units, first, last))
        pieces += [escape(_slice(units, at, first)), opening, _inside(units, first, last, within), closing]
        at, spans = last, after
    pieces.append(escape(_slice(units, at, end)))
    return "".join(pieces)


def _slice(units: bytes, start: int, end: int) -> str:
    return units[start * _UNIT : end * _UNIT].decode("utf-16-le", "replace")


def _tags(entity: Entity, inner: str) -> tuple[str, str]:
    kind = str(entity["type"])
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in _LINKS:
        return _link(kind, inner, str(entity.get("url", "")))
    marks = _marks(kind, entity, inner)
    if not marks:
        return "", ""
    opening = " ".join([_TAGS[kind], *(f'{name}="{escape(str(value))}"' for name, value in marks.items())])
    return (f"<pre><{opening}>", "</code></pre>") if kind == "pre" else (f"<{opening}>", f"</{_TAGS[kind]}>")


def _marks(kind: str, entity: Entity, inner: str) -> dict[str, object]:
    """Return the attributes of an entity's tag."""
    match kind:
        case "pre":
            return {"class": f"language-{entity.get('language', 'none')}"}
        case "bot_command":
            return {"class": "command", "data-command": inner}
        case "text_mention":
            return {"class": "mention", "data-user": entity["user"]["id"]}
        case "custom_emoji":
            return {"class": "emoji", "data-emoji": entity["custom_emoji_id"]}
        case "date_time":
            return {"data-unix": entity["unix_time"], "data-format": entity.get("date_time_format", "")}
    return {}


def _link(kind: str, inner: str, url: str) -> tuple[str, str]:
    """Return the tags of a link; what leads nowhere safe gets none."""
    targets = {"text_link": url, "email": f"mailto:{inner}", "phone_number": f"tel:{re.sub('[^+0-9]', '', inner)}"}
    target = targets.get(kind, inner if _SAFE.match(inner) else f"http://{inner}")
    if not _SAFE.match(target):
        return "", ""
    return f'<a href="{escape(target)}" target="_blank" rel="noopener noreferrer">', "</a>"
