"""SQLite spells its own rows: byte for byte as they are spelled when they are read through SQLAlchemy."""

import math
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    insert,
    text,
)
from sqlalchemy.pool import StaticPool

from core.backups import line, postgres, store, values
from core.backups.snapshot import SqliteView
from core.database.columns import Big, Json, Moment
from core.database.tables import metadata

EVERY = Table(
    "every", MetaData(), Column("id", Big, primary_key=True), Column("whole", Integer), Column("large", BigInteger),
    Column("words", String(50)), Column("text", Text), Column("yes", Boolean), Column("place", Float),
    Column("json", Json), Column("at", Moment),
)  # fmt: skip
"""A column of each kind that the shop's tables have."""
ODD = "ខ្មែរ \"'\\\b\f\n\r\t\x1f\x7f\u2028 💄 </script>"
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
NUMBERS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | FLOATS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
MOMENTS = st.integers(0, 10**17).map(lambda far: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=far))
ROWS = st.fixed_dictionaries({
    "whole": st.none() | st.integers(-(2**31), 2**31), "large": st.none() | NUMBERS, "words": st.none() | WORDS,
    "text": st.none() | WORDS | st.just(ODD), "yes": st.none() | st.booleans(), "place": st.none() | FLOATS,
    "json": PLAIN, "at": st.none() | MOMENTS,
})  # fmt: skip


def both(rows: list[dict[str, object]], *, as_stored: str = "") -> tuple[bytes, bytes]:
    """Write rows to a SQLite database; returns what SQLAlchemy reads as lines, and what SQLite itself spells."""
    raw = sqlite3.connect(":memory:", check_same_thread=False)
    engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
    with engine.begin() as tx:
        EVERY.metadata.create_all(tx)
        for number, row in enumerate(rows):
            tx.execute(insert(EVERY).values(id=number, **row))
        if as_stored:
            tx.execute(text(as_stored))
        slow = b"".join(values.lines(EVERY, store.rows(tx, EVERY)))
    fast = b"".join(SqliteView(raw, [values.export(EVERY)]).blocks("every"))
    engine.dispose()
    return slow, fast


@settings(max_examples=20)  # each makes a database; so many rows at once find as much
@given(st.lists(ROWS, min_size=1, max_size=12))
def test_sqlite_spells_rows_as_they_are_read(rows: list[dict[str, object]]) -> None:
    """Any text, number, float, JSON and moment: the same bytes, so the same digest as PostgreSQL's."""
    slow, fast = both(rows)
    assert slow == fast


@pytest.mark.parametrize("stored", ["2026-11-21 03:00:00", "2026-11-21 03:00:00.5", "2026-11-21 03:00:00.000001"])
def test_a_moment_written_by_hand(stored: str) -> None:
    """A migration's ``CURRENT_TIMESTAMP`` has no fraction: it is spelled with one all the same."""
    slow, fast = both([{"words": "x"}], as_stored=f"UPDATE every SET at = '{stored}'")
    if stored.endswith(".5"):  # no database of ours writes half a fraction; SQLAlchemy reads it as five microseconds
        assert fast.count(b"03:00:00.500000Z") == 1
    else:
        assert slow == fast


def test_no_number_is_no_backup() -> None:
    """Infinity is no JSON: neither way writes a line that cannot be read again."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        both([{"place": math.inf}])
    with pytest.raises(ValueError, match="not JSON compliant"):
        line.of_float(math.inf)


def test_a_column_without_a_rule_is_refused() -> None:
    """A new column type stops the backup with its name, instead of being written somehow."""
    strange = Table("strange", MetaData(), Column("id", Big, primary_key=True), Column("raw", LargeBinary))
    with pytest.raises(TypeError, match=r"strange\.raw"):
        values.export(strange)


def test_every_table_of_the_shop_is_exported(sqlite_template: Path) -> None:
    """SQLite takes the query of each table, none is forgotten, and none waits for a function of another name."""
    view = SqliteView(sqlite3.connect(sqlite_template), postgres.exports())
    assert {name for name, _ in view.tables()} == set(metadata.tables)
    for name, columns in view.tables():
        assert list(columns) == list(metadata.tables[name].columns.keys())
        assert list(view.blocks(name)) == [] or view.count(name)
    assert view.schema()
