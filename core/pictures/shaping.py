"""From a string to placed glyphs: which font, which shape, where.

Pillow shapes Khmer only where the system has FriBidi, and is silently wrong without it; HarfBuzz comes with our
wheel and is the same everywhere (docs/design.md, decision 11). Positions here are in font units, a thousandth of the
type size, so one shaping serves every size.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import fontpkg
import uharfbuzz as hb

UNITS = 1000
"""Font units in one em, of both fonts."""
ASCENT, DESCENT, CAPITALS = 1069, 293, 714
"""Height above and depth below the baseline that both fonts keep for a line, and the height of a capital letter."""

LATIN, KHMER = "noto-sans", "noto-sans-khmer"
_KHMER_RUN = re.compile("[\u1780-\u17ff\u19e0-\u19ff][\u1780-\u17ff\u19e0-\u19ff\u200b-\u200d\u25cc]*")
_UNDRAWN = {"So", "Sk", "Cs", "Co", "Cn", "Cc"}
"""Unicode categories (emoji, foremost) that are left out where no font of ours has the letter, instead of a box."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph of ``font``; its origin from the start of the text on the baseline, in font units, ``y`` upwards."""

    font: hb.Font
    index: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Shaped:
    """A line of glyphs and its advance width in font units."""

    glyphs: tuple[Glyph, ...]
    width: int


@cache
def font(family: str, weight: int) -> hb.Font:
    """Open ``family`` at ``weight`` (100 to 900), scaled to font units; kept, for opening takes 10 ms."""
    face = hb.Face(hb.Blob.from_file_path(str(fontpkg.path(family))))
    opened = hb.Font(face)
    opened.set_variations({"wght": weight})
    return opened


def runs(text: str) -> Iterator[tuple[str, str]]:
    """Split ``text`` by the family that draws it: Khmer letters and ៛ in one, all else in the other."""
    at = 0
    for match in _KHMER_RUN.finditer(text):
        if match.start() > at:
            yield LATIN, text[at : match.start()]
        yield KHMER, match[0]
        at = match.end()
    if at < len(text):
        yield LATIN, text[at:]


def drawable(text: str, weight: int = 400) -> str:
    """Leave out what neither font can show and nobody would miss: emoji, their joiners, control characters."""
    return "".join(char for char in text if " " <= char <= "~" or _shows(char, weight))


@lru_cache(maxsize=4096)
def shape(text: str, weight: int) -> Shaped:
    """Shape one line of ``text``; a letter that no font has stays as a box."""
    glyphs: list[Glyph] = []
    x = 0
    for family, run in runs(drawable(text, weight)):
        placed, advance = _shape_run(font(family, weight), family, run, x)
        glyphs += placed
        x += advance
    return Shaped(tuple(glyphs), x)


def _shows(char: str, weight: int) -> bool:
    family = KHMER if _KHMER_RUN.match(char) else LATIN
    if font(family, weight).get_nominal_glyph(ord(char)) is not None:
        return unicodedata.category(char) != "Cc"
    return unicodedata.category(char) not in _UNDRAWN and not "\ufe00" <= char <= "\ufe0f" and char < "\U000e0000"


def _shape_run(run_font: hb.Font, family: str, run: str, x: int) -> tuple[list[Glyph], int]:
    buffer = hb.Buffer()
    buffer.add_str(run)
    buffer.guess_segment_properties()
    buffer.direction = "ltr"
    if family == KHMER:
        buffer.script, buffer.language = "Khmr", "km"
    hb.shape(run_font, buffer)
    glyphs: list[Glyph] = []
    start = x
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        glyphs.append(Glyph(run_font, info.codepoint, x + position.x_offset, position.y_offset))
        x += position.x_advance
    return glyphs, x - start
