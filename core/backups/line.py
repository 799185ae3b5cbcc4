"""One row as one line of JSON: how it is spelled, whoever writes it. It imports nothing of ours.

A line is an array in column order, without spaces, with text as it is and the keys of objects sorted; so the SHA-256
of a table's lines is the table's digest on either engine (``values.py`` says how each column type is written).
"""

import json
from functools import lru_cache

LINES = 500
"""Lines in a block."""
dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode


def of_moment(stored: str) -> str:
    """Spell a moment as SQLite keeps it (``2026-11-21 03:00:00.000000``, UTC, the fraction perhaps missing)."""
    whole, _, fraction = stored.partition(".")
    return f"{whole.replace(' ', 'T')}.{fraction:0<6}Z"


@lru_cache(maxsize=4096)
def of_json(stored: str | float) -> str:
    """Spell a JSON column's value as every line spells it, whatever spaces and order of keys it is kept with.

    To SQLite a column called JSON is numeric: what looks like a number is kept as one.
    """
    return dump(json.loads(stored) if isinstance(stored, str) else stored)


def of_float(stored: float) -> str:
    """Spell a float by the fewest digits that give it back: SQLite gives fifteen. ``ValueError`` for none."""
    return dump(float(stored))
