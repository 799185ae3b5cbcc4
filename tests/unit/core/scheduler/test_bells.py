"""The bells after a clock that jumped back: none stays silent until the old time comes again."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from core.scheduler import At, Every, Job, Scheduler
from core.shop import Shop


async def _nothing(_shop: Shop) -> None:
    """Do no work."""


async def test_bells_are_set_anew(sqlite_shop: Shop) -> None:
    """Three hours back: the bells of the second and of the hour ring in their time; the daily one is right as it is."""
    day = (datetime.now(UTC).astimezone(sqlite_shop.config.zone) + timedelta(hours=12)).hour
    jobs = [Job("second", Every(timedelta(seconds=1)), _nothing), Job("hour", At(), _nothing),
            Job("day", At(hour=day), _nothing)]  # fmt: skip
    schedule = Scheduler(sqlite_shop, jobs)
    await schedule.start()
    now = datetime.now(UTC)
    assert schedule.set_bells(now) == []
    assert sorted(schedule.set_bells(now - timedelta(hours=3))) == ["catch_up", "hour", "second"]
    assert schedule.set_bells(datetime.now(UTC)) == []  # by the clock they were set by, however long that took
    await schedule.stop()


async def test_a_bell_at_the_last_moment(sqlite_shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """A bell that rings in the very turn in which the schedule stops leaves no error in the log."""
    caplog.set_level(logging.INFO)
    schedule = Scheduler(sqlite_shop, [Job("second", Every(timedelta(seconds=1)), _nothing)])
    await schedule.start()
    schedule._ringer.get_job("second").modify(next_run_time=datetime.now(UTC))
    await schedule.stop()
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
