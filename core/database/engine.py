"""One transaction is a plain function over a Core ``Connection``, run in one hop: ``await db.write(fn, …)``.

No ``await`` can stand inside such a function, so no network call can either. It runs whole or not at all; on a
deadlock, a serialisation failure or a key that was taken meanwhile it runs again, so it must hold no state of its own.
SQLite runs it on aiosqlite's thread (one writer with BEGIN IMMEDIATE, a few ``query_only`` readers); PostgreSQL through
``AsyncConnection.run_sync``.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, Self, TypeVar

import aiosqlite
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool

from core import changes
from core.changes import KINDS, Change, Changes
from core.database.compiled import ONCE, SQLITE
from core.database.overhearing import PULSE, Overhearing

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[Connection, P], T]

READERS = 2
EVERYTHING = [Change(kind) for kind in KINDS]
"""What may have changed where all that is known is that something did."""
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

    async def apart(self, statement: str) -> None:
        """Run one statement of ours outside any transaction: what tidies a database will not stand in one."""
        ...

    def overhear(self) -> None:
        """Ring for what other processes changed until now, before something kept in memory is believed.

        Some microseconds, no await. Where the server itself tells (PostgreSQL) there is nothing to do.
        """
        ...

    def in_place(self) -> bool:
        """Tell whether what is open is still what its address names: a file can be moved away beneath a process."""
        ...

    async def close(self) -> None:
        """Finish what runs and let go of the files and sockets."""
        ...


_WRITING = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=1")
_INCREMENTAL = 2
"""``PRAGMA auto_vacuum``: true of a file from its first page on, of an older one after the next VACUUM."""


def _set_up(raw: sqlite3.Connection, readonly: bool) -> None:  # noqa: FBT001 - run on another thread, by place
    """Say how a connection works: all of it in one hop, for each of a shop's three."""
    if not readonly:
        _vacuum_by_steps(raw)
    for pragma in (f"busy_timeout={BUSY_MS}", "cache_size=-16000", *(("query_only=1",) if readonly else _WRITING)):
        raw.execute(f"PRAGMA {pragma}").close()


def _vacuum_by_steps(raw: sqlite3.Connection) -> None:
    """Set it only where it is not: said again it writes a page, also of a file that is not ours to open."""
    ((found,),) = raw.execute("PRAGMA auto_vacuum").fetchall()
    if found != _INCREMENTAL:
        raw.execute("PRAGMA auto_vacuum=INCREMENTAL").close()


class _Thread:
    """One aiosqlite connection, entered by a sync engine on aiosqlite's own thread: once, for as long as it is open."""

    def __init__(self, connection: aiosqlite.Connection, begin: str) -> None:
        self._connection = connection
        raw = connection._conn  # noqa: SLF001 - the one documented-by-use way to the sqlite3 connection of its thread
        self.engine = create_engine(
            f"{SQLITE}://", creator=lambda: raw, poolclass=StaticPool, hide_parameters=True, execution_options=ONCE
        )
        event.listen(self.engine, "begin", lambda _tx: raw.execute(begin))  # by SQLAlchemy it costs half a transaction

    @classmethod
    async def open(cls, path: Path, *, readonly: bool) -> Self:
        connection = aiosqlite.connect(path, isolation_level=None, timeout=BUSY_MS / 1000)
        try:
            await connection
        except BaseException:
            connection._thread.join()  # noqa: SLF001 - its last answer must not find the loop closed
            raise
        try:
            await connection._execute(_set_up, connection._conn, readonly)  # type: ignore[no-untyped-call]  # noqa: SLF001 - one hop
        except BaseException:
            await _closed(connection)  # its thread would keep the process alive
            raise
        return cls(connection, "BEGIN" if readonly else "BEGIN IMMEDIATE")

    @cached_property
    def _tx(self) -> Connection:
        return self.engine.connect()

    async def run(self, work: Callable[[Connection], T]) -> T:
        result: T = await self._connection._execute(self._enter, work)  # type: ignore[no-untyped-call]  # noqa: SLF001 - one hop
        return result

    def _enter(self, work: Callable[[Connection], T]) -> T:
        """Work on its own thread. A refused COMMIT leaves SQLite in its transaction, which nobody may inherit."""
        try:
            return work(self._tx)
        except BaseException:
            self._connection._conn.rollback()  # noqa: SLF001 - as above; where nothing is open it does nothing
            raise

    async def close(self) -> None:
        try:
            if self._connection._thread.is_alive():  # noqa: SLF001 - else it was closed before
                await self.run(Connection.close)
        finally:
            await _closed(self._connection)


async def _closed(connection: aiosqlite.Connection) -> None:
    await connection.close()
    connection._thread.join()  # noqa: SLF001 - it ends a moment after its last answer


class SqliteDatabase:
    """The embedded default: a file in WAL mode, ``synchronous=FULL``."""

    dialect = "sqlite"

    def __init__(self, path: Path, writer: _Thread, readers: list[_Thread], bells: Changes) -> None:
        self._path, self._identity = path, _identity(path)
        self._writer, self._readers, self._bells = writer, readers, bells
        self._others = Overhearing(path)
        self._waiting = asyncio.create_task(self._keep_hearing(), name="overhearing")
        self._free: asyncio.Queue[_Thread] = asyncio.Queue()
        for reader in readers:
            self._free.put_nowait(reader)

    @classmethod
    async def open(cls, path: Path, bells: Changes) -> Self:
        """Open or make the file at ``path``; ``sqlite3.OperationalError`` when it cannot be written."""
        threads: list[_Thread] = []
        try:
            for readonly in (False, *(True,) * READERS):
                threads.append(await _Thread.open(path, readonly=readonly))  # noqa: PERF401 - those so far are closed below
            return cls(path, threads[0], threads[1:], bells)
        except BaseException:
            for thread in threads:
                await thread.close()
            raise

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one read-write transaction; see :class:`Database`."""

        def run(tx: Connection) -> tuple[T, list[changes.Change]]:
            missed = False
            tx.info.pop(changes.NOTES, None)
            with tx.begin():
                result = work(tx, *args, **kwargs)
                if tx.info.get(changes.NOTES):
                    missed = self._others.set(tx.connection.dbapi_connection)
            return result, EVERYTHING if missed else changes.noted(tx)

        async def whole() -> T:
            result, rung = await self._writer.run(run)
            self._bells.ring(rung)
            return result

        return await asyncio.shield(whole())  # a caller who gives up stops neither the commit nor its bells

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one read-only transaction; see :class:`Database`."""

        def run(tx: Connection) -> T:
            with tx.begin():
                return work(tx, *args, **kwargs)

        reader = await self._free.get()
        try:
            return await asyncio.shield(reader.run(run))
        finally:
            self._free.put_nowait(reader)

    async def apart(self, statement: str) -> None:
        """Run one statement in the writer's turn; see :class:`Database`."""

        def run(tx: Connection) -> None:
            cursor = tx.connection.cursor()
            cursor.execute(statement)
            cursor.close()

        await asyncio.shield(self._writer.run(run))

    def overhear(self) -> None:
        """Look at the mark in the file's header; see :class:`Database`."""
        if self._others.missed():
            self._bells.ring(EVERYTHING)

    async def _keep_hearing(self) -> None:
        """Ring in time for who only waits: a page that follows an order, the outbox."""
        while True:
            await asyncio.sleep(PULSE)
            self.overhear()

    def in_place(self) -> bool:
        """Compare device and inode of the path with the open file's: deleted and replaced are both another file.

        The file itself is not opened: closing it again would drop the locks that SQLite holds on it in this process.
        """
        return self._identity is not None and _identity(self._path) == self._identity

    async def close(self) -> None:
        """Fold the WAL back into the file and close every connection."""
        self._waiting.cancel()
        await asyncio.gather(self._waiting, return_exceptions=True)
        self._others.close()
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
