"""The receipt grows with what stands on it, and nothing runs out of the paper."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from core.pictures.palette import PALETTES
from core.pictures.receipt import AMBER, GREEN, LARGEST, LEFT, MARGIN, RIGHT, WIDTH, Receipt, ReceiptLine, receipt

ENGLISH = Receipt(
    shop="MADAM DA",
    number="MD00001",
    date="21 Nov 2026, 10:02",
    lines=(
        ReceiptLine("Rice Water Cleanser", "150 ml", "× 2", "$17.00"),
        ReceiptLine("Hand Cream", "", "× 1", "$4.00"),
    ),
    totals=(("Subtotal", "$21.00"), ("Delivery", "$1.50"), ("Total", "$22.50")),
    paid="Paid by KHQR · 10:03",
    thanks="Thank you!",
    address=(("Name", "Sok Dara"), ("Phone", "+855 12 000 001"), ("Address", "House 1, Street 2, Phnom Penh")),
)
KHMER = Receipt(
    shop="ហាងទន្លេ",
    number="MD00002",
    date="21 វិច្ឆិកា 2026",
    lines=(ReceiptLine("ក្រែមលាបមុខ" * 30, "៥០ មីលីលីត្រ", "× 2", "69,700៛"),),
    totals=(("ថ្លៃដឹកជញ្ជូន" * 12, "6,200៛"), ("សរុប", "92,300,000,000,000,000,000៛")),
    paid="បង់ប្រាក់ពេលទទួលទំនិញ" * 6,
    thanks="សូមអរគុណ! " * 12,
    address=(("អាសយដ្ឋាន" * 6, "ផ្ទះលេខ ១ ផ្លូវ ២ " * 30),),
    settled=False,
)


def opened(data: Receipt) -> Image.Image:
    """Draw and decode."""
    with Image.open(io.BytesIO(receipt(data))) as picture:
        assert picture.format == "PNG"
        return picture.convert("RGB")


@pytest.mark.parametrize("data", [ENGLISH, KHMER, replace(KHMER, shop="ហាង" * 40, number="", address=())])
def test_words_stay_on_the_paper(data: Receipt) -> None:
    """However long the words, 1080 pixels wide and white paper left and right of them all the way down."""
    picture = opened(data)
    assert picture.width == WIDTH
    for left, right in ((MARGIN + 2, LEFT - 8), (RIGHT + 8, WIDTH - MARGIN - 2)):
        edge = picture.crop((left, MARGIN + 230, right, picture.height - MARGIN - 30))
        assert edge.getcolors() == [(edge.width * edge.height, (255, 255, 255))]


def test_height_by_content() -> None:
    """Each line bought and each row of the address makes it longer."""
    heights = [
        opened(replace(ENGLISH, address=())).height,
        opened(ENGLISH).height,
        opened(replace(ENGLISH, lines=ENGLISH.lines * 5)).height,
    ]
    assert heights == sorted(set(heights))


@pytest.mark.parametrize("settled", [True, False])
def test_whether_money_came(*, settled: bool) -> None:
    """Green when it came, amber when it is still to come."""
    colours = opened(replace(ENGLISH, settled=settled)).getcolors(1_000_000) or []
    grounds = {f"#{red:02X}{green:02X}{blue:02X}" for count, (red, green, blue) in colours if count > 10_000}
    assert (GREEN[0] in grounds) is settled
    assert (AMBER[0] in grounds) is not settled


def test_a_hundred_lines() -> None:
    """A cart of a hundred things still makes a photo that a chat takes; every palette makes one of the same size."""
    assert sum(opened(replace(ENGLISH, lines=ENGLISH.lines * 50)).size) <= LARGEST
    sizes = {Image.open(io.BytesIO(receipt(ENGLISH, palette))).size for palette in PALETTES.values()}
    assert len(sizes) == 1
