"""Who may be at the shop's database: those who serve from it, or one who has it alone and puts another there.

SQLite: who serves holds ``.lock``; who wants it alone holds ``maintenance.json`` first, the servers see that soon,
close everything, and the lock is free. PostgreSQL: who serves shares an advisory lock, who wants it alone
waits for it, which the servers see. Locks of either kind end with the process that holds them, however it ends.
"""

import asyncio
import json
import logging
import os
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import asyncpg
from sqlalchemy import make_url

from core import environment
from core.config import Config
from core.errors import Refused, StartRefused

log = logging.getLogger(__name__)

FILE = "maintenance.json"
LOCK = ".lock"
PAUSE = 0.5
"""Seconds between two looks whether somebody wants the database alone."""
TRIES = 10
"""How often a server tries to take its place: whoever only looks (:func:`served`) holds it for a moment."""
PATIENCE = 30.0
"""Seconds that whoever wants it alone waits for the others."""
_KEYS = 0x4841, 0x414E
_ASKED = """SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND classid::bigint = $1 AND objid::bigint = $2)"""
_SERVED = """SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND classid::bigint = $1 AND objid::bigint = $2)"""
_GONE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


class Place(Protocol):
    """A server's place at the database."""

    async def wanted(self) -> None:
        """Return when somebody wants the database alone: close the shop and leave."""
        ...


@asynccontextmanager
async def serving(config: Config) -> AsyncIterator[Place]:
    """Take a place at the database; waits while somebody has it alone. One server on SQLite, several on PostgreSQL.

    ``StartRefused`` where another process serves the same data folder already.
    """
    if config.database_url:
        async with _shared(config) as place:
            yield place
        return
    with ExitStack() as stack:
        tries = TRIES
        while True:
            await _until(config.data_dir, wanted=False)
            try:
                stack.enter_context(environment.alone(config.data_dir / LOCK, wait=False))
                break
            except BlockingIOError:
                if asked(config.data_dir):
                    continue
                tries -= 1
                if not tries:
                    sentence = f"Another Haang already serves {config.data_dir.name}/. Stop it first."
                    raise StartRefused(sentence) from None
                await asyncio.sleep(PAUSE / 10)
        yield _Folder(config.data_dir)


@asynccontextmanager
async def alone(config: Config, patience: float = PATIENCE) -> AsyncIterator[None]:
    """Have the database alone: ask who serves to stand aside, and wait for it.

    ``Refused("restore_in_use")`` when they did not within ``patience`` seconds; then they serve on as before.
    """
    if config.database_url:
        async with _exclusive(config, patience):
            yield
        return
    with ExitStack() as stack:
        deadline = time.monotonic() + patience
        file = await _locked(stack, config.data_dir / FILE, min(deadline, time.monotonic() + 4 * PAUSE))
        file.truncate(0)
        file.write(json.dumps({"since": datetime.now(UTC).isoformat(timespec="seconds"), "process": os.getpid()}))
        file.flush()
        stack.callback(_emptied, file)
        await _locked(stack, config.data_dir / LOCK, deadline)
        yield


def asked(folder: Path) -> bool:
    """Tell whether somebody has the database of a data folder alone, or wants it so; a killed one does not."""
    file = folder / FILE
    try:
        if not file.stat().st_size:
            return False
        with environment.alone(file, wait=False):
            return False
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True


async def served(config: Config) -> bool:
    """Tell whether a process serves from this database now, on this machine or, with PostgreSQL, on any.

    Whoever has it alone for a moment counts too. ``StartRefused`` where the server cannot be asked.
    """
    if config.database_url:
        async with _connected(config) as connection:
            return bool(await connection.fetchval(_SERVED, *_KEYS))
    lock = config.data_dir / LOCK
    if not lock.exists():
        return False
    try:
        with environment.alone(lock, wait=False):
            return False
    except BlockingIOError:
        return True


# ── SQLite ───────────────────────────────────────────────────────────────────────────────────────────────────────────
class _Folder:
    """A place at a SQLite file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def wanted(self) -> None:
        await _until(self._folder, wanted=True)


async def _until(folder: Path, *, wanted: bool) -> None:
    """Look until somebody wants the database of a folder alone, or nobody any more; a file rings no bell."""
    while asked(folder) is not wanted:  # noqa: ASYNC110 - another process is waited for
        await asyncio.sleep(PAUSE)


async def _locked(stack: ExitStack, path: Path, deadline: float) -> Any:
    """Lock a file; who only looks holds it for a moment, so it is tried again until ``deadline`` (monotonic)."""
    while True:
        try:
            return stack.enter_context(environment.alone(path, wait=False))
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Refused("restore_in_use") from None
            await asyncio.sleep(PAUSE / 10)


def _emptied(file: Any) -> None:
    with suppress(OSError):
        file.truncate(0)


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────────────────────────
class _Session:
    """A place at a PostgreSQL: a connection of its own holds the shared lock, and is made again when it breaks."""

    def __init__(self, address: str, connection: Any) -> None:
        self._address, self.connection = address, connection

    async def wanted(self) -> None:
        while True:
            await asyncio.sleep(PAUSE)
            try:
                if self.connection.is_closed():
                    self.connection = await asyncpg.connect(self._address)
                    if not await self.connection.fetchval("SELECT pg_try_advisory_lock_shared($1, $2)", *_KEYS):
                        return
                if await self.connection.fetchval(_ASKED, *_KEYS):
                    return
            except _GONE as error:
                log.info("the place at the database is lost (%s), it is taken again", type(error).__name__)


@asynccontextmanager
async def _connected(config: Config) -> AsyncIterator[Any]:
    """Connect, beside the pool that the shop uses; ``StartRefused`` where that cannot be."""
    try:
        connection = await asyncpg.connect(_address(config))
    except (*_GONE, ValueError) as error:
        sentence = f"The database cannot be opened ({type(error).__name__}). Check HAANG_DATABASE_URL and the server."
        raise StartRefused(sentence) from None
    try:
        yield connection
    finally:
        connection.terminate()


@asynccontextmanager
async def _shared(config: Config) -> AsyncIterator[Place]:
    async with _connected(config) as connection:
        place = _Session(_address(config), connection)
        try:
            await connection.execute(f"SELECT pg_advisory_lock_shared({_KEYS[0]}, {_KEYS[1]})")
            yield place
        finally:
            place.connection.terminate()


@asynccontextmanager
async def _exclusive(config: Config, patience: float) -> AsyncIterator[None]:
    async with _connected(config) as connection:
        await connection.execute(f"SET lock_timeout = {int(patience * 1000)}")
        try:
            await connection.execute(f"SELECT pg_advisory_lock({_KEYS[0]}, {_KEYS[1]})")
        except asyncpg.LockNotAvailableError:
            raise Refused("restore_in_use") from None
        yield


def _address(config: Config) -> str:
    url = config.database_url.get_secret_value() if config.database_url else ""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
