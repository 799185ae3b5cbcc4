"""Entities: given as JSON, settled among each other, kept true when the text is cleaned, found in plain text."""

import json
from typing import Any

import pytest
import telegram
from aiogram import types
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox import render, text
from bot.sandbox.refusals import RefusalError

Span = tuple[str, int, int]
KINDS = (
    *("bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote"),
    *("expandable_blockquote", "text_link", "text_mention", "custom_emoji", "date_time"),
)
FIELDS: dict[str, dict[str, Any]] = {
    "text_link": {"url": "shop.example"},
    "text_mention": {"user": {"id": 7}},
    "custom_emoji": {"custom_emoji_id": "5"},
    "date_time": {"unix_time": 5, "date_time_format": "r"},
}
SPLIT = {"bold", "italic", "underline", "strikethrough", "spoiler"}
SOLID = {"code", "pre", "date_time"}
QUOTES = {"blockquote", "expandable_blockquote"}


def one(kind: str, offset: Any = 0, length: Any = 1, **fields: Any) -> dict[str, Any]:
    """A MessageEntity as a bot sends it."""
    return {"type": kind, "offset": offset, "length": length, **FIELDS.get(kind, {}), **fields}


def fixed(source: str, entities: Any = None, mode: str = "") -> text.Formatted:
    """What is stored for a text and its entities."""
    return text.fix(text.parse(source, mode, entities, user_of=lambda number: {"id": number} if number < 9 else None))


def spans(source: str, *entities: Any) -> list[Span] | str:
    """The stored entities, shortened; or the sentence of the refusal."""
    try:
        return [(made["type"], made["offset"], made["length"]) for made in fixed(source, list(entities)).entities]
    except RefusalError as refusal:
        return refusal.description.removeprefix("Bad Request: ")


GIVEN: list[tuple[str, list[Any], list[Span] | str]] = [
    ("abc", [one("italic", 1, 1), one("bold", 0, 1)], [("bold", 0, 1), ("italic", 1, 1)]),
    ("abc", [one("bold", "1", "2")], [("bold", 1, 2)]),  # a text of digits is a number
    ("abc", [one("bold", 0, 0)], []),
    ("abcd", [one("bold", 0, 2), one("bold", 2, 2)], [("bold", 0, 4)]),
    ("abcd", [one("bold", 0, 3), one("italic", 1, 3)], [("bold", 0, 1), ("italic", 1, 3), ("bold", 1, 2)]),
    ("abcd", [one("bold", 0, 4), one("code", 1, 2)], [("bold", 0, 1), ("code", 1, 2), ("bold", 3, 1)]),
    ("abcd", [one("pre", 0, 3), one("italic", 1, 3)], [("pre", 0, 3), ("italic", 3, 1)]),
    ("abcd", [one("text_link", 0, 3), one("text_mention", 2, 2)], [("text_link", 0, 3)]),
    ("abcd", [one("blockquote", 0, 3), one("text_link", 2, 2)], [("blockquote", 0, 3)]),
    ("abcd", [one("blockquote", 0, 4), one("code", 1, 2)], [("blockquote", 0, 4), ("code", 1, 2)]),
    ("abcd", [one("blockquote", 0, 4), one("expandable_blockquote", 1, 2)], [("blockquote", 0, 4)]),
    ("abcd", [one("text_link", 0, 4), one("bold", 1, 2)], [("text_link", 0, 4), ("bold", 1, 2)]),
    ("abcd", [one("date_time", 0, 2), one("spoiler", 0, 4)], [("date_time", 0, 2), ("spoiler", 2, 2)]),
    ("a\rbc", [one("bold", 0, 2), one("bold", 3, 1)], [("bold", 0, 1), ("bold", 2, 1)]),
    ("a\rb", [one("bold", 0, 1), one("bold", 2, 1)], [("bold", 0, 2)]),  # they touch once the sign between is gone
    (" \n ab \n", [one("bold", 4, 3)], [("bold", 1, 1)]),
    ("  a", [one("bold", 1, 2)], [("bold", 0, 2)]),  # trimmed up to the first entity only
    ("😀ហ", [one("bold", 2, 1)], [("bold", 2, 1)]),
    ("😀ហ", [one("bold", 1, 2)], "entity begins in a middle of a UTF-16 symbol at byte offset 4"),
    (
        "ហ😀",
        [one("bold", 0, 2)],
        "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 7",
    ),
    ("ab", [one("bold", 3, 1)], "entity begins after the end of the text at UTF-16 offset 3"),
    (
        "ab",
        [one("bold", 1, 9)],
        "entity beginning at UTF-16 offset 1 ends after the end of the text at UTF-16 offset 10",
    ),
    ("ab", [one("bold", 1000001)], "receive an entity with incorrect offset 1000001"),
    ("ab", [one("bold", 0, -1)], "receive an entity with incorrect length -1"),
    ("ab", [one("url", 0, 2), one("mention"), one("phone_number")], []),  # Telegram finds these itself
    ("ab", [one("text_mention", user={"id": 99})], []),  # nobody known
    ("ab", [one("text_mention", user={"id": 0})], "user not found"),
    ("ab", [one("text_link", url="tg://user?id=7")], [("text_mention", 0, 1)]),
    ("ab", [one("text_link", url="nodot")], "entity URL 'nodot' is invalid: Wrong HTTP URL"),
    ("ab", [one("custom_emoji", custom_emoji_id="0")], "invalid custom emoji identifier specified"),
    ("ab", [one("date_time", unix_time=0)], "invalid date specified"),
    ("ab", [7], "can't parse MessageEntity: expected an Object"),
    ("ab", [{}], 'can\'t parse MessageEntity: Can\'t find field "offset"'),
    ("ab", [{"offset": 0, "length": True}], 'can\'t parse MessageEntity: Field "length" must be a Number'),
    ("ab", [one("bold", "x")], 'can\'t parse MessageEntity: Field "offset" must be a valid Number'),
    ("ab", [one("bold", 1 << 31)], 'can\'t parse MessageEntity: Field "offset" must be a valid Number'),
    ("ab", [one("")], "can't parse MessageEntity: Type is not specified"),
    ("ab", [one("loud")], "can't parse MessageEntity: Unsupported type specified"),
    ("ab", [one("text_link", url={})], 'can\'t parse MessageEntity: Field "url" must be of type String'),
    ("ab", [one("text_mention", user=7)], 'can\'t parse MessageEntity: Field "user" must be of type Object'),
    (
        "ab",
        [one("custom_emoji", custom_emoji_id="x")],
        'can\'t parse MessageEntity: Field "custom_emoji_id" must be a valid Number',
    ),
    ("ab", [one("date_time", date_time_format="x")], "can't parse MessageEntity: Invalid date-time format specified"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "entities", "expected"), GIVEN)
def test_given_entities(source: str, entities: list[Any], expected: list[Span] | str) -> None:
    """Entities are read, judged and settled as Telegram does it, or refused with its sentence."""
    assert spans(source, *entities) == expected


FOUND: list[tuple[str, list[tuple[str, str]]]] = [
    ("see https://Shop.example/a_(b)?c=1#d).", [("url", "https://Shop.example/a_(b)?c=1#d")]),
    ("t.me/shop, shop.example, shop.com! a.b", [("url", "t.me/shop"), ("url", "shop.com")]),
    ("http://127.0.0.1:8080/x 1.2.3 1.2.3.4", [("url", "http://127.0.0.1:8080/x"), ("url", "1.2.3.4")]),
    ("ហាង:https://ហាង.shop/ក។ tg://resolve?domain=x", [("url", "https://ហាង.shop/ក។"), ("url", "tg://resolve?domain=x")]),
    ("(see http://a.com/b.) t.me/@dara", [("url", "http://a.com/b"), ("url", "t.me/@dara")]),
    ("javascript://x.com sftp://x.com file.txt", []),
    ("ok.Me neither", []),  # a new sentence, not a country
    ("me@shop.example. mailto:a.b@c.com", [("email", "me@shop.example"), ("email", "a.b@c.com")]),
    ("http://me@shop.com", [("url", "http://me@shop.com")]),
    ("@dara @dar @gif x@dara1 @darក @dara_ @daraក", [("mention", "@dara"), ("mention", "@gif"), ("mention", "@dara_")]),
    ("/start /a@shop_bot x/y /b@c </d> //e", [("bot_command", "/start"), ("bot_command", "/a@shop_bot")]),
    ("#tea #1 #a1@shop_bot x#b #c#d", [("hashtag", "#tea"), ("hashtag", "#a1@shop_bot")]),
    ("#ក១ #ហាង", [("hashtag", "#ក១"), ("hashtag", "#ហ")]),  # a vowel sign is no letter to Telegram
    ("$USD $usd $TOOLONGNAME $A$B x$USD", [("cashtag", "$USD")]),
    ("4242 4242 4242 4242, 4242424242424241", [("bank_card_number", "4242 4242 4242 4242")]),
    ("call +855 12 345 678 or +855-12", [("phone_number", "+855 12 345 678")]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), FOUND)
def test_found_entities(source: str, expected: list[tuple[str, str]]) -> None:
    """Addresses, names, tags, cards and numbers in plain text are found, and nothing beside them."""
    units = source.encode("utf-16-le")
    made = fixed(source).entities
    cut = [units[2 * at["offset"] : 2 * (at["offset"] + at["length"])].decode("utf-16-le") for at in made]
    assert list(zip([at["type"] for at in made], cut, strict=True)) == expected


def test_found_among_given() -> None:
    """Nothing is found inside code or a link nor across a quotation's edge; bold is cut at an address."""
    assert spans("/a /b", one("code", 0, 2)) == [("code", 0, 2), ("bot_command", 3, 2)]
    assert spans("x t.me/y z", one("bold", 0, 10)) == [
        *(("bold", 0, 2), ("url", 2, 6), ("bold", 2, 6), ("bold", 8, 2)),
    ]
    assert spans("t.me/y", one("text_link", 0, 2)) == [("text_link", 0, 2)]
    assert spans("t.me/y z", one("blockquote", 2, 6)) == [("blockquote", 2, 6)]


def test_invisible_signs() -> None:
    """Signs that would turn or hide a text are taken out; a text of nothing visible is empty."""
    assert fixed("a\u202eb\u0333\x07c\u200f\u200f\u200f").text == "ab c\u200c\u200c\u200f"
    assert fixed("\u200b \u3000\u2800").text == ""
    with pytest.raises(RefusalError, match="text must be non-empty"):
        text.message_text(text.parse("<b>\u200b</b>", "HTML"))
    assert text.caption_text(text.parse("\u200b", "")).text == "\u200b"  # a bot's caption may be so


def test_no_more_than_a_hundred() -> None:
    """Of a bot's entities a hundred stay, bold and its like counted last; custom emoji do not count."""
    many = [one("code", 2 * at) for at in range(98)] + [one("bold", 200 + 2 * at) for at in range(9)]
    made = fixed("x" * 400, [*many, *(one("custom_emoji", 300 + 2 * at) for at in range(30))]).entities
    assert [sum(at["type"] == kind for at in made) for kind in ("code", "bold", "custom_emoji")] == [98, 2, 30]


def check(formatted: text.Formatted) -> None:
    """Stored entities are sorted, lie inside the text between whole signs, nest, and may stand where they stand."""
    units = formatted.text.encode("utf-16-le")
    above: list[dict[str, Any]] = []
    order = [(at["offset"], -at["length"]) for at in formatted.entities]
    assert order == sorted(order)
    for at in formatted.entities:
        first, last = at["offset"], at["offset"] + at["length"]
        assert 0 <= first < last <= len(units) // 2
        for part in (units[: 2 * first], units[2 * first : 2 * last]):
            part.decode("utf-16-le")  # fails on half a pair
        above = [over for over in above if over["offset"] + over["length"] > first]
        for over in above:
            assert last <= over["offset"] + over["length"]
            assert over["type"] not in SOLID
            assert over["type"] != at["type"]
            assert not (at["type"] in SOLID and over["type"] not in QUOTES)
            assert not (at["type"] not in SPLIT | SOLID and over["type"] not in SPLIT | QUOTES)
        above.append(at)


PLACES = st.tuples(st.sampled_from(KINDS), st.integers(0, 14), st.integers(0, 14))
SIGNS = st.sampled_from("a😀ហ \n\r\u2028/@#t.me1-")


@given(st.text(SIGNS, max_size=14), st.lists(PLACES, max_size=6))
def test_stored_entities_are_valid(source: str, places: list[tuple[str, int, int]]) -> None:
    """Whatever entities a bot sends, they are refused or stored in good order; storing them again changes nothing."""
    try:
        formatted = fixed(source, [one(*place) for place in places])
    except RefusalError:
        return
    check(formatted)
    assert fixed(formatted.text, formatted.entities) == formatted
    render.render(formatted.text, formatted.entities)


@given(
    st.text("<>/bicodepr&;\"'= 😀ហ*_`[]()>|\\.!\n", max_size=40), st.sampled_from(["HTML", "Markdown", "MarkdownV2"])
)
def test_parsed_entities_are_valid(source: str, mode: str) -> None:
    """Whatever markup a bot sends, it is refused or stored in good order."""
    try:
        check(fixed(source, mode=mode))
    except RefusalError:
        return


@given(st.binary(max_size=60), st.sampled_from(["HTML", "Markdown", "MarkdownV2", "", "?"]))
def test_any_bytes(body: bytes, mode: str) -> None:
    """Any bytes that reach the parsers are taken or refused, never an error of the sandbox's own."""
    try:
        check(fixed(body.decode("utf-8", "replace"), mode=mode))
    except RefusalError:
        return


async def test_lengths_count_after_parsing(desk: Any) -> None:
    """4,096 signs of text and 1,024 of caption, markup not counted; entities' faults come after the chat's."""
    markup = "<b>" + "ហ" * 4096 + "</b>"
    assert len((await desk.bot("sendMessage", chat_id=1, text=markup, parse_mode="HTML"))["text"]) == 4096
    long = await desk.raw("sendMessage", chat_id=1, text="ហ" * 4097)
    assert long["description"] == "Bad Request: message is too long"
    beyond = [one("bold", 5)]
    order = await desk.raw("sendMessage", chat_id=99, text="x", entities=beyond)
    assert order["description"] == "Bad Request: chat not found"
    order = await desk.raw("sendMessage", chat_id=1, text="x", entities=json.dumps(beyond))
    assert order["description"] == "Bad Request: entity begins after the end of the text at UTF-16 offset 5"


async def test_both_clients_read_every_kind(desk: Any) -> None:
    """python-telegram-bot and aiogram read each kind of entity back with all its fields."""
    given_all = [one(kind, 2 * at) for at, kind in enumerate(KINDS)]
    sent = await desk.bot("sendMessage", chat_id=1, text="x " * len(KINDS) + "@dara", entities=given_all)
    assert {at["type"] for at in sent["entities"]} >= set(KINDS) - {"text_mention"}
    message = telegram.Message.de_json(sent, None)
    modern = types.Message.model_validate(sent)
    assert [at.type for at in message.entities] == [at["type"] for at in sent["entities"]]
    assert [at.type for at in modern.entities or []] == [at["type"] for at in sent["entities"]]
    assert message.parse_entities(["mention"]) == {message.entities[-1]: "@dara"}


PAGE: list[tuple[dict[str, Any], str]] = [
    (one("spoiler"), '<span class="spoiler">&lt;</span>'),
    (one("expandable_blockquote"), '<blockquote class="expandable">&lt;</blockquote>'),
    (one("pre", language='p"y'), '<pre><code class="language-p&quot;y">&lt;</code></pre>'),
    (one("text_mention"), '<span class="mention" data-user="7">&lt;</span>'),
    (one("custom_emoji"), '<span class="emoji" data-emoji="5">&lt;</span>'),
    (one("date_time"), '<time data-unix="5" data-format="r">&lt;</time>'),
    (one("text_link", url="data:text/html,x"), "&lt;"),
    (one("cashtag"), '<span class="hashtag">&lt;</span>'),
    (one("bot_command"), '<span class="command" data-command="&lt;">&lt;</span>'),
    (one("of_the_future"), "&lt;"),
]


@pytest.mark.parametrize(("entity", "expected"), PAGE)
def test_page_shows_each_kind(entity: dict[str, Any], expected: str) -> None:
    """Each kind has its own safe HTML on the page; what it does not know stays plain."""
    assert render.render("<", [entity]) == expected


def test_page_links_numbers_and_mail() -> None:
    """Numbers and mail addresses found in a text are links to dial and to write."""
    shown = fixed("+855 12 345 678 me@shop.com")
    assert 'href="tel:+85512345678"' in render.render(shown.text, shown.entities)
    assert 'href="mailto:me@shop.com"' in render.render(shown.text, shown.entities)


def test_two_precisions() -> None:
    """Of a short and a long date or time, markup takes the short one, a given entity the one named last."""
    markup = fixed('<tg-time unix="5" format="DdTtW">x</tg-time>', mode="HTML").entities[0]
    assert markup["date_time_format"] == "wdt"
    assert fixed("x", [one("date_time", date_time_format="dDtT")]).entities[0]["date_time_format"] == "DT"
    assert fixed("x", [one("date_time", date_time_format="")]).entities[0]["date_time_format"] == ""
