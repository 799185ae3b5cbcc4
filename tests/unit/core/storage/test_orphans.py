"""What no row names is set aside for a week; what one names never is, however the name is written."""

import asyncio
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import String, insert, update

from core.database import tables as t
from core.errors import NotAllowed, NotFound, Refused
from core.people.rules import Person, Role
from core.shop import Shop
from core.storage import leftovers, orphans, quarantine, references
from core.storage.figures import readable
from tests.support.shelf_files import audited, names, put, shelve

TOMORROW = timedelta(days=1, minutes=1).total_seconds()
ADMIN, STAFF = Person(7, 7, "Admin", role=Role.ADMIN), Person(8, 8, "Staff", role=Role.STAFF)
DAY = "20261121"
OTHER = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - another disk, where there is one


def media(shop: Shop) -> Path:
    """The shop's media folder, as the disk writes it."""
    shop.config.media_dir.mkdir(exist_ok=True)
    return shop.config.media_dir.resolve()


async def planned(shop: Shop, after: float = TOMORROW) -> list[str]:
    """What is an orphan, looked at so many seconds from now."""
    found = (await orphans.plan(shop, time.time() + after)).found
    return [one.path.relative_to(media(shop)).as_posix() for one in found]


def test_every_column_that_holds_a_path_is_known():
    """A new column that sounds like a path is named as a reference, or as none; and what is named is there."""
    words = ("photo", "path", "file", "picture", "image", "video", "icon", "logo", "cover", "poster")
    columns = {str(c) for table in t.metadata.tables.values() for c in table.columns if isinstance(c.type, String)}
    sounds = {name for name in columns if any(word in name.partition(".")[2] for word in words)}
    assert sounds == {str(column) for column in references.PATHS} | (references.NO_PATHS & columns)


@pytest.mark.parametrize(
    "written",
    ["products/a.webp", "/products/a.webp", "./products//a.webp", "media/products/a.webp", "products\\a.webp",
     "Products/A.webp"],
)  # fmt: skip
def test_a_name_written_otherwise_is_the_same_file(written: str):
    """Slashes, a media/ in front and capitals make no orphan."""
    assert "products/a.webp" in references.Named(frozenset({references.plain(written)}))


async def test_only_what_no_row_names_is_an_orphan(sqlite_shop: Shop):
    """Photos, further photos and hero slides stay; young files, QR pictures, hidden names and links do too."""
    shop = sqlite_shop
    await shop.db.write(shelve, shop.clock.now(), "products/a.webp", "products/ខ្មែរ.webp")
    further = insert(t.product_photos).values(product_id=1, position=2, path="products/b.webp")
    slide = insert(t.hero_slides).values(kind="video", file="hero_slides/videos/c.mp4", created_at=shop.clock.now())
    await shop.db.write(lambda tx: [tx.execute(one) and None for one in (further, slide)])
    kept = ("products/a.webp", "products/b.webp", "hero_slides/videos/c.mp4", "products/ខ្មែរ.webp", "products/.keep",
            ".thumbs/x.webp", "qr_codes/qr_MD00001.png")  # fmt: skip
    for name in (*kept, "products/old.webp", "stray.bin", "qr_codes/by-hand.png", "products/qr_MD00002.png"):
        put(media(shop), name)
    treasure = put(shop.config.data_dir, "treasure/gold.webp")
    (media(shop) / "products" / "link.webp").symlink_to(treasure)
    (media(shop) / "elsewhere").symlink_to(treasure.parent)
    assert await planned(shop) == ["products/old.webp", "products/qr_MD00002.png", "qr_codes/by-hand.png", "stray.bin"]
    assert await planned(shop, 3600) == []


async def test_a_file_that_just_arrived_with_an_old_date_is_young(sqlite_shop: Shop):
    """A copy that kept its date from last year is not a day old here."""
    put(media(sqlite_shop), "products/restored.webp", age=timedelta(days=400))
    assert await planned(sqlite_shop, 3600) == []


async def test_set_aside_and_brought_back(sqlite_shop: Shop):
    """Moved, not copied, under its day; the audit and the rows of media files know; brought back it is as it was."""
    path = put(media(sqlite_shop), "products/deep/old.webp", 321)
    inode = path.stat().st_ino
    row = insert(t.media_files).values(path="products/deep/old.webp", kind="products", bytes=321,
                                       written_at=sqlite_shop.clock.now())  # fmt: skip
    await sqlite_shop.db.write(lambda tx: tx.execute(row) and None)
    seen = await orphans.plan(sqlite_shop, time.time() + TOMORROW)
    done = await orphans.apply(sqlite_shop, ADMIN, seen=seen)
    place = quarantine.folder(sqlite_shop.config) / DAY / "products/deep/old.webp"
    assert (done.freed, place.stat().st_ino, path.exists()) == (321, inode, False)
    assert await audited(sqlite_shop) == [("storage.aside", 7, {"files": 1, "bytes": 321, "amount": readable(321)})]
    listed = list(quarantine.listing(sqlite_shop.config))
    assert [(one.path, str(one.until)) for one in listed] == [("products/deep/old.webp", "2026-11-28")]
    assert await orphans.put_back(sqlite_shop, f"{DAY}/products/deep/old.webp", ADMIN) == path
    assert (path.stat().st_ino, list(quarantine.listing(sqlite_shop.config))) == (inode, [])


async def test_a_media_folder_on_a_disk_of_its_own(sqlite_shop: Shop):
    """Where a file cannot be renamed across it is copied whole, then it goes; and the same way back."""
    with tempfile.TemporaryDirectory(dir=OTHER) as other:
        sqlite_shop.config.media_dir.symlink_to(other)
        path = put(Path(other), "products/old.webp", 321)
        before = path.stat()
        done = await orphans.apply(sqlite_shop, seen=await orphans.plan(sqlite_shop, time.time() + TOMORROW))
        assert (done.freed, names(Path(other))) == (321, [])
        assert names(quarantine.folder(sqlite_shop.config)) == [f"{DAY}/products/old.webp"]
        assert (await orphans.put_back(sqlite_shop, "products/old.webp")).read_bytes() == b"x" * 321
        assert path.stat().st_mtime_ns == before.st_mtime_ns
        assert names(quarantine.folder(sqlite_shop.config)) == []


async def test_apply_looks_again(sqlite_shop: Shop):
    """Named by a row since, rewritten, replaced by a link, gone: each is left alone, the others go."""
    for name in ("named", "rewritten", "linked", "gone", "old"):
        put(media(sqlite_shop), f"products/{name}.webp")
    seen = await orphans.plan(sqlite_shop, time.time() + TOMORROW)
    folder = media(sqlite_shop) / "products"
    await sqlite_shop.db.write(shelve, sqlite_shop.clock.now(), "products/named.webp")
    put(media(sqlite_shop), "products/rewritten.webp", 101)
    (folder / "gone.webp").unlink()
    (folder / "linked.webp").unlink()
    (folder / "linked.webp").symlink_to(folder / "named.webp")
    touched: list[str] = []
    done = await orphans.apply(sqlite_shop, seen=seen, tick=lambda one: touched.append(one.path.name))
    assert [one.path.name for one in done.removed] == ["old.webp"]
    assert len(done.kept) == 4
    assert "named.webp" not in touched  # not even for a moment
    assert names(folder) == ["linked.webp", "named.webp", "rewritten.webp"]


async def test_a_folder_swapped_for_a_link_leads_nowhere(sqlite_shop: Shop):
    """Between plan and apply the folder became a link to somewhere else: nothing there is moved."""
    path = put(media(sqlite_shop), "old/photo.webp")
    seen = await orphans.plan(sqlite_shop, time.time() + TOMORROW)
    away = path.parent.rename(sqlite_shop.config.data_dir / "away")
    path.parent.symlink_to(away)
    assert (await orphans.apply(sqlite_shop, seen=seen)).removed == ()
    assert names(away) == ["photo.webp"]


async def test_what_a_row_names_while_it_is_moved_comes_back(sqlite_shop: Shop):
    """A product takes the photo just as it is moved, after the second look: after the third it stands there again."""
    path = put(media(sqlite_shop), "products/late.webp")
    seen = await orphans.plan(sqlite_shop, time.time() + TOMORROW)
    loop, moved = asyncio.get_running_loop(), []

    def take_it(_one: object) -> None:  # on the thread that moves files
        moved.append(not path.exists())
        saved = sqlite_shop.db.write(shelve, sqlite_shop.clock.now(), "products/late.webp")
        asyncio.run_coroutine_threadsafe(saved, loop).result()

    done = await orphans.apply(sqlite_shop, seen=seen, tick=take_it)
    assert (moved, done.removed, path.exists()) == ([True], (), True)


async def test_most_of_everything_is_rather_a_wrong_database(sqlite_shop: Shop):
    """Beside an empty database all photos are orphans: nothing is moved unless a person insists."""
    for number in range(orphans.FEW + 1):
        put(media(sqlite_shop), f"products/{number}.webp")
    seen = await orphans.plan(sqlite_shop, time.time() + TOMORROW)
    with pytest.raises(Refused, match="orphans_too_many"):
        await orphans.apply(sqlite_shop, seen=seen)
    assert len(names(media(sqlite_shop))) == orphans.FEW + 1
    assert len((await orphans.apply(sqlite_shop, seen=seen, force=True)).removed) == orphans.FEW + 1


async def test_who_may(sqlite_shop: Shop):
    """Staff neither set aside nor bring back, whatever button they found."""
    put(media(sqlite_shop), "products/old.webp")
    seen = await orphans.plan(sqlite_shop, time.time() + TOMORROW)
    with pytest.raises(NotAllowed):
        await orphans.apply(sqlite_shop, STAFF, seen=seen)
    with pytest.raises(NotAllowed):
        await orphans.put_back(sqlite_shop, "products/old.webp", STAFF)
    assert names(media(sqlite_shop)) == ["products/old.webp"]


@pytest.mark.parametrize("name", ["../haang.sqlite3", "/etc/passwd", "20261121/../../haang.sqlite3", "", "products"])
async def test_nothing_else_can_be_brought_back(sqlite_shop: Shop, name: str):
    """Only a file that was set aside, by its own name."""
    put(quarantine.folder(sqlite_shop.config), f"{DAY}/products/old.webp")
    with pytest.raises(NotFound, match="quarantine_missing"):
        await orphans.put_back(sqlite_shop, name)


async def test_what_stands_there_is_not_overwritten(sqlite_shop: Shop):
    """Another file has the name by now: refused, both stay. The same name set aside twice a day is kept twice."""
    for size in (1, 2):
        put(media(sqlite_shop), "products/old.webp", size)
        await orphans.apply(sqlite_shop, seen=await orphans.plan(sqlite_shop, time.time() + TOMORROW))
    put(media(sqlite_shop), "products/old.webp", 3)
    assert sorted(one.bytes for one in quarantine.listing(sqlite_shop.config)) == [1, 2]
    with pytest.raises(Refused, match="quarantine_taken"):
        await orphans.put_back(sqlite_shop, "products/old.webp")


@pytest.mark.parametrize("elsewhere", [False, True], ids=["renamed", "copied"])
def test_what_came_in_a_moment_ago_is_not_overwritten(tmp_path: Path, *, elsewhere: bool):
    """Another file takes the place after it was looked at: the move is refused by the disk itself, both stay whole."""
    with tempfile.TemporaryDirectory(dir=OTHER if elsewhere else tmp_path) as other:
        here, there = put(Path(other), "here.webp", 1), put(tmp_path, "there.webp", 2)
        with pytest.raises(FileExistsError):
            quarantine._carry(here, there)
        assert (here.stat().st_size, there.stat().st_size) == (1, 2)
        assert [one.name for one in tmp_path.glob("*.webp*")] == ["there.webp"]


async def test_nothing_is_brought_back_through_a_link(sqlite_shop: Shop):
    """Its folder leads elsewhere by now: refused, and nothing is made there."""
    put(quarantine.folder(sqlite_shop.config), f"{DAY}/old/deep/a.webp")
    outside = sqlite_shop.config.data_dir / "outside"
    outside.mkdir()
    (media(sqlite_shop) / "old").symlink_to(outside)
    with pytest.raises(Refused):
        await orphans.put_back(sqlite_shop, "old/deep/a.webp")
    assert list(outside.iterdir()) == []


async def test_after_a_week_it_goes(sqlite_shop: Shop, clock):
    """Sunday's job removes what was set aside more than seven days ago, and nothing that is not its own."""
    folder = quarantine.folder(sqlite_shop.config)
    for name in ("20261113/a.webp", "20261114/b.webp", "20261120-2/c.webp", "notes/d.txt", "99999999/e.txt"):
        put(folder, name)
    outside = put(sqlite_shop.config.data_dir, "outside/f.webp")
    (folder / "20261101").symlink_to(outside.parent)
    assert "f.webp" not in {one.path for one in quarantine.listing(sqlite_shop.config)}
    done = await orphans.tidy(sqlite_shop)
    assert [one.path.name for one in done.purged.removed] == ["20261113"]
    clock.move(timedelta(days=7))
    await orphans.tidy(sqlite_shop)
    assert names(folder) == ["99999999/e.txt", "notes/d.txt"]
    assert outside.exists()


async def test_where_orphans_are_too_many_the_rest_is_done(sqlite_shop: Shop):
    """Sunday's job refuses to move most of all files; what was never finished and what is over goes all the same."""
    for number in range(orphans.FEW + 1):
        path = put(media(sqlite_shop), f"products/{number}.webp")
    left = put(media(sqlite_shop), "products/.x.webp.00112233.tmp", age=timedelta(days=3))
    put(quarantine.folder(sqlite_shop.config), "20260101/a.webp")
    seen = await orphans.plan(sqlite_shop, time.time() + TOMORROW)
    assert seen.too_many
    with pytest.raises(Refused, match="orphans_too_many"):
        await orphans.tidy(sqlite_shop, now=time.time() + TOMORROW)
    assert (path.exists(), left.exists(), names(quarantine.folder(sqlite_shop.config))) == (True, False, [])


def test_leftovers_are_a_day_old_and_ours(sqlite_config):
    """Half-written files and folders go once no file in them was touched for a day; a link and other names never."""
    old, data, backups = timedelta(days=2), sqlite_config.data_dir, sqlite_config.backup_dir
    gone = (
        put(data, "media/products/.a.webp.0a1b2c3d.tmp", age=old),
        put(data, ".forgotten.json.00ff00ff.tmp", age=old),
    )
    put(data, "media/products/.b.webp.0a1b2c3d.tmp", age=timedelta(hours=23))
    put(data, "media/products/notes.tmp", age=old)
    for name, age in (("1", old), ("2", timedelta(hours=1))):
        put(backups, f".db_backup_20261101_03000{name}.partial/data/orders.jsonl.zst", 10, age=age)
        os.utime(backups / f".db_backup_20261101_03000{name}.partial", (0, 0))
        os.utime(backups / f".db_backup_20261101_03000{name}.partial/data", (0, 0))
    (backups / ".x.partial").symlink_to(data)
    found = leftovers.plan(sqlite_config)
    assert {one.path for one in found} == {*gone, backups / ".db_backup_20261101_030001.partial"}
    assert sum(one.size for one in found) == 210


async def test_a_product_forgets_the_photo(sqlite_shop: Shop):
    """A photo that was replaced is an orphan from then on."""
    await sqlite_shop.db.write(shelve, sqlite_shop.clock.now(), "products/a.webp")
    put(media(sqlite_shop), "products/a.webp")
    assert await planned(sqlite_shop) == []
    await sqlite_shop.db.write(lambda tx: tx.execute(update(t.products).values(photo="products/b.webp")) and None)
    assert await planned(sqlite_shop) == ["products/a.webp"]
