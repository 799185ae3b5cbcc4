"""PostgreSQL by one setting: the same plain functions, run through asyncpg; bells travel by LISTEN/NOTIFY."""

import asyncio
import errno
import json
import logging
import secrets
from typing import Any, Self

import asyncpg
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from core import changes
from core.changes import KINDS, Change, Changes
from core.database.compiled import ONCE, POSTGRES
from core.database.engine import P, T, Work
from core.database.listening import Listener

log = logging.getLogger(__name__)

CHANNEL = "haang_changes"
TRIES = 5
WRITERS = 4
"""So many write at once, the others in their turn: those who wait for one row PostgreSQL wakes in no fair order."""
AGAIN = {"40001", "40P01", "23505"}
"""serialization_failure, deadlock_detected, unique_violation: a word that was free as it was looked for and is taken.
Run again it is seen, and another one found or a sentence said."""
DATA_EXCEPTION = "22"
MOST_BELLS = 200  # a notification holds 8,000 bytes
NO_WAY = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}


class Unreached(ConnectionError):
    """No server is where the address points: no way leads to its host, or its socket is gone."""


class PostgresDatabase:
    """One of several processes may hold this; nothing of the truth is kept in memory."""

    dialect = "postgresql"

    def __init__(self, engine: AsyncEngine, bells: Changes) -> None:
        self._engine, self._bells = engine, bells
        self._name = secrets.token_hex(4)
        self._listener: Listener | None = None
        self._running: set[asyncio.Task[Any]] = set()
        self._turn = asyncio.Semaphore(WRITERS)

    @classmethod
    async def open(cls, url: str, bells: Changes) -> Self:
        """Connect to ``postgresql://…``; ``OSError`` or ``asyncpg.PostgresError`` when the server refuses."""
        plain = make_url(url).set(drivername="postgresql")
        engine = create_async_engine(
            plain.set(drivername=POSTGRES), pool_size=8, max_overflow=4, pool_pre_ping=True, hide_parameters=True,
            execution_options=ONCE, connect_args={"async_creator_fn": reach},
        )  # fmt: skip
        database = cls(engine, bells)
        address = plain.render_as_string(hide_password=False)
        database._listener = Listener(address, CHANNEL, database._heard, database._missed)
        await database._listener.open()
        return database

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one read-write transaction; see :class:`core.database.engine.Database`."""

        def run(tx: Connection) -> tuple[T, list[Change]]:
            tx.info.pop(changes.NOTES, None)
            result = work(tx, *args, **kwargs)
            rung = changes.noted(tx)
            if rung:
                tell = json.dumps([self._name, [[change.kind, change.id] for change in _few(rung)]])
                tx.execute(text("SELECT pg_notify(:channel, :tell)"), {"channel": CHANNEL, "tell": tell})
            return result, rung

        async def whole() -> T:
            async with self._turn:
                result, rung = await self._retrying(run)
            self._bells.ring(rung)
            return result

        running = asyncio.create_task(whole())
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return await asyncio.shield(running)  # a caller who gives up stops neither the commit nor its bells

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one read-only transaction; see :class:`core.database.engine.Database`."""
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        async with self._engine.connect() as connection:
            await connection.execution_options(**options)
            try:
                async with connection.begin():
                    return await connection.run_sync(work, *args, **kwargs)
            except DBAPIError as error:
                _discreet(error)
                raise

    async def apart(self, statement: str) -> None:
        """Run one statement that commits by itself; see :class:`core.database.engine.Database`."""
        async with self._engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.exec_driver_sql(statement)

    def overhear(self) -> None:
        """Do nothing: the line has told it already."""

    def in_place(self) -> bool:
        """Trust the server: it keeps its own files."""
        return True

    async def close(self) -> None:
        """Stop listening, finish what runs and close the pool."""
        if self._listener is not None:
            await self._listener.close()
        await asyncio.gather(*self._running, return_exceptions=True)  # a pool knows nothing of what is still lent out
        await self._engine.dispose()

    async def _retrying(self, run: Work[[], T]) -> T:
        for attempt in range(1, TRIES + 1):
            try:
                async with self._engine.begin() as connection:
                    return await connection.run_sync(run)
            except DBAPIError as error:
                _discreet(error)
                if attempt == TRIES or getattr(error.orig, "sqlstate", None) not in AGAIN:
                    raise
                log.info("transaction ran into another, attempt %d", attempt)
        raise AssertionError  # the loop returns or raises

    def _heard(self, payload: str) -> None:
        name, rung = json.loads(payload)
        if name != self._name:
            self._bells.ring(Change(kind, id_) for kind, id_ in rung)

    def _missed(self) -> None:
        self._bells.ring(Change(kind) for kind in KINDS)


async def reach(**address: Any) -> asyncpg.Connection:
    """Connect; ``Unreached`` where Python has no name of its own for a server that is away.

    A missing file is a socket only where the address is a folder; else it is a certificate of ours.
    """
    try:
        return await asyncpg.connect(**address)
    except OSError as error:
        socket = str(address.get("host")).startswith("/")
        if error.errno in NO_WAY or (error.errno == errno.ENOENT and socket):
            raise Unreached(error.errno, error.strerror) from error
        raise


def _few(rung: list[Change]) -> list[Change]:
    """Say "any of them" of each kind where there are too many changes to name."""
    return rung if len(rung) <= MOST_BELLS else [Change(kind) for kind in dict.fromkeys(change.kind for change in rung)]


def _discreet(error: DBAPIError) -> None:
    """Take values out of PostgreSQL's own message: they may be a person's, and errors are logged.

    The failing row stands in its detail; a data exception (SQLSTATE class 22) quotes the value that does not fit.
    """
    said = error.orig.__cause__ if error.orig else None
    if isinstance(said, asyncpg.PostgresError):
        said.detail = None
        if error.orig and said.sqlstate.startswith(DATA_EXCEPTION):
            said.args = error.orig.args = error.args = (f"{type(said).__name__}: a value does not fit",)
