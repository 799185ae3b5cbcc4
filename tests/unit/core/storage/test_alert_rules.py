"""When the alarm sounds: pure rules over percentages and moments."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.storage.rules import Metric, level, quiet, watch, worth_telling

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def told(*samples: float, step: timedelta = timedelta(hours=1)) -> list[str]:
    """What people hear when these percentages are measured one after another."""
    alert, heard = quiet("disk", NOON), []
    for number, percent in enumerate(samples):
        after = watch(alert, percent, NOON + number * step)
        if worth_telling(alert, after):
            heard.append(after.level.word)
        alert = after
    return heard


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        (0, "ok"),
        (79.9, "ok"),
        (80, "warning"),
        (89.99, "warning"),
        (90, "critical"),
        (95, "emergency"),
        (140, "emergency"),
    ],
)
def test_thresholds(percent, expected):
    """80, 90 and 95 percent, each counted in."""
    assert level(percent).word == expected


@pytest.mark.parametrize(
    ("samples", "heard"),
    [
        ((85,), []),
        ((85, 85), ["warning"]),
        ((85, 70, 85, 70), []),
        ((96,), ["emergency"]),
        ((85, 92), ["warning"]),
        ((85, 92, 92), ["warning", "critical"]),
        ((85, 85, 85, 85), ["warning"]),
        ((91, 91, 86, 86, 91, 91), ["critical"]),
        ((85, 85, 78, 76, 79, 81, 82), ["warning"]),
        ((85, 85, 74, 74), ["warning", "ok"]),
        ((96, 74, 74, 74), ["emergency", "ok"]),
        ((96, 84, 84, 84, 96), ["emergency", "emergency"]),
        ((92, 92, 84, 70), ["critical"]),
        ((92, 92, 84, 70, 70, 70), ["critical", "ok"]),
        ((85, 85, 74, 85, 74, 85), ["warning"]),
        ((85, 85, 74, 74, 74, 85, 85), ["warning", "ok", "warning"]),
    ],
)
def test_what_is_told(samples, heard):
    """Two samples raise, an emergency at once; five points below for a while clears; nothing is said twice."""
    assert told(*samples) == heard


def test_clearing_takes_fifteen_minutes():
    """Samples five minutes apart: the third after the fall, at ten minutes, says nothing yet, the fourth does."""
    fall = (85, 85, 70, 70, 70)
    assert told(*fall, step=5 * MINUTE) == ["warning"]
    assert told(*fall, 70, step=5 * MINUTE) == ["warning", "ok"]


def test_a_rise_within_the_fifteen_minutes_starts_them_again():
    """One sample too close to the threshold in between: the quarter of an hour begins anew."""
    assert told(85, 85, 70, 70, 76, 70, 70, 70, step=5 * MINUTE) == ["warning"]


@given(st.lists(st.floats(0, 120), max_size=60))
def test_recovered_is_told_once_between_alarms(samples):
    """Whatever is measured, "ok" follows an alarm, never another "ok", and nothing below an emergency is repeated."""
    heard = told(*samples)
    assert heard[:1] != ["ok"]
    assert all(not (a == b == "ok") for a, b in pairwise(heard))


def test_no_limit_is_never_full():
    """A limit of 0 megabytes means none is set."""
    assert Metric("logs", 10**9, 0).percent == 0
    assert Metric("logs", 25, 50).percent == 50
