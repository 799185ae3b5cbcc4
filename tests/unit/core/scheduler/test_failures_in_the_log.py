"""What the log says of a job that fails: a traceback where something is wrong with it, a line where nobody answers."""

import asyncio
import logging

import asyncpg
import pytest
from sqlalchemy import text

from core.database.tables import job_runs
from core.scheduler import At, Job, Scheduler
from core.shop import Shop


def _told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, bool]]:
    """Every error: its line, and whether a traceback stands below it."""
    return [(one.message, one.exc_info is not None) for one in caplog.records if one.levelno >= logging.ERROR]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_server_that_is_away_is_one_line(
    sqlite_shop: Shop, caplog: pytest.LogCaptureFixture, host: str
) -> None:
    """Nobody listens at one address or at several: one line without a traceback, and the job counts as failed."""

    async def ask(_shop: Shop) -> None:
        await asyncpg.connect(f"postgresql://{host}:1/shop", timeout=5)

    await Scheduler(sqlite_shop, ()).run(Job("ask", At(), ask))
    ((line, traceback),) = _told(caplog)
    assert line.startswith("job ask failed: ")
    assert not traceback


async def test_a_server_that_stops_meanwhile_is_one_line(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """A connection that the server ends is one line as well; on SQLite, which knows no such thing, a traceback."""

    async def end(shop: Shop) -> None:
        await shop.db.read(lambda tx: tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())")))

    await Scheduler(shop, ()).run(Job("end", At(), end))
    ((line, traceback),) = _told(caplog)
    assert line.startswith("job end failed")
    assert traceback is (shop.db.dialect == "sqlite")


async def test_what_the_ledger_meets_is_told_by_the_log_alone(
    sqlite_shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """A slot that cannot be claimed: said under the job's name, not by asyncio of a task that nobody awaited."""
    await sqlite_shop.db.write(job_runs.drop)
    scheduler = Scheduler(sqlite_shop, ())

    async def nothing(_shop: Shop) -> None:
        """Do no work."""

    await scheduler._ring(Job("count", At(), nothing, ledger=True))
    await asyncio.wait(set(scheduler._tasks))
    await asyncio.sleep(0)  # who hears of its end is called a turn later
    assert _told(caplog) == [("job count failed", True)]
