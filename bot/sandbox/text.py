"""Message text as Telegram takes it: parse mode or entities, clean-up, trimming, length, entities found in plain text.

Sources: telegram-bot-api Client.cpp get_formatted_text; td MessageEntity.cpp fix_formatted_text.
"""

from dataclasses import dataclass, field

from bot.sandbox import entity_json
from bot.sandbox import refusals as no
from bot.sandbox.cleaning import check_places, clean_along, is_seen
from bot.sandbox.entities import FOUND, SPLITTABLE, Entity, end, merge, settle, sort_entities, split, utf16
from bot.sandbox.finding import find
from bot.sandbox.markdown import MarkdownParser, MarkdownV2Parser
from bot.sandbox.markup import HtmlParser, UserOf

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
_BYTES_LIMIT = 1 << 15
_USER_ENTITIES = 100
_PARSERS: dict[str, type[HtmlParser | MarkdownParser | MarkdownV2Parser]] = {
    "html": HtmlParser,
    "markdown": MarkdownParser,
    "markdownv2": MarkdownV2Parser,
}


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text as stored: plain characters and entities with UTF-16 offsets; `given` is what JSON gave, yet to judge."""

    text: str = ""
    entities: list[Entity] = field(default_factory=list)
    given: tuple[list[Entity], UserOf] | None = None


def nobody(_number: int) -> None:
    """Know no person: links to people are dropped."""


def parse(text: str, mode: str, entities: object = None, *, user_of: UserOf = nobody) -> Formatted:
    """Return what a request's text, parse_mode and entities mean, before trimming; raise RefusalError."""
    if len(text) > _BYTES_LIMIT // 4 and len(text.encode("utf-8", "replace")) > _BYTES_LIMIT:
        raise no.TEXT_HUGE.error()
    mode = mode.lower()
    if text and mode and mode != "none":
        if mode not in _PARSERS:
            raise no.PARSE_MODE.error()
        return Formatted(*_PARSERS[mode](text, user_of).parse())
    given = entity_json.read(entities) if isinstance(entities, list) else []
    return Formatted(text, given=(given, user_of) if given else None)


def fix(formatted: Formatted, *, seen: bool = True) -> Formatted:
    """Judge and settle entities, clean and trim the text, add entities Telegram finds; raise RefusalError.

    A blank text comes out empty; with `seen`, so does one of invisible signs.
    """
    text, entities = formatted.text, formatted.entities
    if formatted.given:
        entities = entity_json.judge(*formatted.given)
    if entities:
        entities = settle(entities)
        check_places(text, entities)
    plain, entities = clean_along(text, entities)
    if plain != text and entities:
        entities = settle(entities)  # where signs were dropped, entities may touch now
    if not is_seen(plain) and (seen or not plain.strip(" \n")):
        return Formatted()
    plain, entities = _trim(plain, entities)
    return Formatted(plain, _first(merge(entities, find(plain))))


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
    fixed = fix(given, seen=False)
    if len(fixed.text) > CAPTION_LIMIT:
        raise no.CAPTION_LONG.error()
    return fixed


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Cut spaces and line breaks from both ends; at the begin only up to the first entity."""
    short = text.rstrip(" \n")
    if entities:
        size = utf16(short)
        if any(end(one) > size for one in entities):
            kept = [{**one, "length": min(end(one), size) - one["offset"]} for one in entities if one["offset"] < size]
            entities = sort_entities(kept)
    left = len(short) - len(short.lstrip(" \n"))
    left = min(left, entities[0]["offset"]) if entities else left
    if left:
        entities = [{**one, "offset": one["offset"] - left} for one in entities]
    return short[left:], entities


def _first(entities: list[Entity]) -> list[Entity]:
    """Return the entities Telegram's servers keep: a hundred of the bot's own, bold and its like counted last.

    Source: td MessageEntity.cpp get_input_message_entities.
    """
    if len(entities) <= _USER_ENTITIES:
        return entities
    free = [one for one in entities if one["type"] in FOUND or one["type"] == "custom_emoji"]
    soft = split([one for one in entities if one["type"] in SPLITTABLE], [])
    firm = [one for one in entities if one not in free and one["type"] not in SPLITTABLE][:_USER_ENTITIES]
    return settle([*free, *firm, *soft[: _USER_ENTITIES - len(firm)]])
