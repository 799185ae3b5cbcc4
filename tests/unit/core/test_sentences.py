"""The shop's words: complete in both languages, every key that code or an enum asks for, nothing left over."""

import ast
import re
import string
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from core.catalog.rules import Badge
from core.config import ROOT
from core.i18n import LANGUAGES, sentences, translator
from core.messages.rules import MessageKind
from core.orders.rules import PATH, Move, PaymentMethod, PaymentStatus, Status

EN, KM = sentences("en"), sentences("km")
KEY = re.compile(r"[a-z]+(\.[a-z_0-9]+)+")
LATIN = {"KHQR", "QR", "Telegram", "Language", "start", "stop", "cash", "enter", "parcels", "order", "J", "T",
         "Express", "VET", "MB", "csv", "xlsx", "setup", "link", "BotFather",
         "api", "telegram", "org", "proxy"}  # fmt: skip
"""What Khmer writes in Latin letters too: names, a host, kinds of file, commands, the word a lost visitor must find."""
TEMPLATE_KEY = re.compile(r"""\bt(?:\.html)?\(\s*["']([\w.]+)["']""")


def _gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def _tags(sentence: str) -> list[str]:
    return re.findall(r"</?[a-z]+", sentence)


def test_the_same_keys() -> None:
    """Neither language has a sentence that the other lacks, and none is empty."""
    assert set(EN) == set(KM)
    assert all(sentence.strip() for sentence in (*EN.values(), *KM.values()))


@pytest.mark.parametrize("key", sorted(EN))
def test_the_same_gaps_and_tags(key: str) -> None:
    """What one language fills in or makes bold, the other does; gaps are named, tags are Telegram's own."""
    assert _gaps(EN[key]) == _gaps(KM[key])
    assert sorted(_tags(EN[key])) == sorted(_tags(KM[key]))
    assert all(gap.isidentifier() for gap in _gaps(EN[key]))
    if not key.startswith("site."):
        assert {tag.strip("</") for tag in _tags(EN[key])} <= {"b", "i", "u", "s", "code", "a", "blockquote"}


def _bare(sentence: str) -> str:
    """A sentence's own words: without gaps, tags, and commands to type."""
    return re.sub(r"<code>[^<]*</code>|\{\w*\}|<[^>]*>", " ", sentence)


def test_khmer_is_khmer() -> None:
    """No English word was left in a Khmer sentence, and no Khmer digit: figures are Latin in both languages."""
    found = {(word, key) for key, text in KM.items() for word in re.findall(r"[A-Za-z]+", _bare(text))}
    assert {pair for pair in found if pair[0] not in LATIN} == set()
    assert [key for key, text in KM.items() if re.search("[\u17e0-\u17e9]", text)] == []


SAME = {"carrier.jt", "button.setup_khqr", "button.language", "site.telegram"}
"""What Khmer says word for word as English does: the button that a lost visitor must find, and names."""


def test_khmer_says_it_in_its_own_words() -> None:
    """A sentence is the same in both languages only where it has no word of its own, or is named above."""
    same = {key for key, text in EN.items() if text == KM.get(key) and any(c.isalpha() for c in _bare(text))}
    assert same == SAME


def test_percent_follows_its_figure() -> None:
    """Written as ``92%`` in every sentence of both languages, never ``92 %``."""
    assert [key for key, text in (*EN.items(), *KM.items()) if re.search(r"[\d}]\s%", text)] == []


ONE_WORD = {
    "បញ្ជាទិញ": "an order is កុម្ម៉ង់", "កម្ម៉ង់": "it is spelt កុម្ម៉ង់", "លេខកូដបញ្ចុះ": "a promo code is កូដបញ្ចុះតម្លៃ",
    "អ្នកផ្សព្វផ្សាយ": "a promoter is អ្នកណែនាំ", "ផលិតផល(?!ថែ)": "a product is ទំនិញ", "ឲ្យ": "it is spelt ឱ្យ",
    "តេឡេក្រាម": "it is Telegram", "ប៊ុត": "a bot is បូត", "កំណត់សម្គាល់": "a note is កំណត់ចំណាំ",
    "\u17d2\u178a": "this looks like \u17d2\u178f, which the house writes, and is not found by it",
}  # fmt: skip
"""What Khmer says in two ways, and the one that the house says: on every screen, on every page."""


@pytest.mark.parametrize("word", ONE_WORD)
def test_one_thing_has_one_name(word: str) -> None:
    """No Khmer sentence calls a thing by another name, or spells it otherwise, than the rest; nor does the sandbox."""
    page = {path.name: path.read_text("utf-8") for path in (ROOT / "bot" / "sandbox" / "page").glob("*.js")}
    assert [key for key, text in (KM | page).items() if re.search(word, text)] == [], ONE_WORD[word]


def test_english_is_english() -> None:
    """Khmer stands in an English sentence only as the riel's sign, and where a Khmer reader must find the language."""
    found = [key for key, text in EN.items() if re.search("[\u1780-\u17ff]", text.replace("៛", ""))]
    assert found == ["button.language"]


def _sources() -> Iterable[tuple[str, ast.AST]]:
    for room in ("core", "bot", "web"):
        for path in sorted((ROOT / room).rglob("*.py")):
            if "sandbox" not in path.parts:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def _asked(tree: ast.AST) -> Iterable[tuple[str, bool]]:
    """What every ``t(…)`` and ``t.html(…)`` asks for: (key, or the pattern that an f-string makes; which of them)."""
    pieces = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = ast.unparse(node.func).removesuffix(".html").rsplit(".", 1)[-1]
        if name not in {"t", "say"}:
            continue
        for leaf in ast.walk(node.args[0]):
            if isinstance(leaf, ast.JoinedStr):
                parts = (v.value if isinstance(v, ast.Constant) else r"[\w.]+" for v in leaf.values)
                yield "".join(re.escape(p) if p != r"[\w.]+" else p for p in map(str, parts)), True
            elif leaf in pieces:
                continue  # of a pattern
            elif isinstance(leaf, ast.Constant) and isinstance(leaf.value, str) and KEY.fullmatch(leaf.value):
                yield leaf.value, False


def test_every_key_in_the_code_exists() -> None:
    """Each key that a module asks for by name is there; each that is put together matches some."""
    asked = [(path, *key) for path, tree in _sources() for key in _asked(tree)]
    assert len(asked) > 50
    missing = [
        (path, key)
        for path, key, pattern in asked
        if not (any(re.fullmatch(key, known) for known in EN) if pattern else key in EN)
    ]
    assert missing == []


def test_every_key_in_the_templates_exists() -> None:
    """The same for the site's pages."""
    found = {
        (path.name, key)
        for path in (ROOT / "web" / "templates").rglob("*.html")
        for key in TEMPLATE_KEY.findall(path.read_text("utf-8"))
    }
    assert found
    stems = {known.rsplit(".", 1)[0] + "." for known in EN}  # a page adds the last word itself
    assert {(page, key) for page, key in found if key not in EN and key not in stems} == set()


def test_every_refusal_has_its_sentence() -> None:
    """Each ``Refused("…")``, ``NotFound("…")`` of the code has its words under ``errors.``, with only gaps it fills."""
    raised: dict[str, set[str]] = {"not_found": set(), "not_allowed": set()}
    for _, tree in _sources():
        raised |= _raised(tree)
    assert len(raised) > 15
    for key, values in raised.items():
        assert _gaps(EN[f"errors.{key}"]) <= values, key


def _raised(tree: ast.AST) -> dict[str, set[str]]:
    """The keys that a module makes errors of ``core.errors`` with, and the values it gives them."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "core.errors"]
    ours = {name.name for node in imports for name in node.names} - {"StartRefused"}
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ours:
            for first in node.args[:1]:
                for key in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        found[key.value] = {word.arg for word in node.keywords if word.arg}
    return found


def _driven() -> set[str]:
    """Every key that an enum's member makes."""
    on_the_way = {*(str(step) for step in PATH), "paid"}
    return {
        *(f"status.{status}" for status in Status if status is not Status.PENDING),
        *(f"status.pending_{what}" for what in (*PaymentMethod, "review")),
        *(f"step.{step}" for step in on_the_way),
        *(f"payment.{method}.{status}" for method, status in product(PaymentMethod, PaymentStatus)),
        *(f"problem.{status}.{who}" for status in ("review", "refund_due") for who in ("staff", "customer")),
        *(f"badge.{badge}" for badge in (*Badge, "sold_out")),
        *(f"move.{move}" for move in Move if move not in {Move.EXPIRE, Move.REVIVE}),
        *(f"note.{kind.value.removeprefix('note_')}" for kind in MessageKind if kind.value.startswith("note_")),
        *(f"alert.level.{level}" for level in ("warning", "critical", "emergency")),
    }


def test_every_enums_keys_exist() -> None:
    """A new status, move, badge or kind of note needs its words in both languages."""
    assert _driven() - set(EN) == set()


def test_html_escapes_what_it_fills_in() -> None:
    """A name with a tag in it stays a name (hole 20); the sentence's own tags stand."""
    t = translator("en")
    text = t.html("order.title", number="<i>1</i>", status="a&b")
    assert "<b>&lt;i&gt;1&lt;/i&gt;</b>" in text
    assert "a&amp;b" in text


def test_languages_and_their_fallbacks() -> None:
    """Unknown or unset is English; a name that is missing in one language is taken from the other."""
    assert [translator(code).language for code in (None, "fr", "km", "en")] == ["en", "en", "km", "en"]
    assert (translator("km").pick("Rose", "កុលាប"), translator("en").pick("Rose", "កុលាប")) == ("កុលាប", "Rose")
    assert (translator("km").pick("Rose", ""), translator("en").pick("", "កុលាប")) == ("Rose", "កុលាប")
    with pytest.raises(KeyError):
        translator("en")("no.such.key")


@pytest.mark.parametrize("language", LANGUAGES)
def test_moments_in_the_shops_zone(language: str) -> None:
    """UTC inside, Phnom Penh on the card, Latin digits in both languages."""
    written = translator(language).when(datetime(2026, 11, 21, 20, 5, tzinfo=UTC), ZoneInfo("Asia/Phnom_Penh"))
    assert written.startswith("22 ")
    assert written.endswith("03:05")
    assert written.isascii() is (language == "en")
