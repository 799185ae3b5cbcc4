"""Entities given as JSON beside a text.

Two readings, as Telegram has them: the Bot API server reads the fields before it looks for the chat (client
get_text_entity), the client library judges the values after (td MessageEntity.cpp get_message_entities and the first
lines of fix_formatted_text).
"""

from typing import Any

from bot.sandbox import fields, links
from bot.sandbox import refusals as no
from bot.sandbox.cleaning import clean
from bot.sandbox.entities import FOUND, Entity
from bot.sandbox.markup import UserOf, date_format
from bot.sandbox.refusals import text as no_text

_PLAIN = frozenset(
    {
        *("bold", "italic", "underline", "strikethrough", "spoiler", "code"),
        *("blockquote", "expandable_blockquote"),
    }
)
_LIMIT = 1_000_000
_LAST_USER = (1 << 40) - 1


def read(given: list[Any]) -> list[Entity]:
    """Read a list of MessageEntity; raise RefusalError for a broken one."""
    try:
        return [entity for raw in given if (entity := _entity(raw)) is not None]
    except fields.FieldError as error:
        raise no.ENTITY.error(reason=error) from error


def _entity(raw: object) -> Entity | None:
    if not isinstance(raw, dict):
        raise fields.FieldError("expected an Object")
    offset, length = (fields.whole(raw, name, required=True) for name in ("offset", "length"))
    kind = fields.string(raw, "type", required=True)
    if kind in FOUND:  # found by Telegram itself, so taken from nobody
        return None
    return {"type": kind, "offset": offset, "length": length, **_details(kind, raw)}


def _details(kind: str, raw: dict[str, Any]) -> dict[str, Any]:
    if kind in _PLAIN:
        return {}
    if kind == "pre":
        language = fields.string(raw, "language")
        return {"language": clean(language)} if language else {}
    if kind == "text_link":
        return {"url": clean(fields.string(raw, "url", required=True))}
    if kind == "text_mention":
        return {"user": fields.long(fields.inner(raw, "user"), "id")}
    if kind == "custom_emoji":
        return {"custom_emoji_id": fields.long(raw, "custom_emoji_id")}
    if kind == "date_time":
        moment = fields.whole(raw, "unix_time", required=True)
        form = date_format(fields.string(raw, "date_time_format"), lenient=True)
        if form is None:
            raise fields.FieldError("Invalid date-time format specified")
        return {"unix_time": moment, "date_time_format": form}
    raise fields.FieldError("Unsupported type specified" if kind else "Type is not specified")


def judge(entities: list[Entity], user_of: UserOf) -> list[Entity]:
    """Return entities with their values checked, without those that mean nothing; raise RefusalError."""
    judged = [_judged(one, user_of) for one in entities]
    for one in entities:
        if not 0 <= one["offset"] <= _LIMIT:
            raise no.ENTITY_OFFSET.error(value=one["offset"])
        if not 0 <= one["length"] <= _LIMIT:
            raise no.ENTITY_LENGTH.error(value=one["length"])
    return [one for one in judged if one and one["length"]]


def _judged(entity: Entity, user_of: UserOf) -> Entity | None:
    kind = entity["type"]
    if kind == "text_link":
        return _link(entity, user_of)
    if kind == "text_mention":
        return _mention(entity, entity["user"], user_of)
    if kind == "custom_emoji":
        if not entity["custom_emoji_id"]:
            raise no_text.EMOJI.error()
        return {**entity, "custom_emoji_id": str(entity["custom_emoji_id"])}
    if kind == "date_time" and entity["unix_time"] <= 0:
        raise no_text.TIME.error()
    return entity


def _mention(entity: Entity, number: int, user_of: UserOf) -> Entity | None:
    if not 0 < number <= _LAST_USER:
        raise no.USER_NOT_FOUND.error()
    user = user_of(number)
    place = {"type": "text_mention", "offset": entity["offset"], "length": entity["length"]}
    return {**place, "user": user} if user else None  # Telegram's servers drop who is unknown


def _link(entity: Entity, user_of: UserOf) -> Entity | None:
    url = entity["url"]
    number = links.user_of(url)
    if number is not None:
        return _mention(entity, number, user_of)
    try:
        return {**entity, "url": links.checked(url)}
    except links.LinkError as error:
        raise no_text.LINK.error(url=url, reason=error) from error
