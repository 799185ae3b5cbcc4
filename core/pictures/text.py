"""Text on a picture: draw, measure, wrap, fit. Khmer and Latin in one string, the same on every machine.

Sizes and widths are pixels, the size being that of the em. Colours are whatever Pillow takes.
"""

import math
import re
import unicodedata
from collections.abc import Iterator

import uharfbuzz as hb
from PIL import Image

from core.pictures.shaping import ASCENT, CAPITALS, DESCENT, UNITS, Shaped, shape

LINE_HEIGHT = (ASCENT + DESCENT) / UNITS
"""Height of one line, in ems. Khmer stacks may hang a little below it: leave 1.5 em between baselines."""

_CLUSTER = re.compile(
    "[\u1780-\u17b3]\u200d?(?:\u17d2[\u1780-\u17b3]|[\u17b4-\u17d1\u17d3\u17dd\u200c\u200d])*[\u17d4-\u17d7\u17d9-\u17da]*"
    "|.",
    re.DOTALL,
)
"""One Khmer syllable as it stacks: base, subscripts, vowels, signs, and the marks that may not start a line."""
_BREAK = re.compile("([ \t\u200b]+)")
_LETTERS = "\u1780-\u17a2"
_BARE = re.compile(f"[{_LETTERS}][\u17d4-\u17da]*")
"""A consonant alone, as most syllables end: the ក of ស្បែក."""
_MUTED = re.compile(f"[{_LETTERS}].*[\u17cb-\u17cd][\u17d4-\u17da]*")
"""A consonant whose sign says that its syllable ends with it, or that it is not read: the ប់ of សម្រាប់."""
_INNER = re.compile("[ងញណនមរល]\u17d2")
"""How a cluster begins that a bare consonant stands before: the ន្លែ of កន្លែង."""
_FINAL = re.compile(f"[{_LETTERS}](?:\u17d2[\u1780-\u1799\u179b-\u17a2])+[\u17d4-\u17da]*")
"""Stacked consonants without a vowel, none of them a ្រ, which begins syllables: the ព្ទ of ទូរស័ព្ទ."""

_RISE = {"a": ASCENT, "m": CAPITALS / 2, "s": 0, "d": -DESCENT}
_SHIFT = {"l": 0.0, "m": 0.5, "r": 1.0}


def measure(text: str, size: float, weight: int = 400) -> tuple[float, float]:
    """Width and line height of one line in pixels."""
    return shape(text, weight).width * size / UNITS, LINE_HEIGHT * size


def draw(
    image: Image.Image,
    xy: tuple[float, float],
    text: str,
    size: float,
    *,
    weight: int = 400,
    fill: str | tuple[int, ...] = "#000000",
    anchor: str = "la",
) -> None:
    """Draw one line on an opaque image.

    ``anchor`` is two letters as in Pillow: ``l``, ``m`` or ``r`` of its width; ``a`` the top of the line, ``m`` the
    middle of its capitals, ``c`` the middle of its ink, ``s`` the baseline, ``d`` the bottom of the line.
    """
    shaped = shape(text, weight)
    scale = size / UNITS
    x = xy[0] - shaped.width * scale * _SHIFT[anchor[0]]
    left = math.floor(x)
    drawn = _coverage(shaped, scale, x - left)
    if drawn is None:
        return
    mask, mask_left, mask_bottom = drawn
    rise = mask_bottom + mask.height / 2 if anchor[1] == "c" else _RISE[anchor[1]] * scale
    image.paste(fill, (left + mask_left, round(xy[1] + rise) - mask_bottom - mask.height), mask)


def wrap(text: str, width: float, size: float, *, weight: int = 400, lines: int | None = None) -> list[str]:
    """Break ``text`` into lines no wider than ``width``; more than ``lines`` of them end in an ellipsis.

    Breaks stand at spaces, zero-width spaces (how Khmer marks its words) and line feeds; a word wider than a whole line
    is broken between syllables, and between clusters where one syllable alone is wider.
    """
    broken = [line for paragraph in text.split("\n") for line in _wrap_paragraph(paragraph, width, size, weight)]
    if lines is None or len(broken) <= lines:
        return broken
    kept = broken[:lines]
    kept[-1] = shorten(kept[-1] + "…", width, size, weight=weight)
    return kept


def shorten(text: str, width: float, size: float, *, weight: int = 400) -> str:
    """Cut one line between syllables so that it fits ``width``, with an ellipsis where something is gone."""
    if measure(text, size, weight)[0] <= width:
        return text
    kept = list(clusters(text.removesuffix("…")))
    while kept and measure("".join(kept).rstrip() + "…", size, weight)[0] > width:
        kept.pop()
    return "".join(kept).rstrip() + "…"


def fit(text: str, width: float, size: float, *, smallest: float = 12, weight: int = 400) -> float:
    """Find the largest type size up to ``size`` at which ``text`` fits ``width``, not below ``smallest``."""
    at_full, _ = measure(text, size, weight)
    return size if at_full <= width else max(smallest, math.floor(size * width / at_full))


def _coverage(shaped: Shaped, scale: float, shift: float) -> tuple[Image.Image, int, int] | None:
    """Rasterise: the mask, and where its left and bottom edges lie from the origin. Nothing to see gives ``None``."""
    raster = hb.RasterDraw()
    for glyph in shaped.glyphs:
        raster.transform = (scale, 0, 0, scale, glyph.x * scale + shift, glyph.y * scale)
        raster.draw_glyph(glyph.font, glyph.index)
    rendered = raster.render()
    extents = rendered.extents
    if not extents.width or not extents.height:
        return None
    mask = Image.frombytes("L", (extents.width, extents.height), rendered.buffer, "raw", "L", extents.stride, -1)
    return mask, extents.x_origin, extents.y_origin


def clusters(text: str) -> Iterator[str]:
    """Cut ``text`` where a reader would: never inside a Khmer stack, never before a combining mark."""
    cluster = ""
    for match in _CLUSTER.finditer(text):
        joins = match[0] in "\u200d\u17d2" or unicodedata.category(match[0][0]).startswith("M")
        if cluster and not joins and not cluster.endswith("\u200d"):
            yield cluster
            cluster = ""
        cluster += match[0]
    if cluster:
        yield cluster


def syllables(text: str) -> Iterator[str]:
    """Cut ``text`` where a careful reader would, without a dictionary: rather seldom than inside a spoken syllable.

    A consonant that stands bare belongs to the syllable before it (``ស្បែក``) or opens a word of two (``កន្លែង``).
    """
    parts = list(clusters(text))
    syllable = ""
    for before, part, after in zip(["", *parts], parts, [*parts[1:], ""], strict=False):
        if syllable and _begins(before, part, after):
            yield syllable
            syllable = ""
        syllable += part
    if syllable:
        yield syllable


def _begins(before: str, part: str, after: str) -> bool:
    """Whether a syllable begins with this cluster; between anything but Khmer one does."""
    if not ("\u1780" <= before[0] <= "\u17b3" and "\u1780" <= part[0] <= "\u17b3"):
        return True
    if _MUTED.fullmatch(part) or (_BARE.fullmatch(before) and _INNER.match(part)):
        return False
    if _FINAL.fullmatch(part):
        return bool(_BARE.fullmatch(after) or _MUTED.fullmatch(after))
    return not _BARE.fullmatch(part) or bool(_INNER.match(after))


def _wrap_paragraph(text: str, width: float, size: float, weight: int) -> Iterator[str]:
    line, gap = "", ""
    for index, piece in enumerate(_BREAK.split(text)):
        if index % 2:
            gap = piece.replace("\u200b", "")
        elif measure(line + gap + piece, size, weight)[0] <= width:
            line += gap + piece
        else:
            if line:
                yield line
            *full, line = _wrap_word(piece, width, size, weight)
            yield from full
    yield line


def _wrap_word(word: str, width: float, size: float, weight: int) -> Iterator[str]:
    line = ""
    for syllable in syllables(word):
        whole = measure(line + syllable, size, weight)[0] <= width or measure(syllable, size, weight)[0] <= width
        for part in (syllable,) if whole else clusters(syllable):
            if line and measure(line + part, size, weight)[0] > width:
                yield line
                line = ""
            line += part
    yield line
