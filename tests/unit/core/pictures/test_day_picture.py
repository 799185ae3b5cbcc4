"""The day's sheet: it grows with its bars, the longest is whole, and no word runs out of its card."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from core.pictures.day import DaySheet, day_picture
from core.pictures.palette import PALETTES, ROSE
from core.pictures.sheet import LEFT, MARGIN, RIGHT, WIDTH, Bar, Chart, Figure

BARS = tuple(Bar(f"Rose Serum {i}", f"× {i} · $12.00 / 49,200៛", 1 / i) for i in range(1, 6))
ENGLISH = DaySheet(
    "MADAM DA", "Today until 20:00", "21 November 2026", Figure("earned", "$613.00", "2,513,300៛"),
    (Figure("Orders", "44", "$612.50 / 2,511,300៛"), Figure("Lost", "3", "$0.00"), Figure("Cases", "3", warns=True)),
    (Chart("Most ordered", BARS, "nothing"),),
)  # fmt: skip
LONG = "ការបញ្ជាទិញ" * 20
KHMER = DaySheet(
    LONG, LONG, "21 វិច្ឆិកា 2026", Figure(LONG, "$99,999,999.00" * 3, LONG), (Figure(LONG, LONG, LONG),) * 4,
    (Chart(LONG, (Bar(LONG, "× 99 · $99,999.00 / 409,995,900៛", 1.0), Bar(LONG, LONG, 0.0))), Chart(LONG, (), LONG)),
)  # fmt: skip


def opened(data: DaySheet) -> Image.Image:
    """Draw and decode."""
    with Image.open(io.BytesIO(day_picture(data))) as picture:
        assert picture.format == "PNG"
        return picture.convert("RGB")


@pytest.mark.parametrize("data", [ENGLISH, KHMER])
def test_words_stay_on_their_cards(data: DaySheet) -> None:
    """However long the words: the ground beside the cards is nothing but ground, all the way down."""
    picture = opened(data)
    bare = opened(replace(data, shop="", title="", date="", money=Figure("", ""), figures=tuple(
        replace(one, label="", large="") for one in data.figures)))  # fmt: skip
    assert (picture.width, picture.height) == (WIDTH, bare.height)
    for left, right in ((0, MARGIN), (WIDTH - MARGIN, WIDTH)):
        edge = (left, 0, right, picture.height)
        assert picture.crop(edge).tobytes() == bare.crop(edge).tobytes()


def test_a_bar_is_as_long_as_its_share() -> None:
    """Half of the longest is half as long; nothing has no bar at all."""
    shares = (1.0, 0.5, 0.0)
    picture = opened(replace(ENGLISH, figures=(), charts=(Chart("", tuple(Bar("", "", one) for one in shares)),)))
    ends = []
    for place in range(3):
        middle = MARGIN + 360 + 28 + 96 + place * 96 + 50 + 13
        row = [picture.getpixel((x, middle)) for x in range(LEFT, RIGHT)]
        ends.append(sum(green < 200 for _, green, _ in row))  # type: ignore[misc]
    whole = RIGHT - LEFT
    assert ends[0] > 0.98 * whole
    assert abs(ends[1] - whole / 2) < 0.03 * whole
    assert ends[2] == 0


def test_it_grows_with_what_stands_on_it() -> None:
    """A chart without bars is the lowest, each bar adds as much; a warning is of another colour than the rest."""
    heights = [opened(replace(ENGLISH, charts=(Chart("x", BARS[:many]),))).height for many in (1, 2, 3)]
    assert heights[2] - heights[1] == heights[1] - heights[0] > 0
    assert opened(replace(ENGLISH, charts=(Chart("x", (), "no"),))).height < heights[0]
    calm = replace(ENGLISH, figures=tuple(replace(one, warns=False) for one in ENGLISH.figures))
    assert opened(calm).tobytes() != opened(ENGLISH).tobytes()


def test_every_mood_draws_it() -> None:
    """Each palette makes a picture of the same size and of its own colours."""
    drawn = {name: day_picture(ENGLISH, palette) for name, palette in PALETTES.items()}
    assert len({Image.open(io.BytesIO(one)).size for one in drawn.values()}) == 1
    assert len(set(drawn.values())) == len(PALETTES)
    assert drawn["rose"] == day_picture(ENGLISH, ROSE)
