"""A newer version carries an older database over: whole, or not at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, text

from core.changes import Changes
from core.config import Config
from core.database import Database, connect
from core.database.engine import SqliteDatabase
from core.database.migrate import alembic_config, head
from core.database.postgres import PostgresDatabase
from core.errors import StartRefused
from tests.support.databases import Cluster

OLD = "0020"
LATE = "broadcasts"
"""A table that schema 22 makes: one of that name stands in its way, after all of schema 21 was done."""
AT = "'2026-11-21 03:00:00'"


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, no_settings: None, tmp_path: Path) -> Iterator[Config]:
    """Settings of a shop whose database has no table yet, on each engine in turn."""
    if request.param == "sqlite":
        yield Config(_env_file=None, data_dir=tmp_path)
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    url = cluster.empty()
    yield Config(_env_file=None, data_dir=tmp_path, database_url=url)
    cluster.drop(url)


async def _open(config: Config) -> Database:
    """Open the database as it stands, without carrying it over."""
    if config.database_url:
        return await PostgresDatabase.open(config.database_url.get_secret_value(), Changes())
    return await SqliteDatabase.open(config.data_dir / "haang.sqlite3", Changes())


def _older(tx: Connection) -> None:
    """A shop of an older version with a row in it, and what will stand in a newer one's way."""
    config = alembic_config()
    config.attributes["connection"] = tx
    command.upgrade(config, OLD)
    tx.execute(
        text(f"INSERT INTO inbox (update_id, person, payload, state, received_at) VALUES (7, 1, '{{}}', 'new', {AT})")
    )
    tx.execute(text(f"CREATE TABLE {LATE} (x INTEGER)"))


def _standing(tx: Connection) -> dict[str, Any]:
    """All that stands there: each table's columns, its indexes and its rows."""
    seen = inspect(tx)
    return {
        table: (
            sorted(column["name"] for column in seen.get_columns(table)),
            sorted(str(index["name"]) for index in seen.get_indexes(table)),
            [tuple(row) for row in tx.execute(text(f"SELECT * FROM {table}"))],
        )
        for table in seen.get_table_names()
    }


async def test_an_update_that_fails_in_the_middle_changes_nothing(empty: Config) -> None:
    """What fails after a whole schema was done leaves the older version all it had; the sentence says the way back.

    Once nothing stands in the way it is carried over, with its rows.
    """
    older = await _open(empty)
    await older.write(_older)
    before = await older.read(_standing)
    assert before["alembic_version"][2] == [(OLD,)]
    with pytest.raises(StartRefused, match=f"from schema {OLD} to {head()} .*Nothing in it was changed") as refused:
        await connect(empty, Changes())
    assert "docs/deploy/update.md" in str(refused.value)
    assert await older.read(_standing) == before
    await older.write(lambda tx: tx.execute(text(f"DROP TABLE {LATE}")))
    await older.close()
    newer = await connect(empty, Changes())
    after = await newer.read(_standing)
    await newer.close()
    assert (after["alembic_version"][2], len(after["inbox"][2])) == ([(head(),)], 1)
