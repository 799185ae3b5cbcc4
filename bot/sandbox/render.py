"""A stored text as safe HTML for the chat page: everything escaped, entities as tags, links only to known schemes."""

import re
from html import escape

from bot.sandbox.markup import Entity

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
    "text_mention": ('<span class="mention">', "</span>"),
}
_SAFE = re.compile(r"(https?|tg|mailto):", re.IGNORECASE)
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
    if kind == "pre":
        language = escape(str(entity.get("language", "")))
        return (f'<pre><code class="language-{language}">' if language else "<pre><code>"), "</code></pre>"
    if kind == "bot_command":
        return f'<span class="command" data-command="{escape(inner)}">', "</span>"
    if kind == "date_time":
        form = escape(str(entity.get("date_time_format", "")))
        return f'<time data-unix="{entity["unix_time"]}" data-format="{form}">', "</time>"
    target = {"url": inner, "email": f"mailto:{inner}"}.get(kind, str(entity.get("url", "")))
    if kind == "url" and not _SAFE.match(target):
        target = f"http://{target}"
    if kind in {"url", "email", "text_link"} and _SAFE.match(target):
        return f'<a href="{escape(target)}" target="_blank" rel="noopener noreferrer">', "</a>"
    return "", ""
