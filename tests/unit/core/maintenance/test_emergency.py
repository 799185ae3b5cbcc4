"""The emergency plan: shown first, done as shown or not at all, and never what somebody needs."""

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.backups.service import backup
from core.errors import NotAllowed, OutOfDate
from core.maintenance import emergency
from core.maintenance.emergency import Part
from core.people.rules import Person, Role
from core.shop import Shop
from core.storage import accounting, quarantine, reserve
from core.storage.rules import MB
from tests.support import house
from tests.support.rows import fill
from tests.support.shelf_files import audited, names, put

ADMIN, STAFF = Person(7, 7, "Admin", role=Role.ADMIN), Person(8, 8, "Staff", role=Role.STAFF)
OLD = timedelta(days=2)


def litter(shop: Shop) -> None:
    """Leave something of each step about, and beside it what must stay."""
    config, now = shop.config, shop.clock.now()
    put(config.data_dir, ".forgotten.json.00ff00ff.tmp", 1, age=OLD)
    put(config.data_dir, ".young.json.00ff00ff.tmp", 1)
    put(config.media_dir, "qr_codes/qr_MD00002.png", 20, age=timedelta(hours=25), now=now)
    put(config.media_dir, "qr_codes/qr_MD00003.png", 20, age=timedelta(hours=23), now=now)
    put(config.media_dir, "qr_codes/qr_MD00001.png", 20, age=OLD, now=now)  # somebody may be paying it
    put(config.log_dir, "app-20261101_000000.log.gz", 300)
    put(config.log_dir, "app-20261120_000000.log", 300)
    put(config.log_dir, "app.log", 300)
    put(quarantine.folder(config), "20261120/products/a.webp", 4000)
    put(config.media_dir, "products/rose.webp", 50_000)


async def test_each_step_is_previewed_and_done(sqlite_shop: Shop):
    """Count and bytes of each step before; afterwards exactly those are gone, and the audit has the figures."""
    await sqlite_shop.db.write(fill, sqlite_shop.clock.now())
    litter(sqlite_shop)
    seen = await emergency.plan(sqlite_shop)
    expected = [("leftovers", 1, 1), ("qr", 1, 20), ("logs", 1, 300), ("quarantine", 1, 4000), ("backups", 0, 0)]
    assert [(step.part.value, len(step.found), step.bytes) for step in seen.steps] == expected
    assert (seen.files, seen.bytes) == (4, 4321)
    done = await emergency.run(sqlite_shop, ADMIN, seen.stamp)
    assert (done.files, done.freed, done.written) == (4, 4321, True)
    assert names(sqlite_shop.config.media_dir) == [
        "products/rose.webp", "qr_codes/qr_MD00001.png", "qr_codes/qr_MD00003.png",
    ]  # fmt: skip
    assert names(sqlite_shop.config.log_dir) == ["app-20261120_000000.log", "app.log"]
    assert names(quarantine.folder(sqlite_shop.config)) == []
    assert (sqlite_shop.config.data_dir / ".young.json.00ff00ff.tmp").exists()
    ((action, who, detail),) = await audited(sqlite_shop)
    assert (action, who, detail["quarantine"]) == ("storage.emergency", 7, {"files": 1, "bytes": 4000})
    assert "backups" not in detail


async def test_large_files_are_named_and_stay(sqlite_shop: Shop):
    """Above ten megabytes a file stands in the plan for a person to decide; run frees nothing of it."""
    big = put(sqlite_shop.config.backup_dir, "notes.bin", 11 * MB)
    put(sqlite_shop.config.backup_dir, "small.bin", 9 * MB)
    await accounting.reconcile(sqlite_shop)
    put(sqlite_shop.config.media_dir, "film.mp4", 12 * MB)  # by hand, since the night's count
    seen = await emergency.plan(sqlite_shop)
    assert [(one.path, one.bytes) for one in seen.large] == [
        ("media/film.mp4", 12 * MB),
        ("backups/notes.bin", 11 * MB),
    ]
    await emergency.run(sqlite_shop, ADMIN, seen.stamp)
    assert big.stat().st_size == 11 * MB


async def test_backups_that_no_rule_keeps_go_but_never_the_last_nor_a_pinned_one(sqlite_shop: Shop, clock):
    """Two of one day: the older is surplus, unless it is pinned; the last one stays though nothing else is left."""
    first = (await backup(sqlite_shop)).path
    clock.move(timedelta(hours=1))
    seen = await emergency.plan(sqlite_shop)
    assert [one.path for one in seen.steps[-1].found] == []
    second = first.with_name(first.name.replace("100000", "100500"))
    shutil.copytree(first, second)
    seen = await emergency.plan(sqlite_shop)
    (surplus,) = seen.steps[-1].found
    kept = ({first, second} - {surplus.path}).pop()
    pin = surplus.path.with_name(surplus.path.name + ".pin")
    pin.write_text("{}")
    with pytest.raises(OutOfDate, match="emergency_changed"):
        await emergency.run(sqlite_shop, ADMIN, seen.stamp)
    assert (await emergency.plan(sqlite_shop)).steps[-1].found == ()
    pin.unlink()
    done = await emergency.run(sqlite_shop, ADMIN, seen.stamp)
    assert (done.freed, surplus.path.exists(), kept.exists()) == (surplus.size, False, True)


@pytest.mark.parametrize("change", ["more", "less", "another", "rewritten"])
async def test_another_plan_than_was_seen_is_not_run(sqlite_shop: Shop, change: str):
    """A file came, went, was replaced or grew since: nothing is touched, and the new plan is another one."""
    there = put(quarantine.folder(sqlite_shop.config), "20261120/a.webp", 10)
    seen = await emergency.plan(sqlite_shop)
    if change == "more":
        put(there.parent, "b.webp", 1)
    elif change == "less":
        there.unlink()
    elif change == "another":
        there.parent.rename(there.parent.with_name("20261119"))
    else:
        put(there.parent, "a.webp", 11)
    before = names(sqlite_shop.config.data_dir)
    with pytest.raises(OutOfDate, match="emergency_changed"):
        await emergency.run(sqlite_shop, ADMIN, seen.stamp)
    assert names(sqlite_shop.config.data_dir) == before
    assert (await emergency.plan(sqlite_shop)).stamp != seen.stamp


async def test_a_plan_stands_though_time_goes_on(sqlite_shop: Shop, clock):
    """A picture turns a day old meanwhile: what was seen is done, that picture stays; after an hour it is too old."""
    await sqlite_shop.db.write(fill, clock.now())
    now, media = clock.now(), sqlite_shop.config.media_dir
    put(media, "qr_codes/qr_MD00002.png", age=timedelta(hours=25), now=now)
    put(media, "qr_codes/qr_MD00003.png", age=timedelta(hours=23, minutes=55), now=now)
    seen = await emergency.plan(sqlite_shop)
    clock.move(timedelta(minutes=30))
    assert (await emergency.run(sqlite_shop, ADMIN, seen.stamp)).files == 1
    assert names(media) == ["qr_codes/qr_MD00003.png"]
    seen = await emergency.plan(sqlite_shop)
    clock.move(timedelta(minutes=61))
    with pytest.raises(OutOfDate):
        await emergency.run(sqlite_shop, ADMIN, seen.stamp)


@pytest.mark.parametrize("stamp", ["", "-", "zz-0", "ffffffffff-0", "-1-0", "0-0", "69" * 30])
async def test_odd_stamps_do_nothing(sqlite_shop: Shop, stamp: str):
    """A forged button meets a sentence."""
    with pytest.raises(OutOfDate):
        await emergency.run(sqlite_shop, ADMIN, stamp)


async def test_who_may(sqlite_shop: Shop):
    """Staff may not, whatever they tapped; a stamp fits a button."""
    seen = await emergency.plan(sqlite_shop)
    assert len(seen.stamp) <= 24
    with pytest.raises(NotAllowed):
        await emergency.run(sqlite_shop, STAFF, seen.stamp)


async def test_what_cannot_be_removed_does_not_stop_the_rest(sqlite_shop: Shop):
    """A folder that lets nothing go is passed by: its step frees nothing, the ones before and after it do."""
    set_aside = quarantine.folder(sqlite_shop.config)
    put(set_aside, "20261120/a.webp", 4000)
    put(set_aside, ".20261120.partial/in the way", 1)
    put(sqlite_shop.config.log_dir, "app-20261101_000000.log.gz", 300)
    seen = await emergency.plan(sqlite_shop)
    done = dict((await emergency.run(sqlite_shop, ADMIN, seen.stamp)).steps)
    assert (done[Part.LOGS].freed, done[Part.QUARANTINE].freed, len(done[Part.QUARANTINE].kept)) == (300, 0, 1)
    assert names(set_aside) == [".20261120.partial/in the way", "20261120/a.webp"]


@pytest.mark.skipif(sys.platform == "win32", reason="file-size limits are POSIX")
async def test_room_is_made_though_no_row_can_be_written(sqlite_shop: Shop):
    """Whatever is written fails: files go all the same, and it is said that the audit does not know."""
    put(quarantine.folder(sqlite_shop.config), "20261120/a.webp", 4000)
    put(sqlite_shop.config.media_dir, "qr_codes/qr_MD00009.png", age=OLD, now=sqlite_shop.clock.now())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        seen = await emergency.plan(sqlite_shop)
        done = await emergency.run(sqlite_shop, ADMIN, seen.stamp)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (done.freed, done.written, await audited(sqlite_shop)) == (4100, False, [])


async def test_what_needs_no_row_goes_before_a_database_is_opened(sqlite_shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """Where nothing fits any more: logs, quarantine, what was never finished; on a disk with room it is left alone."""
    config = sqlite_shop.config
    litter(sqlite_shop)
    assert emergency.first_aid(config) == emergency.NOTHING
    with monkeypatch.context() as full:
        full.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=4096))
        first = emergency.first_aid(config)
    assert [(part.value, done.freed) for part, done in first.steps] == [
        ("leftovers", 1), ("logs", 300), ("quarantine", 4000),
    ]  # fmt: skip
    assert len(names(config.media_dir)) == 4, "pictures have rows"
    put(quarantine.folder(config), "20261120/b.webp", 10)
    done = await emergency.run(sqlite_shop, None, (await emergency.plan(sqlite_shop)).stamp, before=first)
    ((_, _, detail),) = await audited(sqlite_shop)
    assert (done.freed, done.files, detail["quarantine"]) == (4351, 6, {"files": 2, "bytes": 4010})


# ── a disk that is full ──────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of forty megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)  # noqa: S607


def stuff(disk: Path) -> None:
    """Fill a disk to its last byte."""
    with (disk / "stuffing").open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


@pytest.mark.soak
async def test_on_a_full_disk_the_reserve_makes_the_first_room(small_disk: Path, sqlite_config, open_shop):
    """Not a byte is free, nothing can be sold: the plan is run, the audit written, the shop sells on."""
    data = small_disk / "data"
    shutil.copytree(sqlite_config.data_dir, data)
    shop = await open_shop(sqlite_config.model_copy(update={"data_dir": data, "backup_dir": small_disk / "backups"}))
    assert reserve.tend(data) is reserve.Deed.MADE
    put(quarantine.folder(shop.config), "20261120/a.webp", 12 * MB)
    stuff(small_disk)
    with pytest.raises(Exception, match="full"):
        await shop.db.write(fill, shop.clock.now())
    seen = await emergency.plan(shop)
    assert seen.reserve == reserve.SIZE
    done = await emergency.run(shop, ADMIN, seen.stamp)
    assert (done.freed, done.written, [action for action, _, _ in await audited(shop)]) == (
        12 * MB,
        True,
        ["storage.emergency"],
    )
    await shop.db.write(fill, shop.clock.now())
    (small_disk / "stuffing").unlink()
    assert reserve.tend(data) is reserve.Deed.MADE


@pytest.mark.soak
@pytest.mark.parametrize("spent", [False, True], ids=["with a reserve", "spent"])
def test_the_command_works_on_a_full_disk(small_disk: Path, sqlite_template: Path, spent: bool):  # noqa: FBT001
    """Opening a database takes a little room: the reserve's, or what goes without a row; the plan alone says so."""
    data = small_disk / "data" / "sandbox"
    data.mkdir(parents=True)
    (data / "haang.sqlite3").write_bytes(sqlite_template.read_bytes())
    if not spent:
        reserve.tend(data)
    put(data, "quarantine/20261120/a.webp", 12 * MB)
    stuff(small_disk)
    seen = house.run(small_disk, "emergency") if spent else None
    assert seen is None or (seen.returncode, "python run.py emergency --run" in seen.stderr) == (1, True)
    done = house.run(small_disk, "emergency", "--run", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["freed"] == 12 * MB
    assert names(data / "quarantine") == []
