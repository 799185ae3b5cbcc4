"""Write a row as one line of JSON and read it back: the same bytes whichever engine the row came from. Pure.

A line is an array in column order. Moments are ISO 8601 in UTC with microseconds and ``Z``; JSON columns have their
keys sorted; money and counts are integers. So the SHA-256 of a table's lines is the table's digest on either engine.

SQLite spells its rows itself (:func:`export`), some ten times as fast: what it cannot spell alike (floats, JSON, odd
moments) it asks ``line.py`` for, value by value.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Float, Integer, String, Table

from core.backups.line import LINES, dump
from core.backups.snapshot import Export
from core.database.columns import Big, Json, Moment


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
        block.append(dump(values))
        if len(block) == LINES:
            yield ("\n".join(block) + "\n").encode()
            block.clear()
    if block:
        yield ("\n".join(block) + "\n").encode()


def rows(table: Table, columns: Sequence[str], written: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Read blocks of whole lines as rows by column name; ``ValueError`` for a line that is not one."""
    moments = {table.columns.keys()[place] for place, _ in _converters(table, datetime.fromisoformat)}
    for line in (line for block in written for line in block.removesuffix(b"\n").split(b"\n")):
        row = dict(zip(columns, json.loads(line), strict=True))
        for name in moments:
            if row[name] is not None:
                row[name] = datetime.fromisoformat(row[name])
        yield row


# ── as SQLite spells it ──────────────────────────────────────────────────────────────────────────────────────────────
def export(table: Table) -> Export:
    """Say how SQLite writes a table's rows as :func:`lines` does; ``TypeError`` for a column type without a rule."""
    spelled = ", ".join(_spelled(column) for column in table.columns)
    keys = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
    query = f'SELECT json_array({spelled}) FROM "{table.name}" ORDER BY {keys}'
    return Export(table.name, tuple(table.columns.keys()), query)


def _spelled(column: Column[Any]) -> str:
    """Say what goes into ``json_array``: it spells numbers and text itself, and leaves what is ``json`` as it is."""
    name, kind = f'"{column.name}"', column.type
    if not _as_it_is(column) and not isinstance(kind, Moment):
        msg = f"{column}: no rule how {kind!r} is written in a backup"
        raise TypeError(msg)
    if isinstance(kind, Boolean):
        cases = f"WHEN {name} THEN json('true') ELSE json('false')"
    elif isinstance(kind, Moment):
        cases = f"WHEN length({name}) = 26 THEN replace({name}, ' ', 'T') || 'Z' ELSE line_moment({name})"
    elif isinstance(kind, Float):
        cases = f"ELSE json(line_float({name}))"
    elif isinstance(kind, JSON):
        cases = f"ELSE json(line_json({name}))"
    else:
        return name
    return f"CASE WHEN {name} IS NULL THEN NULL {cases} END"
