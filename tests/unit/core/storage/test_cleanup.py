"""Old QR pictures go; nothing else does."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.database.tables import media_files
from core.errors import NotAllowed
from core.people.rules import Person, Role
from core.storage import accounting, candidates, cleanup, health
from core.storage import service as storage
from core.storage.figures import readable
from tests.support.rows import fill
from tests.support.shelf_files import audited

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
OLD, FRESH = timedelta(days=8), timedelta(days=6)


def picture(media: Path, name: str, age: timedelta = OLD, size: int = 100) -> Path:
    """Write a file of some age below ``media``."""
    path = media / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    written = (NOW - age).timestamp()
    os.utime(path, (written, written))
    return path


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """A media folder with an empty QR folder."""
    (tmp_path / "media" / "qr_codes").mkdir(parents=True)
    return tmp_path / "media"


def planned(media: Path, older_than=NOW - timedelta(days=7), live=()) -> list[str]:
    """Names of what would go."""
    return [candidate.path.name for candidate in cleanup.plan(media, older_than, live)]


def test_only_our_names_and_only_old_ones(media):
    """Payment and tracking QR pictures older than the rule go; younger ones and strangers stay."""
    for name in ("qr_MD00001.png", "qr_MD00001-2.png", "tracking_qr_MD00031.png"):
        picture(media, f"qr_codes/{name}")
    for name in ("qr_MD00002.png", "tracking_qr_MD00002.png"):
        picture(media, f"qr_codes/{name}", FRESH)
    for name in ("shop_qr.png", "qr_.png", "qr_MD00001.png.bak", "qr_MD00001.pngx", "notes.txt", "qr_MD1/../x.png"):
        picture(media, f"qr_codes/{name}")
    picture(media, "products/qr_MD00009.png")
    picture(media, "qr_codes/deep/qr_MD00009.png")
    assert planned(media) == ["qr_MD00001-2.png", "qr_MD00001.png", "tracking_qr_MD00031.png"]


def test_force_ignores_age_but_never_a_payment_under_way(media):
    """With force fresh pictures go too, except those of an order that somebody may be paying just now."""
    for number in ("MD00001", "MD00002"):
        for name in (f"qr_{number}.png", f"qr_{number}-1.png", f"tracking_qr_{number}.png"):
            picture(media, f"qr_codes/{name}", FRESH)
    assert planned(media, None, {"MD00001"}) == ["qr_MD00002-1.png", "qr_MD00002.png", "tracking_qr_MD00002.png"]


def test_no_link_is_followed(media, tmp_path):
    """A link in the folder, and a folder that is a link, lead nowhere."""
    treasure = picture(tmp_path, "elsewhere/qr_MD00005.png")
    (media / "qr_codes" / "qr_MD00006.png").symlink_to(treasure)
    assert planned(media) == []
    (media / "qr_codes" / "qr_MD00006.png").unlink()
    (media / "qr_codes").rmdir()
    (media / "qr_codes").symlink_to(treasure.parent)
    assert planned(media) == []
    assert treasure.exists()


def test_a_missing_folder_holds_nothing(tmp_path):
    """Before the first QR was drawn there is nothing to clean."""
    assert planned(tmp_path / "nowhere") == []


def test_apply_looks_again(media):
    """What was rewritten, replaced, swapped for a link, paid for or removed since the plan is left alone."""
    names = ("MD1", "MD2", "MD3", "MD4", "MD5", "MD6")
    paths = {name: picture(media, f"qr_codes/qr_{name}.png") for name in names}
    found = cleanup.plan(media, NOW - timedelta(days=7), ())
    picture(media, "qr_codes/qr_MD1.png", OLD, size=101)
    fresh = picture(media, "qr_codes/new.png")
    fresh.replace(paths["MD2"])
    paths["MD3"].unlink()
    paths["MD3"].symlink_to(paths["MD6"])
    paths["MD4"].unlink()
    done = cleanup.apply(found, {"MD5"})
    assert [candidate.path.name for candidate in done.removed] == ["qr_MD6.png"]
    assert {candidate.path.name for candidate in done.kept} == {f"qr_MD{n}.png" for n in range(1, 6)}
    assert done.freed == 100
    assert sorted(p.name for p in (media / "qr_codes").iterdir()) == [f"qr_MD{n}.png" for n in (1, 2, 3, 5)]


async def test_cleanup_of_a_shop(shop):
    """Order MD00001 is being paid: its pictures stay even by force; the others' old ones go, and the rest later."""
    await shop.db.write(fill, shop.clock.now())
    media = shop.config.media_dir
    for number in ("MD00001", "MD00002"):
        picture(media, f"qr_codes/qr_{number}.png", OLD)
    picture(media, "qr_codes/qr_MD00003.png", FRESH)
    rehearsal = await storage.cleanup_qr(shop, dry_run=True)
    assert (len(rehearsal.found), rehearsal.bytes, rehearsal.freed) == (1, 100, 0)
    done = await storage.cleanup_qr(shop)
    assert [candidate.reason for candidate in done.removed] == ["qr expired"]
    forced = await storage.cleanup_qr(shop, force=True)
    assert [candidate.path.name for candidate in forced.removed] == ["qr_MD00003.png"]
    assert [path.name for path in (media / "qr_codes").iterdir()] == ["qr_MD00001.png"]


async def test_days_can_be_chosen(sqlite_shop):
    """Five days instead of the shop's seven reach a picture of six."""
    await sqlite_shop.db.write(fill, sqlite_shop.clock.now())
    picture(sqlite_shop.config.media_dir, "qr_codes/qr_MD00003.png", FRESH)
    assert len((await storage.cleanup_qr(sqlite_shop)).removed) == 0
    assert len((await storage.cleanup_qr(sqlite_shop, 5)).removed) == 1


@contextmanager
def powerless() -> Iterator[None]:
    """Lay down root's powers, which no folder's mode stops."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.name == "nt", reason="modes of folders are POSIX")
def test_a_read_only_folder_is_said():
    """Where not one file can be removed, the reason has a sentence, and nothing is reported as freed."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        path = picture(Path(name), "qr_codes/qr_MD00003.png")
        found = cleanup.plan(Path(name), NOW, ())
        path.parent.chmod(0o555)
        with powerless(), pytest.raises(PermissionError) as refused:
            cleanup.apply(found, ())
        path.parent.chmod(0o755)
        assert path.exists()
    assert health.reason(refused.value) == "storage_read_only"


async def test_a_picture_of_no_order_goes_after_a_day(sqlite_shop):
    """Numbers that no order has: a day old they go; an order's own stay for the shop's seven days."""
    await sqlite_shop.db.write(fill, sqlite_shop.clock.now())
    media = sqlite_shop.config.media_dir
    for name in ("qr_MD00003.png", "qr_MD99999.png", "tracking_qr_MD99998-2.webp"):
        picture(media, f"qr_codes/{name}", timedelta(hours=25))
    picture(media, "qr_codes/qr_MD99997.png", timedelta(hours=23))
    done = await storage.cleanup_qr(sqlite_shop)
    assert {one.path.name: one.reason for one in done.removed} == {
        "qr_MD99999.png": "qr without an order", "tracking_qr_MD99998-2.webp": "tracking_qr without an order",
    }  # fmt: skip
    assert candidates.kinds(done.removed) == {"qr": (1, 100), "tracking_qr": (1, 100)}


async def test_who_may_clean_and_what_is_written_down(sqlite_shop):
    """Not staff; what an admin had removed is in the audit and in no row of media files; a rehearsal is neither."""
    media = sqlite_shop.config.media_dir
    path = picture(media, "qr_codes/qr_MD00003.png")
    await accounting.written(sqlite_shop, path, 100)
    admin, staff = (Person(9, 9, "", role=role) for role in (Role.ADMIN, Role.STAFF))
    with pytest.raises(NotAllowed):
        await storage.cleanup_qr(sqlite_shop, force=True, person=staff)
    assert (await storage.cleanup_qr(sqlite_shop, dry_run=True, person=admin)).bytes == 100
    assert (path.exists(), await audited(sqlite_shop)) == (True, [])
    ticks = []
    await storage.cleanup_qr(sqlite_shop, person=admin, tick=ticks.append)
    assert [one.path for one in ticks] == [path]
    assert await audited(sqlite_shop) == [("storage.qr", 9, {"files": 1, "bytes": 100, "amount": readable(100)})]
    assert await sqlite_shop.db.read(lambda tx: tx.execute(select(media_files.c.path)).all()) == []
