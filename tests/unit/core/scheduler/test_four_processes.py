"""Real processes on one database: each slot runs once, whoever looks at the same moment or dies in the middle."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from core.config import ROOT, Config
from core.database.tables import job_runs

PROCESSES = 4
TOWN = """
import asyncio, multiprocessing, os, sys
from datetime import timedelta
from pathlib import Path
from core.clock import SteppedClock
from core.config import Config
from core.payments.bakong import ManualBank
from core.scheduler import At, Job, Scheduler
from core.shop import open_shop

url, data, out, slots, doomed = sys.stdin.read().split("\\n")[:5]
config = Config(_env_file=None, database_url=url or None, data_dir=Path(data), port=0)
fork = multiprocessing.get_context("fork")
together = fork.Barrier(int(sys.argv[1]), timeout=60)

async def live(number):
    clock = SteppedClock()
    shop = await open_shop(config, ManualBank(), clock)
    async def count(shop):
        line = f"{At().last_due(shop.clock.now(), config.zone):%d %H}\\n".encode()
        os.write(os.open(out, os.O_WRONLY | os.O_APPEND | os.O_CREAT), line)
        if number == 0 and doomed == shop.clock.now().strftime("%H"):
            os._exit(9)  # after its work, before the ledger hears of it
    schedule = Scheduler(shop, [Job("count", At(), count, ledger=True)], owner=str(number))
    await shop.db.write(schedule._begin)
    for _ in range(int(slots)):
        clock.move(timedelta(hours=1))
        if not doomed:
            together.wait()
        await schedule.catch_up()
    await shop.close()

children = [fork.Process(target=lambda n=n: asyncio.run(live(n))) for n in range(int(sys.argv[1]))]
[child.start() for child in children]
[child.join() for child in children]
sys.exit(max(child.exitcode for child in children))
"""


def town(
    config: Config, out: Path, slots: int, *, processes: int = PROCESSES, doomed: str = ""
) -> tuple[int, list[str]]:
    """Let so many processes live through so many hours; returns the worst exit code, and a line for each run so far."""
    url = config.database_url.get_secret_value() if config.database_url else ""
    order = f"{url}\n{config.data_dir}\n{out}\n{slots}\n{doomed}\n"
    command = [sys.executable, "-c", TOWN, str(processes)]
    code = subprocess.run(command, input=order, text=True, cwd=ROOT, check=False, timeout=100).returncode
    return code, out.read_text().splitlines()


async def once_each(config: Config, open_shop, out: Path, slots: int) -> None:
    """Four processes, so many slots, as many runs, none of them tried twice."""
    code, lines = town(config, out, slots)
    assert (code, Counter(Counter(lines).values())) == (0, {1: slots})
    shop = await open_shop(config)
    rows = select(job_runs.c.state, job_runs.c.attempt).where(job_runs.c.job == "count")
    assert {tuple(row) for row in await shop.db.read(lambda tx: tx.execute(rows).all())} == {("done", 1)}


@pytest.mark.parametrize("slots", [10, pytest.param(40, marks=pytest.mark.soak)])
async def test_each_slot_once(postgres_config: Config, open_shop, tmp_path: Path, slots: int) -> None:
    """Four processes look at each slot at the same moment: as many runs as slots."""
    await once_each(postgres_config, open_shop, tmp_path / "runs", slots)


@pytest.mark.soak
async def test_each_slot_once_on_one_file(sqlite_config: Config, open_shop, tmp_path: Path) -> None:
    """The same on SQLite, whose second server is refused at the door: the ledger would hold all the same."""
    await once_each(sqlite_config, open_shop, tmp_path / "runs", 40)


@pytest.mark.soak
async def test_who_dies_in_a_run_blocks_nobody(sqlite_config: Config, open_shop, tmp_path: Path) -> None:
    """A process dies between its work and the ledger: the next one takes that slot over and goes on with the others."""
    out = tmp_path / "runs"
    assert town(sqlite_config, out, 3, processes=1, doomed="05") == (9, ["21 04", "21 05"])
    again = town(sqlite_config, out, 4, processes=1, doomed="none")
    assert again == (0, ["21 04", "21 05", "21 05", "21 06", "21 07"])
    shop = await open_shop(sqlite_config)
    rows = select(job_runs.c.state, job_runs.c.attempt).where(job_runs.c.job == "count").order_by(job_runs.c.slot)
    assert [tuple(row) for row in await shop.db.read(lambda tx: tx.execute(rows).all())][1:] == [
        ("done", 1), ("done", 2), ("done", 1), ("done", 1)
    ]  # fmt: skip
