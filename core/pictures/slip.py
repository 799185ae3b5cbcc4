"""The packing slip: what belongs into a parcel, with a box to tick for each thing. On A6, on A5 where it needs more."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image, ImageDraw

from core.pictures.paper import INK, blank, dots
from core.pictures.text import draw, fit, measure, shorten, wrap

A6, A5 = (dots(105), dots(148)), (dots(148), dots(210))
MARGIN = dots(6)
LEADING = 1.5
HEAD = 800
"""The weight of the number, beside which the shop's name is smaller."""
TRIES = (
    (A6, 1.0, 3), (A6, 0.85, 2), (A5, 1.0, 3), (A5, 0.85, 2), (A5, 0.85, 1), (A5, 0.7, 1), (A5, 0.62, 1)
)  # fmt: skip
"""Paper, how large the type is, over how many lines a name may run: the first on which all of it fits."""


@dataclass(frozen=True, slots=True)
class SlipLine:
    """One thing to pack: ``detail`` (its variant) may be empty; ``quantity`` is a number, ``amount`` written out."""

    name: str
    detail: str
    quantity: int
    amount: str


@dataclass(frozen=True, slots=True)
class Slip:
    """All that stands on a slip, written out; ``totals`` are rows of label and amount, the last is the sum."""

    shop: str
    number: str
    date: str
    recipient: str
    lines: tuple[SlipLine, ...]
    totals: tuple[tuple[str, str], ...]
    paid: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """One strip: its height in dots, and what paints it at a given top."""

    height: float
    paint: Callable[[Image.Image, float], None]


def slip(data: Slip) -> Image.Image:
    """Draw the slip, grey, at 300 dots an inch; as many as a cart holds (30) fit the last of the tries."""
    least = len(data.lines) * (dots(3.9) * LEADING + dots(1.6))
    for size, scale, lines in TRIES:
        if least * scale > size[1] and (size, scale, lines) != TRIES[-1]:
            continue  # wrapping Khmer takes its time, and one line each would be too much
        rows = list(_rows(data, size[0], scale, lines))
        if sum(row.height for row in rows) <= size[1] - 2 * MARGIN:
            break
    page, top = blank(size), float(MARGIN)
    for row in rows:
        row.paint(page, top)
        top += row.height
    return page


def _rows(data: Slip, width: int, scale: float, lines: int) -> Iterator[_Row]:
    """All strips of a slip, from above."""
    right = width - MARGIN
    yield _ends(data.number, data.shop, right, dots(6) * scale, HEAD)
    yield _ends(data.recipient, data.date, right, dots(3.6) * scale, 500)
    yield _rule(right)
    for line in data.lines:
        yield _line(line, right, scale, lines)
    yield _rule(right)
    for label, amount in data.totals[:-1]:
        yield _ends(label, amount, right, dots(3.4) * scale, 400)
    yield _ends(*data.totals[-1], right, dots(4.4) * scale, 700)
    yield _words(data.paid, right, dots(3.6) * scale, 600, 2)
    if data.note:
        yield _rule(right)
        yield _words(data.note, right, dots(3.6) * scale, 500, 2 + 2 * lines)


def _ends(left: str, at_right: str, right: int, size: float, weight: int) -> _Row:
    """Two texts on one line, one at each end; the left gives way."""
    room = right - MARGIN
    small = size * (0.7 if weight == HEAD else 1)
    small = fit(at_right, room * 0.55, small, smallest=small * 0.7, weight=weight)
    other = shorten(at_right, room * 0.55, small, weight=weight)
    words = shorten(left, room - measure(other, small, weight)[0] - size, size, weight=weight)

    def paint(page: Image.Image, top: float) -> None:
        baseline = top + size * 1.1
        draw(page, (MARGIN, baseline), words, size, weight=weight, fill=INK, anchor="ls")
        draw(page, (right, baseline), other, small, weight=weight, fill=INK, anchor="rs")

    return _Row(size * LEADING, paint)


def _rule(right: int) -> _Row:
    def paint(page: Image.Image, top: float) -> None:
        ImageDraw.Draw(page).rectangle((MARGIN, top + dots(1.2), right, top + dots(1.5)), fill=INK)

    return _Row(dots(3), paint)


def _line(line: SlipLine, right: int, scale: float, lines: int) -> _Row:
    """A box to tick, how many, what, which variant, for how much; on a crowded slip all of it in one line."""
    size, small = dots(3.9) * scale, dots(3.4) * scale
    box, count = dots(4.5) * scale, dots(11) * scale
    left = MARGIN + box + count + dots(2)
    room = right - left - measure(line.amount, small, 400)[0] - dots(2)
    name, detail = line.name, line.detail
    if lines == 1 and detail:  # a name may be cut, but never the shade behind it
        name, detail = _with(shorten(f" · {detail}", room * 0.6, size, weight=600), name, room, size), ""
    names = wrap(name, room, size, weight=600, lines=lines)
    details = wrap(detail, room, small, lines=lines) if detail else []

    def paint(page: Image.Image, top: float) -> None:
        baseline = top + size * 1.1
        pen = ImageDraw.Draw(page)
        pen.rectangle((MARGIN, baseline - box + dots(0.5), MARGIN + box, baseline + dots(0.5)), outline=INK, width=4)
        draw(page, (left - dots(2), baseline), f"{line.quantity} ×", size, weight=700, fill=INK, anchor="rs")
        draw(page, (right, baseline), line.amount, small, fill=INK, anchor="rs")
        for text in names:
            draw(page, (left, baseline), text, size, weight=600, fill=INK, anchor="ls")
            baseline += size * LEADING
        for text in details:
            draw(page, (left, baseline), text, small, fill=INK, anchor="ls")
            baseline += small * LEADING

    return _Row(len(names) * size * LEADING + len(details) * small * LEADING + dots(1.6) * scale, paint)


def _with(detail: str, name: str, room: float, size: float) -> str:
    return shorten(name, room - measure(detail, size, 600)[0], size, weight=600) + detail


def _words(text: str, right: int, size: float, weight: int, most: int) -> _Row:
    lines = wrap(text, right - MARGIN, size, weight=weight, lines=most)

    def paint(page: Image.Image, top: float) -> None:
        for index, line in enumerate(lines):
            at = (MARGIN, top + size * (1.1 + LEADING * index))
            draw(page, at, line, size, weight=weight, fill=INK, anchor="ls")

    return _Row(len(lines) * size * LEADING + dots(1), paint)
