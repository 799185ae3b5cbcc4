"""What stands in the backup folder: found, pinned, known as damaged, kept by series."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.backups import archive, forms, pruning, shelf
from core.backups.retention import Reason, Retention
from core.backups.shelf import Check
from core.errors import Refused
from tests.unit.core.backups.made import NOW, filled, made

ZONE = ZoneInfo("Asia/Phnom_Penh")
Put = Callable[..., Path]


@pytest.fixture(scope="module")
def whole(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup to stand copies of."""
    place = tmp_path_factory.mktemp("shelf")
    return made(filled(sqlite_template, place / "haang.sqlite3", 2), place / "backups")


@pytest.fixture
def put(whole: Path, tmp_path: Path) -> Put:
    """A way to stand a backup there that was made so many hours before now."""

    def stand(hours: float, **about: str | int) -> Path:
        at = NOW - timedelta(hours=hours)
        path = tmp_path / f"db_backup_{at.astimezone(ZONE):%Y%m%d_%H%M%S}"
        shutil.copytree(whole, path)
        manifest = replace(archive.read_manifest(path), made_at=at.astimezone(UTC).isoformat(), **about)
        (path / archive.MANIFEST).unlink()
        archive.write_manifest(path, manifest)
        return path

    return stand


def plan(folder: Path, policy: Retention | None = None, now: datetime = NOW, shop: int = 77) -> pruning.Plan:
    """What the rules would do."""
    return pruning.plan(shelf.standing(folder), policy or Retention(2, 0, 0), now, ZONE, shop)


def test_series_do_not_push_each_other_out(put: Put, tmp_path: Path) -> None:
    """Five nights and two by hand, one from before a restore: each series keeps its own, also all of one new day."""
    nights = [put(24 * day + 7) for day in range(5)]
    hand = [put(3, series="manual"), put(2, series="manual"), put(500, series="manual")]
    before = put(900, series="pre_restore")
    decided = plan(tmp_path)
    assert {one.name for one in decided.remove} == {night.name for night in nights[2:]} | set()
    reasons = [decided.reasons[path.name] for path in (*nights[:2], *hand, before)]
    assert reasons == [*[Reason.DAILY] * 2, *[Reason.RECENT] * 2, Reason.DAILY, Reason.DAILY]


def test_a_pin_lies_beside_and_goes_with_it(put: Put, tmp_path: Path) -> None:
    """Pinned it stays; unpinned it goes, and nothing of it is left."""
    old = [put(24 * day) for day in (10, 11, 12, 400)]
    shelf.pin(old[3], NOW)
    assert shelf.look(old[3]).pinned
    assert {one.name for one in plan(tmp_path).remove} == {old[2].name}
    shelf.unpin(old[3])
    shelf.note_check(old[3], Check(NOW, whole=True))
    pruning.prune(tmp_path, Retention(2, 0, 0), NOW, ZONE, 77)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in old[:2])


def test_what_is_damaged_takes_no_slot_and_waits_for_a_person(put: Put, tmp_path: Path) -> None:
    """A file cut short is seen without reading any, a failed check is remembered: the good ones of before stay."""
    nights = [put(24 * day + 7) for day in range(4)]
    (nights[0] / "data" / "people.jsonl.zst").write_bytes(b"")
    shelf.note_check(nights[1], Check(NOW, whole=False))
    decided = plan(tmp_path)
    assert decided.remove == ()
    assert [decided.reasons[night.name] for night in nights] == [*[Reason.DAMAGED] * 2, *[Reason.DAILY] * 2]
    shelf.note_check(nights[1], Check(NOW, whole=True))
    assert {one.name for one in plan(tmp_path).remove} == {nights[3].name}


def test_another_shops_backups_are_left_alone(put: Put, tmp_path: Path) -> None:
    """They take no day of ours and none of them goes; before there were numbers, every one was ours."""
    ours, theirs, old = put(30), [put(5, shop=78), put(6, shop=78)], put(60, shop=0)
    decided = plan(tmp_path, Retention(1, 0, 0))
    assert {one.name for one in decided.remove} == {old.name}
    assert [decided.reasons[path.name] for path in (ours, *theirs)] == [Reason.DAILY, *[Reason.FOREIGN] * 2]


@pytest.mark.parametrize("days", [-4000, -400, -1, 1, 400, 4000])
def test_a_clock_that_jumps_removes_no_last_one(put: Put, tmp_path: Path, days: int) -> None:
    """Whatever the clock says, of each series the last that was read back stays."""
    kept = {put(7).name, put(8, series="manual").name}
    put(9)
    decided = plan(tmp_path, Retention(1, 0, 0), NOW + timedelta(days=days))
    assert kept <= {one.name for one in decided.keep}


def test_what_is_no_backup_is_not_seen(put: Put, tmp_path: Path) -> None:
    """Links, files under a folder's name, folders under a file's, half-written ones, sidecars, a folder of ours."""
    real = put(5)
    (tmp_path / "db_backup_20260101_000000").symlink_to(real, target_is_directory=True)
    (tmp_path / "db_backup_20260102_000000").write_text("a file")
    (tmp_path / "db_backup_20260103_000000.json").mkdir()
    (tmp_path / ".db_backup_20260104_000000.partial").mkdir()
    (tmp_path / f"{real.name}.pin").write_text("{}")
    (tmp_path / f"{real.name}.checked").write_text("not JSON")
    (tmp_path / "media").mkdir()
    (found,) = shelf.standing(tmp_path)
    assert (found.path, found.pinned, found.checked, found.verified) == (real, True, None, True)
    assert list(shelf.standing(tmp_path / "nowhere")) == []


def test_one_that_cannot_be_read_is_listed_and_kept(put: Put, tmp_path: Path) -> None:
    """A manifest that is none, or says no date: in the list without a date, and no rule touches it."""
    broken, undated = put(5), put(6)
    (broken / archive.MANIFEST).write_text("{}")
    manifest = replace(archive.read_manifest(undated), made_at="yesterday")
    (undated / archive.MANIFEST).write_bytes(manifest.to_bytes())
    decided = plan(tmp_path)
    assert set(decided.reasons.values()) == {Reason.UNREADABLE}
    assert [one.verified for one in decided.keep] == [False, False]
    with pytest.raises(Refused):
        forms.check(broken)


def test_removing_frees_what_it_said(put: Put, tmp_path: Path) -> None:
    """A plan counts the bytes it frees, and a dry run frees none."""
    put(7)
    old = put(400)
    size = sum(file.stat().st_size for file in old.rglob("*") if file.is_file())
    planned = pruning.prune(tmp_path, Retention(1, 0, 0), NOW, ZONE, 77, dry_run=True)
    assert (planned.freed, old.exists()) == (size, True)
    assert pruning.prune(tmp_path, Retention(1, 0, 0), NOW, ZONE, 77).freed == size
    assert not old.exists()
