"""Which backups stay."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.backups.retention import Backup, Retention, plan
from core.errors import Refused

ZONE = ZoneInfo("Asia/Phnom_Penh")
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def nightly(days: int, **more) -> list[Backup]:
    """One backup each night, the newest last night."""
    return [Backup(f"b{n:03}", NOW - timedelta(days=n, hours=7), **more) for n in range(days)]


def test_seven_daily_four_weekly_twelve_monthly():
    """Of 800 nights 23 stay, the oldest a little more than a year old (the figure in the reference)."""
    keep = plan(nightly(800), Retention(), NOW, ZONE).keep
    assert len(keep) == 23
    assert 365 <= (NOW - keep[-1].at).days <= 400


def test_pruning_every_night_keeps_as_much():
    """Deciding anew each night on what the night before left ends with the same 7, 4 and 12."""
    kept: list[Backup] = []
    for night in reversed(nightly(800)):
        kept = list(plan([*kept, night], Retention(), night.at + timedelta(hours=1), ZONE).keep)
    assert len(kept) == 23


def test_every_backup_has_a_reason():
    """Nothing goes or stays without a word."""
    backups = nightly(40)
    decided = plan(backups, Retention(), NOW, ZONE)
    assert set(decided.reasons) == {backup.name for backup in backups}
    assert len(decided.keep) + len(decided.remove) == 40
    assert all(decided.reasons[backup.name] == "not kept by any rule" for backup in decided.remove)


@pytest.mark.parametrize("policy", [Retention(), Retention(0, 0, 12)])
def test_backups_from_the_future_take_no_place(policy):
    """Made while the clock was wrong, they neither push real ones out nor are thrown away."""
    future = [Backup(f"f{n}", NOW + timedelta(days=n + 1)) for n in range(30)]
    with_future = plan([*nightly(30, verified=False), *future], policy, NOW, ZONE)
    without = plan(nightly(30, verified=False), policy, NOW, ZONE)
    assert [b for b in with_future.keep if b.at <= NOW] == list(without.keep)
    assert set(future) <= set(with_future.keep)


def test_the_last_verified_one_and_pinned_ones_stay():
    """A run of unverified backups never pushes out the last one that was read back; a pin holds."""
    backups = [*nightly(700, verified=False), Backup("good", NOW - timedelta(days=701))]
    pinned = Backup("wanted", NOW - timedelta(days=650, hours=3), verified=False, pinned=True)
    kept = {backup.name for backup in plan([*backups, pinned], Retention(2, 0, 0), NOW, ZONE).keep}
    assert kept == {"b000", "b001", "good", "wanted"}


def test_two_in_a_day_leave_the_newer():
    """Of two backups of one day the daily rule keeps the newer."""
    early, late = Backup("early", NOW - timedelta(hours=9)), Backup("late", NOW - timedelta(hours=1))
    assert plan([early, late, *nightly(3)[1:]], Retention(3, 0, 0), NOW, ZONE).remove == (early,)


@pytest.mark.parametrize("policy", [Retention(0, 0, 0), Retention(-1, 4, 12)])
def test_an_empty_policy_is_refused(policy):
    """A policy that would throw everything away is a mistake, not a wish."""
    with pytest.raises(Refused) as refused:
        plan(nightly(3), policy, NOW, ZONE)
    assert refused.value.key == "errors.retention_empty"
