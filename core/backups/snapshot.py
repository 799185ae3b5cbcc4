"""One consistent view of the whole database to export from, while the shop goes on selling.

Here is SQLite's, with nothing imported but what it needs; PostgreSQL's is ``postgres.py``.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from core.backups import line

T = TypeVar("T")
BUSY_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Export:
    """A table as SQLite writes it: a query with one line a row, in primary-key order."""

    table: str
    columns: tuple[str, ...]
    query: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where the database is: a SQLite file's path or a PostgreSQL address (which may hold a password).

    ``exports`` are the tables of a SQLite file; empty: as the code knows them.
    """

    dialect: str
    where: str = field(repr=False)
    exports: tuple[Export, ...] = ()


class View(Protocol):
    """A database at one moment: its revision, the shop's number (0: none yet), and its tables' rows as lines."""

    dialect: str

    def schema(self) -> str:
        """Name the revision."""
        ...

    def shop(self) -> int:
        """Name the shop."""
        ...

    def tables(self) -> Sequence[tuple[str, tuple[str, ...]]]:
        """Name the tables and their columns."""
        ...

    def count(self, table: str) -> int:
        """Count a table's rows."""
        ...

    def blocks(self, table: str) -> Iterator[bytes]:
        """Write a table's rows as lines."""
        ...


def on_snapshot(source: Source, scratch: Path, work: Callable[[View], T]) -> T:
    """Run ``work`` on a snapshot; ``scratch`` is a file's name that SQLite may use and that is gone afterwards."""
    if source.dialect == "postgresql":
        from core.backups import postgres  # noqa: PLC0415 - a second of imports that SQLite needs none of

        return postgres.on_snapshot(source.where, work)
    try:
        with closing(_copy(Path(source.where), scratch)) as copy:
            return work(SqliteView(copy, source.exports or _all_exports()))
    finally:
        scratch.unlink(missing_ok=True)


def _all_exports() -> tuple[Export, ...]:
    from core.backups import postgres  # noqa: PLC0415 - the service says them; only a test or a drill does not

    return postgres.exports()


def _copy(live: Path, scratch: Path) -> sqlite3.Connection:
    """Copy by SQLite's backup API in one step: small steps never finish beside a writer, a file copy may be corrupt.

    Where the system allows it the copy has no name any more when it is filled: a kill leaves none of it behind.
    """
    source = sqlite3.connect(f"{live.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    target = sqlite3.connect(scratch)
    try:
        target.execute("PRAGMA journal_mode=OFF")  # nothing beside it either
        target.execute("PRAGMA synchronous=OFF")
        source.backup(target, pages=-1)
    finally:
        target.close()
        source.close()
    # Immutable: it says of itself that it is in WAL mode, which would want files beside it.
    copy = sqlite3.connect(f"{scratch.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    if os.name != "nt":
        scratch.unlink()
    return copy


class SqliteView:
    """A copy of a SQLite database that nobody else has open."""

    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection, exports: Sequence[Export]) -> None:
        self._connection, self._exports = connection, {export.table: export for export in exports}
        for name, spell in (("moment", line.of_moment), ("json", line.of_json), ("float", line.of_float)):
            connection.create_function(f"line_{name}", 1, spell, deterministic=True)
        connection.text_factory = bytes

    def schema(self) -> str:
        """The Alembic revision; empty for a database that was never migrated."""
        found = self._connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return found[0].decode() if found else ""

    def shop(self) -> int:
        """The number that the shop was given at its birth."""
        found = self._connection.execute("SELECT value FROM counters WHERE name = 'shop'").fetchone()
        return int(found[0]) if found else 0

    def tables(self) -> Sequence[tuple[str, tuple[str, ...]]]:
        """Tables and their columns."""
        return [(export.table, export.columns) for export in self._exports.values()]

    def count(self, table: str) -> int:
        """Count one table's rows."""
        return int(self._connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])

    def blocks(self, table: str) -> Iterator[bytes]:
        """Write a table's rows as lines, some hundred at a time."""
        rows = self._connection.execute(self._exports[table].query)
        while some := rows.fetchmany(line.LINES):
            yield b"\n".join(row[0] for row in some) + b"\n"
