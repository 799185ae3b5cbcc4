"""One consistent view of the whole database to export from, while the shop goes on selling."""

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, create_engine, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

T = TypeVar("T")
BUSY_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Source:
    """Where the database is: a SQLite file's path or a PostgreSQL address (which may hold a password)."""

    dialect: str
    where: str = field(repr=False)


def on_snapshot(source: Source, scratch: Path, work: Callable[[Connection], T]) -> T:
    """Run ``work`` on a snapshot; ``scratch`` is a file's name that SQLite may use and that is gone afterwards."""
    if source.dialect == "postgresql":
        return asyncio.run(_on_postgres(source.where, work))
    try:
        _copy(Path(source.where), scratch)
        return _on_file(scratch, work)
    finally:
        scratch.unlink(missing_ok=True)


def _copy(live: Path, scratch: Path) -> None:
    """Copy by SQLite's backup API in one step: small steps never finish beside a writer, a file copy may be corrupt."""
    source = sqlite3.connect(f"{live.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    target = sqlite3.connect(scratch)
    try:
        target.execute("PRAGMA synchronous=OFF")
        source.backup(target, pages=-1)
    finally:
        target.close()
        source.close()


def _on_file(scratch: Path, work: Callable[[Connection], T]) -> T:
    address = f"{scratch.resolve().as_uri()}?mode=ro&immutable=1"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool)
    with engine.begin() as tx:
        return work(tx)


async def _on_postgres(url: str, work: Callable[[Connection], T]) -> T:
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True, postgresql_deferrable=True
        )
        async with connection.begin():
            return await connection.run_sync(work)
