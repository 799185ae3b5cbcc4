"""The receipt as a picture: a paper slip, as long as its lines need. Every word comes translated from the caller."""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from PIL import Image, ImageDraw

from core.pictures.palette import ROSE, Palette
from core.pictures.shapes import dashes, gradient, polygon, rounded
from core.pictures.text import draw, fit, measure, shorten, wrap

WIDTH = 1080
MARGIN = 48
"""Pixels of ground around the paper."""
LEFT, RIGHT = 112, WIDTH - 112
INK, GREY, FAINT, WHITE = "#2A2226", "#7D7378", "#DCD3D3", "#FFFFFF"
GREEN, AMBER = ("#E3F4E8", "#1B6B3A"), ("#FFF0D6", "#8A5300")
"""Ground and words of the line that says whether money came."""
LARGEST = 10_000
"""Pixels of width and height together; a chat refuses a photo beyond it."""
TOOTH = 24
"""Width of one tooth of the torn edge, in pixels."""


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One thing bought: ``detail`` (its variant) may be empty, ``quantity`` and ``amount`` are written out."""

    name: str
    detail: str
    quantity: str
    amount: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """All that stands on a receipt, in the customer's words.

    ``totals`` and ``address`` are rows of label and text; the last total is the sum and stands large. ``settled`` tells
    whether ``paid`` says that the money came (green) or is still to come (amber).
    """

    shop: str
    number: str
    date: str
    lines: tuple[ReceiptLine, ...]
    totals: tuple[tuple[str, str], ...]
    paid: str
    thanks: str
    address: tuple[tuple[str, str], ...] = ()
    settled: bool = True


@dataclass(frozen=True, slots=True)
class _Row:
    """One strip of the slip: its height in pixels, and what paints it at a given top."""

    height: int
    paint: Callable[[Image.Image, int], None]


def receipt(data: Receipt, palette: Palette = ROSE) -> bytes:
    """Draw the receipt as PNG, 1080 pixels wide; a very long one is scaled down to what a chat takes as a photo."""
    rows = [
        _header(data, palette),
        _gap(36),
        *_lines(data.lines),
        _rule(),
        *_totals(data.totals),
        _gap(18),
        _paid(data),
    ]
    if data.address:
        rows += [_gap(10), _rule(), *_address(data.address)]
    rows += [_gap(16), *_thanks(data.thanks, palette), _gap(56)]
    height = 2 * MARGIN + sum(row.height for row in rows)
    slip = gradient((WIDTH, height), (palette.pale, palette.pale, palette.soft, palette.soft))
    _paper(slip)
    top = MARGIN
    for row in rows:
        row.paint(slip, top)
        top += row.height
    if sum(slip.size) > LARGEST:
        scale = LARGEST / sum(slip.size)
        slip = slip.resize((int(WIDTH * scale), int(height * scale)), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    slip.save(out, "PNG", compress_level=4)
    return out.getvalue()


def _paper(slip: Image.Image) -> None:
    """Lay white paper down, its lower edge torn off in teeth."""
    left, right, bottom = MARGIN, WIDTH - MARGIN, slip.height - MARGIN
    ImageDraw.Draw(slip).rectangle((left, MARGIN + 100, right - 1, bottom - TOOTH - 1), fill=WHITE)
    steps = (right - left) * 2 // TOOTH + 1
    teeth = [(left + step * TOOTH / 2, bottom - TOOTH * (step % 2) / 2) for step in range(steps)]
    polygon(slip, [(left, bottom - TOOTH), *teeth, (right, bottom - TOOTH)], WHITE)


def _gap(height: int) -> _Row:
    return _Row(height, lambda _slip, _top: None)


def _rule() -> _Row:
    return _Row(56, lambda slip, top: dashes(slip, (LEFT, top + 26), RIGHT - LEFT, FAINT, thickness=3, dash=14))


def _header(data: Receipt, palette: Palette) -> _Row:
    """The shop's name on its colours, the order's number and date below."""
    height = 214
    name_size = fit(data.shop, RIGHT - LEFT, 60, smallest=36, weight=700)

    def paint(slip: Image.Image, top: int) -> None:
        left, right = MARGIN, WIDTH - MARGIN
        colours = gradient(slip.size, (palette.deep, palette.main, palette.deep, palette.main))
        rounded(slip, (left, top, right, top + 100), 36, colours)
        rounded(slip, (left, top + 50, right, top + height), 0, colours)
        name = shorten(data.shop, RIGHT - LEFT, name_size, weight=700)
        draw(slip, (LEFT, top + 96), name, name_size, weight=700, fill=WHITE, anchor="ls")
        draw(slip, (LEFT, top + 166), data.number, 32, weight=600, fill=palette.soft, anchor="ls")
        draw(slip, (RIGHT, top + 166), data.date, 32, fill=palette.soft, anchor="rs")

    return _Row(height, paint)


def _lines(lines: Iterable[ReceiptLine]) -> Iterator[_Row]:
    for line in lines:
        yield _line(line)


def _line(line: ReceiptLine) -> _Row:
    """One thing bought: name over as many lines as it needs, variant and quantity below, amount at the right."""
    room = RIGHT - LEFT - max(150, measure(line.amount, 34, 600)[0]) - 40
    names = wrap(line.name, room, 34, weight=600, lines=3)
    below = " · ".join(part for part in (line.detail, line.quantity) if part)
    details = wrap(below, room, 29, lines=2) if below else []

    def paint(slip: Image.Image, top: int) -> None:
        draw(slip, (RIGHT, top + 40), line.amount, 34, weight=600, fill=INK, anchor="rs")
        for index, name in enumerate(names):
            draw(slip, (LEFT, top + 40 + index * 50), name, 34, weight=600, fill=INK, anchor="ls")
        for index, detail in enumerate(details):
            baseline = top + 34 + len(names) * 50 + index * 44
            draw(slip, (LEFT, baseline), detail, 29, fill=GREY, anchor="ls")

    return _Row(26 + len(names) * 50 + len(details) * 44, paint)


def _totals(totals: tuple[tuple[str, str], ...]) -> Iterator[_Row]:
    for index, (label, text) in enumerate(totals):
        last = index == len(totals) - 1
        yield _pair(label, text, large=last)


def _pair(label: str, text: str, *, large: bool) -> _Row:
    height, size, weight = (92, 50, 700) if large else (54, 32, 400)
    room = RIGHT - LEFT
    text_size = fit(text, room * 0.62, size, weight=weight)

    def paint(slip: Image.Image, top: int) -> None:
        baseline = top + height - 22
        text_width = measure(text, text_size, weight)[0]
        words = shorten(label, room - text_width - 24, size * 0.8 if large else size, weight=weight)
        ink = INK if large else GREY
        draw(slip, (LEFT, baseline), words, size * 0.8 if large else size, weight=weight, fill=ink, anchor="ls")
        draw(slip, (RIGHT, baseline), text, text_size, weight=weight, fill=INK, anchor="rs")

    return _Row(height, paint)


def _paid(data: Receipt) -> _Row:
    """A pill that says whether the money came."""
    ground, ink = GREEN if data.settled else AMBER
    words = wrap(data.paid, RIGHT - LEFT - 80, 32, weight=600, lines=2)
    height = 36 + 50 * len(words)

    def paint(slip: Image.Image, top: int) -> None:
        rounded(slip, (LEFT, top, RIGHT, top + height), min(height / 2, 43), ground)
        for index, line in enumerate(words):
            draw(slip, (WIDTH / 2, top + 54 + 50 * index), line, 32, weight=600, fill=ink, anchor="ms")

    return _Row(height, paint)


def _address(rows: Iterable[tuple[str, str]]) -> Iterator[_Row]:
    for label, text in rows:
        yield _address_row(label, text)


def _address_row(label: str, text: str) -> _Row:
    column = 250
    words = wrap(text, RIGHT - LEFT - column, 30, lines=4)

    def paint(slip: Image.Image, top: int) -> None:
        draw(slip, (LEFT, top + 36), shorten(label, column - 20, 30), 30, fill=GREY, anchor="ls")
        for index, line in enumerate(words):
            draw(slip, (LEFT + column, top + 36 + index * 46), line, 30, fill=INK, anchor="ls")

    return _Row(12 + 46 * len(words), paint)


def _thanks(thanks: str, palette: Palette) -> Iterator[_Row]:
    for line in wrap(thanks, RIGHT - LEFT, 36, weight=600, lines=3):
        yield _centred(line, palette.main)


def _centred(line: str, ink: str) -> _Row:
    def paint(slip: Image.Image, top: int) -> None:
        draw(slip, (WIDTH / 2, top + 42), line, 36, weight=600, fill=ink, anchor="ms")

    return _Row(58, paint)
