"""The storage sheet: bars as long as what they say, in the colour of how bad it is, and no word off its card."""

import io
from dataclasses import replace

import pytest
from PIL import Image, ImageColor

from core.pictures.sheet import GAP, LEFT, MARGIN, RIGHT, WIDTH, Bar, Chart, Figure
from core.pictures.storage import STEP, Gauge, StorageSheet, Tone, storage_picture

LONG = "ទំហំផ្ទុកទិន្នន័យ" * 20
GAUGES = tuple(Gauge("Media", "439 MB of 500 MB · 88%", 0.88, "full in about 7 days", tone) for tone in Tone)
PLAIN = StorageSheet(
    "MADAM DA", "What the shop takes up", "21 November 2026", Figure("", "910 MB", "of 1.0 GB"),
    (Figure("Free", "18.2 GB", "of 100 GB", warns=True), Figure("Backup", "7 h ago", "21 Nov 03:00")),
    "Against the limits", GAUGES, Chart("What there is", (Bar("Videos", "180 MB · 3 files", 1.0),)),
)  # fmt: skip
WORDY = StorageSheet(
    LONG, LONG, "21 វិច្ឆិកា 2026", Figure(LONG, LONG, LONG), (Figure(LONG, LONG, LONG, warns=True),) * 4, LONG,
    tuple(Gauge(LONG, LONG, 1.7, LONG, tone) for tone in Tone), Chart(LONG, (Bar(LONG, LONG, 1.0),), LONG),
)  # fmt: skip


def opened(data: StorageSheet) -> Image.Image:
    """Draw and decode."""
    with Image.open(io.BytesIO(storage_picture(data))) as picture:
        assert picture.format == "PNG"
        return picture.convert("RGB")


@pytest.mark.parametrize("data", [PLAIN, WORDY])
def test_words_stay_on_their_cards(data: StorageSheet) -> None:
    """However long the words: beside the cards there is nothing but ground, and Telegram takes the picture."""
    picture = opened(data)
    wordless = tuple(replace(one, label="", text="", below="", share=0.5) for one in data.gauges)
    bare = opened(replace(data, heading="", gauges=wordless, kinds=replace(data.kinds, bars=(Bar("", "", 1.0),))))
    assert (picture.width, picture.height) == (WIDTH, bare.height)
    assert picture.width + picture.height < 10_000
    for left, right in ((0, MARGIN), (WIDTH - MARGIN, WIDTH)):
        edge = (left, 0, right, picture.height)
        assert picture.crop(edge).tobytes() == bare.crop(edge).tobytes()


def rows_of(picture: Image.Image, many: int) -> list[list[tuple[int, int, int]]]:
    """The middle line of each gauge's bar, where there are no figures above."""
    tops = [MARGIN + 360 + GAP + 96 + place * STEP + 58 + 13 for place in range(many)]
    return [[picture.getpixel((x, top)) for x in range(LEFT, RIGHT)] for top in tops]  # type: ignore[misc]


def test_a_gauge_is_as_long_as_its_share() -> None:
    """Half is half, more than all is all, nothing is nothing; where the first warning comes stands a mark."""
    gauges = tuple(Gauge("", "", share, tick=0.8) for share in (0.5, 1.7, 0.0))
    half, whole, none = rows_of(opened(replace(PLAIN, figures=(), gauges=gauges)), 3)
    room = RIGHT - LEFT
    filled = [sum(red < 150 for red, _, _ in row) for row in (half, whole, none)]
    assert filled[0] == pytest.approx(room / 2, rel=0.05)
    assert filled[1:] == [pytest.approx(room, rel=0.03), 0]
    marks = [x for x, (red, _, _) in enumerate(none) if red < 200]
    assert marks
    assert all(abs(x - 0.8 * room) < 4 for x in marks)


def test_bad_is_another_colour() -> None:
    """Each level has its own bar, and words that can be read on white (WCAG: 4.5 to 1)."""
    rows = rows_of(opened(replace(PLAIN, figures=())), len(Tone))
    assert len({row[100] for row in rows}) == len(Tone)
    assert all(contrast(tone.value[2]) >= 4.5 for tone in Tone)


def contrast(colour: str) -> float:
    """How much darker than white a colour is, as WCAG counts it."""
    parts = [part / 255 for part in ImageColor.getrgb(colour)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
