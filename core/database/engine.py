"""One transaction is a plain function over a Core ``Connection``, run in one hop: ``await db.write(fn, …)``.

No ``await`` can stand inside such a function, so no network call can either. It runs whole or not at all; on a deadlock
or a serialisation failure it runs again, so it must hold no state of its own. SQLite runs it on aiosqlite's thread
(one writer with BEGIN IMMEDIATE, a few ``query_only`` readers); PostgreSQL through ``AsyncConnection.run_sync``.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, Self, TypeVar

import aiosqlite
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from core import changes
from core.changes import Changes

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[Connection, P], T]

READERS = 2
BUSY_MS = 15_000


class Database(Protocol):
    """Where the shop's facts are kept."""

    dialect: str

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work(tx, …)`` as one read-write transaction; commit, then ring the bells it noted."""
        ...

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work(tx, …)`` on one consistent view; writing is refused by the database itself."""
        ...

    def in_place(self) -> bool:
        """Tell whether what is open is still what its address names: a file can be moved away beneath a process."""
        ...

    async def close(self) -> None:
        """Finish what runs and let go of the files and sockets."""
        ...


class _Thread:
    """One aiosqlite connection, entered by a sync engine on aiosqlite's own thread."""

    def __init__(self, connection: aiosqlite.Connection, begin: str) -> None:
        self._connection = connection
        raw = connection._conn  # noqa: SLF001 - the one documented-by-use way to the sqlite3 connection of its thread
        self.engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool, hide_parameters=True)
        event.listen(self.engine, "begin", lambda tx: tx.exec_driver_sql(begin))

    @classmethod
    async def open(cls, path: Path, *, readonly: bool) -> Self:
        connection = await aiosqlite.connect(path, isolation_level=None, timeout=BUSY_MS / 1000)
        pragmas = ("query_only=1",) if readonly else ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=1")
        try:
            for pragma in (f"busy_timeout={BUSY_MS}", "cache_size=-16000", *pragmas):
                cursor = await connection.execute(f"PRAGMA {pragma}")
                await cursor.close()
        except BaseException:
            await connection.close()  # its thread would keep the process alive
            raise
        return cls(connection, "BEGIN" if readonly else "BEGIN IMMEDIATE")

    async def run(self, work: Callable[[Engine], T]) -> T:
        result: T = await self._connection._execute(work, self.engine)  # type: ignore[no-untyped-call]  # noqa: SLF001 - one hop
        return result

    async def close(self) -> None:
        await self._connection.close()


class SqliteDatabase:
    """The embedded default: a file in WAL mode, ``synchronous=FULL``."""

    dialect = "sqlite"

    def __init__(self, path: Path, writer: _Thread, readers: list[_Thread], bells: Changes) -> None:
        self._path, self._identity = path, _identity(path)
        self._writer, self._readers, self._bells = writer, readers, bells
        self._free: asyncio.Queue[_Thread] = asyncio.Queue()
        for reader in readers:
            self._free.put_nowait(reader)

    @classmethod
    async def open(cls, path: Path, bells: Changes) -> Self:
        """Open or make the file at ``path``; ``sqlite3.OperationalError`` when it cannot be written."""
        writer = await _Thread.open(path, readonly=False)
        return cls(path, writer, [await _Thread.open(path, readonly=True) for _ in range(READERS)], bells)

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one read-write transaction; see :class:`Database`."""

        def run(engine: Engine) -> tuple[T, list[changes.Change]]:
            with engine.connect() as tx:
                tx.info.pop(changes.NOTES, None)
                with tx.begin():
                    result = work(tx, *args, **kwargs)
                return result, changes.noted(tx)

        async def whole() -> T:
            result, rung = await self._writer.run(run)
            self._bells.ring(rung)
            return result

        return await asyncio.shield(whole())  # a caller who gives up stops neither the commit nor its bells

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one read-only transaction; see :class:`Database`."""

        def run(engine: Engine) -> T:
            with engine.begin() as tx:
                return work(tx, *args, **kwargs)

        reader = await self._free.get()
        try:
            return await asyncio.shield(reader.run(run))
        finally:
            self._free.put_nowait(reader)

    def in_place(self) -> bool:
        """Compare device and inode of the path with the open file's: deleted and replaced are both another file.

        The file itself is not opened: closing it again would drop the locks that SQLite holds on it in this process.
        """
        return self._identity is not None and _identity(self._path) == self._identity

    async def close(self) -> None:
        """Fold the WAL back into the file and close every connection."""
        for thread in (*self._readers, self._writer):
            await thread.close()


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file stands at a path: device and inode; None for none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def sqlite_version() -> tuple[int, ...]:
    """Which SQLite this Python carries (storage.md: before 3.51.3 a WAL-reset bug is known)."""
    return tuple(int(part) for part in sqlite3.sqlite_version.split("."))
