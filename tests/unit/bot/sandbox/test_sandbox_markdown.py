"""MarkdownV2 and the older Markdown: what Telegram's parser makes of a text, or the sentence with which it refuses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.helpers import escape_markdown

from bot.sandbox import text
from bot.sandbox.refusals import RefusalError

ESCAPE = "is reserved and must be escaped with the preceding '\\'"
Made = tuple[str, list[Any]]


def parsed(source: str, mode: str = "MarkdownV2") -> Made | str:
    """The text and its entities shortened to tuples, before clean-up; or the sentence of the refusal."""
    try:
        formatted = text.parse(source, mode, user_of=lambda number: {"id": number} if number < 9 else None)
    except RefusalError as refusal:
        return refusal.description.removeprefix("Bad Request: can't parse entities: ")
    return formatted.text, [tuple(one.values()) for one in formatted.entities]


V2: list[tuple[str, Made | str]] = [
    ("*b* _i_ __u__", ("b i u", [("bold", 0, 1), ("italic", 2, 1), ("underline", 4, 1)])),
    ("~s~ ||h|| `c`", ("s h c", [("strikethrough", 0, 1), ("spoiler", 2, 1), ("code", 4, 1)])),
    ("__a _b___ c", "Can't find end of Italic entity at byte offset 8"),
    ("__a _b_\r__ c", ("a b\r c", [("underline", 0, 4), ("italic", 2, 1)])),
    ("*a _b ~c~_*", ("a b c", [("bold", 0, 5), ("italic", 2, 3), ("strikethrough", 4, 1)])),
    ("**", ("", [])),
    ("😀*ហាង*😀__x__", ("😀ហាង😀x", [("bold", 2, 3), ("underline", 7, 1)])),  # astral signs count twice
    (r"\*a\* \\ 1\.5 \ហ", (r"*a* \ 1.5 \ហ", [])),
    ("a.", f"Character '.' {ESCAPE}"),
    ("*2 - 1*", f"Character '-' {ESCAPE}"),
    ("a|b", f"Character '|' {ESCAPE}"),
    ("a!b", f"Character '!' {ESCAPE}"),
    ("a > b", f"Character '>' {ESCAPE}"),
    ("(a)", f"Character '(' {ESCAPE}"),
    ("ហ*b", "Can't find end of Bold entity at byte offset 3"),
    ("😀||b|| ||", "Can't find end of Spoiler entity at byte offset 10"),
    ("`a", "Can't find end of Code entity at byte offset 0"),
    ("```a", "Can't find end of Pre entity at byte offset 0"),
    ("```a b", "Can't find end of PreCode entity at byte offset 0"),
    ("~a", "Can't find end of Strikethrough entity at byte offset 0"),
    ("x[a", "Can't find end of TextUrl entity at byte offset 1"),
    ("`*.` `\\``", ("*. `", [("code", 0, 2), ("code", 3, 1)])),  # in code only ` and \ need an escape
    ("```\na.b\n```", ("a.b\n", [("pre", 0, 4)])),
    ("```py\nprint()```", ("print()", [("pre", 0, 7, "py")])),
    ("```py```", ("py", [("pre", 0, 2)])),
    ("[a](https://shop.example/x\\)y)", ("a", [("text_link", 0, 1, "https://shop.example/x)y")])),
    ("[shop\\.example]", ("shop.example", [("text_link", 0, 12, "http://shop.example/")])),
    ("[*a*](http://nodot)", ("a", [("bold", 0, 1)])),  # a link Telegram cannot read is dropped, its text stays
    ("[ហ](http://x.y", "Can't find end of a URL at byte offset 6"),
    ("[D](tg://user?id=7) [E](tg://user?id=9)", ("D E", [("text_mention", 0, 1, {"id": 7})])),
    ("![👍](tg://emoji?id=536)", ("👍", [("custom_emoji", 0, 2, "536")])),
    ("![t](tg://time?unix=5&format=tDw)", ("t", [("date_time", 0, 1, 5, "wDt")])),
    ("![t](tg://time?unix=0)", "Invalid tg://emoji or tg://time URL specified"),
    ("![t](tg://time?unix=2147483648)", "Invalid tg://emoji or tg://time URL specified"),
    ("![t](tg://time?unix=-5)", "Invalid tg://emoji or tg://time URL specified"),
    ("![t](tg://time?unix=5&format=x)", "Invalid tg://emoji or tg://time URL specified"),
    ("![👍](tg://emoji?id=05)", "Invalid tg://emoji or tg://time URL specified"),
    ("![👍]", "The entity must contain a tg://emoji or tg://time URL"),
    ("![👍](tg://emoji?id=5", "Can't find end of a URL at byte offset 8"),
    (">a\n>b\nc", ("a\nb\nc", [("blockquote", 0, 4)])),
    (">a\n>b||", ("a\nb", [("expandable_blockquote", 0, 3)])),
    (">a||\nb", ("a\nb", [("expandable_blockquote", 0, 2)])),
    (">a\n**>b", ("a\nb", [("blockquote", 0, 2), ("blockquote", 2, 1)])),  # an empty bold parts two quotations
    (">a*\nb*", "Can't find end of Bold entity at byte offset 2"),
    (">a||b\n||", "Can't find end of Spoiler entity at byte offset 2"),
    (">*a||\n", "Can't find end of Bold entity at byte offset 1"),
    ("\\\n>a", ("\na", [("blockquote", 1, 1)])),
]
OLD: list[tuple[str, Made | str]] = [
    ("*b* _i_ `c` 1.5 - (x)!", ("b i c 1.5 - (x)!", [("bold", 0, 1), ("italic", 2, 1), ("code", 4, 1)])),
    ("*a _b_*", ("a _b_", [("bold", 0, 5)])),  # nothing nests
    (r"\*a\* \_ \` \[ \.", (r"*a* _ ` [ \.", [])),
    ("😀_ហ", "Can't find end of the entity starting at byte offset 4"),
    ("a_b", "Can't find end of the entity starting at byte offset 1"),
    ("```", "Can't find end of the entity starting at byte offset 0"),
    ("```py\nx```", ("x", [("pre", 0, 1, "py")])),
    ("```\r\nx```y", ("xy", [("pre", 0, 1)])),
    ("[a](shop.example) b", ("a b", [("text_link", 0, 1, "http://shop.example/")])),
    ("[shop.example]", ("shop.example", [("text_link", 0, 12, "http://shop.example/")])),
    ("[a](tg://user?id=7)", ("a", [("text_mention", 0, 1, {"id": 7})])),
    ("[a](shop.example", ("a", [("text_link", 0, 1, "http://shop.example/")])),  # the missing bracket is overlooked
    ("[](shop.example)", ("(shop.example)", [])),
    ("** __", (" ", [])),
]


@pytest.mark.parametrize(("source", "expected"), V2)
def test_markdown_v2(source: str, expected: Made | str) -> None:
    """Signs become entities, and mistakes the very sentences of Telegram's parser."""
    assert parsed(source) == expected


@pytest.mark.parametrize(("source", "expected"), OLD)
def test_old_markdown(source: str, expected: Made | str) -> None:
    """The older Markdown needs fewer escapes and nests nothing."""
    assert parsed(source, "Markdown") == expected


@pytest.mark.parametrize("sign", "_*[]()~`>#+-=|{}.!")
def test_every_reserved_sign(sign: str) -> None:
    """Each sign the documentation lists stands for itself behind a backslash and is refused or means more without."""
    assert parsed("a\\" + sign) == ("a" + sign, [])
    assert isinstance(parsed("a" + sign), str)


@given(st.text(max_size=40))
def test_escaped_text_is_shown_as_typed(typed: str) -> None:
    """Whatever people type comes out as typed when a bot escapes it."""
    assert parsed(escape_markdown(typed, version=2)) == (typed, [])


@given(st.text(alphabet=st.sampled_from("_*[]()~`>|!\\\n\r a.ហ😀:/?=t1#&"), max_size=40), st.sampled_from(["", "2"]))
def test_any_markdown_is_taken_or_refused(source: str, version: str) -> None:
    """No text breaks the parsers, and no sign that is not markup is lost or added."""
    made = parsed(source, "Markdown" + ("V2" if version else ""))
    if isinstance(made, str):
        return
    left = iter(source)
    assert all(sign in left for sign in made[0])


def test_modes_know_no_case() -> None:
    """The mode's name may be written in any case; `none` is no mode; an unknown one is refused."""
    assert parsed("*a*", "mArKdOwNv2") == parsed("*a*", "markdown") == ("a", [("bold", 0, 1)])
    assert parsed("*a*", "None") == ("*a*", [])
    assert parsed("*a*", "markdown2") == "Bad Request: unsupported parse_mode"


async def test_over_http(desk: Any) -> None:
    """A bot's MarkdownV2 arrives as text and entities; its mistakes as Telegram's own 400."""
    sent = await desk.bot("sendMessage", chat_id=1, text="*ហាង* 1\\.50 [x](shop.example)", parse_mode="MarkdownV2")
    assert sent["text"] == "ហាង 1.50 x"
    assert [one["type"] for one in sent["entities"]] == ["bold", "text_link"]
    refused = await desk.raw("sendMessage", chat_id=99, text="1.50", parse_mode="MarkdownV2")
    assert refused["description"] == f"Bad Request: can't parse entities: Character '.' {ESCAPE}"
