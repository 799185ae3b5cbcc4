"""What the shop takes up as a picture: everything large, the limits as bars, then each kind. Words are the caller's."""

from dataclasses import dataclass
from enum import Enum

from PIL import Image

from core.pictures.palette import SEA, Palette
from core.pictures.shapes import gradient, rounded
from core.pictures.sheet import (
    BAR,
    FAINT,
    GREY,
    INK,
    LEFT,
    MARGIN,
    RIGHT,
    THINNEST,
    WHITE,
    WIDTH,
    Chart,
    Figure,
    Strip,
    bars,
    head,
    painted,
    pairs,
)
from core.pictures.text import draw, fit, measure, shorten

STEP = 148
"""Pixels from one gauge to the next."""
TICK = "#B8ABB0"


class Tone(Enum):
    """How bad a gauge is: the colours of its bar from left to right, and of its words (4.5 : 1 on white and more)."""

    CALM = ("", "", INK)
    WARNING = ("#B26A00", "#F0B14A", "#8A5300")
    CRITICAL = ("#B8370B", "#F08A5D", "#A5320A")
    EMERGENCY = ("#8E0B1E", "#E0405A", "#A50D24")


@dataclass(frozen=True, slots=True)
class Gauge:
    """One size against its limit: ``share`` 0 to 1, ``text`` at its end, ``below`` where it goes; ``tick`` warns."""

    label: str
    text: str
    share: float
    below: str = ""
    tone: Tone = Tone.CALM
    tick: float = 0.8


@dataclass(frozen=True, slots=True)
class StorageSheet:
    """All that stands on the picture. ``total`` is everything; the ``figures`` stand two in a row."""

    shop: str
    title: str
    date: str
    total: Figure
    figures: tuple[Figure, ...]
    heading: str
    gauges: tuple[Gauge, ...]
    kinds: Chart


def storage_picture(data: StorageSheet, palette: Palette = SEA) -> bytes:
    """Draw the sheet as PNG, 1080 pixels wide, as long as its bars need."""
    top = head(data.shop, data.title, data.date, data.total, palette)
    strips = (top, *pairs(data.figures, palette), _gauges(data.heading, data.gauges, palette))
    return painted((*strips, bars(data.kinds, palette)), palette)


def _gauges(heading: str, gauges: tuple[Gauge, ...], palette: Palette) -> Strip:
    """A card with a bar for each limit, in the colours of how bad it is."""
    height = 96 + STEP * len(gauges) + 12

    def paint(sheet: Image.Image, top: int) -> None:
        rounded(sheet, (MARGIN, top, WIDTH - MARGIN, top + height), 30, WHITE)
        words = shorten(heading, RIGHT - LEFT, 32, weight=600)
        draw(sheet, (LEFT, top + 66), words, 32, weight=600, fill=INK, anchor="ls")
        for place, gauge in enumerate(gauges):
            _gauge(sheet, top + 96 + place * STEP, gauge, palette)

    return Strip(height, paint)


def _gauge(sheet: Image.Image, top: int, gauge: Gauge, palette: Palette) -> None:
    room, (left, right, ink) = RIGHT - LEFT, gauge.tone.value
    size = fit(gauge.text, room * 0.66, 28, smallest=20, weight=600)
    text = shorten(gauge.text, room * 0.66, size, weight=600)
    label = shorten(gauge.label, room - measure(text, size, 600)[0] - 24, 30, weight=600)
    draw(sheet, (LEFT, top + 36), label, 30, weight=600, fill=INK, anchor="ls")
    draw(sheet, (RIGHT, top + 36), text, size, weight=600, fill=ink, anchor="rs")
    middle = top + 58
    rounded(sheet, (LEFT, middle, RIGHT, middle + BAR), BAR / 2, FAINT)
    tick = LEFT + room * gauge.tick
    rounded(sheet, (tick - 2, middle + 3, tick + 2, middle + BAR - 3), 2, TICK)
    if gauge.share > 0:
        end = LEFT + max(room * min(gauge.share, 1.0), BAR + THINNEST)
        colours = (left or palette.main, right or palette.light)
        rounded(sheet, (LEFT, middle, end, middle + BAR), BAR / 2, gradient(sheet.size, colours * 2))
    draw(sheet, (LEFT, middle + BAR + 36), shorten(gauge.below, room, 26), 26, fill=GREY, anchor="ls")
