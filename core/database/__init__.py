"""Engine, transaction, tables and migrations. SQL is spoken here and in each feature's ``store.py``, nowhere else."""

import logging
import shutil
import socket
import sqlite3

import asyncpg
from sqlalchemy.exc import ArgumentError, DBAPIError

from core.changes import Changes
from core.config import Config
from core.database import marker
from core.database.engine import Database, SqliteDatabase
from core.database.migrate import Uncarried, prepare
from core.database.postgres import PostgresDatabase
from core.errors import StartRefused
from core.logs import Sparing

__all__ = ["Database", "connect", "is_away", "log_failure"]

FILE = "haang.sqlite3"
REFUSALS = (asyncpg.PostgresError, asyncpg.InterfaceError, sqlite3.Error, OSError, ArgumentError, DBAPIError, Uncarried)
"""What an address, a server or a folder can do wrong before the shop opens."""
_AWAY = (
    ConnectionError, socket.gaierror, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError, asyncpg.CannotConnectNowError,
)  # fmt: skip
LEAST = 1_000_000
"""Bytes that must be free for a file to be opened: with fewer it is the disk, whatever SQLite calls it."""
MAKE_ROOM = (
    "Nothing was lost. Packed logs and files set aside (logs/*.gz, quarantine/) go without it, then the rest: "
    "python run.py emergency --run"
)


def is_away(error: BaseException) -> bool:
    """Tell whether nobody answers there now, a stopped server say: its name says all, and everybody meets it.

    Of several addresses none of which answers, asyncio makes a plain ``OSError`` without a number.
    """
    if isinstance(error, DBAPIError):
        said = error.orig.__cause__ if error.orig else None
        return error.connection_invalidated or (said is not None and is_away(said))
    return isinstance(error, _AWAY) or (type(error) is OSError and error.errno is None)


def log_failure(log: logging.Logger, what: str, error: BaseException, sparing: Sparing | None = None) -> None:
    """Log what failed, with its traceback; in one line where nobody answers, which all that is under way meets.

    What fails again each second gives its ``sparing``: the line is written once, then counted.
    """
    if not is_away(error):
        log.error("%s", what, exc_info=error)
    elif sparing is not None:
        sparing.error(f"{what}: {type(error).__name__}")
    else:
        log.error("%s: %s", what, type(error).__name__)


async def connect(config: Config, bells: Changes) -> Database:
    """Open the database that the configuration names, at the newest schema; ``StartRefused`` says what is wrong.

    A SQLite file that is gone is not made anew where a shop was: a restore puts a whole one there.
    """
    try:
        database = await _open(config, bells)
        try:
            await prepare(database)
            if not config.database_url and marker.read(config.data_dir) is None:
                marker.write(config.data_dir, marker.Marker())
        except BaseException:
            await database.close()
            raise
    except REFUSALS as error:
        raise StartRefused(_sentence(config, error)) from None
    return database


async def _open(config: Config, bells: Changes) -> Database:
    if config.database_url:
        return await PostgresDatabase.open(config.database_url.get_secret_value(), bells)
    file = config.data_dir / FILE
    marker.refuse_an_empty_start(config, file)
    config.data_dir.mkdir(parents=True, exist_ok=True)
    return await SqliteDatabase.open(file, bells)


def _sentence(config: Config, error: Exception) -> str:
    """Say what is wrong without the address, which may hold a password."""
    if config.database_url:
        if isinstance(error, Uncarried):  # a server's reason may repeat what stands in a row
            return _stays(error, type(getattr(error.__cause__, "orig", None)).__name__)
        return f"The database cannot be opened ({type(error).__name__}). Check HAANG_DATABASE_URL and the server."
    if _full(config):
        return f"The disk is full: {config.data_dir / FILE} cannot be opened. {MAKE_ROOM}"
    if isinstance(error, Uncarried):
        return _stays(error, str(getattr(error.__cause__, "orig", "")))
    reason = error.strerror if isinstance(error, OSError) else getattr(error, "orig", None) or error
    return f"The database {config.data_dir / FILE} cannot be opened or written ({reason}). Check HAANG_DATA_DIR."


def _stays(error: Uncarried, reason: str) -> str:
    return (
        f"The database cannot be carried over {error} ({reason}). Nothing in it was changed: the version of before "
        'still opens it. docs/deploy/update.md, "Back", says how.'
    )


def _full(config: Config) -> bool:
    """Whether the disk has too little left for what opening a SQLite file writes beside it."""
    try:
        return shutil.disk_usage(config.data_dir).free < LEAST
    except OSError:
        return False
