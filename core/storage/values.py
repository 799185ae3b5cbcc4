"""Write a row as one line of JSON and read it back: the same bytes whichever engine the row came from. Pure.

A line is an array in column order. Moments are ISO 8601 in UTC with microseconds and ``Z``; JSON columns have their
keys sorted; money and counts are integers. So the SHA-256 of a table's lines is the table's digest on either engine.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Float, Integer, String, Table

from core.database.columns import Big, Json, Moment

LINES = 500
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode


def _moment_out(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _as_it_is(column: Column[Any]) -> bool:
    """Whether JSON has the column's type: numbers, text (Big and BigInteger are Integers here), yes or no, JSON."""
    return column.type in (Big, Json) or isinstance(column.type, (Integer, String, Boolean, Float, JSON))


def _converters(table: Table, moment: Callable[[Any], Any]) -> list[tuple[int, Callable[[Any], Any]]]:
    found = []
    for place, column in enumerate(table.columns):
        if isinstance(column.type, Moment):
            found.append((place, moment))
        elif not _as_it_is(column):
            msg = f"{table.name}.{column.name}: no rule how {column.type!r} is written in a backup"
            raise TypeError(msg)
    return found


def lines(table: Table, rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Write rows, some hundred lines at a time; ``TypeError`` for a column type without a rule."""
    converters = _converters(table, _moment_out)
    block: list[str] = []
    for row in rows:
        values = list(row)
        for place, convert in converters:
            if values[place] is not None:
                values[place] = convert(values[place])
        block.append(_dump(values))
        if len(block) == LINES:
            yield ("\n".join(block) + "\n").encode()
            block.clear()
    if block:
        yield ("\n".join(block) + "\n").encode()


def rows(table: Table, columns: Sequence[str], written: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Read lines as rows by column name; ``ValueError`` for a line that is not one."""
    moments = {table.columns.keys()[place] for place, _ in _converters(table, datetime.fromisoformat)}
    for line in written:
        row = dict(zip(columns, json.loads(line), strict=True))
        for name in moments:
            if row[name] is not None:
                row[name] = datetime.fromisoformat(row[name])
        yield row
