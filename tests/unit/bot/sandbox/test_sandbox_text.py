"""Formatted text: HTML to entities with UTF-16 offsets, clean-up, what Telegram finds itself, HTML for the page."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox import links, pictures, render, text
from bot.sandbox.refusals import RefusalError

Span = tuple[str, int, int]


def taken(source: str, mode: str = "HTML", entities: Any = None) -> text.Formatted:
    """What Telegram stores for a text sent."""
    return text.fix(text.parse(source, mode, entities, user_of=lambda number: {"id": number}))


def spans(formatted: text.Formatted) -> list[Span]:
    """The entities, shortened to kind, offset, length."""
    return [(one["type"], one["offset"], one["length"]) for one in formatted.entities]


HTML: list[tuple[str, str, list[Span]]] = [
    ("<b>a</b> <STRONG>b</STRONG>", "a b", [("bold", 0, 1), ("bold", 2, 1)]),
    ("😀<i>ហាង</i>😀<u>x</u>", "😀ហាង😀x", [("italic", 2, 3), ("underline", 7, 1)]),  # astral signs count twice
    ("<b>a<i>b</i></b>", "ab", [("bold", 0, 1), ("bold", 1, 1), ("italic", 1, 1)]),  # cut, so that all nests
    ("<b></b>a", "a", []),
    ("&lt;b&gt; &amp;amp; &copy; &#128512;&#x41;", "<b> &amp; &copy; 😀A", []),
    ("<s>x</s><del>y</del><tg-spoiler>z</tg-spoiler>", "xyz", [("strikethrough", 0, 2), ("spoiler", 2, 1)]),
    ('<pre><code class="language-py">x</code></pre>', "x", [("pre", 0, 1)]),
    ("<code>/x</code> /y", "/x /y", [("code", 0, 2), ("bot_command", 3, 2)]),
    ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
    ('<a href="http://nodot/">x</a>', "x", []),  # dropped, as Telegram drops it
    ('<a href="tg://user?id=7">D</a>', "D", [("text_mention", 0, 1)]),
    ("  <b> x </b>  ", " x", [("bold", 0, 2)]),
    ("a\r\nb\t<b>c</b>", "a\nb c", [("bold", 4, 1)]),
    ("<b>x</>", "x", [("bold", 0, 1)]),  # an end tag may be nameless
]


@pytest.mark.parametrize(("source", "plain", "expected"), HTML)
def test_html(source: str, plain: str, expected: list[Span]) -> None:
    """Tags and references become text and entities exactly as Telegram's parser makes them."""
    formatted = taken(source)
    assert formatted.text == plain
    assert spans(formatted)[: len(expected)] == expected
    assert bool(formatted.entities) == bool(expected)


def test_attributes() -> None:
    """Addresses, languages and moments are kept with their entities, addresses in normal form."""
    link = taken("<a href='https://Shop.Example?a=1&amp;b=2'>x</a>").entities[0]
    assert link["url"] == "https://shop.example/?a=1&b=2"
    assert taken('<pre><code class="language-py">x</code></pre>').entities[0]["language"] == "py"
    moment = taken('<tg-time unix="1700000000" format="tDw">x</tg-time>').entities[0]
    assert (moment["type"], moment["unix_time"], moment["date_time_format"]) == ("date_time", 1700000000, "wDt")


@pytest.mark.parametrize("source", ["&#xd83d;&#xde00;", "&#xd83d;", "x&#57311"])
def test_half_pairs_are_refused(source: str) -> None:
    """A reference to half of a surrogate pair is no sign, nor are two of them together."""
    with pytest.raises(RefusalError, match="invalid Unicode characters after decoding HTML entities"):
        taken(source)


def test_given_entities() -> None:
    """Entities sent instead of a parse mode are kept, moved past dropped characters, and found ones are added."""
    entities = [{"type": "bold", "offset": "3", "length": 2}, {"type": "hashtag", "offset": 0, "length": 1}]
    formatted = taken("a\r b@shop.example", "", entities)
    assert formatted.text == "a b@shop.example"
    assert spans(formatted) == [("email", 2, 14), ("bold", 2, 2)]


def test_found_entities() -> None:
    """Commands, mentions, tags and addresses in plain text are found; parts of words are not."""
    found = spans(taken("/start@shop_bot x/y @dara #ហាង1 #1 see https://shop.example/a?b=1. a@b", ""))
    assert [kind for kind, _, _ in found] == ["bot_command", "mention", "hashtag", "url"]
    assert found[0] == ("bot_command", 0, 15)
    assert found[-1][2] == len("https://shop.example/a?b=1")


def test_page_html_is_safe() -> None:
    """Everything is escaped, tags always nest, a script address is no link."""
    dirty = taken('<b>&lt;script&gt;</b> <a href="tg://x">t</a> & "q"')
    page = render.render(dirty.text, dirty.entities)
    assert page == (
        '<b>&lt;script&gt;</b> <a href="tg://x/" target="_blank" rel="noopener noreferrer">t</a> &amp; &quot;q&quot;'
    )
    crossing = [{"type": "bold", "offset": 0, "length": 2}, {"type": "italic", "offset": 1, "length": 2}]
    assert render.render("abc", crossing) == "<b>a<i>b</i></b><i>c</i>"
    script = [{"type": "text_link", "offset": 0, "length": 1, "url": "javascript:alert(1)"}]
    assert render.render("x", script) == "x"
    moment = [{"type": "date_time", "offset": 0, "length": 1, "unix_time": 5, "date_time_format": "r"}]
    assert render.render("x", moment) == '<time data-unix="5" data-format="r">x</time>'


@given(st.text(alphabet=st.sampled_from("<>/&;#= \"'abpreihx😀ហ\n\r1"), max_size=60))
def test_any_html_is_taken_or_refused(source: str) -> None:
    """No text breaks the parser: it is refused with a sentence, or its entities lie inside what is stored."""
    try:
        formatted = taken(source)
    except RefusalError:
        return
    units = len(formatted.text.encode("utf-16-le")) // 2
    for _kind, offset, length in spans(formatted):
        assert offset >= 0
        assert length > 0
        assert offset + length <= units
    render.render(formatted.text, formatted.entities)


LINKS = [
    ("shop.example", "http://shop.example/"),
    ("HTTPS://Shop.Example:443/Ab c", "https://shop.example:443/Ab%20c"),
    ("http://localhost:8080/t/x", "http://localhost:8080/t/x"),
    ("http://127.0.0.1/?a", "http://127.0.0.1/?a"),
    ("tg://resolve?domain=x", "tg://resolve?domain=x"),
    ("TG:Resolve/?domain=x", "tg://resolve?domain=x"),
    ("ton://a", "ton://a/"),
    ("tonsite://shop.ton/b", "tonsite://shop.ton/b"),
    ("http://shop.example:0080", "http://shop.example:80/"),
]


@pytest.mark.parametrize(("given_url", "normal"), LINKS)
def test_links(given_url: str, normal: str) -> None:
    """Addresses come out in Telegram's normal form; this machine's pass as the sandbox's exception."""
    assert links.checked(given_url) == normal


@pytest.mark.parametrize(
    "url",
    [
        *("nodot", "http://", "ftp://a.b", "http://a.b:0/", "http://a.b:99999/", "http://a b.c/"),
        *("tg://", "tg://shop.example", "tg://http://a.b", "tg:a@b", "ton://a:80"),
    ],
)
def test_bad_links(url: str) -> None:
    """What is no web address is refused."""
    with pytest.raises(links.LinkError):
        links.checked(url)


@given(
    st.binary(max_size=64),
    st.sampled_from([b"", b"\xff\xd8\xff", b"GIF89a", b"RIFFxxxxWEBPVP8X", b"\x89PNG\r\n\x1a\n"]),
)
def test_any_bytes_have_a_size_or_none(tail: bytes, head: bytes) -> None:
    """Reading a picture's size never fails, whatever the bytes."""
    size = pictures.size(head + tail)
    assert size is None or len(size) == 2
