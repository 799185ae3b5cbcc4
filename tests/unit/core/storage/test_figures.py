"""Growth and forecast: pure arithmetic over what was measured, and what of it is kept."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings.rules import Policy
from core.storage import figures
from core.storage.figures import Forecast, Growth, MediaFile, Sample, forecast, slope, thin
from core.storage.rules import MB, Disk, Kind, Level, Usage

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
GB = 1024 * MB


def line(days: float, per_day: float, last: float = 0, every: timedelta = 6 * HOUR) -> list[Sample]:
    """Samples of the last ``days``, ``every`` so often, that end at ``last`` and grow by ``per_day``."""
    steps = int(DAY * days / every)
    return [Sample(NOW - back * every, "media", round(last - per_day * (back * every / DAY))) for back in range(steps)]


@pytest.mark.parametrize(
    ("points", "used", "limit", "word", "days"),
    [
        (line(14, 10 * MB, 400 * MB), 400 * MB, 500 * MB, "days", 10),
        (line(1.25, 10 * MB, 400 * MB), 400 * MB, 500 * MB, "days", 10),
        (line(1, 10 * MB, 400 * MB), 400 * MB, 500 * MB, "unknown", None),
        (line(1, 10 * MB, 400 * MB, HOUR), 400 * MB, 500 * MB, "unknown", None),
        ([], 400 * MB, 500 * MB, "unknown", None),
        ([], 500 * MB, 500 * MB, "full", 0),
        (line(14, 10 * MB, 600 * MB), 600 * MB, 500 * MB, "full", 0),
        (line(14, 0, 400 * MB), 400 * MB, 500 * MB, "never", math.inf),
        (line(14, -10 * MB, 400 * MB), 400 * MB, 500 * MB, "never", math.inf),
        (line(14, 10 * MB, 400 * MB), 400 * MB, 0, "never", math.inf),
        ([Sample(s.at + 20 * DAY, s.metric, s.bytes) for s in line(5, MB)], MB, 500 * MB, "unknown", None),
        ([Sample(s.at - 20 * DAY, s.metric, s.bytes) for s in line(5, MB)], MB, 500 * MB, "unknown", None),
    ],
    ids=["steady", "five points", "four points", "a day of hours is four points", "nothing measured",
         "full, unmeasured", "over", "still", "shrinking", "no limit", "a clock that ran ahead", "too long ago"],
)  # fmt: skip
def test_when_it_is_full(points: list[Sample], used: int, limit: int, word: str, days: float | None) -> None:
    """A straight line is followed to its limit; too few points say nothing; what does not grow is never full."""
    found = forecast(points, used, limit, NOW)
    assert found.word == word
    assert found.days == (pytest.approx(days, rel=0.01) if days else days)


def test_a_cleanup_and_an_upload_bend_nothing() -> None:
    """One sample in six that is far off leaves the slope where it was; a mean would be moved."""
    steady = line(14, 10 * MB, 400 * MB)
    bent = [Sample(s.at, s.metric, s.bytes * (5 if i % 6 == 0 else 1)) for i, s in enumerate(steady)]
    assert slope(bent, NOW) == pytest.approx(10 * MB, rel=0.15)
    jump = [Sample(s.at, s.metric, (300 * MB if s.at > NOW - DAY else 0) + MB) for s in steady]
    assert slope(jump, NOW) == 0.0


SAMPLES = st.lists(
    st.tuples(st.integers(0, 30 * 24 * 60), st.integers(0, GB)), max_size=80, unique_by=lambda one: one[0]
).map(lambda found: [Sample(NOW - timedelta(minutes=back), "x", size) for back, size in found])


@given(SAMPLES, st.integers(0, GB), st.integers(0, GB))
def test_a_forecast_is_always_an_answer(points: list[Sample], used: int, limit: int) -> None:
    """Whatever was measured: never negative, never before what is full is full, and the order does not matter."""
    found = forecast(points, used, limit, NOW)
    assert found.days is None or found.days >= 0
    assert (found.days == 0) == (0 < limit <= used)
    assert found == forecast(points[::-1], used, limit, NOW)
    assert found.days is None or found.days == 0 or (found.days == math.inf) == (not limit or (found.per_day or 0) <= 0)


@given(SAMPLES, st.integers(1, 1000))
def test_slopes_move_with_what_they_measure(points: list[Sample], times: int) -> None:
    """So many times the bytes grow so many times as fast; bytes that were always there do not matter."""
    before = slope(points, NOW)
    larger = slope([Sample(s.at, s.metric, s.bytes * times + 7) for s in points], NOW)
    assert larger == (None if before is None else pytest.approx(before * times, rel=1e-6, abs=1e-6))


MOMENTS = st.lists(
    st.tuples(st.integers(-60, 500 * 24 * 60), st.sampled_from(["disk", "total"])), max_size=120, unique=True
).map(lambda found: [(NOW - timedelta(minutes=back), metric) for back, metric in found])


@given(MOMENTS)
def test_thinning_keeps_one_of_each_time(taken: list[tuple[datetime, str]]) -> None:
    """A day whole, fifteen days one an hour, 400 days one a day, then none: none too many, no time left empty."""
    gone = set(thin(taken, NOW))
    kept = [one for one in taken if one not in gone]
    assert gone <= set(taken)
    assert all(NOW - at <= timedelta(days=400) for at, _ in kept)
    assert all(one in kept for one in taken if NOW - one[0] <= DAY)
    hours = [(m, at.strftime("%d %H")) for at, m in kept if DAY < NOW - at <= 15 * DAY]
    days = [(m, at.date()) for at, m in kept if NOW - at > 15 * DAY]
    assert len(hours) == len(set(hours))
    assert len(days) == len(set(days))
    assert {(m, at.date()) for at, m in taken if NOW - at <= 399 * DAY} <= {(m, at.date()) for at, m in kept}
    assert thin(kept, NOW) == []


def test_thinning_as_time_goes_by_keeps_what_a_month_ago_was() -> None:
    """Hourly looks thinned every night for forty days: the month before can always be compared, a few hundred rows."""
    kept: list[tuple[datetime, str]] = []
    for hour in range(40 * 24):
        now = NOW + hour * HOUR
        kept.append((now, "total"))
        if hour % 24 == 0:
            gone = set(thin(kept, now))
            kept = [one for one in kept if one not in gone]
    assert len(kept) < 15 * 24 + 24 + 30
    month_ago = now - 30 * DAY
    assert min(abs(at - month_ago) for at, _ in kept) <= DAY


@pytest.mark.parametrize(
    ("path", "kind"),
    [("products/a.webp", "products"), ("products/1/2/a.webp", "products"), ("qr_codes/qr_MD1.png", "qr_codes"),
     ("hero_slides/a.jpg", "hero_slides"), ("hero_slides/videos/a.mp4", "videos"),
     ("hero_slides/videos", "hero_slides"), ("stray.bin", "other"),
     ("products", "other"), ("videos/a.mp4", "videos"), ("else/a.webp", "other")],
)  # fmt: skip
def test_kinds_go_by_folder(path: str, kind: str) -> None:
    """A file is of the kind of its folder; one that is named like a folder, or lies elsewhere, is of none."""
    assert MediaFile(path, 1, NOW).kind == kind


def used(**sizes: int) -> Usage:
    """What there is, by kind."""
    kinds = tuple(Kind(name, size, 1) for name, size in sizes.items())
    return Usage(NOW, kinds, 90 * MB, (("orders", 3),), Disk(100 * GB, 4 * GB))


def test_a_report_sets_all_against_its_limit() -> None:
    """Each level by the shop's thresholds, the worst for all; growth by kind in a month, unknown if unmeasured."""
    usage = used(products=300 * MB, videos=110 * MB, logs=10 * MB)
    before = {"products": Sample(NOW - 30 * DAY, "products", 250 * MB), "logs": Sample(NOW - DAY, "logs", 20 * MB)}
    lately = [Sample(s.at, metric, s.bytes) for metric in ("media", "total") for s in line(14, 9 * MB, 410 * MB)]
    found = figures.report(usage, Policy(), lately, before, NOW)
    assert {one.name: (one.level, one.forecast.word) for one in found.limits} == {
        "disk": (Level.EMERGENCY, "unknown"), "database": (Level.CRITICAL, "unknown"), "media": (Level.WARNING, "days"),
        "logs": (Level.OK, "unknown"), "total": (Level.OK, "days"),
    }  # fmt: skip
    assert found.level is Level.EMERGENCY
    assert found.of("media").forecast.days == pytest.approx(10, rel=0.01)
    growth = {one.name: one for one in found.growth}
    assert {name: one.more for name, one in growth.items()} == {
        "database": None, "products": 50 * MB, "videos": None, "logs": -10 * MB, "total": None,
    }  # fmt: skip
    assert growth["products"] == Growth("products", 300 * MB, 250 * MB, NOW - 30 * DAY)
    strict = figures.report(usage, Policy(warn_percent=30), lately, before, NOW)
    assert strict.of("total").level is Level.WARNING


def test_every_whole_look_writes_every_kind_down() -> None:
    """All limits and all kinds, each once: without them no growth could be told a month later."""
    names = [one.name for one in figures.samples_of(used(products=1, logs=2, backups=3), Policy())]
    assert sorted(names) == ["backups", "database", "disk", "logs", "media", "products", "total"]
    assert Forecast().word == "unknown"
