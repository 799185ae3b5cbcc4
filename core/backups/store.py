"""SQL of backups: rows out of a database and into another, and what must not go on in one that was restored."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Select, String, Table, func, insert, inspect, select, text, update

from core.database.columns import insert_new, put
from core.database.tables import carts, counters, invitations, metadata
from core.storage import store as storage

BATCH = 1000


# ── the shop ──────────────────────────────────────────────────────────────────────────────────────────
def number(tx: Connection) -> int:
    """The number that the shop was given at its birth; 0 before its first backup."""
    return storage.counted(tx, "shop")


def give_number(tx: Connection, new: int) -> int:
    """Give the shop a number by which its backups are known, once; returns the one that it has."""
    insert_new(tx, counters, ["name"], name="shop", value=new)
    return number(tx)


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def schema(tx: Connection) -> str:
    """The Alembic revision; empty for a database that was never migrated."""
    if not inspect(tx).has_table("alembic_version"):
        return ""
    return str(tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or "")


def count(tx: Connection, table: Table) -> int:
    """Count one table's rows."""
    return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


def rows(tx: Connection, table: Table) -> Iterable[Sequence[Any]]:
    """Stream a table's rows in primary-key order."""
    return tx.execute(in_order(table, tx.dialect.name), execution_options={"yield_per": BATCH})


def in_order(table: Table, dialect: str) -> Select[Any]:
    """Select a table's rows by primary key, text by its bytes: a PostgreSQL in English sorts unlike SQLite."""
    by_bytes = dialect == "postgresql"
    keys = (
        column.collate("C") if by_bytes and isinstance(column.type, String) else column
        for column in table.primary_key.columns
    )
    return select(table).order_by(*keys)


def load(tx: Connection, table: Table, new: Iterator[dict[str, Any]]) -> None:
    """Insert rows with the keys they have."""
    while batch := list(islice(new, BATCH)):
        tx.execute(insert(table), batch)


def go_on_counting(tx: Connection) -> None:
    """Let new rows' keys follow the loaded ones; SQLite does so by itself."""
    if tx.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        if "id" not in table.columns or not table.columns["id"].primary_key:
            continue
        sequence = func.pg_get_serial_sequence(table.name, "id")
        last = select(func.max(table.columns["id"])).scalar_subquery()
        tx.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))


def count_at(tx: Connection, name: str, value: int) -> None:
    """Write a counter of the house."""
    put(tx, counters, {"name": name}, {"value": value})


# ── what must not go on ───────────────────────────────────────────────────────────────────────────────────────────────
def let_nobody_in(tx: Connection, now: datetime) -> None:
    """Take back the invitations of a restored backup: they may have been used, or taken back, after it was made."""
    standing = (invitations.c.used_at.is_(None), invitations.c.revoked_at.is_(None))
    tx.execute(update(invitations).where(*standing).values(revoked_at=now))


def remind_no_more(tx: Connection, now: datetime) -> None:
    """Let no basket of a restored backup be reminded of: that may have been done after the backup was made."""
    tx.execute(update(carts).where(carts.c.state == "open", carts.c.reminded_at.is_(None)).values(reminded_at=now))
