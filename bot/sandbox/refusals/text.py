"""Sentences about Markdown and about entities (sources: see the head of the package)."""

from bot.sandbox.refusals import bad

_V2 = "td MessageEntity.cpp parse_markdown_v2"
_MARKUP = "can't parse entities: "
RESERVED = bad(_MARKUP + "Character '{sign}' is reserved and must be escaped with the preceding '\\'", _V2)
UNENDED = bad(_MARKUP + "Can't find end of {kind} entity at byte offset {offset}", _V2)
URL_UNENDED = bad(_MARKUP + "Can't find end of a URL at byte offset {offset}", _V2)
NO_EMOJI_LINK = bad(_MARKUP + "The entity must contain a tg://emoji or tg://time URL", _V2)
EMOJI_LINK = bad(_MARKUP + "Invalid tg://emoji or tg://time URL specified", _V2)
OLD_UNENDED = bad(
    _MARKUP + "Can't find end of the entity starting at byte offset {offset}", "td MessageEntity.cpp parse_markdown"
)
TIME_FORMAT = bad(_MARKUP + "Invalid date format used", "td FormattedDate.cpp get_date_flags")

_GIVEN = "td MessageEntity.cpp get_message_entities"
LINK = bad("entity URL '{url}' is invalid: {reason}", _GIVEN + "; LinkManager.cpp check_link")
EMOJI = bad("invalid custom emoji identifier specified", _GIVEN)
LINK_UTF8 = bad("messageEntityTextUrl.url must be encoded in UTF-8", _GIVEN)
LANGUAGE_UTF8 = bad("messageEntityPreCode.language must be encoded in UTF-8", _GIVEN)
TIME = bad("invalid date specified", _GIVEN + "; FormattedDate.cpp get_formatted_date")

_FIXED = "td MessageEntity.cpp clean_input_string_with_entities"
BEGINS_INSIDE = bad("entity begins in a middle of a UTF-16 symbol at byte offset {byte}", _FIXED)
ENDS_INSIDE = bad(
    "entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 symbol at byte offset {byte}", _FIXED
)
BEGINS_AFTER = bad("entity begins after the end of the text at UTF-16 offset {offset}", _FIXED)
ENDS_AFTER = bad(
    "entity beginning at UTF-16 offset {offset} ends after the end of the text at UTF-16 offset {end}", _FIXED
)
