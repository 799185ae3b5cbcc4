"""The settings table, and the audit every feature writes to."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from core.database.columns import insert_new
from core.database.tables import audit, settings

LOCK, EVER = "changing", datetime(2026, 1, 1, tzinfo=UTC)
"""The row that stands for all of them, where there is none yet of a rule; and a moment for it that says nothing."""


def load(tx: Connection) -> dict[str, Any]:
    """Every setting that differs from its default, by key."""
    query = select(settings.c.key, settings.c.value).where(settings.c.key != LOCK)
    return {row.key: row.value for row in tx.execute(query)}


def save(tx: Connection, key: str, value: Any, now: datetime) -> None:
    """Write one setting, new or changed."""
    if not insert_new(tx, settings, ["key"], key=key, value=value, updated_at=now):
        tx.execute(update(settings).where(settings.c.key == key).values(value=value, updated_at=now))


def lock(tx: Connection) -> None:
    """Let nobody else change a rule until this transaction ends: what is compared is what is written over."""
    insert_new(tx, settings, ["key"], key=LOCK, value=0, updated_at=EVER)
    tx.execute(update(settings).where(settings.c.key == LOCK).values(value=0))


def claim(tx: Connection, key: str, value: Any, now: datetime) -> None:
    """Write one setting unless it was ever written."""
    insert_new(tx, settings, ["key"], key=key, value=value, updated_at=now)


def remove(tx: Connection, key: str) -> None:
    """Return one setting to its default."""
    tx.execute(delete(settings).where(settings.c.key == key))


def write_audit(
    tx: Connection, now: datetime, actor_id: int | None, action: str, subject: str, subject_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Record who did what to what; ``actor_id`` None is the system. Rows stay, but for who is forgotten."""
    tx.execute(
        insert(audit).values(
            at=now, actor_id=actor_id, action=action, subject=subject, subject_id=subject_id, detail=detail
        )
    )
