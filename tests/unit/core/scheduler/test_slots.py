"""Slots: the moment a run was scheduled for, whenever somebody looks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.scheduler.rules import At, Every

PHNOM_PENH = ZoneInfo("Asia/Phnom_Penh")
QUARTERS = (1, 4, 7, 10)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given a zone


@pytest.mark.parametrize(
    ("when", "slot"),
    [
        (At(), datetime(2026, 11, 21, 3, 0, tzinfo=UTC)),
        (At(hour=3), datetime(2026, 11, 20, 20, 0, tzinfo=UTC)),
        (At(hour=2, weekday="sun"), datetime(2026, 11, 14, 19, 0, tzinfo=UTC)),
        (At(hour=9, day=1), datetime(2026, 11, 1, 2, 0, tzinfo=UTC)),
        (At(hour=3, minute=45, day=1, months=QUARTERS), datetime(2026, 9, 30, 20, 45, tzinfo=UTC)),
        (Every(timedelta(minutes=5)), datetime(2026, 11, 21, 3, 5, tzinfo=UTC)),
    ],
)
def test_last_due(when, slot):
    """At 10:07 on a Saturday in Phnom Penh."""
    assert when.last_due(datetime(2026, 11, 21, 3, 7, 42, tzinfo=UTC), PHNOM_PENH) == slot


def test_on_the_dot_counts():
    """At the very moment a run is due its slot is that moment, a microsecond earlier the one before."""
    due = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    assert At(hour=3).last_due(due, PHNOM_PENH) == due
    assert At(hour=3).last_due(due - timedelta(microseconds=1), PHNOM_PENH) == due - timedelta(days=1)


WHENS = [
    At(), At(hour=3), At(hour=2, weekday="sun"), Every(timedelta(seconds=5)), At(hour=9, day=1),
    At(hour=3, day=1, months=QUARTERS), At(hour=0, day=1, months=(2,)),
]  # fmt: skip


@given(moments, st.sampled_from(WHENS))
def test_a_slot_is_its_own_slot(now, when):
    """A slot is never after now, at most a period old, and looking again at that moment finds the same one."""
    slot = when.last_due(now, PHNOM_PENH)
    assert timedelta() <= now - slot < when.period
    assert when.last_due(slot, PHNOM_PENH) == slot


@given(st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - given a zone
def test_a_zone_that_changes_its_clocks(now):
    """Where clocks are put forward over 02:30, a daily run still has one slot a day."""
    slot = At(hour=2, minute=30).last_due(now, ZoneInfo("Europe/Berlin"))
    assert timedelta() <= now - slot < timedelta(hours=26)


@pytest.mark.parametrize("minutes", [0, 15, 45, 75, 105])
def test_an_hour_that_is_twice(minutes):
    """Where clocks are put back over 02:30, the look for what is due comes to an end."""
    now = datetime(2025, 10, 26, 0, 15, tzinfo=UTC) + timedelta(minutes=minutes)
    slot = At(hour=2, minute=30).last_due(now, ZoneInfo("Europe/Berlin"))
    assert timedelta() <= now - slot < timedelta(hours=26)


@pytest.mark.parametrize("when", [At(), At(hour=3), At(hour=2, weekday="sun"), Every(timedelta(seconds=5))])
def test_bells_ring_a_period_apart(when):
    """What APScheduler is told and what the ledger counts in are the same."""
    trigger, now = when.trigger(PHNOM_PENH), datetime(2026, 11, 21, 3, 7, 42, tzinfo=UTC)
    first = trigger.get_next_fire_time(None, now.astimezone(PHNOM_PENH))
    second = trigger.get_next_fire_time(first, first + timedelta(seconds=1))
    assert second - first == when.period
