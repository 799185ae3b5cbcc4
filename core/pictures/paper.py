"""What is printed: measured in millimetres at 300 dots an inch, as PNG for the chat and as PDF for the printer."""

import io
from collections.abc import Iterable

from PIL import Image
from PIL.TiffImagePlugin import AppendingTiffWriter

DPI = 300
INK, PAPER = "#000000", "#FFFFFF"
_INKED = [0] * 128 + [255] * 128
"""Printers of labels know black and white only: what is darker than half becomes ink."""


def dots(millimetres: float) -> int:
    """Turn millimetres into dots."""
    return round(millimetres * DPI / 25.4)


def blank(size: tuple[int, int]) -> Image.Image:
    """Take an empty sheet, its size in dots."""
    return Image.new("L", size, PAPER)


def png(page: Image.Image) -> bytes:
    """Write a page as PNG that knows how large it is on paper."""
    out = io.BytesIO()
    page.save(out, "PNG", dpi=(DPI, DPI), compress_level=4)
    return out.getvalue()


def pdf(pages: Iterable[Image.Image]) -> bytes:
    """Write pages, at least one, as PDF, each as large as it is on paper; only one of them is unpacked at a time.

    Black and white, so that Pillow packs each without loss (CCITT group 4: 20 to 40 KB); greys it would pack as JPEG,
    which blurs a code. Given a list it keeps every page unpacked, and appending reads the whole file again for each:
    so pages are packed one by one into a TIFF, whose frames Pillow reads one by one into the PDF.
    """
    packed, out = io.BytesIO(), io.BytesIO()
    with AppendingTiffWriter(packed, new=True) as writer:
        for page in pages:
            page.point(_INKED, "1").save(writer, "TIFF", compression="group4")
            writer.newFrame()
        packed.seek(0)
        with Image.open(packed) as whole:
            whole.save(out, "PDF", save_all=True, resolution=DPI)
    return out.getvalue()
