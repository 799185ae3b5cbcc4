"""How much of a button's words a phone shows, and buttons laid out so that it shows all.

Telegram for Android draws them in 15 px, medium, on one line, and ends with "…" what has no room. On a screen of
360 px, the narrowest that is common, a message with a picture is 296 px wide; the buttons of a row share that evenly.
"""

from collections.abc import Iterable
from functools import lru_cache

from bot.screen import Button, Rows
from core.pictures.shaping import drawable
from core.pictures.text import measure, shorten

MESSAGE, EDGE, GAP, PADDING = 296, 2, 5, 5
SIZE, WEIGHT = 15, 500
EMOJI, SIGN = 20, 15
"""Pixels for what our fonts lack: an emoji is wider than letters, any other sign at most as wide as they are tall."""
JOINERS = "\N{VARIATION SELECTOR-16}\N{ZERO WIDTH JOINER}"


def room(buttons: int) -> float:
    """Pixels for the words of a button that stands with others in a row."""
    return (MESSAGE - EDGE - GAP * (buttons - 1)) / buttons - 2 * PADDING


@lru_cache(maxsize=4096)
def width(words: str) -> float:
    """Pixels that a button's words take."""
    drawn = set(drawable(words, WEIGHT))
    lacking = [char for char in words if char not in drawn and char not in JOINERS]
    return measure(words, SIZE, WEIGHT)[0] + sum(EMOJI if char > "\uffff" else SIGN for char in lacking)


def within(words: str, buttons: int) -> str:
    """Cut words so that a button in a row of so many shows all that is left of them."""
    return shorten(words, room(buttons), SIZE, weight=WEIGHT)


def begun(words: str) -> str:
    """Write the words of a sentence as a button begins: with a capital letter, where the script has any."""
    return words[:1].upper() + words[1:]


def paired(buttons: Iterable[Button], most: int = 2) -> Rows:
    """Lay buttons out two in a row, or as many as ``most``; where words would be cut, fewer; they keep their order.

    Four of which three have room make two rows of two: none is left alone below them.
    """
    left, rows = tuple(buttons), []
    while left:
        whole = (n for n in range(min(most, len(left)), 1, -1) if all(width(b.text) <= room(n) for b in left[:n]))
        count = next(whole, 1)
        alone = most > count > 2 and len(left) == count + 1  # noqa: PLR2004
        count -= alone
        rows.append(left[:count])
        left = left[count:]
    return tuple(rows)
