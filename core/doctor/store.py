"""SQL of the doctor: is the schema whole, what became of each job, what waits, whose clock is right."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, func, inspect, not_, select, text

from core.database.tables import backup_copies, inbox, job_runs, metadata, orders, outbox, roles, storage_alerts
from core.storage.watching import Concern

A_DAY = timedelta(days=1)
"""What was told once, and is measured by nobody, stands among the alarms for so long."""


@dataclass(frozen=True, slots=True)
class Schema:
    """Names of tables, columns and indexes that are missing, of indexes that are broken; how many indexes there are."""

    revision: str
    missing: tuple[str, ...]
    invalid: tuple[str, ...]
    indexes: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What rows say. ``version``: the engine's; ``clock``: the database's own time; ``newest``: the last run."""

    orders: int
    owners: int
    stuck: int
    alerts: tuple[str, ...]
    copied_at: datetime | None
    clock: datetime | None
    newest: datetime | None
    version: tuple[int, ...]


def schema(tx: Connection) -> Schema:
    """Compare what the database has with what the tables say."""
    found = inspect(tx)
    there = set(found.get_table_names())
    missing, count = [], 0
    for table in metadata.sorted_tables:
        if table.name not in there:
            missing.append(table.name)
            continue
        columns = {column["name"] for column in found.get_columns(table.name)}
        indexes = {index["name"] for index in found.get_indexes(table.name)}
        count += len(indexes)
        missing += [f"{table.name}.{column.name}" for column in table.columns if column.name not in columns]
        missing += sorted(str(index.name) for index in table.indexes if index.name not in indexes)
    revision = MigrationContext.configure(tx).get_current_revision() or ""
    return Schema(revision, tuple(missing), _invalid(tx), count)


def _invalid(tx: Connection) -> tuple[str, ...]:
    """PostgreSQL leaves an index that it could not build whole beside the others, and uses it no more."""
    if tx.dialect.name != "postgresql":
        return ()
    broken = "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid"
    return tuple(tx.execute(text(broken)).scalars())


def integrity(tx: Connection) -> tuple[int, int]:
    """How many troubles SQLite finds with its pages, and how many rows point at nothing; PostgreSQL sees to itself."""
    if tx.dialect.name != "sqlite":
        return 0, 0
    said = tuple(tx.execute(text("PRAGMA quick_check")).scalars())
    broken = tx.execute(text("PRAGMA foreign_key_check")).all()
    return 0 if said == ("ok",) else len(said), len(broken)


def foreign_keys(tx: Connection) -> bool:
    """Whether this connection watches foreign keys."""
    return tx.dialect.name != "sqlite" or bool(tx.execute(text("PRAGMA foreign_keys")).scalar_one())


def facts(tx: Connection, late: datetime) -> Facts:
    """Read the rest; what was due before ``late`` and still waits is stuck."""
    waiting = outbox.c.state.in_(["pending", "sending"]) & (outbox.c.due_at < late)
    unread = (inbox.c.state == "new") & (inbox.c.received_at < late)
    news = storage_alerts.c.metric.not_in([*Concern]) & (storage_alerts.c.reminded_at < late - A_DAY)
    severe = storage_alerts.c.level.in_(["critical", "emergency"]) & not_(news)
    return Facts(
        _count(tx, orders), owners(tx),
        _count(tx, outbox, waiting) + _count(tx, inbox, unread),
        tuple(tx.execute(select(storage_alerts.c.metric).where(severe).order_by(storage_alerts.c.metric)).scalars()),
        tx.execute(select(func.max(backup_copies.c.verified_at))).scalar_one(),
        _clock(tx), tx.execute(select(func.max(job_runs.c.started_at))).scalar_one(), _version(tx),
    )  # fmt: skip


def owners(tx: Connection) -> int:
    """How many own the shop."""
    return _count(tx, roles, roles.c.role == "owner")


def told_since(tx: Connection, metric: str, since: datetime) -> bool:
    """Whether the admins were told of something after a moment."""
    return _count(tx, storage_alerts, storage_alerts.c.metric == metric, storage_alerts.c.reminded_at > since) > 0


def runs(tx: Connection, slots: Mapping[str, datetime]) -> dict[str, tuple[str, datetime | None]]:
    """By job: the state of this slot of it (empty: nothing yet), and the newest slot that the ledger has at all."""
    newest = select(job_runs.c.job, func.max(job_runs.c.slot)).group_by(job_runs.c.job)
    known: dict[str, datetime] = {row[0]: row[1] for row in tx.execute(newest)}
    return {job: (_state(tx, job, slot), known.get(job)) for job, slot in slots.items()}


def _state(tx: Connection, job: str, slot: datetime) -> str:
    found = select(job_runs.c.state).where(job_runs.c.job == job, job_runs.c.slot == slot)
    return str(tx.execute(found).scalar_one_or_none() or "")


def _count(tx: Connection, table: Any, *where: Any) -> int:
    return int(tx.execute(select(func.count()).select_from(table).where(*where)).scalar_one())


def _clock(tx: Connection) -> datetime | None:
    if tx.dialect.name != "postgresql":
        return None
    now: datetime = tx.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now.astimezone(UTC)


def _version(tx: Connection) -> tuple[int, ...]:
    asked = "SHOW server_version_num" if tx.dialect.name == "postgresql" else "SELECT sqlite_version()"
    found = str(tx.execute(text(asked)).scalar_one())
    if tx.dialect.name == "postgresql":
        return divmod(int(found), 10_000)
    return tuple(int(part) for part in found.split("."))
