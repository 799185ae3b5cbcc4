"""The chat page's own words: every sentence that is said anywhere on it stands in Khmer too."""

import re
from pathlib import Path

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
