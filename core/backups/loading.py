"""Fill an empty schema with a backup's rows, and hold what stands there afterwards beside what the backup says.

An older backup is loaded at its own revision and migrated up from there. Tables that are no longer, or not yet, what
the code knows are read from the database itself, so that one way serves every revision.
"""

import hashlib
import json
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Column, Connection, DateTime, MetaData, Table, inspect
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError

from core.backups import store, values
from core.backups.contents import Contents
from core.backups.snapshot import SqliteView
from core.database.columns import Json, Moment
from core.database.migrate import alembic_config, head
from core.database.tables import metadata
from core.errors import Refused

log = logging.getLogger(__name__)

Told = Callable[[str, int], None]
"""Called with a table's name and its rows when it stands."""


def quietly(_table: str, _rows: int) -> None:
    """Tell nobody."""


VERSION = "alembic_version"
_MOMENT = "replace(substr(?, 1, 26), 'T', ' ')"
"""As SQLite keeps a moment: without a T between, and without a zone."""
_RULES = (IntegrityError, DataError, InterfaceError, sqlite3.IntegrityError, sqlite3.InterfaceError,
          sqlite3.ProgrammingError, OverflowError)  # fmt: skip
"""What a database says of a row that it does not take; a full disk is something else."""


def may_load(contents: Contents) -> None:
    """Refuse a backup that a newer Haang wrote, or one of a revision that nobody knows."""
    schema = contents.manifest.schema
    known = {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if schema not in known:
        raise Refused("backup_newer", name=contents.name, schema=schema)


def load(tx: Connection, contents: Contents, told: Told = quietly) -> None:
    """Make the backup's schema in an empty database, fill it, compare, and bring it up to this code's.

    ``Refused`` for rows that break the database's rules, and where anything but what the backup holds stands there.
    """
    config = alembic_config()
    config.attributes["connection"] = tx
    command.upgrade(config, contents.manifest.schema)
    standing = tables(tx, contents)
    try:
        with _indexes_later(tx):
            there = {table.name: table for table in standing}
            for file, blocks in contents.walk():
                _fill(tx, there[file.table], file.columns, blocks)
                told(file.table, file.rows)
    except (*_RULES, ValueError, KeyError, TypeError) as error:
        log.warning("backup %s cannot be loaded: %s", contents.name, type(error).__name__)
        raise Refused("backup_not_loadable", name=contents.name) from None  # the error's own text would hold rows
    compare(tx, standing, contents)
    if contents.manifest.schema != head():
        command.upgrade(config, "head")
    store.go_on_counting(tx)


def tables(tx: Connection, contents: Contents) -> list[Table]:
    """Name the backup's tables as they stand in this database, those first that others point to."""
    files = contents.files
    if contents.manifest.schema == head():
        found = list(metadata.sorted_tables)
    else:
        looking = inspect(tx)
        order = [name for name, _ in looking.get_sorted_table_and_fkc_names() if name and name != VERSION]
        found = [_reflected(looking, name, files[name].columns) for name in order if name in files]
        if len(found) != len(order):
            raise Refused("backup_damaged", name=contents.name)
    if {table.name for table in found} != set(files):
        raise Refused("backup_damaged", name=contents.name)
    return found


def _reflected(looking: Any, name: str, columns: Sequence[str]) -> Table:
    """Describe a table of an older revision, its columns in the backup's order."""
    kinds = {column["name"]: column["type"] for column in looking.get_columns(name)}
    keys = set(looking.get_pk_constraint(name)["constrained_columns"])
    made = (Column(column, _kind(kinds[column]), primary_key=column in keys) for column in columns)
    return Table(name, MetaData(), *made)


def _kind(found: Any) -> Any:
    if isinstance(found, DateTime):
        return Moment()
    return Json if isinstance(found, JSON) else found


def compare(tx: Connection, standing: Sequence[Table], contents: Contents) -> None:
    """Read every table back; ``Refused`` names the first that differs by a row or by a byte of it."""
    files, blocks_of = contents.files, _blocks(tx, standing)
    for table in standing:
        found = hashlib.sha256()
        for block in blocks_of(table):
            found.update(block)
        if found.hexdigest() != files[table.name].sha256:
            raise Refused("restore_differs", table=table.name)


@contextmanager
def _as_bytes(raw: sqlite3.Connection) -> Iterator[None]:
    """Let a connection give text as it lies there, for a while."""
    before, raw.text_factory = raw.text_factory, bytes
    try:
        yield
    finally:
        raw.text_factory = before


def _blocks(tx: Connection, standing: Sequence[Table]) -> Callable[[Table], Iterator[bytes]]:
    """Say how a table's rows are read back as lines: SQLite spells them itself, as for a backup."""
    if tx.dialect.name != "sqlite":
        return lambda table: values.lines(table, store.rows(tx, table))
    raw: Any = tx.connection.driver_connection
    with _as_bytes(raw):
        view = SqliteView(raw, [values.export(table) for table in standing])

    def blocks(table: Table) -> Iterator[bytes]:
        with _as_bytes(raw):
            yield from view.blocks(table.name)

    return blocks


# ── filling ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _fill(tx: Connection, table: Table, columns: Sequence[str], blocks: Iterator[bytes]) -> None:
    if tx.dialect.name == "sqlite":
        _fill_sqlite(tx, table, columns, blocks)
    else:
        store.load(tx, table, values.rows(table, columns, blocks))


def _fill_sqlite(tx: Connection, table: Table, columns: Sequence[str], blocks: Iterator[bytes]) -> None:
    """Hand rows to SQLite as they are, which takes a third of the time; columns written otherwise are rewritten."""
    marks = ", ".join(_MOMENT if isinstance(table.columns[name].type, Moment) else "?" for name in columns)
    jsons = [place for place, name in enumerate(columns) if isinstance(table.columns[name].type, JSON)]

    def rows() -> Iterator[list[Any]]:
        for block in blocks:
            some = json.loads(b"[%s]" % block.rstrip(b"\n").replace(b"\n", b","))
            for place in jsons:
                for row in some:
                    if row[place] is not None:
                        row[place] = json.dumps(row[place])
            yield from some

    names = ", ".join(f'"{name}"' for name in columns)
    raw: Any = tx.connection.driver_connection
    raw.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', rows())


@contextmanager
def _indexes_later(tx: Connection) -> Iterator[None]:
    """Make SQLite's indexes after the rows: sorted once, not once a row."""
    named = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    made = list(tx.exec_driver_sql(named)) if tx.dialect.name == "sqlite" else []
    for name, _ in made:
        tx.exec_driver_sql(f'DROP INDEX "{name}"')
    yield
    for _, sql in made:
        tx.exec_driver_sql(sql)
