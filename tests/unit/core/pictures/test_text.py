"""Text on pictures: the same on every machine, broken where a reader would break it."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from core.pictures.text import LINE_HEIGHT, clusters, draw, fit, measure, shorten, syllables, wrap

ROOT = Path(__file__).parents[4]
GOLDEN = Path(__file__).with_name("golden_khmer.png")
"""Made by ``specimen().convert("L").save(GOLDEN)`` and compared by eye with rightly shaped Khmer."""
WORDS = (("ហាងទន្លេ ភ្នំពេញ", 400), ("សូមស្កេន ស្ត្រី ខ្ញុំ", 700), ("គ្រឿងសម្អាង 49,200៛ $12", 400))


def specimen() -> Image.Image:
    """Draw Khmer, Latin and ៛ in two weights, black on white."""
    image = Image.new("RGB", (330, 150), "white")
    for row, (words, weight) in enumerate(WORDS):
        draw(image, (8, 4 + row * 46), words, 28, weight=weight)
    return image


SPECIMEN_ELSEWHERE = f"""
import hashlib
from PIL import Image, features
from core.pictures.text import draw
image = Image.new("RGB", (330, 150), "white")
for row, (words, weight) in enumerate({WORDS!r}):
    draw(image, (8, 4 + row * 46), words, 28, weight=weight)
print(bool(features.check("fribidi")), hashlib.sha256(image.tobytes()).hexdigest())
"""


def test_the_golden_picture() -> None:
    """What is drawn today is what was looked at and found right, but for rounding."""
    with Image.open(GOLDEN) as golden:
        difference = ImageChops.difference(specimen(), golden.convert("RGB"))
    assert ImageStat.Stat(difference).mean[0] < 0.5


def test_no_fribidi_no_difference(tmp_path: Path) -> None:
    """With FriBidi hidden from the loader, so that Pillow cannot shape, not one byte of ours changes."""
    for name in ("libfribidi.so.0", "libfribidi.so", "libfribidi.0.dylib", "fribidi.dll"):
        (tmp_path / name).write_bytes(b"not a library")
    hidden = {"LD_LIBRARY_PATH": str(tmp_path), "DYLD_LIBRARY_PATH": str(tmp_path), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", SPECIMEN_ELSEWHERE],
        env=os.environ | hidden,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    has_fribidi, digest = done.stdout.split()
    if sys.platform == "linux":
        assert has_fribidi == "False"
    assert digest == hashlib.sha256(specimen().tobytes()).hexdigest()


@pytest.mark.parametrize("anchor", ["la", "ms", "rd"])
def test_anchors(anchor: str) -> None:
    """An anchor says which point of the line stands at the given place."""
    image = Image.new("L", (200, 150), "white")
    width, height = measure("HHHH", 30)
    draw(image, (100, 75), "HHHH", 30, fill=0, anchor=anchor)
    left, _, right, bottom = Image.eval(image, lambda value: 255 - value).getbbox() or (0, 0, 0, 0)
    expected_left = {"l": 100, "m": 100 - width / 2, "r": 100 - width}[anchor[0]]
    assert abs(left - expected_left) < 5
    assert abs(right - expected_left - width) < 5
    baseline = {"a": 75 + 1.069 * 30, "s": 75, "d": 75 - 0.293 * 30}[anchor[1]]
    assert abs(bottom - baseline) <= 1
    assert height == pytest.approx(30 * LINE_HEIGHT)


def test_centre_of_the_ink() -> None:
    """The middle of what is seen stands where it was asked, however low the letter sits on its line."""
    for sign in "$៛":
        image = Image.new("L", (100, 100))
        draw(image, (50, 50), sign, 60, fill=255, anchor="mc")
        box = image.getbbox()
        assert box is not None
        assert (box[1] + box[3]) / 2 == pytest.approx(50, abs=1)


def test_nothing_to_draw() -> None:
    """An empty line, spaces and emoji draw nothing and do no harm."""
    image = Image.new("RGB", (10, 10), "white")
    for text in ("", "  ", "🌹", "\u200b"):
        draw(image, (0, 0), text, 20)
    assert image.getcolors() == [(100, (255, 255, 255))]


def test_khmer_breaks_at_its_word_marks() -> None:
    """Zero-width spaces are where Khmer lines break, and they leave nothing behind."""
    words = ["សូម", "ស្កេន", "ជាមួយ", "កម្មវិធី", "ធនាគារ"]
    lines = wrap("\u200b".join(words), 150, 24)
    assert len(lines) > 1
    assert "".join(lines) == "".join(words)
    starts = {"".join(words[:index]) for index in range(len(words) + 1)}
    assert {"".join(lines[:index]) for index in range(len(lines) + 1)} <= starts


def test_long_khmer_breaks_between_syllables() -> None:
    """Without marks a long word breaks, but never inside a stack, and no line starts with a subscript or a sign."""
    text = "គ្រឿងសម្អាងស្ត្រីខ្ញុំសូមស្កេនភ្នំពេញ។" * 3
    lines = wrap(text, 120, 24)
    assert "".join(lines) == text
    assert all("\u1780" <= line[0] <= "\u17b3" for line in lines)
    assert not any(line.endswith("\u17d2") for line in lines)


SPOKEN = (
    "សេ|រ៉ូម|កុ|លាប|សម្រាប់|ស្បែក|ស្ងួត", "ពន្លឺ|ព្រះ|អា|ទិត្យ", "ស្បែក|ងាយ", "នៅ|កន្លែង|ធ្វើ|ការ", "សូម|ទូរ|ស័ព្ទ|មុន",
    "នៅ|ប្រ|ទេស", "សាន|បាន។|ខ្ញុំ", "ពណ៌|ក្រហម", "មិត្ត|ភាព", "គ្រប់|គ្រង",
)  # fmt: skip


@pytest.mark.parametrize("spoken", SPOKEN)
def test_no_line_begins_with_how_a_syllable_ends(spoken: str) -> None:
    """The ក of ស្បែក, the យ of ងាយ, the ព្ទ of ស័ព្ទ never stand alone at the start of a line."""
    assert "|".join(syllables(spoken.replace("|", ""))) == spoken
    widest = max(measure(one, 40)[0] for one in spoken.split("|"))
    lines = wrap(spoken.replace("|", ""), widest, 40)
    assert set(lines) <= {"".join(spoken.split("|")[i:j]) for i in range(8) for j in range(i + 1, 9)}


def test_latin_breaks_at_spaces() -> None:
    """Words stay whole, spaces at a break are gone, a line feed is kept."""
    assert wrap("Rice Water Cleanser\nnew", measure("Rice Water", 20)[0] + 1, 20) == ["Rice Water", "Cleanser", "new"]


def test_too_many_lines_end_in_an_ellipsis() -> None:
    """What does not fit is cut, and it is seen that it was."""
    lines = wrap("one two three four five six seven", 60, 20, lines=2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert shorten("short", 200, 20) == "short"


@given(st.text(st.sampled_from("ab é\u200bក្ខស្រីំៗ។ \n-W🌹中"), max_size=60), st.integers(30, 300))
def test_wrapped_lines_fit(text: str, width: int) -> None:
    """No line is wider than asked, whatever the words, unless one syllable alone is; no letter is lost."""
    lines = wrap(text, width, 20)
    for line in lines:
        assert measure(line, 20)[0] <= width or len(list(clusters(line))) == 1
    kept = "".join(lines)
    assert [char for char in kept if char not in " \u200b"] == [char for char in text if char not in " \u200b\n"]


def test_fit() -> None:
    """A line that fits keeps its size; a longer one shrinks until it fits, but not below the smallest."""
    assert fit("ab", 500, 40) == 40
    size = fit("គ្រឿងសម្អាង " * 4, 500, 40)
    assert 12 < size < 40
    assert measure("គ្រឿងសម្អាង " * 4, size)[0] <= 500
    assert fit("ក" * 500, 500, 40, smallest=20) == 20
