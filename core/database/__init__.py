"""Engine, transaction, tables and migrations. SQL is spoken here and in each feature's ``store.py``, nowhere else."""

import asyncpg

from core.changes import Changes
from core.config import Config
from core.database.engine import Database, SqliteDatabase
from core.database.migrate import prepare
from core.database.postgres import PostgresDatabase
from core.errors import StartRefused

__all__ = ["Database", "connect"]


async def connect(config: Config, bells: Changes) -> Database:
    """Open the database that the configuration names, at the newest schema; ``StartRefused`` says what is wrong."""
    database: Database
    try:
        if config.database_url:
            database = await PostgresDatabase.open(config.database_url.get_secret_value(), bells)
        else:
            database = await SqliteDatabase.open(config.data_dir / "haang.sqlite3", bells)
    except (asyncpg.PostgresError, OSError) as error:
        message = f"The database cannot be opened ({type(error).__name__}). Check HAANG_DATABASE_URL and the server."
        raise StartRefused(message) from None
    try:
        await prepare(database)
    except BaseException:
        await database.close()
        raise
    return database
