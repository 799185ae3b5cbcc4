"""What lies below the media folder is known by its rows, and the rows are put right against the disk."""

import asyncio
import os
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.pictures import Pictures
from bot.screen import KhqrPicture
from core.database import tables as t
from core.storage import accounting, store
from core.storage import service as storage
from core.storage import usage as sizes
from core.storage.accounting import Reconciled
from core.storage.figures import MediaFile, samples_of
from core.storage.rules import MB
from tests.support.rows import fill

KIB = 1024
MEDIA = {
    "products/1/a.webp": 100, "qr_codes/qr_MD00001.png": 20, "hero_slides/a.jpg": 3, "hero_slides/videos/a.mp4": 4000,
    "hero_slides/videos": 0, "stray.bin": 5, "products": 0,
}  # fmt: skip
"""Bytes by name; folders have none."""


def put(folder: Path, name: str, size: int) -> Path:
    """Write a file of ``size`` bytes."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


async def rows(shop) -> dict[str, tuple[str, int]]:
    """Kind and bytes of every row, by path."""
    found = await shop.db.read(lambda tx: tx.execute(select(t.media_files)).all())
    return {row.path: (row.kind, row.bytes) for row in found}


async def media(shop) -> dict[str, tuple[int, int]]:
    """Bytes and files of every kind of media that there is."""
    return {kind.name: (kind.bytes, kind.files) for kind in (await storage.usage(shop)).kinds[:5] if kind.files}


async def test_sizes_by_kind(shop):
    """Every file counts once, under its folder's name; a link counts nothing; rows are counted by table."""
    await shop.db.write(fill, shop.clock.now(), 4)
    folder = shop.config.media_dir
    for name, size in MEDIA.items():
        if size:
            put(folder, name, size)
    put(shop.config.log_dir, "app.log", 60)
    put(shop.config.backup_dir, "db_backup_x/manifest.json", 70)
    put(shop.config.data_dir, "quarantine/20261121/products/b.webp", 9)
    (folder / "products" / "link").symlink_to(folder / "hero_slides" / "videos" / "a.mp4")
    found = await storage.usage(shop)
    static = found.of("static")
    assert {kind.name: (kind.bytes, kind.files) for kind in found.kinds if kind.name != "static"} == {
        "products": (100, 1), "qr_codes": (20, 1), "hero_slides": (3, 1), "videos": (4000, 1), "other": (5, 1),
        "logs": (60, 1), "backups": (70, 1), "quarantine": (9, 1),
    }  # fmt: skip
    assert found.media == 4128
    assert static > 10 * KIB
    assert found.total == found.database + static + 4128 + 139
    assert found.database > 50 * KIB
    assert 0 < found.disk.free < found.disk.total
    assert dict(found.tables)["orders"] == 4
    assert len(found.tables) == len(t.metadata.tables)


async def test_a_new_shop_has_no_folders_yet(sqlite_shop):
    """Folders that are not there hold nothing."""
    assert {kind.bytes for kind in (await storage.usage(sqlite_shop)).kinds if kind.name != "static"} == {0}


async def test_totals_come_from_the_rows(sqlite_shop):
    """The first question counts the disk; after that a file that nobody spoke of is not seen before the night."""
    put(sqlite_shop.config.media_dir, "products/a.webp", 100)
    assert await media(sqlite_shop) == {"products": (100, 1)}
    put(sqlite_shop.config.media_dir, "products/b.webp", 100)
    assert await media(sqlite_shop) == {"products": (100, 1)}
    await storage.reconcile(sqlite_shop)
    assert await media(sqlite_shop) == {"products": (200, 2)}


async def test_who_writes_and_removes_says_so(sqlite_shop):
    """Written, written again larger, removed; twice the same changes nothing; no walk is needed for any of it."""
    folder = sqlite_shop.config.media_dir
    await storage.usage(sqlite_shop)
    one, two = put(folder, "products/a.webp", 1), put(folder, "hero_slides/videos/b.mp4", 1)
    for size in (100, 100, 250):
        await storage.written(sqlite_shop, one, size)
    await storage.written(sqlite_shop, two, 7)
    assert await media(sqlite_shop) == {"products": (250, 1), "videos": (7, 1)}
    for _ in range(2):
        await storage.removed(sqlite_shop, [one, folder / "products/never.webp"])
    assert await rows(sqlite_shop) == {"hero_slides/videos/b.mp4": ("videos", 7)}
    with pytest.raises(ValueError, match="not in the subpath"):
        await storage.written(sqlite_shop, sqlite_shop.config.log_dir / "app.log", 1)


async def test_a_qr_that_is_drawn_has_its_row(sqlite_shop):
    """The bot draws a QR to be paid: file and row say the same; where it cannot be kept there is no row, but a QR."""
    folder = sqlite_shop.config.media_dir / "qr_codes"
    folder.mkdir(parents=True)
    pictures = Pictures(sqlite_shop, 1)
    drawn = await pictures.ready(KhqrPicture("MD00001", "0" * 90, "Rose", "$1.00", "4,100៛"))
    assert await rows(sqlite_shop) == {"qr_codes/qr_MD00001.png": ("qr_codes", len(drawn))}
    assert (folder / "qr_MD00001.png").stat().st_size == len(drawn)
    (folder / "qr_MD00001.png").unlink()
    folder.rmdir()
    assert isinstance(await pictures.ready(KhqrPicture("MD00002", "1" * 90, "Rose", "$1.00", "4,100៛")), bytes)
    assert len(await rows(sqlite_shop)) == 1


async def test_the_night_puts_rows_right(sqlite_shop):
    """New, grown and gone are put right in one pass, the right ones are let be; a second pass finds nothing to do."""
    shop, folder = sqlite_shop, sqlite_shop.config.media_dir
    for name in ("products/same.webp", "products/grows.webp", "products/goes.webp"):
        put(folder, name, 10)
    assert await storage.reconcile(shop) == Reconciled(3, 30, added=3, changed=0, removed=0)
    put(folder, "products/grows.webp", 1000)
    (folder / "products/goes.webp").unlink()
    put(folder, "hero_slides/ថ្មី.jpg", 5)
    assert await storage.reconcile(shop) == Reconciled(3, 1015, added=1, changed=1, removed=1)
    assert await storage.reconcile(shop) == Reconciled(3, 1015, added=0, changed=0, removed=0)
    assert await rows(shop) == {
        "products/same.webp": ("products", 10), "products/grows.webp": ("products", 1000),
        "hero_slides/ថ្មី.jpg": ("hero_slides", 5),
    }  # fmt: skip


async def test_many_write_and_remove_at_once(shop, open_shop):
    """Two processes note the same few files, removed ones among them: in the end the sums are what the rows say."""
    other, folder = await open_shop(shop.config), shop.config.media_dir
    await storage.usage(shop)
    chance = random.Random(7)
    files = [folder / "products/a.webp", folder / "products/b.webp", folder / "hero_slides/videos/c.mp4"]

    async def note() -> None:
        one, where = chance.choice(files), chance.choice([shop, other])
        gone = one is not files[-1] and chance.random() < 0.3  # one of them stays, whoever came last
        await (storage.removed(where, [one]) if gone else storage.written(where, one, chance.randrange(1000)))

    await asyncio.gather(*(note() for _ in range(60)))
    said: dict[str, tuple[int, int]] = {}
    for kind, size in (await rows(shop)).values():
        before = said.get(kind, (0, 0))
        said[kind] = (before[0] + size, before[1] + 1)
    assert await media(other) == said != {}


async def test_what_is_written_during_a_count_stays(sqlite_shop):
    """A file that came after its folder was looked at has its row already: it is looked for again before that goes."""
    folder = sqlite_shop.config.media_dir
    file = put(folder, "products/late.webp", 10)
    new, gone = accounting._differences(folder, {}, {"products/late.webp": 10, "products/never.webp": 10})
    assert (new, gone) == ([], ["products/never.webp"])
    file.unlink()
    file.symlink_to("/dev/null")
    assert len(accounting._differences(folder, {}, {"products/late.webp": 10})[1]) == 1


async def test_no_name_stops_the_count(sqlite_shop):
    """Names longer than a row takes, and names that are no text, are counted under a name that ends in their digest."""
    folder = sqlite_shop.config.media_dir
    deep = put(folder, "products/" + "/".join(["d" * 100] * 3) + "/a.webp", 7)
    other = put(folder, "products/" + "/".join(["d" * 100] * 3) + "/b.webp", 7)
    put(folder, os.fsdecode(b"products/\xff\xfe.webp"), 2)
    await storage.reconcile(sqlite_shop)
    assert await media(sqlite_shop) == {"products": (16, 3)}
    assert all(len(path) <= sizes.LONGEST for path in await rows(sqlite_shop))
    await storage.removed(sqlite_shop, [deep])
    assert sizes.media_name(sqlite_shop.config, other) in await rows(sqlite_shop)
    assert (await storage.reconcile(sqlite_shop)).added == 1


async def test_a_database_that_takes_nothing_costs_no_picture(sqlite_shop, caplog):
    """What cannot be noted is said in the log; the file stays, and the night finds it."""
    await sqlite_shop.db.write(lambda tx: tx.execute(text("ALTER TABLE media_files RENAME TO elsewhere")) and None)
    await storage.written(sqlite_shop, put(sqlite_shop.config.media_dir, "products/a.webp", 3), 3)
    assert [record.message for record in caplog.records] == ["media files not noted: OperationalError"]


async def test_large_files_of_all_kinds(sqlite_shop):
    """Media, logs, backups, what is set aside and the database itself: the largest first, none that is smaller."""
    config = sqlite_shop.config
    put(config.media_dir, "hero_slides/videos/a.mp4", 3000 * KIB)
    put(config.media_dir, "products/small.webp", 999 * KIB)
    put(config.backup_dir, "media/blobs/aa/x", 5000 * KIB)
    put(config.log_dir, "app.log", 4000 * KIB)
    put(config.data_dir, "quarantine/20261121/stray.bin", 2000 * KIB)
    found = [(file.path, file.bytes // KIB) for file in await storage.large_files(sqlite_shop, 1000 * KIB)]
    named = [one for one in found if one[0] != "haang.sqlite3"]  # as large as its journal is just now
    assert named == [
        ("backups/media/blobs/aa/x", 5000), ("logs/app.log", 4000), ("media/hero_slides/videos/a.mp4", 3000),
        ("quarantine/20261121/stray.bin", 2000),
    ]  # fmt: skip
    assert [file.path for file in await storage.large_files(sqlite_shop, 1000 * KIB, most=1)] == [named[0][0]]
    assert "haang.sqlite3" in {file.path for file in await storage.large_files(sqlite_shop, KIB)}


async def test_a_report_remembers_a_month(shop, clock):
    """Forty days of looks, thinned each night: growth by kind since a month ago, the date it is full, few rows left."""
    every = samples_of(await storage.usage(shop), shop.policy)
    for day in range(40):
        for hour in (0, 12):
            sizes_now = {"products": day * MB, "media": (day + hour / 24) * MB}
            found = [replace(one, bytes=int(sizes_now.get(one.name, one.bytes))) for one in every]
            await shop.db.write(store.sample, found, clock.now() + timedelta(hours=hour))
        clock.move(timedelta(days=1))
        assert (await storage.forget_old(shop)).samples == (0 if day < 15 else len(every))
    await shop.db.write(store.media_written, [MediaFile("products/a.webp", 40 * MB, clock.now())])
    report = await storage.report(shop)
    growth = {one.name: one for one in report.growth}
    assert (growth["products"].more, growth["videos"].more) == (30 * MB, 0)
    assert report.usage.at - growth["products"].since == timedelta(days=30)
    assert report.of("media").forecast.days == pytest.approx(460, rel=0.01)
    assert report.of("logs").forecast.word == "never"
    assert report.counted == clock.now() - timedelta(days=40)


async def test_old_rows_go_and_young_ones_stay(sqlite_shop, clock):
    """Updates after 7 days, sent messages after 30, carts that became nothing after 90; orders keep theirs."""
    shop = sqlite_shop
    await shop.db.write(fill, shop.clock.now())
    open_cart = {"id": 99, "person_id": 1, "kind": "basket", "created_at": clock.now(), "updated_at": clock.now()}
    await shop.db.write(lambda tx: tx.execute(t.carts.insert().values(state="open", **open_cart)) and None)
    gone = []
    for days in (6, 2, 21, 2, 58, 2):
        clock.move(timedelta(days=days))
        done = await storage.forget_old(shop)
        gone.append((done.updates, done.messages, done.carts))
    assert gone == [(0, 0, 0), (2, 0, 0), (0, 0, 0), (0, 3, 0), (0, 0, 0), (0, 0, 1)]
    assert dict((await storage.usage(shop)).tables)["carts"] == 3
