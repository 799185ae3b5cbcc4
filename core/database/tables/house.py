"""The house's own tables: counters, settings, audit, the job ledger, the storage watch."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table, UniqueConstraint

from core.database.columns import Big, Json, choice, key, metadata, moment, words

counters = Table(
    "counters", metadata, Column("name", String(40), primary_key=True), Column("value", Big, nullable=False)
)

settings = Table(
    "settings", metadata, Column("key", String(60), primary_key=True), Column("value", Json), moment("updated_at")
)

audit = Table(
    "audit",
    metadata,
    key(),
    moment("at"),
    Column("actor_id", Big),
    Column("action", String(60), nullable=False),
    Column("subject", String(40), nullable=False),
    Column("subject_id", Big),
    Column("detail", Json),
    Index("ix_audit_subject", "subject", "subject_id"),
    Index("ix_audit_at", "at"),
)

job_runs = Table(
    "job_runs",
    metadata,
    key(),
    Column("job", String(60), nullable=False),
    moment("slot"),
    *choice("state", "running", "done", "failed"),
    words("owner", 80),
    moment("lease_until"),
    Column("attempt", Integer, nullable=False, server_default="1"),
    moment("started_at"),
    moment("finished_at", nullable=True),
    Column("result", Json),
    UniqueConstraint("job", "slot"),
)

storage_alerts = Table(
    "storage_alerts",
    metadata,
    Column("metric", String(60), primary_key=True),
    *choice("level", "ok", "warning", "critical", "emergency"),
    *choice("seen_level", "ok", "warning", "critical", "emergency"),
    Column("seen_times", Integer, nullable=False, server_default="1"),
    Column("percent", Float, nullable=False),
    moment("since"),
    moment("clear_since", nullable=True),
    moment("muted_until", nullable=True),
    Column("muted_by", Big),
    moment("reminded_at", nullable=True),
    Column("reminders", Integer, nullable=False, server_default="0"),
)

storage_samples = Table(
    "storage_samples",
    metadata,
    moment("at", primary_key=True),
    Column("metric", String(60), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
)
