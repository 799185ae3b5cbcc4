"""Pruning: after a good backup the old ones go by the rules, and nothing else ever does."""

import logging
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.backups import archive, pruning
from core.backups import service as backups
from core.backups.retention import Retention
from core.errors import Refused
from core.shop import Shop

PHNOM_PENH = ZoneInfo("Asia/Phnom_Penh")
TODAY = "db_backup_20261121_100000"


@pytest.fixture
async def folder(sqlite_shop: Shop) -> Path:
    """The backup folder of a shop that backed up each night at three: 40 nights in a row, before that on the tenth."""
    whole = (await backups.backup(sqlite_shop)).path
    nights = [datetime(2026, 11, 20, 3, tzinfo=PHNOM_PENH) - timedelta(days=day) for day in range(40)]
    nights += [datetime(2026, month, 10, 3, tzinfo=PHNOM_PENH) for month in (8, 9)]
    for night in nights:
        copied(whole, night)
    shutil.rmtree(whole)
    return whole.parent


def copied(whole: Path, at: datetime) -> Path:
    """Stand a copy of a backup beside it, made at another moment; without tables, for hundreds of files say no more."""
    path = whole.with_name(f"db_backup_{at:%Y%m%d_%H%M%S}")
    (path / "data").mkdir(parents=True)
    manifest = archive.read_manifest(whole)
    archive.write_manifest(path, replace(manifest, tables=(), made_at=at.astimezone(UTC).isoformat()))
    return path


def days(folder: Path) -> list[str]:
    """Month and day of what stands there, the newest first; other names as they are."""
    names = sorted((path.name for path in folder.iterdir()), reverse=True)
    return [name[14:18] if name.startswith("db_backup_2026") else name for name in names]


async def test_after_a_good_backup_the_rules_decide(
    sqlite_shop: Shop, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Seven days, four weeks before them, then months; each with its reason in the log."""
    caplog.set_level(logging.INFO, "core.backups")
    assert len(days(folder)) == 42
    made = await backups.backup(sqlite_shop)
    assert made.path.name == TODAY
    daily = ["1121", "1120", "1119", "1118", "1117", "1116", "1115"]
    assert days(folder) == [*daily, "1108", "1101", "1025", "1018", "0910", "0810"]
    for said in (f"{TODAY} (daily)", "db_backup_20261018_030000 (weekly)", "db_backup_20260910_030000 (monthly)"):
        assert said in caplog.text
    assert "backup db_backup_20261017_030000 removed: not kept by any rule" in caplog.text
    archive.check(made.path)


async def test_a_failed_backup_removes_nothing(sqlite_shop: Shop, folder: Path, tmp_path: Path) -> None:
    """No new backup, so every old one stands, however old."""
    before = days(folder)
    sqlite_shop.config = sqlite_shop.config.model_copy(update={"data_dir": tmp_path / "nowhere"})
    with pytest.raises(Refused):
        await backups.backup(sqlite_shop)
    assert days(folder) == before


async def test_what_is_not_surely_ours_stays_and_takes_no_day(sqlite_shop: Shop, folder: Path, tmp_path: Path) -> None:
    """A damaged backup, somebody's folder and file, a link to a backup elsewhere: untouched, counted for nothing."""
    damaged = folder / "db_backup_20261120_030000"
    (damaged / archive.MANIFEST).write_text("{}")
    whole = copied(folder / "db_backup_20261119_030000", datetime(2026, 11, 20, 2, tzinfo=PHNOM_PENH))
    shutil.move(folder / "db_backup_20261012_030000", tmp_path / "elsewhere")
    (folder / "db_backup_20260101_000000").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (folder / "mine").mkdir()
    (folder / "db_backup_20260102_000000").write_text("a file")
    await backups.backup(sqlite_shop)
    for path in (
        damaged,
        whole,
        folder / "mine",
        folder / "db_backup_20260102_000000",
        tmp_path / "elsewhere" / "data",
    ):
        assert path.exists(), path
    assert (folder / "db_backup_20260101_000000").is_symlink()


async def test_what_cannot_be_removed_spoils_nothing(
    sqlite_shop: Shop, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One that cannot go is logged and stays whole; the others go, and the backup is good."""
    stuck = folder / "db_backup_20261017_030000"
    (folder / f".{stuck.name}.partial" / "in the way").mkdir(parents=True)
    made = await backups.backup(sqlite_shop)
    archive.check(stuck)
    archive.check(made.path)
    assert f"{stuck.name} cannot be removed" in caplog.text
    assert not (folder / "db_backup_20261016_030000").exists()


async def test_the_last_one_stays_whatever_the_date(sqlite_shop: Shop) -> None:
    """A clock that ran years ahead, or a shop that slept for years: the only backup is kept."""
    made = (await backups.backup(sqlite_shop)).path
    for days_later in (-4000, 4000):
        now = sqlite_shop.clock.now() + timedelta(days=days_later)
        assert pruning.prune(made.parent, Retention(), now, PHNOM_PENH).remove == ()
    archive.check(made)
