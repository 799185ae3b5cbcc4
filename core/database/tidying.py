"""What keeps a database small and quick, as its engine says it; nothing here is of the shop.

SQLite gives free pages back a few at a time (``incremental_vacuum``) or all at once by copying itself (``VACUUM``);
PostgreSQL sees to its rows itself, its indexes are built anew beside those that serve (``REINDEX … CONCURRENTLY``).
"""

import re

from sqlalchemy import Connection, text

_INDEXES = """
    SELECT quote_ident(c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND i.indisvalid = :valid AND pg_relation_size(c.oid) >= :least
    ORDER BY pg_relation_size(c.oid)
"""

_LEFT = re.compile(r"_cc(new|old)\d*\"?$")
"""How PostgreSQL names what it builds beside an index, and what it is about to throw away."""

WORTH_IT = 1024 * 1024
"""Bytes of an index that is built anew: a smaller one has nothing to give back."""


def size(tx: Connection) -> int:
    """Bytes of the database, without SQLite's write-ahead log."""
    if tx.dialect.name == "postgresql":
        return int(tx.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    return _pragma(tx, "page_count") * _pragma(tx, "page_size")


def free_pages(tx: Connection) -> tuple[int, int]:
    """How many pages of SQLite's file hold nothing, of how many; 0 where they cannot be given back a few at a time."""
    gives_back = _pragma(tx, "auto_vacuum") == 2  # noqa: PLR2004 - SQLite's word for incremental
    return (_pragma(tx, "freelist_count") if gives_back else 0), _pragma(tx, "page_count")


def give_back(tx: Connection, pages: int) -> None:
    """Give so many of SQLite's free pages back to the disk: one by one, for Python takes but the first step of many."""
    cursor = tx.connection.cursor()
    for _ in range(pages):
        cursor.execute("PRAGMA incremental_vacuum(1)")
    cursor.close()


def learn(tx: Connection) -> None:
    """Let SQLite count again what its planner goes by, where that changed much: a look at a few hundred rows each."""
    tx.exec_driver_sql("PRAGMA analysis_limit=400")
    tx.exec_driver_sql("PRAGMA optimize")


def whole(dialect: str) -> tuple[str, ...]:
    """What is said outside a transaction, in this order, to make a database as small as it can be."""
    if dialect == "postgresql":
        return ("VACUUM (ANALYZE)",)
    return ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)")


def rebuilding(tx: Connection, least: int = WORTH_IT) -> tuple[str, ...]:
    """What is said to build PostgreSQL's indexes of ``least`` bytes anew; what a broken run left goes before that."""
    if tx.dialect.name != "postgresql":
        return ()
    left = [name for name in _named(tx, 0, valid=False) if _LEFT.search(name)]
    sound = [f"REINDEX INDEX CONCURRENTLY {name}" for name in _named(tx, least, valid=True)]
    return (*(f"DROP INDEX CONCURRENTLY IF EXISTS {name}" for name in left), *sound)


def _named(tx: Connection, least: int, *, valid: bool) -> list[str]:
    return list(tx.execute(text(_INDEXES), {"valid": valid, "least": least}).scalars())


def _pragma(tx: Connection, name: str) -> int:
    return int(tx.exec_driver_sql(f"PRAGMA {name}").scalar_one())
