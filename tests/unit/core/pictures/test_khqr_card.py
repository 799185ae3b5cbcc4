"""The KHQR card scans, whole, small and recompressed, and looks as the guideline wants."""

import io
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import zxingcpp
from PIL import Image, ImageChops

from core.money import Currency
from core.payments import khqr
from core.pictures.khqr_card import khqr_card
from core.pictures.qr import enlarge, qr_modules

PAYLOAD = (
    "00020101021229150011seller@devb520459995303840540512.505802KH5910Tonle Shop6010Phnom Penh"
    "62290108ORD-10010305Tonle0704TG-1993400131735689600000011340709088000006304DACA"
)
KHMER = (
    "00020101021229150011seller@devb5204599953031165405500005802KH5910Tonle Shop6010Phnom Penh"
    "62120108ORD-100264290002km0108ហាងទន្លេ0207ភ្នំពេញ9934001317356896000000113407090880000063048D79"
)
LARGEST = PAYLOAD + "ខ" * 200
"""Longer than any KHQR: what the card does when a code outgrows it."""
NAME, CITY = "ហាងទន្លេ គ្រឿងសម្អាងស្រី"[:25], "រាជធានីភ្នំពេញ"[:15]
"""As long as a KHQR takes them."""
MADE = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def longest(currency: Currency, amount: int) -> str:
    """Build a KHQR with every field at its limit, names in Khmer, as much as the bank allows in one."""
    return khqr.build(
        khqr.PaymentRequest(
            khqr.Merchant("a" * 24 + "@bank.kh", "9" * 32, "ធនាគារ" * 3), NAME, CITY,
            currency, amount, "MD00001-1", mobile="85512345678", store="គ្រឿងសម្អាង", terminal="TG-0001",
            purpose="Rose Serum", name_km=NAME, city_km=CITY, created_at=MADE,
            expires_at=MADE + timedelta(minutes=5),
        )
    ).payload  # fmt: skip


LONGEST_USD, LONGEST_KHR = longest(Currency.USD, 99_999_999_99), longest(Currency.KHR, 9_999_999_999)
CARDS = {
    "dollars": (PAYLOAD, khqr_card(PAYLOAD, "Tonle Shop", "$12.50", "51,300៛", note="MD00001 · Scan with any bank")),
    "riel": (KHMER, khqr_card(KHMER, "ហាងទន្លេ គ្រឿងសម្អាង", "50,000៛", "$12.20", symbol="៛", note="សូមស្កេន")),
    "longest dollars": (
        LONGEST_USD,
        khqr_card(LONGEST_USD, "W" * 25, "$99,999,999.99", "409,999,999,900៛", note="W" * 90),
    ),
    "longest riel": (
        LONGEST_KHR,
        khqr_card(LONGEST_KHR, NAME, "9,999,999,999៛", "$2,439,024.39", symbol="៛", note="សូមស្កេន " * 12),
    ),
    "largest": (LARGEST, khqr_card(LARGEST, "ហាង" * 30, "$9,999,999,999.99", "49,200,000,000៛")),
}


def opened(data: bytes) -> Image.Image:
    """Decode a finished picture."""
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("RGB")


def read(picture: Image.Image) -> str:
    """Read the one QR on a picture."""
    (code,) = zxingcpp.read_barcodes(picture)
    return code.bytes.decode()


def recompressed(picture: Image.Image, quality: int) -> Image.Image:
    """Do to a picture what chats do."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return opened(out.getvalue())


@pytest.mark.parametrize("card", CARDS)
def test_it_scans(card: str) -> None:
    """Full size, at 0.35 of it, after JPEG at quality 60, and both at once, the payload comes back byte for byte."""
    payload, data = CARDS[card]
    full = opened(data)
    small = full.resize((round(full.width * 0.35), round(full.height * 0.35)), Image.Resampling.LANCZOS)
    assert [read(full), read(small)] == [payload] * 2
    assert [read(recompressed(full, 60)), read(recompressed(small, 60))] == [payload] * 2


@pytest.mark.parametrize("card", CARDS)
def test_the_guideline(card: str) -> None:
    """29:20, the upper 12 % red, the corner folded over at the right, white below."""
    picture = opened(CARDS[card][1])
    width, height = picture.size
    assert height / width == pytest.approx(29 / 20, abs=0.001)
    header = round(height * 0.12)
    red, white = (0xE1, 0x23, 0x2E), (255, 255, 255)
    assert {picture.getpixel((x, y)) for x in (0, width - 1) for y in (0, header - 1)} == {red}
    assert picture.getpixel((width - 2, header + 20)) == red
    assert picture.getpixel((0, header)) == picture.getpixel((width - 2, round(header * 1.6))) == white


@pytest.mark.parametrize("card", CARDS)
def test_modules_and_icon(card: str) -> None:
    """A module is at least eight whole pixels, and the icon in the middle no wider than 18 % of the code."""
    payload, data = CARDS[card]
    picture = opened(data).convert("L")
    (code,) = zxingcpp.read_barcodes(picture)
    left, top = code.position.top_left.x, code.position.top_left.y
    side = code.position.top_right.x - left
    modules = qr_modules(payload)
    module = round(side / (modules.width - 8))
    assert module >= 8
    bare = enlarge(modules, module)
    corner = (left - 4 * module, top - 4 * module)
    whole = picture.crop((*corner, corner[0] + bare.width, corner[1] + bare.height))
    icon = ImageChops.difference(whole, bare).getbbox()
    assert icon is not None
    assert max(icon[2] - icon[0], icon[3] - icon[1]) <= side * 0.18
    assert (icon[0] + icon[2]) / 2 == pytest.approx(bare.width / 2, abs=module)


def dark_columns(picture: Image.Image, darkest: int) -> tuple[int, int]:
    """Find the first and last column with something as dark as ``darkest`` on the line of the amounts."""
    line = picture.convert("L").crop((0, round(picture.width * 0.29), picture.width, round(picture.width * 0.42)))
    left, _, right, _ = line.point(lambda value: 255 if value <= darkest else 0).getbbox() or (0, 0, 0, 0)
    return left, right


@pytest.mark.parametrize("card", CARDS)
def test_words_stay_on_the_card(card: str) -> None:
    """However long names, amounts and the note are: nothing is drawn in the card's last 6 % at either side."""
    picture = opened(CARDS[card][1]).convert("L")
    width, height = picture.size
    for top, bottom, darkest in ((0.14, 0.2, 0x40), (0.2, 0.3, 0x90), (0.96, 1, 0x90)):  # the name beside a red corner
        words = picture.crop((0, round(height * top), width, round(height * bottom)))
        box = words.point(lambda value, darkest=darkest: 255 if value < darkest else 0).getbbox()
        if box is not None:  # a card without a note
            assert width * 0.05 <= box[0] < box[2] <= width * 0.95


def test_long_words_stay_apart() -> None:
    """Two long amounts stay inside the card's margins, clear of each other."""
    second = "49,200,000,000៛"
    _, amount_right = dark_columns(opened(khqr_card(PAYLOAD, "ហាង" * 30, "$9,999,999,999.99", second)), 0x30)
    second_left, second_right = dark_columns(opened(khqr_card(PAYLOAD, "", "", second)), 0x80)
    assert 0 < amount_right < second_left < second_right <= 800 * 0.92


def test_it_is_quick() -> None:
    """A card costs a small multiple of its bare code, both drawn in this run (measured 8 ×; 20 with room for noise)."""

    def fastest(draw: Callable[[], object]) -> float:
        times = []
        for _ in range(7):
            start = time.process_time()
            draw()
            times.append(time.process_time() - start)
        return min(times)

    bare = fastest(lambda: enlarge(qr_modules(PAYLOAD), 10))
    assert fastest(lambda: khqr_card(PAYLOAD, "Tonle Shop", "$12.50", "51,300៛")) < 20 * bare
