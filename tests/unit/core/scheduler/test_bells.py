"""The bells after a clock that jumped back: none stays silent until the old time comes again."""

from datetime import UTC, datetime, timedelta

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
    assert schedule.set_bells(now) == []
    await schedule.stop()
