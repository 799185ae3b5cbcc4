"""SQL of the job ledger. UNIQUE(job, slot) decides who runs; the attempt is the fencing token."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from core.database.columns import insert_new
from core.database.tables import job_runs

MOST_ATTEMPTS = 3
RETRY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run one slot; it lapses when the lease runs out or somebody holds a higher attempt."""

    job: str
    slot: datetime
    owner: str
    attempt: int


def _may_run_again(now: datetime) -> ColumnElement[bool]:
    """A dead owner's run, or a failed one after a pause."""
    dead = and_(job_runs.c.state == "running", job_runs.c.lease_until < now)
    failed = and_(
        job_runs.c.state == "failed", job_runs.c.attempt < MOST_ATTEMPTS, job_runs.c.finished_at <= now - RETRY
    )
    return or_(dead, failed)


def _slot(job: str, slot: datetime) -> ColumnElement[bool]:
    return and_(job_runs.c.job == job, job_runs.c.slot == slot)


def _mine(claim: Claim) -> ColumnElement[bool]:
    held = (job_runs.c.owner == claim.owner, job_runs.c.attempt == claim.attempt, job_runs.c.state == "running")
    return and_(_slot(claim.job, claim.slot), *held)


def claim(tx: Connection, job: str, slot: datetime, owner: str, now: datetime, until: datetime) -> Claim | None:
    """Take a slot that nobody has, or that its owner lost; None when it is done or in good hands."""
    mine: dict[str, Any] = {"state": "running", "owner": owner, "lease_until": until, "started_at": now}
    if insert_new(tx, job_runs, ["job", "slot"], job=job, slot=slot, attempt=1, **mine):
        return Claim(job, slot, owner, 1)
    again = update(job_runs).where(_slot(job, slot), _may_run_again(now))
    taken = tx.execute(
        again.values(attempt=job_runs.c.attempt + 1, finished_at=None, **mine).returning(job_runs.c.attempt)
    )
    attempt = taken.scalar_one_or_none()
    return Claim(job, slot, owner, attempt) if attempt else None


def extend(tx: Connection, held: Claim, until: datetime) -> bool:
    """Keep the lease alive; False when the slot is somebody else's by now."""
    return tx.execute(update(job_runs).where(_mine(held)).values(lease_until=until)).rowcount == 1


def finish(tx: Connection, held: Claim, now: datetime, *, done: bool) -> bool:
    """Write down how the run ended; False when the slot is somebody else's by now: then nothing is written."""
    ended = {"state": "done" if done else "failed", "finished_at": now, "lease_until": now}
    return tx.execute(update(job_runs).where(_mine(held)).values(ended)).rowcount == 1


def release(tx: Connection, held: Claim, now: datetime) -> None:
    """Give a slot back unfinished: whoever looks next may run it at once."""
    tx.execute(update(job_runs).where(_mine(held)).values(lease_until=now - timedelta(seconds=1)))


def set_right(tx: Connection, now: datetime, lease: timedelta) -> int:
    """After a clock that jumped back, let no lease be longer than it can be; returns how many were."""
    longer = (job_runs.c.state == "running", job_runs.c.lease_until > now + lease)
    return tx.execute(update(job_runs).where(*longer).values(lease_until=now + lease)).rowcount


def waits(tx: Connection, job: str, slot: datetime, now: datetime) -> bool:
    """Whether somebody should run this slot now."""
    row = tx.execute(select(_may_run_again(now)).where(_slot(job, slot))).one_or_none()
    return row is None or bool(row[0])


def begin(tx: Connection, job: str, slot: datetime, owner: str, now: datetime) -> None:
    """Open the ledger of a job that never ran: the first start owes nothing for the time before it."""
    if tx.execute(select(job_runs.c.id).where(job_runs.c.job == job).limit(1)).first() is None:
        done: dict[str, Any] = {
            "state": "done",
            "owner": owner,
            "lease_until": now,
            "started_at": now,
            "finished_at": now,
        }
        insert_new(tx, job_runs, ["job", "slot"], job=job, slot=slot, result={"first_start": True}, **done)


def last_done(tx: Connection, job: str) -> datetime | None:
    """When a job was done last, or its ledger opened; None for one that never was."""
    done = (job_runs.c.job == job, job_runs.c.state == "done")
    at: datetime | None = tx.execute(select(func.max(job_runs.c.finished_at)).where(*done)).scalar_one()
    return at
