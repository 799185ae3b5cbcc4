"""Engine, transaction, tables and migrations. SQL is spoken here and in each feature's ``store.py``, nowhere else."""

import sqlite3

import asyncpg
from sqlalchemy.exc import ArgumentError, DBAPIError

from core.changes import Changes
from core.config import Config
from core.database import marker
from core.database.engine import Database, SqliteDatabase
from core.database.migrate import prepare
from core.database.postgres import PostgresDatabase
from core.errors import StartRefused

__all__ = ["Database", "connect"]

FILE = "haang.sqlite3"
REFUSALS = (asyncpg.PostgresError, asyncpg.InterfaceError, sqlite3.Error, OSError, ArgumentError, DBAPIError)
"""What an address, a server or a folder can do wrong before the shop opens."""


async def connect(config: Config, bells: Changes, *, afresh: bool = False) -> Database:
    """Open the database that the configuration names, at the newest schema; ``StartRefused`` says what is wrong.

    A SQLite file that is gone is not made anew where a shop was, unless ``afresh``: a backup is about to be restored.
    """
    try:
        database = await _open(config, bells, afresh=afresh)
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


async def _open(config: Config, bells: Changes, *, afresh: bool) -> Database:
    if config.database_url:
        return await PostgresDatabase.open(config.database_url.get_secret_value(), bells)
    file = config.data_dir / FILE
    if not afresh:
        marker.refuse_an_empty_start(config, file)
    config.data_dir.mkdir(parents=True, exist_ok=True)
    return await SqliteDatabase.open(file, bells)


def _sentence(config: Config, error: Exception) -> str:
    """Say what is wrong without the address, which may hold a password."""
    if config.database_url:
        return f"The database cannot be opened ({type(error).__name__}). Check HAANG_DATABASE_URL and the server."
    reason = error.strerror if isinstance(error, OSError) else getattr(error, "orig", None) or error
    return f"The database {config.data_dir / FILE} cannot be opened or written ({reason}). Check HAANG_DATA_DIR."
