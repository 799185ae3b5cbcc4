"""What Telegram itself finds in a plain text: mentions, commands, tags, addresses, card and telephone numbers.

Source: td MessageEntity.cpp find_entities. Telephone numbers are found by Telegram's servers, whose rule is not public;
here they are a plus sign and eight to fifteen digits. An address without a scheme needs a well-known ending; of those
that many companies own, only the common ones are known here.
"""

import re
from collections.abc import Callable, Iterator

from bot.sandbox.entities import Entity, apart, sort_entities, utf16
from bot.sandbox.web_addresses import find_addresses, find_own_schemes

Found = Iterator[tuple[str, int, int]]  # kind, first and last position in the text

_MAYBE = re.compile(r"[@#$/.]|[+0-9][0-9 -]{7}")
_MENTION = re.compile(r"(?<!\w)@(?:[a-zA-Z0-9_]{4,32}|(?i:gif|nft|pic|ufc|vid))(?!\w)")
_COMMAND = re.compile(r"(?<![\w/<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32}|(?!@))(?![\w/<>])")
_USERNAME = re.compile(r"@[a-zA-Z0-9_]{3,32}")
_TAG_LENGTH = 256
_CASHTAG = re.compile(r"\$(?:1INCH|[A-Z]{1,8}(?![A-Z]))(?:@[a-zA-Z0-9_]{3,32}(?![a-zA-Z0-9_]))?")
_CARD = re.compile(r"[0-9][0-9 -]{11,}[0-9]")
_CARD_WHOLE = re.compile(r"[0-9]{16,19}(?= )")
_CARD_DIGITS = range(13, 20)
_PHONE = re.compile(r"(?<![\w+])\+[0-9](?:[ -]?[0-9]){7,14}(?![\w-])")


def find(text: str) -> list[Entity]:
    """Return the entities of a plain text, sorted, none inside another."""
    if not _MAYBE.search(text):
        return []
    spans = [span for sign, finder in _FINDERS if sign in text for span in finder(text)]
    if not spans:
        return []
    entities = [{"type": kind, "offset": first, "length": last - first} for kind, first, last in spans]
    return [_counted(text, one) for one in apart(sort_entities(entities))]


def _counted(text: str, entity: Entity) -> Entity:
    """Turn positions into UTF-16 offsets."""
    first, length = entity["offset"], entity["length"]
    return {**entity, "offset": utf16(text[:first]), "length": utf16(text[first : first + length])}


def _mentions(text: str) -> Found:
    for match in _MENTION.finditer(text):
        yield "mention", *match.span()


def _commands(text: str) -> Found:
    for match in _COMMAND.finditer(text):
        yield "bot_command", *match.span()


def _tag_sign(sign: str) -> bool:
    return sign in "_\u200c\xb7" or sign.isalpha() or sign.isdecimal() or "\u0d80" <= sign <= "\u0dff"


def _hashtags(text: str) -> Found:
    begin = text.find("#")
    while begin >= 0:
        position = begin + 1
        while position < len(text) and _tag_sign(text[position]):
            position += 1
        if not (begin and _tag_sign(text[begin - 1])):
            yield from _hashtag(text, begin, position)
        begin = text.find("#", position)


def _hashtag(text: str, begin: int, stop: int) -> Found:
    last = min(stop, begin + 1 + _TAG_LENGTH)
    if last == stop and (named := _USERNAME.match(text, stop)):
        last = stop = named.end()
    letters = any(sign.isalpha() for sign in text[begin + 1 : last])
    if letters and text[stop : stop + 1] != "#":
        yield "hashtag", begin, last


def _cashtags(text: str) -> Found:
    for match in _CASHTAG.finditer(text):
        around = text[max(0, match.start() - 1) : match.start()] + text[match.end() : match.end() + 1]
        if not any(sign == "$" or _tag_sign(sign) for sign in around):
            yield "cashtag", *match.span()


def _cards(text: str) -> Found:
    for match in _CARD.finditer(text):
        before, after = text[: match.start()][-1:], text[match.end() : match.end() + 1]
        whole = _CARD_WHOLE.match(text, match.start())
        number = whole[0] if whole else match[0]
        digits = re.sub("[ -]", "", number)
        if len(digits) not in _CARD_DIGITS or len(number) > 2 * len(digits) - 1:
            continue
        if before in {*".,+-_"} or before.isalpha() or after in {*"-_"} or after.isalpha():
            continue
        if _is_card(digits):
            yield "bank_card_number", match.start(), match.start() + len(number)


def _is_card(digits: str) -> bool:
    """Say whether the check digit and the length fit a card (Luhn; lengths by the issuers' first digits)."""
    doubled = (int(one) * (1 + place % 2) for place, one in enumerate(reversed(digits)))
    if sum(one - 9 * (one > 9) for one in doubled) % 10:  # noqa: PLR2004 - the decimal digits
        return False
    length, two, four = len(digits), int(digits[:2]), int(digits[:4])
    for fits, lengths in (
        (digits[0] == "4", {13, 16, 18, 19}),
        (two in range(51, 56) or four in range(2221, 2721), {16}),
        (two in {34, 37}, {15}),
        (two in {62, 81}, {16, 17, 18, 19}),
        (four in range(2200, 2205), {16}),
    ):
        if fits:
            return length in lengths
    return True


def _phones(text: str) -> Found:
    for match in _PHONE.finditer(text):
        yield "phone_number", *match.span()


_FINDERS: tuple[tuple[str, Callable[[str], Found]], ...] = (  # each with a sign without which there is nothing
    ("@", _mentions),
    ("/", _commands),
    ("#", _hashtags),
    ("$", _cashtags),
    ("", _cards),
    ("+", _phones),
    ("://", find_own_schemes),
    (".", find_addresses),
)
