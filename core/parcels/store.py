"""SQL of parcels: who guessed at codes, how often, and since when they are not answered. The audit is its memory."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from core.database.tables import audit

GUESS, SILENCED = "parcel.guess", "parcel.silenced"


def count(tx: Connection, person_id: int, action: str, since: datetime) -> int:
    """How often a person did something after a moment."""
    theirs = (audit.c.at > since, audit.c.actor_id == person_id, audit.c.action == action)
    return int(tx.execute(select(func.count()).select_from(audit).where(*theirs)).scalar_one())
