"""The banner is a picture of one size, and its words never run into the flower."""

import io
from itertools import pairwise

import pytest
from PIL import Image, ImageChops

from core.pictures.banner import LEFT, ROOM, SIZE, banner
from core.pictures.palette import PALETTES, ROSE

WORDS = [
    ("MADAM DA", "Beauty, delivered to your door"),
    ("ហាងទន្លេ", "គ្រឿងសម្អាងល្អៗ ដឹកជញ្ជូន\u200bដល់\u200bផ្ទះ"),
    ("គ្រឿងសម្អាង" * 12, "ក្រែមលាបមុខ" * 40),
    ("W" * 80, ""),
]


def opened(data: bytes) -> Image.Image:
    """Decode a finished banner."""
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.format == "JPEG"
        return picture.convert("RGB")


@pytest.mark.parametrize(("title", "subtitle"), WORDS)
def test_words_keep_to_their_side(title: str, subtitle: str) -> None:
    """1280 × 640, small enough to send, and the words change nothing outside their own column."""
    data = banner(title, subtitle)
    picture = opened(data)
    assert picture.size == SIZE
    assert len(data) < 200_000
    difference = ImageChops.difference(picture, opened(banner(""))).point(lambda value: 255 if value > 40 else 0)
    box = difference.getbbox()
    assert box is not None
    # Eight pixels of a JPEG block, and what a bold letter reaches out of its advance.
    assert box[0] >= LEFT - 16
    assert box[2] <= LEFT + ROOM + 16
    assert box[1] > 0
    assert box[3] < SIZE[1]


def test_every_palette_is_its_own() -> None:
    """Six moods, six different pictures; the words are readable: dark on light ground."""
    pictures = [opened(banner("Skincare", palette=palette)) for palette in PALETTES.values()]
    for first, second in pairwise(pictures):
        assert ImageChops.difference(first, second).getbbox() is not None
    for picture in pictures:
        darkest, lightest = picture.crop((LEFT, 200, LEFT + 400, 420)).convert("L").getextrema()
        assert lightest - darkest > 150


def test_the_same_words_give_the_same_bytes() -> None:
    """Nothing random: a picture uploaded once needs no second upload."""
    assert banner("ហាង", palette=ROSE) == banner("ហាង", palette=ROSE)
