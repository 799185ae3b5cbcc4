"""A label scans from paper, from a chat and from its PDF; whatever is written, it stays on label and slip."""

import io
import re
import struct
import weakref
from collections.abc import Iterator
from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image

from core.pictures.label import LEFT, MONEY, MONEY_HEIGHT, RIGHT, SIZE, Label, label
from core.pictures.paper import DPI, pdf, png
from core.pictures.qr import enlarge, qr_modules
from core.pictures.slip import A5, A6, MARGIN, Slip, SlipLine, slip

LINK = "https://t.me/haang_bot?start=k_aB3_-x9ZqWaB3_-x9ZqW01"
LONGEST = f"https://t.me/{'a' * 32}?start=k_aB3_-x9ZqWaB3_-x9ZqW01"
"""A bot's name has at most 32 letters."""
ENGLISH = Label(
    "MADAM DA", "MD00042", "Sok Dara", "+855 12 345 678", "House 12, Street 240, Doun Penh, Phnom Penh",
    ("COD $13.50", "55,350៛"), due=True, link=LINK, contents="3 items", carrier="J&T Express",
    tracking="KH1234567890123", note="Please call first.",
)  # fmt: skip
KHMER = Label(
    "ហាងទន្លេ គ្រឿងសម្អាង" * 3, "MDMDMD99999999", "លោកស្រី សុខ ចន្ទតារា" * 3, "+855 12 345 678" * 2,
    "ផ្ទះលេខ១២ផ្លូវ២៤០ក្បែរវត្តលង្កា" * 30, ("ប្រមូលប្រាក់ $999,999.99", "4,099,999,959៛"), due=True,
    link=LONGEST, contents="១២ មុខ", carrier="ប្រៃសណីយ៍កម្ពុជា" * 2, tracking="W" * 40, note="សូមទូរស័ព្ទមកមុន " * 30,
)  # fmt: skip
LABELS = {"english": ENGLISH, "khmer": KHMER, "paid": replace(ENGLISH, money=("PAID", ""), due=False, carrier="")}
ROSE = SlipLine("Rice Water Cleanser", "150 ml", 2, "$17.00")
SLIP = Slip(
    "MADAM DA", "MD00042", "21 Nov 2026 10:02", "Sok Dara", (ROSE, SlipLine("ក្រែមលាបមុខ", "", 1, "$4.00")),
    (("Subtotal", "$21.00"), ("Delivery", "$1.50"), ("Total", "$22.50 / 92,250៛")), "Cash on delivery", "Call me",
)  # fmt: skip
CROWDED = replace(
    SLIP, shop="ហាង" * 30, recipient="ឈ្មោះ" * 30, note="សូមទូរស័ព្ទ " * 25,
    lines=(SlipLine("សេរ៉ូមផ្កាកុលាប" * 12, "៣០ មីលីលីត្រ" * 4, 999, "$99,999.00"),) * 30,
)  # fmt: skip


def opened(data: bytes) -> Image.Image:
    """Decode a finished picture."""
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("L")


def read(picture: Image.Image) -> str:
    """Read the one QR on a picture."""
    (code,) = zxingcpp.read_barcodes(picture)
    return code.bytes.decode()


def recompressed(picture: Image.Image, scale: float = 1.0) -> Image.Image:
    """Do to a picture what chats do: smaller, and JPEG at quality 60."""
    small = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=60)
    return opened(out.getvalue())


def pages(document: bytes) -> list[tuple[Image.Image, list[float]]]:
    """Take a PDF apart: each page's picture as it is packed (CCITT group 4), and the page's size in points.

    ``BlackIs1`` and DeviceGray (1 is white) together are what TIFF calls "black is zero" (its tag 262).
    """
    found = []
    assert b"/BlackIs1 true" in document
    boxes = [[float(n) for n in box.split()] for box in re.findall(rb"/MediaBox \[ ([^]]+) \]", document)]
    packed = re.findall(rb"/Width (\d+)\n/Height (\d+)\n.*?/Length (\d+)\n.*?stream\n", document, re.DOTALL)
    starts = [one.end() for one in re.finditer(rb"/Subtype /Image.*?stream\n", document, re.DOTALL)]
    for (wide, high, length), start, box in zip(packed, starts, boxes, strict=True):
        data = document[start : start + int(length)]
        tags = [(256, 4, int(wide)), (257, 4, int(high)), (258, 3, 1), (259, 3, 4), (262, 3, 1), (273, 4, 8),
                (278, 4, int(high)), (279, 4, len(data))]  # fmt: skip
        directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
        tiff = b"II*\0" + struct.pack("<I", 8 + len(data)) + data + struct.pack("<H", len(tags)) + directory + b"\0" * 4
        found.append((opened(tiff), box[2:]))
    return found


@pytest.mark.parametrize("name", LABELS)
def test_it_scans(name: str) -> None:
    """As drawn, at 0.35 of it, after JPEG at quality 60 and both at once; from the PDF's own page in the same ways."""
    page = label(LABELS[name])
    (printed,) = pages(pdf([page]))
    for picture in (opened(png(page)), printed[0]):
        found = [read(picture), read(recompressed(picture)), read(recompressed(picture, 0.35))]
        small = picture.resize((picture.width * 35 // 100, picture.height * 35 // 100), Image.Resampling.LANCZOS)
        assert [*found, read(small)] == [LABELS[name].link] * 4


@pytest.mark.parametrize("name", LABELS)
def test_the_code_is_sharp_at_fifty_millimetres(name: str) -> None:
    """On PNG and PDF page the code is, dot for dot, its modules enlarged by a whole number, 50 to 54 mm wide."""
    page = label(LABELS[name])
    modules = qr_modules(LABELS[name].link)
    for picture in (opened(png(page)), pages(pdf([page]))[0][0]):
        (code,) = zxingcpp.read_barcodes(picture)
        module = round((code.position.top_right.x - code.position.top_left.x) / (modules.width - 8))
        assert 50 <= module * (modules.width - 8) * 25.4 / DPI < 54
        bare = enlarge(modules, module)
        left, top = code.position.top_left.x - 4 * module, code.position.top_left.y - 4 * module
        assert picture.crop((left, top, left + bare.width, top + bare.height)).tobytes() == bare.tobytes()


@pytest.mark.parametrize("name", LABELS)
def test_nothing_runs_off(name: str) -> None:
    """100 × 150 mm; however long the words, its margins stay white, and the words keep off the money and the code."""
    page = label(LABELS[name])
    assert page.size == SIZE == (round(100 / 25.4 * DPI), round(150 / 25.4 * DPI))
    ink = page.point(lambda value: 255 if value < 250 else 0)
    left, top, right, bottom = ink.getbbox() or (0, 0, 0, 0)
    assert left >= LEFT - 2
    assert right <= RIGHT + 2
    assert top > 0
    assert bottom < SIZE[1]
    assert ink.crop((0, MONEY - 8, SIZE[0], MONEY)).getbbox() is None
    assert ink.crop((0, MONEY + MONEY_HEIGHT + 1, SIZE[0], MONEY + MONEY_HEIGHT + 30)).getbbox() is None


def test_an_address_is_whole_while_it_can_be() -> None:
    """Up to the smallest type nothing of an address is left out: another last word is another label."""
    for words in (5, 12, 20, 26):
        one, other = (replace(ENGLISH, address="ផ្លូវ២៤០ក្បែរវត្តលង្កា " * words + end) for end in ("១", "២"))
        assert label(one).tobytes() != label(other).tobytes(), words


def test_cash_is_not_overlooked() -> None:
    """Cash to collect stands white on black, what is paid black on white in a frame."""
    box = (LEFT + 10, MONEY + 10, RIGHT - 10, MONEY + MONEY_HEIGHT - 10)
    dark = {}
    for name in ("english", "paid"):
        money = label(LABELS[name]).crop(box)
        dark[name] = money.histogram()[0] / (money.width * money.height)
    assert dark["english"] > 0.5 > dark["paid"] > 0


@pytest.mark.parametrize("name", ["english", "khmer"])
def test_the_whole_amount_is_there(name: str) -> None:
    """However large, both currencies stand inside the black: nothing of them at its edges, something in both halves."""
    page, top, bottom = label(LABELS[name]), MONEY + 10, MONEY + MONEY_HEIGHT - 10
    for left, right in ((LEFT, LEFT + 30), (RIGHT - 30, RIGHT)):
        assert page.crop((left, top, right, bottom)).getbbox() is None
    for left, right in ((LEFT, LEFT + 300), (RIGHT - 300, RIGHT)):
        assert page.crop((left, top, right, bottom)).getbbox() is not None


@pytest.mark.parametrize(("data", "size"), [(SLIP, A6), (replace(SLIP, lines=(ROSE,) * 20), A5), (CROWDED, A5)])
def test_the_slip_holds_everything(data: Slip, size: tuple[int, int]) -> None:
    """A few things on A6, twenty and thirty (as many as a cart holds) on A5: one empty box each, margins white."""
    page = slip(data)
    assert page.size == size
    ink = page.point(lambda value: 255 if value < 250 else 0)
    left, top, right, bottom = ink.getbbox() or (0, 0, 0, 0)
    assert left >= MARGIN - 2
    assert right <= size[0] - MARGIN + 4
    assert (top > 0, bottom < size[1] - MARGIN // 2) == (True, True)
    side, middle = (page.crop((MARGIN + x, 0, MARGIN + x + 1, size[1])).tobytes() for x in (1, 10))
    edges = {one.span() for one in re.finditer(rb"\x00{20,}", side)}
    hollow = {one.span() for one in re.finditer(rb"(?<=\x00{3})\xff{15,60}(?=\x00{3})", middle)}
    assert sum((top - 4, bottom + 4) in edges for top, bottom in hollow) == len(data.lines)


def test_a_shade_is_never_cut_off() -> None:
    """On a crowded slip a name is cut before the variant behind it: two shades of a long name look different."""
    named = [replace(CROWDED, lines=(replace(CROWDED.lines[0], detail=shade),) * 30) for shade in ("ក្រហម", "ខៀវ")]
    one, other = (slip(data).tobytes() for data in named)
    assert one != other


def test_many_labels_are_one_file() -> None:
    """One page each, 100 × 150 mm, below 50 KB; of forty pages no more than two are ever unpacked at once."""
    drawn, most, seen = label(ENGLISH), 0, list[weakref.ref[Image.Image]]()

    def one_by_one() -> Iterator[Image.Image]:
        nonlocal most
        for _ in range(40):
            page = drawn.copy()
            seen.append(weakref.ref(page))
            most = max(most, sum(one() is not None for one in seen))
            yield page

    document = pdf(one_by_one())
    assert most <= 2
    assert len(document) < 40 * 50_000
    found = pages(document)
    assert len(found) == 40
    assert {tuple(round(side) for side in size) for _, size in found} == {(283, 425)}
    assert [read(found[i][0]) for i in (0, 39)] == [LINK] * 2
