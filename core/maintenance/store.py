"""SQL of work that somebody started from the chat: a row of the ledger a kind of work, taken by compare-and-set."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, not_, select, update

from core.database.columns import insert_new
from core.database.tables import job_runs
from core.maintenance.rules import Run, State, Work

_SLOT = datetime.fromtimestamp(0, UTC)
_BY_HAND = "by_hand."


def take(
    tx: Connection, work: Work, owner: str, now: datetime, until: datetime, asked: dict[str, Any]
) -> Run | None:  # fmt: skip
    """Begin a work that nobody does just now; None where somebody does."""
    values: dict[str, Any] = {
        "state": "running", "owner": owner, "lease_until": until, "started_at": now, "finished_at": None,
        "result": asked,
    }  # fmt: skip
    if not insert_new(tx, job_runs, ["job", "slot"], job=_BY_HAND + work, slot=_SLOT, attempt=1, **values):
        busy = and_(job_runs.c.state == "running", job_runs.c.lease_until >= now)
        free = update(job_runs).where(_row(work), not_(busy)).values(attempt=job_runs.c.attempt + 1, **values)
        if not tx.execute(free).rowcount:
            return None
    return read(tx, work)


def _row(work: Work) -> Any:
    return and_(job_runs.c.job == _BY_HAND + work, job_runs.c.slot == _SLOT)


def read(tx: Connection, work: Work) -> Run | None:
    """How a work went that was started last; None where it never was."""
    row = tx.execute(select(job_runs).where(_row(work))).one_or_none()
    if row is None:
        return None
    state = State(row.state)
    return Run(work, row.attempt, state, row.owner, row.started_at, row.finished_at, row.result or {})


def keep(tx: Connection, run: Run, until: datetime) -> bool:
    """Go on with a work; False where it is somebody else's by now."""
    return tx.execute(update(job_runs).where(_mine(run)).values(lease_until=until)).rowcount == 1


def end(tx: Connection, run: Run, now: datetime, result: dict[str, Any], *, done: bool) -> bool:
    """Write down how a work went; False where it is somebody else's by now. Whose chat was told is kept no longer."""
    state = "done" if done else "failed"
    kept = {key: value for key, value in run.result.items() if key != "chat"}
    ended = {"state": state, "finished_at": now, "lease_until": now, "result": kept | result}
    return tx.execute(update(job_runs).where(_mine(run)).values(ended)).rowcount == 1


def _mine(run: Run) -> Any:
    held = (job_runs.c.owner == run.owner, job_runs.c.attempt == run.attempt, job_runs.c.state == "running")
    return and_(_row(run.work), *held)


def broken_off(tx: Connection, now: datetime) -> list[Run]:
    """Works whose process is gone: nobody kept them."""
    left = (job_runs.c.job.startswith(_BY_HAND), job_runs.c.state == "running", job_runs.c.lease_until < now)
    names = tx.execute(select(job_runs.c.job).where(*left)).scalars().all()
    known = {work.value for work in Work}
    found = [read(tx, Work(name)) for one in names if (name := one.removeprefix(_BY_HAND)) in known]
    return [run for run in found if run is not None]
