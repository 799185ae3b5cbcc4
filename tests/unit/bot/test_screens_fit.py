"""Every screen's buttons as a narrow phone shows them: no word is cut, in Khmer as in English."""

import pytest

from bot.screen import Button, Screen
from bot.screens.room import paired, room, width
from bot.screens.shop import cut, squeezed
from core.i18n import LANGUAGES
from core.shipping import rules as shipping
from tests.support import gallery

CAPTION, TEXT = 1024, 4096


def _cut(screen: Screen) -> list[tuple[int, str]]:
    """The buttons that a phone would cut: how many stand in the row, and the words."""
    return [(len(row), one.text) for row in screen.rows for one in row if width(one.text) > room(len(row))]


def test_what_is_cut_is_seen() -> None:
    """The measure knows Khmer, Latin and emoji: these fit where two stand in a row, and not where three do."""
    for text in ("លេខកូដបញ្ចុះតម្លៃ", "Change address", "🛒 Change this"):
        row = (Button(text),)
        assert [bool(_cut(Screen(gallery.Markup(""), (row * n,)))) for n in (1, 2, 3)] == [False, False, True], text


def test_an_emoji_takes_its_room() -> None:
    """Our fonts have none, and none is free: each adds more than a letter; what only joins or styles adds nothing."""
    assert width("🛒") > width("W")
    assert width("⚙️ x") == width("⚙ x")
    assert width("❤🛒") > width("❤")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_button_shows_its_words(drawn: dict[str, list[Screen]], language: str) -> None:
    """No button of any screen is cut, but for those with the name of a thing or of a person: the text above has it."""
    found = {one for screen in drawn[language] for one in _cut(screen)}
    cut = {(row, text) for row, text in found if gallery.ODD not in text}
    assert not cut, "\n".join(map(str, sorted(cut)))


def test_every_button_begins_with_a_capital_letter(drawn: dict[str, list[Screen]]) -> None:
    """In English no button begins small, whatever sentence its words are taken from."""
    shown = {one.text for screen in drawn["en"] for row in screen.rows for one in row}
    assert {text for text in shown if text[:1].islower()} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_place_shows_its_name(language: str) -> None:
    """Of the provinces, and of every district and commune of the country none is cut: "Ti Muoy" is not "Ti Pir"."""
    provinces = shipping.provinces(language)
    districts = [one for province in provinces for one in shipping.districts(province.code, language)]
    communes = [one for district in districts for one in shipping.communes(district.code, language)]
    for places in (provinces, districts, communes):
        buttons = [Button(one.name_km if language == "km" else one.name_en) for one in places]
        assert _cut(Screen(gallery.Markup(""), paired(buttons))) == []
    assert len(communes) > 1600


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_room(drawn: dict[str, list[Screen]], language: str) -> None:
    """1,024 characters below a picture, 4,096 without one."""
    for screen in drawn[language]:
        assert len(gallery.plain(screen.text)) <= (CAPTION if screen.picture else TEXT)


def test_pairs_keep_their_order() -> None:
    """Two in a row; what is too wide stands alone, and whatever follows begins a new row."""
    wide = "Tuol Tumpung Ti Muoy"
    rows = paired(Button(text) for text in ("a", "b", "c", wide, "d", wide, "e", "f"))
    assert [[one.text for one in row] for row in rows] == [["a", "b"], ["c"], [wide], ["d"], [wide], ["e", "f"]]


@pytest.mark.parametrize(("many", "lengths"), [(3, [3]), (4, [2, 2]), (5, [3, 2]), (7, [3, 2, 2]), (6, [3, 3])])
def test_none_is_left_alone_below_three(many: int, lengths: list[int]) -> None:
    """Where four have no room in one row they stand two and two."""
    rows = paired([Button("Tomorrow")] * many, 4)
    assert [len(row) for row in rows] == lengths


@pytest.mark.parametrize(("text", "longest", "shown"), [
    ("Rose Serum for dry skin", 14, "Rose Serum…"), ("Sun Constantinople", 14, "Sun Constanti…"),
    ("ស្បែកស្ងួត", 8, "ស្បែក…"), ("ស្បែក ស្ងួត", 11, "ស្បែក ស្ងួត"), ("ក ស្បែកស្ងួត", 11, "ក ស្បែក…"),
    ("25 Dec 2026, 14–15 Apr 2027", 14, "25 Dec 2026…"), ("ROSE · LIP-RED", 9, "ROSE…"),
])  # fmt: skip
def test_a_text_is_cut_where_a_reader_would(text: str, longest: int, shown: str) -> None:
    """At a word, unless little would be left; never inside a Khmer cluster, which would be drawn with a broken sign."""
    assert cut(text, longest) == shown


def test_the_middle_is_left_out_between_clusters() -> None:
    """Beginning and end stand with all their signs."""
    assert squeezed("ស្បែកស្ងួតស្បែកស្ងួត", 12) == "ស្បែក…កស្ងួត"
