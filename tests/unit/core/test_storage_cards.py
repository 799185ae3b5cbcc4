"""What the storage report says in both languages: figures that warn, dates of being full, nothing where nothing is."""

from datetime import UTC, datetime, timedelta

import pytest

from core.cards.storage import ago, full, storage_caption, storage_sheet
from core.i18n import translator
from core.pictures.storage import Tone
from core.storage import figures
from core.storage.figures import Forecast, Sample
from core.storage.rules import MB, Disk, Kind, Usage

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
EN, KM = translator("en"), translator("km")
DAY = timedelta(days=1)


def report(shop, *, busy: bool):
    """A report of a young shop, or of one whose media run full and whose disk is nearly so."""
    kinds = [("products", 200 * MB), ("videos", 230 * MB)] if busy else [("products", 0)]
    usage = Usage(NOW, tuple(Kind(name, size, 7) for name, size in kinds), MB, (("orders", 1200),),
                  Disk(1024 * MB, 80 * MB if busy else 900 * MB))  # fmt: skip
    lately = [Sample(NOW - DAY * i / 4, "media", (430 - 10 * i // 4) * MB) for i in range(40 if busy else 0)]
    before = {name: Sample(NOW - 30 * DAY, name, 100 * MB) for name in ("total", "videos")} if busy else {}
    return figures.report(usage, shop.policy, lately, before, NOW)


def test_a_busy_shop_is_told_what_to_see_to(sqlite_shop):
    """Levels colour their gauge and their words, the largest kind stands first, growth is since a month ago."""
    sheet = storage_sheet(sqlite_shop, report(sqlite_shop, busy=True), EN, NOW - 27 * timedelta(hours=1))
    gauges = {one.label: (one.text, one.tone, one.below) for one in sheet.gauges}
    assert gauges["Disk"] == ("944 MB of 1.0 GB · 92% · Critical", Tone.CRITICAL, "too early to say when it is full")
    assert gauges["Photos and videos"] == ("430 MB of 500 MB · 86% · Warning", Tone.WARNING, "full in about 7 days")
    assert [(one.label, one.text) for one in sheet.kinds.bars] == [
        ("Videos", "230 MB · 7 files · +130 MB"), ("Product photos", "200 MB · 7 files"),
        ("Database", "1.0 MB · 1,200 rows"),
    ]  # fmt: skip
    free, backup, grown, first = sheet.figures
    assert (free.large, free.warns) == ("80.0 MB", True)
    assert (backup.large, backup.below, backup.warns) == ("27 h ago", "20 Nov 07:00", True)
    assert (grown.large, grown.below) == ("+331 MB", "since 22 Oct")
    assert (first.large, first.below, first.warns) == ("Photos and videos", "full in about 7 days", True)
    assert "⚠️ Disk: 92% of 1.0 GB" in storage_caption(sqlite_shop, report(sqlite_shop, busy=True), EN, None)


def test_a_young_shop_warns_of_nothing_but_its_backup(sqlite_shop):
    """What is not measured yet is said to be so; a fresh backup is calm, none warns."""
    found = report(sqlite_shop, busy=False)
    sheet = storage_sheet(sqlite_shop, found, EN)
    assert [one.large for one in sheet.figures] == ["900 MB", "none yet", "—", "—"]
    assert [one.warns for one in sheet.figures] == [False, True, False, False]
    assert not storage_sheet(sqlite_shop, found, EN, NOW - DAY).figures[1].warns
    assert storage_caption(sqlite_shop, found, EN) == ("Everything: 1.0 MB of 1.0 GB", "Last verified backup: none yet")


@pytest.mark.parametrize("busy", [True, False])
def test_khmer_says_the_same(sqlite_shop, busy):
    """As many lines and gauges in Khmer, no English word among them, Latin digits."""
    found = report(sqlite_shop, busy=busy)
    english, khmer = (storage_sheet(sqlite_shop, found, t, NOW - DAY) for t in (EN, KM))
    assert len(english.gauges) == len(khmer.gauges)
    words = [one.label + one.text + one.below for one in khmer.gauges] + [*storage_caption(sqlite_shop, found, KM, NOW)]
    left = [word for line in words for word in line.split() if word.isascii() and word.isalpha()]
    assert set(left) <= {"KB", "MB", "GB", "B", "QR"}


@pytest.mark.parametrize(
    ("back", "words"),
    [(timedelta(0), "just now"), (timedelta(minutes=59), "just now"), (timedelta(hours=1), "1 h ago"),
     (timedelta(hours=47), "47 h ago"), (2 * DAY, "2 days ago"), (-DAY, "just now")],
)  # fmt: skip
def test_how_long_ago(back: timedelta, words: str) -> None:
    """Hours for two days, then days; a clock that was ahead is now."""
    assert ago(EN, NOW - back, NOW) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [(0.0, "is full"), (0.2, "full in about a day"), (1.4, "full in about a day"), (1.6, "full in about 2 days"),
     (3650.0, "full in about 3,650 days"), (4000.0, "full in more than 10 years"), (float("inf"), "does not grow"),
     (None, "too early to say when it is full")],
)  # fmt: skip
def test_when_it_is_full_in_words(days: float | None, words: str) -> None:
    """Whole days, never "1 days", no false precision far away."""
    assert full(EN, Forecast(1.0, days)) == words
