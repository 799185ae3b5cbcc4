"""The schedule itself: what stands on its one screen, in the shop's zone."""

import calendar
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.config import ROOT
from core.jobs import JOBS
from core.scheduler import At, Every

PHNOM_PENH = ZoneInfo("Asia/Phnom_Penh")
ELSEWHERE = {("postgresql", "backup"), ("postgresql", "optimise")}
"""Seconds of work on PostgreSQL that ``test_backups`` and ``test_optimise`` begin by the same functions and look at."""
SATURDAY = datetime(2026, 11, 21, 10, 0, tzinfo=PHNOM_PENH)


@pytest.mark.parametrize(
    ("name", "next_run"),
    [
        ("qr_cleanup", datetime(2026, 11, 22, 2, 0, tzinfo=PHNOM_PENH)),
        ("backup", datetime(2026, 11, 22, 3, 0, tzinfo=PHNOM_PENH)),
        ("forget_old", datetime(2026, 11, 22, 3, 30, tzinfo=PHNOM_PENH)),
        ("storage_check", datetime(2026, 11, 21, 10, 0, tzinfo=PHNOM_PENH)),
        ("storage_report", datetime(2026, 12, 1, 9, 0, tzinfo=PHNOM_PENH)),
        ("media_backup", datetime(2026, 11, 22, 3, 30, tzinfo=PHNOM_PENH)),
        ("drill", datetime(2026, 11, 22, 4, 30, tzinfo=PHNOM_PENH)),
        ("optimise", datetime(2027, 1, 1, 3, 45, tzinfo=PHNOM_PENH)),
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


def _counted(number: int, unit: str) -> str:
    return f"every {unit}" if number == 1 else f"every {number} {unit}s"


def said(when: At | Every) -> str:
    """When a job runs, as the operator's page says it."""
    if isinstance(when, Every):
        seconds = int(when.period.total_seconds())
        return _counted(seconds // 60, "minute") if seconds % 60 == 0 else _counted(seconds, "second")
    if when.hour is None:
        return f"each hour at :{when.minute:02}" if when.minute else "each hour"
    months = ", ".join(calendar.month_abbr[month] for month in when.months) or "each month"
    weekday = {name[:3].lower(): name for name in calendar.day_name}.get(when.weekday or "")
    return f"{weekday or (f'day {when.day} of {months}' if when.day else 'daily')} {when.hour:02}:{when.minute:02}"


def test_the_operators_page_says_what_runs_when():
    """Every job stands in docs/operations.md with its time and whether it runs once, and no other."""
    page = (ROOT / "docs" / "operations.md").read_text("utf-8").partition("## What runs when")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `(\w+)` \| (.+?) \| (once|) \| \S.+ \|$", page, re.MULTILINE)
    assert sorted(told) == sorted((job.name, said(job.when), "once" if job.ledger else "") for job in JOBS)


def test_names_are_unique():
    """The ledger tells jobs apart by name."""
    assert len({job.name for job in JOBS}) == len(JOBS)


def test_once_a_day_work_is_in_the_ledger():
    """Whatever runs hourly or more rarely runs once across processes and is made up for after downtime."""
    assert all(job.ledger for job in JOBS if job.when.period >= timedelta(hours=1))


async def test_every_job_runs_on_a_real_shop(shop):
    """Each function of the schedule runs as it is called: with the shop and nothing else."""
    for job in JOBS:
        if (shop.db.dialect, job.name) not in ELSEWHERE:
            await job.run(shop)
