"""The chat page's own words: every sentence that is said anywhere on it stands in Khmer too."""

import re
from pathlib import Path

import pytest

PAGES = Path(__file__).resolve().parents[4] / "bot" / "sandbox" / "page"


def test_every_sentence_of_the_page_has_its_khmer() -> None:
    """What stands in a call of t, say or sayAt, and in the tables of names, is in khmer.js."""
    known = (PAGES / "khmer.js").read_text("utf-8")
    own = {"calls.js", "faults.js", "bankpanel.js", "inspector.js", "toolwords.js"}  # these bring words of their own
    said: set[str] = set()
    for path in PAGES.glob("*.js"):
        if path.name not in own:
            text = path.read_text("utf-8")
            said |= set(re.findall(r"(?<!\w)(?:t|say|sayAt)\((?:[\w.]+, )?\"([^\"]+)\"", text))
            said |= (
                set(re.findall(r"=> (?:\w+\.\w+\s+\? )?\[\"([^\"]+)\"", text)) if path.name == "service.js" else set()
            )
    missing = [
        one for one in sorted(said) if f'"{one}":' not in known and not re.search(rf"\b{re.escape(one)}: ", known)
    ]
    assert len(said) > 100
    assert missing == []


def _light(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [0, 1])
def test_grey_words_are_read_on_every_ground(dark: int) -> None:
    """Times, names of tools and what is small: 4.5 to 1 at least (WCAG 1.4.3), in light and in dark."""
    found = re.findall(r"--([a-z0-9-]+): light-dark\((#\w{6}), (#\w{6})\)", (PAGES / "theme.css").read_text("utf-8"))
    ink = next(_light(pair[dark]) for name, *pair in found if name == "ink-2")
    grounds = {"ground", "surface", "surface-2", "bubble", "own", "wall", "wall-2"}
    for name, *pair in found:
        if name in grounds:
            lighter, darker = sorted((ink, _light(pair[dark])), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (name, pair[dark])
