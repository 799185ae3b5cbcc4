"""The KHQR card: what the customer sees, saves and scans.

Shape and colours follow the National Bank of Cambodia's KHQR guideline: portrait 29:20, a red header of 12 % of the
height with the KHQR word and a folded corner, name, amount, dashed line, QR with the currency in its middle.
"""

import io
import math

from PIL import Image, ImageDraw

from core.pictures.qr import QUIET_ZONE, enlarge, qr_modules
from core.pictures.shapes import dashes, disc, polygon
from core.pictures.text import draw, fit, measure, shorten

RED, WHITE, INK, GREY, PALE = "#E1232E", "#FFFFFF", "#151515", "#6B6B6B", "#C9C9C9"
WIDTH = 800
"""Pixels. The chat shows photos up to 1280 high as they are, so that a module stays a whole number of pixels."""
RATIO = 29 / 20
HEADER = 0.12
QR_SHARE = 0.9
"""Of the width, quiet zone included."""
SMALLEST_MODULE = 8
ICON_SHARE = 0.17
"""Of the symbol's width; error correction M survived 30 %."""


def khqr_card(
    payload: str, name: str, amount_text: str, second_amount_text: str = "", *, symbol: str = "$", note: str = ""
) -> bytes:
    """Draw the card as PNG.

    ``amount_text`` stands bold, ``second_amount_text`` (the other currency) small beside it, ``symbol`` (``$`` or
    ``៛``) in the middle of the QR, ``note`` in one small line at the foot.
    """
    modules = qr_modules(payload)
    width = max(WIDTH, math.ceil(modules.width * SMALLEST_MODULE / QR_SHARE / 20) * 20)
    card = Image.new("RGB", (width, round(width * RATIO)), WHITE)
    _header(card)
    _words(card, name, amount_text, second_amount_text)
    _qr(card, modules, symbol)
    foot = (card.width / 2, card.height - card.width * 0.035)
    size = card.width * 0.028
    draw(card, foot, shorten(note, card.width * 0.88, size), size, fill=GREY, anchor="ms")
    out = io.BytesIO()
    card.save(out, "PNG", compress_level=4)
    return out.getvalue()


def _header(card: Image.Image) -> None:
    """Paint the red band, its corner folded over the card, and the KHQR word."""
    width, bottom = card.width, round(card.height * HEADER)
    ImageDraw.Draw(card).rectangle((0, 0, width, bottom - 1), fill=RED)
    fold = round(width * 0.085)
    polygon(card, [(width - fold, bottom), (width, bottom), (width, bottom + fold)], RED)
    draw(card, (width / 2, bottom / 2), "KHQR", bottom * 0.5, weight=800, fill=WHITE, anchor="mm")


def _words(card: Image.Image, name: str, amount: str, second: str) -> None:
    width, left = card.width, card.width * 0.09
    room = width - 2 * left
    size = fit(name, room, width * 0.046, smallest=width * 0.034, weight=500)
    draw(card, (left, width * 0.268), shorten(name, room, size, weight=500), size, weight=500, fill=INK, anchor="ls")
    second_size = width * 0.04
    beside = measure(second, second_size)[0] + left / 2 if second else 0
    amount_size = fit(amount, room - beside, width * 0.092, weight=700)
    baseline = width * 0.382
    draw(card, (left, baseline), amount, amount_size, weight=700, fill=INK, anchor="ls")
    draw(card, (width - left, baseline), second, second_size, fill=GREY, anchor="rs")
    dashes(card, (0, width * 0.445), width, PALE, thickness=max(2, width // 400), dash=width // 50)


def _qr(card: Image.Image, modules: Image.Image, symbol: str) -> None:
    """Put the QR between the dashed line and the foot, the currency on a dark roundel in its middle."""
    module = int(card.width * QR_SHARE / modules.width)
    code = enlarge(modules, module)
    top, bottom = card.width * 0.455, card.height - card.width * 0.06
    x, y = (card.width - code.width) // 2, round((top + bottom - code.height) / 2)
    card.paste(code, (x, y))
    middle = (x + code.width / 2, y + code.height / 2)
    radius = (modules.width - 2 * QUIET_ZONE) * module * ICON_SHARE / 2
    disc(card, middle, radius, WHITE)
    disc(card, middle, radius * 0.86, INK)
    size = radius * (1.15 if symbol.isascii() else 1.5)
    draw(card, middle, symbol, size, weight=700, fill=WHITE, anchor="mc")
