"""PostgreSQL's consistent view, one read-only transaction; and which tables there are, for a SQLite not told."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TypeVar

import asyncpg
from sqlalchemy import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from core.backups import store, values
from core.backups.snapshot import Export, View
from core.database.tables import metadata
from core.errors import Refused

T = TypeVar("T")


class Unreadable(Refused):
    """The database refused to be read; ``kind`` names the error, whose text may hold rows."""

    def __init__(self, kind: str) -> None:
        super().__init__("backup_unreadable")
        self.kind = kind


class PostgresView:
    """A PostgreSQL transaction that sees one moment."""

    def __init__(self, tx: Connection) -> None:
        self._tx, self.dialect = tx, tx.dialect.name

    def schema(self) -> str:
        """The Alembic revision."""
        return store.schema(self._tx)

    def shop(self) -> int:
        """The number that the shop was given at its birth."""
        return store.number(self._tx)

    def tables(self) -> Sequence[tuple[str, tuple[str, ...]]]:
        """Tables and their columns."""
        return [(table.name, tuple(table.columns.keys())) for table in metadata.sorted_tables]

    def count(self, table: str) -> int:
        """Count one table's rows."""
        return store.count(self._tx, metadata.tables[table])

    def blocks(self, table: str) -> Iterator[bytes]:
        """Write a table's rows as lines, some hundred at a time."""
        return values.lines(metadata.tables[table], store.rows(self._tx, metadata.tables[table]))


def on_snapshot(url: str, work: Callable[[View], T]) -> T:
    """Run ``work`` on one moment of the database at ``url``; ``Unreadable`` when it cannot be read."""
    try:
        return asyncio.run(_on_snapshot(url, work))
    except (SQLAlchemyError, asyncpg.PostgresError, ConnectionError) as error:
        raise Unreadable(type(error).__name__) from None


async def _on_snapshot(url: str, work: Callable[[View], T]) -> T:
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True, postgresql_deferrable=True
        )
        async with connection.begin():
            return await connection.run_sync(lambda tx: work(PostgresView(tx)))


@cache
def exports() -> tuple[Export, ...]:
    """Every table as SQLite writes it."""
    return tuple(values.export(table) for table in metadata.sorted_tables)
