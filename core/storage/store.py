"""SQL of the storage feature: table sizes, samples, alerts, what cleanup must spare, rows out of and into backups."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Select, String, Table, delete, exists, func, insert, or_, select, text, update

from core.database.columns import insert_new, put
from core.database.tables import (
    carts,
    counters,
    invitations,
    metadata,
    orders,
    payment_attempts,
    storage_alerts,
    storage_samples,
    uploads,
    waitlist,
)
from core.messages.rules import PAPERS
from core.storage.rules import Alert, Level, Metric

BATCH = 1000


@dataclass(frozen=True, slots=True)
class State:
    """What the database alone knows of usage: rows by table, and its bytes where it has no file of ours."""

    tables: tuple[tuple[str, int], ...]
    bytes: int


def state(tx: Connection) -> State:
    """Count every table's rows, in name order."""
    counts = tuple(
        (table.name, int(tx.execute(select(func.count()).select_from(table)).scalar_one()))
        for table in sorted(metadata.tables.values(), key=lambda table: table.name)
    )
    if tx.dialect.name != "postgresql":
        return State(counts, 0)
    return State(counts, int(tx.execute(select(func.pg_database_size(func.current_database()))).scalar_one()))


# ── samples and alerts ───────────────────────────────────────────────────────────────────────────────────────────────
def sample(tx: Connection, metrics: Iterable[Metric], now: datetime) -> None:
    """Write down what was measured; a second look at the same moment adds nothing."""
    for metric in metrics:
        insert_new(tx, storage_samples, ["at", "metric"], at=now, metric=metric.name, bytes=metric.bytes)


def alerts(tx: Connection) -> dict[str, Alert]:
    """Where every watched metric stands, by name."""
    return {
        row.metric: Alert(
            row.metric, Level[row.level.upper()], Level[row.seen_level.upper()], row.seen_times, row.percent,
            row.since, row.clear_since,
        )
        for row in tx.execute(select(storage_alerts))
    }  # fmt: skip


def save_alert(tx: Connection, alert: Alert) -> None:
    """Write where a metric stands."""
    values: dict[str, Any] = {
        "level": alert.level.word, "seen_level": alert.seen.word, "seen_times": alert.seen_times,
        "percent": alert.percent, "since": alert.since, "clear_since": alert.clear_since,
    }  # fmt: skip
    if not insert_new(tx, storage_alerts, ["metric"], metric=alert.metric, **values):
        tx.execute(update(storage_alerts).where(storage_alerts.c.metric == alert.metric).values(values))


def remind(tx: Connection, metric: str, now: datetime, apart: timedelta) -> bool:
    """Tell whether people must hear of something again, ``apart`` after the last time; who is told so tells them."""
    first: dict[str, Any] = {"level": "critical", "seen_level": "critical", "percent": 0.0, "since": now}
    if insert_new(tx, storage_alerts, ["metric"], metric=metric, reminded_at=now, **first):
        return True
    last = storage_alerts.c.reminded_at
    long_ago = or_(last.is_(None), last <= now - apart, last > now)  # after a clock that jumped back, too
    again = update(storage_alerts).where(storage_alerts.c.metric == metric, long_ago).values(reminded_at=now)
    return tx.execute(again).rowcount == 1


# ── health ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def beat(tx: Connection, number: int) -> None:
    """Write down a number that was never there."""
    put(tx, counters, {"name": "health"}, {"value": number})


def last_beat(tx: Connection) -> int | None:
    """Read the number that was written last, by whichever process."""
    number: int | None = tx.execute(select(counters.c.value).where(counters.c.name == "health")).scalar_one_or_none()
    return number


# ── cleanup ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def live_numbers(tx: Connection) -> frozenset[str]:
    """Numbers of orders that somebody may be paying just now."""
    live = select(orders.c.number).join(payment_attempts, payment_attempts.c.order_id == orders.c.id)
    return frozenset(tx.execute(live.where(payment_attempts.c.state.in_(["new", "pending"]))).scalars())


def forget_carts(tx: Connection, before: datetime) -> int:
    """Remove carts that nobody touched since ``before`` and that never became an order; their lines go with them."""
    ordered = exists().where(orders.c.cart_id == carts.c.id)
    old = delete(carts).where(carts.c.updated_at < before, carts.c.state != "ordered", ~ordered)
    return tx.execute(old).rowcount


def forget_told(tx: Connection, before: datetime) -> int:
    """Remove from the list for what was sold out those who were told before ``before``; who still waits stays."""
    return tx.execute(delete(waitlist).where(waitlist.c.told_at < before)).rowcount


def forget_papers(tx: Connection, before: datetime) -> int:
    """Forget under which file ids Telegram has labels and slips that were printed before ``before``."""
    old = (uploads.c.picture.startswith(PAPERS), uploads.c.at < before)
    return tx.execute(delete(uploads).where(*old)).rowcount


# ── order numbers ────────────────────────────────────────────────────────────────────────────────────────────────────
def order_number(tx: Connection) -> int:
    """How far order numbers have come."""
    return int(tx.execute(select(counters.c.value).where(counters.c.name == "order")).scalar_one_or_none() or 0)


def go_on_from(tx: Connection, number: int) -> int:
    """Let the next order have a number above ``number``, too; returns how far they have come now."""
    if number > order_number(tx):
        put(tx, counters, {"name": "order"}, {"value": number})
    return order_number(tx)


def let_nobody_in(tx: Connection, now: datetime) -> None:
    """Take back the invitations of a restored backup: they may have been used, or taken back, after it was made."""
    standing = (invitations.c.used_at.is_(None), invitations.c.revoked_at.is_(None))
    tx.execute(update(invitations).where(*standing).values(revoked_at=now))


def remind_no_more(tx: Connection, now: datetime) -> None:
    """Let no basket of a restored backup be reminded of: that may have been done after the backup was made."""
    tx.execute(update(carts).where(carts.c.state == "open", carts.c.reminded_at.is_(None)).values(reminded_at=now))


# ── backups ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def schema(tx: Connection) -> str:
    """The Alembic revision; empty for a database that was never migrated."""
    return MigrationContext.configure(tx).get_current_revision() or ""


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


def filled(tx: Connection) -> list[str]:
    """Names of the tables that have any row."""
    return [
        table.name
        for table in metadata.sorted_tables
        if tx.execute(select(text("1")).select_from(table).limit(1)).first()
    ]


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
