"""What pictures with figures are made of: a head, cards with figures, cards with bars. Every word is the caller's."""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from PIL import Image

from core.pictures.palette import Palette
from core.pictures.shapes import gradient, rounded
from core.pictures.text import draw, fit, measure, shorten

WIDTH = 1080
MARGIN, LEFT, RIGHT = 48, 96, WIDTH - 96
INK, GREY, FAINT, WHITE, AMBER = "#2A2226", "#7D7378", "#F1E9E9", "#FFFFFF", "#8A5300"
BAR, THINNEST = 26, 10
"""Height of a bar, and the width of one that stands for very little, in pixels."""
GAP = 28
"""Pixels between two cards."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with what it is: ``large`` may have a smaller line ``below``; ``warns``: somebody must see to it."""

    label: str
    large: str
    below: str = ""
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: ``share`` is its length beside the longest, 0 to 1; ``text`` stands at its end."""

    label: str
    text: str
    share: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars below a heading; ``empty`` is what stands there where there is no bar."""

    heading: str
    bars: tuple[Bar, ...]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """One strip of a sheet: its height in pixels, and what paints it at a given top."""

    height: int
    paint: Callable[[Image.Image, int], None]


def painted(strips: Iterable[Strip], palette: Palette) -> bytes:
    """Draw strips one below the other as PNG, 1080 pixels wide, as long as they need."""
    strips = list(strips)
    height = sum(strip.height + GAP for strip in strips) + 2 * MARGIN - GAP
    sheet = gradient((WIDTH, height), (palette.pale, palette.pale, palette.soft, palette.soft))
    top = MARGIN
    for strip in strips:
        strip.paint(sheet, top)
        top += strip.height + GAP
    out = io.BytesIO()
    sheet.save(out, "PNG", compress_level=4)
    return out.getvalue()


def head(shop: str, title: str, date: str, main: Figure, palette: Palette) -> Strip:
    """The shop and a date on its colours, and below them the one figure that matters most."""
    height, room = 360, RIGHT - LEFT

    def paint(sheet: Image.Image, top: int) -> None:
        colours = gradient(sheet.size, (palette.deep, palette.main, palette.deep, palette.main))
        rounded(sheet, (MARGIN, top, WIDTH - MARGIN, top + height), 36, colours)
        when = measure(date, 32, 600)[0]
        name = shorten(shop, room - when - 30, 34, weight=600)
        draw(sheet, (LEFT, top + 76), name, 34, weight=600, fill=WHITE, anchor="ls")
        draw(sheet, (RIGHT, top + 76), date, 32, weight=600, fill=WHITE, anchor="rs")
        draw(sheet, (LEFT, top + 134), shorten(title, room, 30), 30, fill=palette.soft, anchor="ls")
        size = fit(main.large, room, 96, smallest=48, weight=700)
        large = shorten(main.large, room, size, weight=700)
        draw(sheet, (LEFT, top + 250), large, size, weight=700, fill=WHITE, anchor="ls")
        below = " · ".join(part for part in (main.below, main.label) if part)
        draw(sheet, (LEFT, top + 314), shorten(below, room, 34), 34, fill=palette.soft, anchor="ls")

    return Strip(height, paint)


def pairs(figures: tuple[Figure, ...], palette: Palette) -> Iterator[Strip]:
    """Figures two in a row; a last one alone takes the whole row."""
    for at in range(0, len(figures), 2):
        yield _pair(figures[at : at + 2], palette)


def _pair(pair: tuple[Figure, ...], palette: Palette) -> Strip:
    """Two figures side by side, each on its own card."""
    height = 206 if any(one.below for one in pair) else 160
    width = (WIDTH - 2 * MARGIN - GAP * (len(pair) - 1)) / len(pair)

    def paint(sheet: Image.Image, top: int) -> None:
        for place, one in enumerate(pair):
            left = MARGIN + place * (width + GAP)
            room = width - 2 * (LEFT - MARGIN)
            rounded(sheet, (left, top, left + width, top + height), 30, WHITE)
            x = left + LEFT - MARGIN
            draw(sheet, (x, top + 60), shorten(one.label, room, 28), 28, fill=GREY, anchor="ls")
            size = fit(one.large, room, 50, smallest=28, weight=700)
            ink = AMBER if one.warns else palette.deep
            words = shorten(one.large, room, size, weight=700)
            draw(sheet, (x, top + 124), words, size, weight=700, fill=ink, anchor="ls")
            if one.below:
                below = shorten(one.below, room, fit(one.below, room, 28, smallest=22))
                draw(sheet, (x, top + 174), below, fit(one.below, room, 28, smallest=22), fill=GREY, anchor="ls")

    return Strip(height, paint)


def bars(chart: Chart, palette: Palette) -> Strip:
    """A card with bars: label and figure above each."""
    step, room = 96, RIGHT - LEFT
    height = 96 + (step * len(chart.bars) if chart.bars else 64) + 20

    def paint(sheet: Image.Image, top: int) -> None:
        rounded(sheet, (MARGIN, top, WIDTH - MARGIN, top + height), 30, WHITE)
        heading = shorten(chart.heading, room, 32, weight=600)
        draw(sheet, (LEFT, top + 66), heading, 32, weight=600, fill=INK, anchor="ls")
        if not chart.bars:
            draw(sheet, (LEFT, top + 124), shorten(chart.empty, room, 30), 30, fill=GREY, anchor="ls")
        colours = gradient(sheet.size, (palette.main, palette.light, palette.main, palette.light))
        for place, bar in enumerate(chart.bars):
            _bar(sheet, top + 96 + place * step, bar, colours)

    return Strip(height, paint)


def _bar(sheet: Image.Image, top: int, bar: Bar, colours: Image.Image) -> None:
    room = RIGHT - LEFT
    size = fit(bar.text, room * 0.6, 28, smallest=20, weight=600)
    text = shorten(bar.text, room * 0.7, size, weight=600)
    label = shorten(bar.label, room - measure(text, size, 600)[0] - 24, 28)
    draw(sheet, (LEFT, top + 34), label, 28, fill=INK, anchor="ls")
    draw(sheet, (RIGHT, top + 34), text, size, weight=600, fill=INK, anchor="rs")
    rounded(sheet, (LEFT, top + 50, RIGHT, top + 50 + BAR), BAR / 2, FAINT)
    if bar.share > 0:
        end = LEFT + max((RIGHT - LEFT) * min(bar.share, 1.0), BAR + THINNEST)
        rounded(sheet, (LEFT, top + 50, end, top + 50 + BAR), BAR / 2, colours)
