"""Bring a database to the schema this code knows, in one transaction, through Alembic."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from core.database.engine import Database
from core.errors import StartRefused

FOLDER = Path(__file__).parent / "migrations"


def alembic_config() -> AlembicConfig:
    """Give Alembic its folder; there is no ini file."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config


@cache
def head() -> str:
    """Name the newest schema this code knows; read once, for every shop that opens asks."""
    revision = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if revision is None:  # pragma: no cover - a checkout without migrations
        raise StartRefused("This copy of Haang has no migrations. Fetch it again.")
    return revision


def upgrade(tx: Connection) -> None:
    """Apply what is missing; refuse a database that a newer Haang has written (``StartRefused``)."""
    if tx.dialect.name == "postgresql":  # two processes that start together bring it up to date one after the other
        tx.execute(text("SELECT pg_advisory_xact_lock(:haang)"), {"haang": 0x4841414E47})
    found = MigrationContext.configure(tx).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if found is not None and found not in known:
        message = (
            f"This database was written by a newer Haang (schema {found}; this one knows {head()}). "
            "Update Haang, or restore a backup made before that update. Nothing was changed."
        )
        raise StartRefused(message)
    if found == head():
        return
    config = alembic_config()
    config.attributes["connection"] = tx
    command.upgrade(config, "head")


class Uncarried(Exception):
    """A shop's database could not be brought to the newest schema; ``__cause__`` says why, nothing was changed."""


async def prepare(database: Database) -> None:
    """Upgrade ``database`` before anything else uses it; ``Uncarried`` where one with a schema does not take it."""
    before = await database.read(lambda tx: MigrationContext.configure(tx).get_current_revision())
    if before == head():
        return
    try:
        await database.write(upgrade)
    except DBAPIError as error:
        if before is None:
            raise
        raise Uncarried(f"from schema {before} to {head()}") from error
