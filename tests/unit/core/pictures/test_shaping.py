"""Khmer is shaped by our own HarfBuzz, whatever the system has."""

import pytest

from core.pictures.shaping import KHMER, LATIN, UNITS, drawable, font, runs, shape


def unshaped_width(text: str) -> int:
    """Add up the widths that the letters have one by one."""
    khmer = font(KHMER, 400)
    return sum(khmer.get_glyph_h_advance(khmer.get_nominal_glyph(ord(char)) or 0) for char in text)


@pytest.mark.parametrize("word", ["ហាងទន្លេ", "ភ្នំពេញ", "សូមស្កេន", "ស្រ្តី", "ស្ត្រី", "ខ្ញុំ", "គ្រឿងសម្អាង"])
def test_subscripts_stack(word: str) -> None:
    """A coeng and its consonant hang below their base: the word is narrower than its letters, with fewer glyphs."""
    shaped = shape(word, 400)
    assert shaped.width < unshaped_width(word) * 0.95
    assert len(shaped.glyphs) < len(word)
    assert {glyph.index for glyph in shaped.glyphs}.isdisjoint({0, font(KHMER, 400).get_nominal_glyph(0x17D2)})


def test_both_orders_of_one_stack() -> None:
    """ស្រ្តី and ស្ត្រី are typed both ways; ro stands before its base in both."""
    first, second = shape("ស្រ្តី", 400), shape("ស្ត្រី", 400)
    ro = first.glyphs[0].index
    assert ro == second.glyphs[0].index
    assert first.width == second.width


def test_scripts_are_split() -> None:
    """Each run goes to the font that has it; a zero-width space between Khmer words stays with them; ៛ is Khmer."""
    assert list(runs("Tonle ហាង\u200bទន្លេ 49,200៛")) == [
        (LATIN, "Tonle "),
        (KHMER, "ហាង\u200bទន្លេ"),
        (LATIN, " 49,200"),
        (KHMER, "៛"),
    ]
    assert all(glyph.index for glyph in shape("$12.00 · 49,200៛ × 2 … ក", 700).glyphs)


def test_what_no_font_has() -> None:
    """Emoji, their joiners and control characters vanish; a letter that no font has leaves a box, not a hole."""
    assert drawable("Rose 🌹👩‍🔬\ufe0f\x00\n!") == "Rose \u200d!"
    assert drawable("e\u0301ក្ក") == "e\u0301ក្ក"
    assert [glyph.index for glyph in shape("中", 400).glyphs] == [0]
    assert shape("🌹", 400).width == 0


def test_marks_take_no_room() -> None:
    """A zero-width space has no width; bold letters are wider than regular ones."""
    assert shape("ហាង\u200bទន្លេ", 400).width == shape("ហាងទន្លេ", 400).width
    assert shape("MADAM DA", 700).width > shape("MADAM DA", 400).width > 4 * UNITS
