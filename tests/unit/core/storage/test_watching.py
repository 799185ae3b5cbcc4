"""When the alarm sounds, is repeated, kept quiet and taken back: pure rules over percentages and moments."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.storage.rules import Level, Metric, Thresholds
from core.storage.watching import (
    Alert,
    Concern,
    News,
    backup_metric,
    file_metric,
    forecast_metric,
    muted,
    quiet,
    take,
)

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LEVELS = {News.RAISED, News.LOWERED, News.RECOVERED}


def full(percent: float) -> Metric:
    """The disk, so full."""
    return Metric(Concern.DISK, round(percent * 1000), 100_000)


def heard(metrics: list[Metric], step: timedelta = HOUR, news: set[News] = LEVELS) -> list[str]:
    """What becomes of the level when these are measured one after another, ``step`` apart."""
    alert, told = quiet(metrics[0].name, NOON), []
    for number, metric in enumerate(metrics):
        alert, what = take(alert, metric, NOON + number * step, Thresholds())
        if what in news:
            told.append(alert.level.word)
    return told


@pytest.mark.parametrize(
    ("percent", "expected"),
    [(0, "ok"), (79.9, "ok"), (80, "warning"), (89.99, "warning"), (90, "critical"), (95, "emergency"),
     (140, "emergency")],
)  # fmt: skip
def test_thresholds(percent: float, expected: str) -> None:
    """80, 90 and 95 percent, each counted in."""
    assert Thresholds().level(percent).word == expected


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ((85,), []),
        ((85, 85), ["warning"]),
        ((85, 70, 85, 70), []),
        ((96,), ["emergency"]),
        ((85, 92, 92), ["warning", "critical"]),
        ((85, 85, 85, 85), ["warning"]),
        ((91, 91, 86, 86, 91, 91), ["critical"]),
        ((85, 85, 78, 76, 79, 81, 82), ["warning"]),
        ((85, 85, 74, 74), ["warning", "ok"]),
        ((96, 74, 74, 74), ["emergency", "ok"]),
        ((96, 84, 84, 84, 96), ["emergency", "warning", "emergency"]),
        ((92, 92, 84, 70, 70, 70), ["critical", "warning", "ok"]),
        ((85, 85, 74, 85, 74, 85), ["warning"]),
        ((85, 85, 74, 74, 74, 85, 85), ["warning", "ok", "warning"]),
    ],
)
def test_what_becomes_of_a_level(samples: tuple[float, ...], expected: list[str]) -> None:
    """Two samples raise, an emergency at once; five points below for a while clears; nothing is said twice."""
    assert heard([full(one) for one in samples]) == expected


def test_clearing_takes_fifteen_minutes() -> None:
    """Samples five minutes apart: the third after the fall, at ten minutes, says nothing yet, the fourth does."""
    fall = [full(one) for one in (85, 85, 70, 70, 70)]
    assert heard(fall, 5 * MINUTE) == ["warning"]
    assert heard([*fall, full(70)], 5 * MINUTE) == ["warning", "ok"]
    assert heard([*fall, full(76), full(70), full(70), full(70)], 5 * MINUTE) == ["warning"]


def test_a_backup_is_missed_after_26_hours_and_over_with_the_next() -> None:
    """A minute short is well; then critical at the second look; the next backup ends it at once, without a wait."""
    ages = [timedelta(hours=26) - MINUTE, timedelta(hours=26), timedelta(hours=26), timedelta(hours=27), MINUTE]
    assert heard([backup_metric(age) for age in ages], 5 * MINUTE) == ["critical", "ok"]


def test_full_in_seven_days_is_told_once() -> None:
    """At seven days, not again at five nor at nine; after eleven it may be told again; what is unknown says nothing."""
    days = [20, 7, 6, 5, 9, None, 6, 11, 12, 6, 6]
    told = heard([forecast_metric(Concern.DISK, one) for one in days])
    assert told == ["warning", "ok", "warning"]
    stands = [forecast_metric(Concern.DISK, 5.0)] * 100
    assert heard(stands, news={News.REMINDED, News.RECOVERED}) == []


# ── reminders ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _reminded(alert: Alert, until: timedelta, of: Callable[[datetime], float], since: datetime = NOON) -> list[float]:
    """The hours at which something is told of a disk looked at every five minutes."""
    told, at = [], since
    while at < since + until:
        at += 5 * MINUTE
        alert, what = take(alert, full(of(at)), at, Thresholds())
        if what is not None:
            told.append((at - NOON) / HOUR)
    return told


def _raised(percent: float = 91) -> Alert:
    alert, _ = take(quiet("disk", NOON), full(percent), NOON - MINUTE, Thresholds())
    alert, news = take(alert, full(percent), NOON, Thresholds())
    assert news is News.RAISED
    return alert


def test_reminders_double_up_to_a_day() -> None:
    """After 1, 2, 4, 8, 16 hours more, then each day."""
    assert _reminded(_raised(), timedelta(hours=80), lambda _: 91) == [1, 3, 7, 15, 31, 55, 79]


def test_who_looks_after_it_is_left_in_peace_but_not_when_it_grows_worse() -> None:
    """Acknowledged for a day: silence until it ends; a higher level is told at once and ends the silence."""
    seen = muted(_raised(), NOON, timedelta(days=9), 7)
    assert (seen.muted_until, seen.muted_by) == (NOON + 24 * HOUR, 7)
    assert _reminded(seen, timedelta(hours=30), lambda _: 91) == [24, 26, 30]
    worse = _reminded(seen, timedelta(hours=5), lambda at: 91 if at < NOON + 2 * HOUR else 96)
    assert worse == [2, 3, 5]


def test_a_clock_that_jumps_back_repeats_nothing_and_waits_for_no_year() -> None:
    """A year back: not told again, reminded an hour later; a silence lasts a day from then at most."""
    year = timedelta(days=365)
    assert _reminded(_raised(), 4 * HOUR, lambda _: 91, NOON - year) == [-365 * 24 + 1 + 1 / 12, -365 * 24 + 3 + 1 / 12]
    silent, _ = take(muted(_raised(), NOON, 24 * HOUR, 7), full(91), NOON - year, Thresholds())
    assert silent.muted_until == NOON - year + 24 * HOUR


STEPS = st.lists(st.tuples(st.floats(0, 120), st.integers(-600, 600), st.sampled_from(["", "mute"])), max_size=80)


@given(STEPS)
def test_whatever_is_measured(steps: list[tuple[float, int, str]]) -> None:
    """Nothing repeats, what grows worse is always told, recovered comes exactly once: with clocks and silences as may.

    Between two words of one level something else was told, or it was a reminder, at least an hour after the last.
    """
    alert, at, level = quiet("disk", NOON), NOON, Level.OK
    for percent, minutes, does in steps:
        at += minutes * MINUTE
        before = alert
        alert, news = take(alert, full(percent), at, Thresholds())
        assert (alert.level > level) == (news is News.RAISED)
        assert (alert.level < level) == (news in {News.LOWERED, News.RECOVERED})
        assert (news is News.RECOVERED) == (alert.level is Level.OK and level is not Level.OK)
        if news is News.REMINDED:
            told = before.told_at
            assert told is not None
            assert alert.level is not Level.OK
            assert at - told >= HOUR
            assert not before.is_muted(at) or (before.muted_until or at) > at + 24 * HOUR
        if percent >= 95:
            assert alert.level is Level.EMERGENCY
        level = alert.level
        if does and level is not Level.OK:
            alert = muted(alert, at, HOUR, 7)


def test_a_file_that_is_gone_is_an_emergency() -> None:
    """At the first look, without a second; no limit is never full."""
    assert heard([file_metric(there=False)]) == ["emergency"]
    assert Metric("logs", 10**9, 0).percent == 0
    assert Metric("logs", 25, 50).percent == 50
