"""The schedule itself: what stands on its one screen, in the shop's zone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.jobs import JOBS

PHNOM_PENH = ZoneInfo("Asia/Phnom_Penh")
SATURDAY = datetime(2026, 11, 21, 10, 0, tzinfo=PHNOM_PENH)


@pytest.mark.parametrize(
    ("name", "next_run"),
    [
        ("qr_cleanup", datetime(2026, 11, 22, 2, 0, tzinfo=PHNOM_PENH)),
        ("backup", datetime(2026, 11, 22, 3, 0, tzinfo=PHNOM_PENH)),
        ("forget_old", datetime(2026, 11, 22, 3, 30, tzinfo=PHNOM_PENH)),
        ("storage_check", datetime(2026, 11, 21, 10, 0, tzinfo=PHNOM_PENH)),
    ],
)
def test_jobs_run_on_the_shops_clock(name: str, next_run: datetime):
    """Sunday is Sunday (APScheduler's day 0 is Monday), and three in the morning is three in Phnom Penh."""
    job = next(job for job in JOBS if job.name == name)
    assert job.when.trigger(PHNOM_PENH).get_next_fire_time(None, SATURDAY) == next_run


def test_qr_cleanup_runs_on_sundays_only():
    """Over four weeks the weekly job rings four times, each on a Sunday."""
    trigger = next(job for job in JOBS if job.name == "qr_cleanup").when.trigger(PHNOM_PENH)
    look, rung = SATURDAY, []
    while (following := trigger.get_next_fire_time(None, look)) < SATURDAY + timedelta(weeks=4):
        rung.append(following.strftime("%a"))
        look = following + timedelta(seconds=1)
    assert rung == ["Sun"] * 4


def test_names_are_unique():
    """The ledger tells jobs apart by name."""
    assert len({job.name for job in JOBS}) == len(JOBS)


def test_once_a_day_work_is_in_the_ledger():
    """Whatever runs hourly or more rarely runs once across processes and is made up for after downtime."""
    assert all(job.ledger for job in JOBS if job.when.period >= timedelta(hours=1))


async def test_every_job_runs_on_a_real_shop(shop):
    """Each function of the schedule runs as it is called: with the shop and nothing else."""
    for job in JOBS:
        await job.run(shop)
