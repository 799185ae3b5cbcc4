"""Pictures as they come in: checked before they are believed, made small for chat and web."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from PIL import Image, ImageOps

LARGEST_PHOTO = 5 * 1024 * 1024
"""Bytes of an uploaded photo (PRODUCT, A1)."""
LARGEST_KEPT = 64 * 1024 * 1024
"""Bytes of a photo that lies below the media folder already, whoever put it there."""
MOST_PIXELS = 50_000_000
"""Of an uploaded photo: what the best phones take; decoded it is 150 MB."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
LONGEST_SIDE = 16_383
"""Pixels: what a WebP can hold."""
_SIGNATURE = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF....WEBP", re.DOTALL)
_ORIENTATION = 0x0112
_ON_ITS_SIDE = {5, 6, 7, 8}
"""Exif 2.32, 4.6.4: the tag that says how the camera was held, and its values for a picture stored turned by 90°."""


class Refusal(StrEnum):
    """Why a photo is not taken."""

    TOO_BIG = "too_big"
    WRONG_FORMAT = "wrong_format"
    BROKEN = "broken"
    TOO_MANY_PIXELS = "too_many_pixels"


class PictureRefused(ValueError):
    """A photo that the shop does not take, and the :class:`Refusal` that says why."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


def check_photo(data: bytes) -> tuple[str, int, int]:
    """Decode a photo and tell its format (``jpeg``, ``png``, ``webp``, ``gif``), width and height as it is shown.

    :class:`PictureRefused` if it is larger than 5 MB, of another format, cut off or damaged, or would unpack to more
    than 50 million pixels (or has a side over 16,383); the last is known before anything is unpacked.
    """
    with _opened(data) as photo:
        kind = "jpeg" if photo.format in {"JPEG", "MPO"} else str(photo.format).lower()
        turned = _on_its_side(photo)
        width, height = photo.size
        photo.draft("RGB", (1, 1))
        photo.load()
    return (kind, height, width) if turned else (kind, width, height)


def webp(data: bytes, width: int, quality: int = 82) -> bytes:
    """Make a WebP no wider than ``width`` pixels, upright, without the camera's metadata; never enlarged.

    Of an animation the first frame is kept. :class:`PictureRefused` as :func:`check_photo`.
    """
    out = io.BytesIO()
    _small(data, width).save(out, "WEBP", quality=quality, method=4)
    return out.getvalue()


def kept(data: bytes, width: int, quality: int = 85) -> bytes | None:
    """Make the WebP that is kept instead of a large photo: as :func:`webp`, but with its colours' profile.

    None for an animation, which would lose all but its first frame. :class:`PictureRefused` from 64 MB on.
    """
    with _opened(data, LARGEST_KEPT) as photo:
        if photo.format != "MPO" and getattr(photo, "is_animated", False):
            return None
        profile = photo.info.get("icc_profile")
    out = io.BytesIO()
    _small(data, width, LARGEST_KEPT).save(out, "WEBP", quality=quality, method=4, icc_profile=profile)
    return out.getvalue()


def measure(data: bytes) -> tuple[int, int]:
    """Tell a photo's width and height as it is shown, by its first bytes; :class:`PictureRefused` as :func:`kept`."""
    with _opened(data, LARGEST_KEPT) as photo:
        width, height = photo.size
        return (height, width) if _on_its_side(photo) else (width, height)


def jpeg(data: bytes, width: int, quality: int = 86) -> bytes:
    """Make a JPEG as :func:`webp` makes a WebP; what was transparent becomes white."""
    photo = _small(data, width)
    if photo.mode == "RGBA":
        white = Image.new("RGB", photo.size, "white")
        white.paste(photo, mask=photo.getchannel("A"))
        photo = white
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _small(data: bytes, width: int, most: int = LARGEST_PHOTO) -> Image.Image:
    """Unpack an untrusted picture, upright, no wider than ``width``."""
    with _opened(data, most) as photo:
        # JPEG can be unpacked at an eighth, a quarter or half its size, which is where the time goes.
        turned = _on_its_side(photo)
        photo.draft("RGB", (1, width) if turned else (width, 1))
        upright = ImageOps.exif_transpose(photo)
        small = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        if small.width > width:
            size = (width, max(1, round(small.height * width / small.width)))
            small = small.resize(size, Image.Resampling.LANCZOS)
        return small


@contextmanager
def _opened(data: bytes, most: int = LARGEST_PHOTO) -> Iterator[Image.Image]:
    """Open an untrusted picture; whatever Pillow says of a damaged one becomes a refusal."""
    if len(data) > most:
        raise PictureRefused(Refusal.TOO_BIG)
    if not _SIGNATURE.match(data):
        raise PictureRefused(Refusal.WRONG_FORMAT)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as photo:
            _check_pixels(photo)
            yield photo
    except PictureRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused(Refusal.TOO_MANY_PIXELS) from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, OverflowError) as error:
        raise PictureRefused(Refusal.BROKEN) from error


def _check_pixels(photo: Image.Image) -> None:
    if photo.width * photo.height > MOST_PIXELS or max(photo.size) > LONGEST_SIDE:
        raise PictureRefused(Refusal.TOO_MANY_PIXELS)


def _on_its_side(photo: Image.Image) -> bool:
    return photo.getexif().get(_ORIENTATION) in _ON_ITS_SIDE
