"""The label on a parcel: 100 × 150 mm, read from arm's length, scanned by any camera. Words come from the caller."""

import math
from dataclasses import dataclass

from PIL import Image, ImageDraw

from core.pictures.paper import INK, PAPER, blank, dots
from core.pictures.qr import QUIET_ZONE, enlarge, qr_modules
from core.pictures.text import draw, fit, measure, shorten, wrap

SIZE = (dots(100), dots(150))
CODE = dots(50)
"""Dots that the code takes at least, without its quiet zone (PRODUCT: sharp at 50 mm)."""
LEFT, RIGHT = dots(4), SIZE[0] - dots(4)
HEAD, WHOM, MONEY = dots(4), dots(15.5), dots(67)
"""Where the shop's line, the address and the money begin, from above."""
MONEY_HEIGHT = dots(17)
EDGE = dots(1)
"""Between the code's quiet zone and the paper's edge."""
SCALES = (1.0, 0.9, 0.8, 0.7, 0.6)
"""How large name, phone and address are: the first at which all of it fits."""
LEADING = 1.5
"""Ems from one baseline to the next; what Khmer needs."""


@dataclass(frozen=True, slots=True)
class Label:
    """All that stands on a label, written out.

    ``money`` is what the courier must know of it: the amount to collect in one currency and the other (``due``), or
    that it is paid. ``contents`` says how many things are in it, ``carrier`` and ``tracking`` who else brings it and
    their number, ``note`` what its customer wrote; ``link`` is what the code opens.
    """

    shop: str
    number: str
    recipient: str
    phone: str
    address: str
    money: tuple[str, str]
    due: bool
    link: str
    contents: str = ""
    carrier: str = ""
    tracking: str = ""
    note: str = ""


def label(data: Label) -> Image.Image:
    """Draw the label, grey, at 300 dots an inch; the code's modules are whole dots, at least 50 mm together."""
    page = blank(SIZE)
    _head(page, data)
    _whom(page, data)
    _money(page, data)
    right = _code(page, data.link)
    _beside(page, data, right)
    return page


def _head(page: Image.Image, data: Label) -> None:
    """The order's number large at the right, the shop at the left, a line below."""
    room, bottom = RIGHT - LEFT, WHOM - dots(1.5)
    size = fit(data.number, room * 0.6, dots(7), weight=800)
    draw(page, (RIGHT, HEAD), data.number, size, weight=800, fill=INK, anchor="ra")
    left = room - measure(data.number, size, 800)[0] - dots(4)
    small = fit(data.shop, left, dots(4.6), smallest=dots(3), weight=600)
    draw(page, (LEFT, HEAD + dots(1.6)), shorten(data.shop, left, small, weight=600), small, weight=600, fill=INK)
    ImageDraw.Draw(page).rectangle((LEFT, bottom, RIGHT, bottom + dots(0.5)), fill=INK)


def _whom(page: Image.Image, data: Label) -> None:
    """Name, phone, address, as large as they all fit; an address longer than any ends in an ellipsis."""
    room = MONEY - dots(2) - WHOM
    for scale in SCALES:
        lines = _written(data, scale)
        if sum(size * LEADING for _, size, _ in lines) <= room:
            break
    top: float = WHOM
    for text, size, weight in lines:
        draw(page, (LEFT, top), text, size, weight=weight, fill=INK)
        top += size * LEADING


def _written(data: Label, scale: float) -> list[tuple[str, float, int]]:
    """The lines of whom it goes to: text, type size in dots, weight."""
    width, name, phone, place = RIGHT - LEFT, dots(6.4) * scale, dots(6.8) * scale, dots(4.6) * scale
    lines: list[tuple[str, float, int]] = [
        (line, name, 700) for line in wrap(data.recipient, width, name, weight=700, lines=2)
    ]
    lines.append((shorten(data.phone, width, phone, weight=700), phone, 700))
    most = 7 if scale == SCALES[-1] else None  # as many as there is room for
    return [*lines, *((line, place, 500) for line in wrap(data.address, width, place, weight=500, lines=most))]


def _money(page: Image.Image, data: Label) -> None:
    """Cash to collect white on black, so that nobody overlooks it; what is paid in a thin frame."""
    pen, box = ImageDraw.Draw(page), (LEFT, MONEY, RIGHT, MONEY + MONEY_HEIGHT)
    ink = PAPER if data.due else INK
    pen.rectangle(box, fill=INK if data.due else PAPER, outline=INK, width=dots(0.7))
    first, second = data.money
    room = RIGHT - LEFT - dots(6)
    size = fit(first, room * (0.62 if second else 1), dots(11), weight=800)
    middle = MONEY + MONEY_HEIGHT / 2
    if not second:
        draw(page, ((LEFT + RIGHT) / 2, middle), first, size, weight=800, fill=ink, anchor="mc")
        return
    draw(page, (LEFT + dots(3), middle), first, size, weight=800, fill=ink, anchor="lc")
    beside = fit(second, room - measure(first, size, 800)[0] - dots(3), dots(6.4), weight=700)
    draw(page, (RIGHT - dots(3), middle), second, beside, weight=700, fill=ink, anchor="rc")


def _code(page: Image.Image, link: str) -> int:
    """Put the code into the lower left corner; tells where its quiet zone ends at the right."""
    modules = qr_modules(link)
    code = enlarge(modules, math.ceil(CODE / (modules.width - 2 * QUIET_ZONE)))
    page.paste(code, (EDGE, SIZE[1] - EDGE - code.height))
    return EDGE + code.width + dots(1)


def _beside(page: Image.Image, data: Label, left: int) -> None:
    """Beside the code: how many things, who else brings it and their number, what the customer wrote."""
    room, top, bottom = RIGHT - left, float(MONEY + MONEY_HEIGHT + dots(4)), SIZE[1] - dots(4)
    blocks = (
        (data.contents, dots(4), 700, 2),
        (data.carrier, dots(3.6), 600, 2),
        (data.tracking, fit(data.tracking, room, dots(3.6), smallest=dots(2.9), weight=700), 700, 4),
        (data.note, dots(3.2), 500, 30),
    )
    for text, size, weight, most in blocks:
        fits = min(most, int((bottom - top) // (size * LEADING)))
        for line in wrap(text, room, size, weight=weight, lines=fits) if text and fits > 0 else ():
            draw(page, (left, top), line, size, weight=weight, fill=INK)
            top += size * LEADING
        top += dots(1.5) * bool(text)
