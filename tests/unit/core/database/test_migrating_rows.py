"""A database with rows in it is brought up to date: every row stays, and the new rules are in force."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from core.changes import Changes
from core.database import Database
from core.database.engine import SqliteDatabase
from core.database.migrate import alembic_config
from core.database.postgres import PostgresDatabase
from tests.support.databases import Cluster

AT = "'2026-11-21 03:00:00'"


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a database without a table is, on each engine in turn: a file, or a server's address."""
    if request.param == "sqlite":
        yield str(tmp_path / "old.sqlite3")
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    url = cluster.empty()
    yield url
    cluster.drop(url)


@pytest.fixture
async def unmade(address: str) -> AsyncIterator[Database]:
    """That database, open."""
    server = address.startswith("postgresql:")
    database: Database = (
        await PostgresDatabase.open(address, Changes())
        if server
        else await SqliteDatabase.open(Path(address), Changes())
    )
    yield database
    await database.close()


def _to(tx: Connection, revision: str) -> None:
    config = alembic_config()
    config.attributes["connection"] = tx
    command.upgrade(config, revision)


def _waiting(tx: Connection) -> None:
    """One update and two messages that wait, as the schema before had them."""
    tx.execute(
        text(f"INSERT INTO inbox (update_id, person, payload, state, received_at) VALUES (7, 1, '{{}}', 'new', {AT})")
    )
    for number in (1, 2):
        values = f"({number}, {number}, 'alert', 0, '{{}}', 'pending', {AT}, {AT})"
        columns = "(id, chat_id, kind, subject_id, data, state, due_at, created_at)"
        tx.execute(text(f"INSERT INTO outbox {columns} VALUES {values}"))


async def test_what_waits_is_kept(unmade: Database) -> None:
    """From schema 6 to 7 no update or message is lost; what was refused still is, what is new is not."""
    await unmade.write(_to, "0006")
    await unmade.write(_waiting)
    await unmade.write(_to, "0007")

    def found(tx: Connection) -> list[tuple[object, ...]]:
        return [tuple(row) for row in tx.execute(text("SELECT id, chat_id, state FROM outbox ORDER BY id"))]

    assert await unmade.read(found) == [(1, 1, "pending"), (2, 2, "pending")]
    assert await unmade.read(lambda tx: tx.execute(text("SELECT update_id, state FROM inbox")).one()) == (7, "new")
    await unmade.write(lambda tx: tx.execute(text("UPDATE outbox SET state = 'restored' WHERE id = 1")) and None)
    for wrong in ("UPDATE outbox SET state = 'nonsense'", "UPDATE inbox SET state = 'nonsense'"):
        with pytest.raises(IntegrityError):
            await unmade.write(lambda tx, wrong=wrong: tx.execute(text(wrong)) and None)


async def test_one_waiting_message_of_a_kind(unmade: Database) -> None:
    """The index that keeps a second one out went through the rebuilding."""
    await unmade.write(_to, "0007")
    await unmade.write(_waiting)
    with pytest.raises(IntegrityError):
        await unmade.write(lambda tx: tx.execute(text("UPDATE outbox SET chat_id = 1")) and None)
