"""How much there is, measured on real files and both databases."""

from datetime import timedelta

from sqlalchemy import insert, select

from core.database import tables as t
from core.people import service as people
from core.people.rules import Role
from core.settings import service as settings
from core.storage import service as storage
from tests.support.rows import fill

KIB = 1024


def put(folder, name: str, size: int) -> None:
    """Write a file of ``size`` bytes."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)


async def owed(shop) -> list[tuple[int, str, str]]:
    """Every alert owed: chat, metric, level."""
    query = select(t.outbox.c.chat_id, t.outbox.c.data).where(t.outbox.c.state == "pending").order_by(t.outbox.c.id)
    rows = await shop.db.read(lambda tx: tx.execute(query).all())
    return [(row.chat_id, row.data["metric"], row.data["level"]) for row in rows]


async def test_sizes_by_kind(shop):
    """Every file counts once, under its folder's name; a link counts nothing; rows are counted by table."""
    await shop.db.write(fill, shop.clock.now(), 4)
    media = shop.config.media_dir
    put(media, "products/1/a.webp", 100)
    put(media, "qr_codes/qr_MD00001.png", 20)
    put(media, "hero_slides/a.jpg", 3)
    put(media, "hero_slides/videos/a.mp4", 4000)
    put(media, "stray.bin", 5)
    put(shop.config.log_dir, "app.log", 60)
    put(shop.config.backup_dir, "db_backup_x/manifest.json", 70)
    (media / "products" / "link").symlink_to(media / "hero_slides" / "videos" / "a.mp4")
    found = await storage.usage(shop)
    sizes = {kind.name: (kind.bytes, kind.files) for kind in found.kinds}
    assert sizes == {
        "products": (100, 1), "qr_codes": (20, 1), "hero_slides": (3, 1), "videos": (4000, 1), "other": (5, 1),
        "logs": (60, 1), "backups": (70, 1),
    }  # fmt: skip
    assert found.media == 4128
    assert found.total == found.database + 4258
    assert found.database > 50 * KIB
    assert 0 < found.disk.free < found.disk.total
    assert dict(found.tables)["orders"] == 4
    assert len(found.tables) == len(t.metadata.tables)


async def test_a_new_shop_has_no_folders_yet(sqlite_shop):
    """Folders that are not there hold nothing."""
    assert {kind.bytes for kind in (await storage.usage(sqlite_shop)).kinds} == {0}


async def test_an_alert_is_owed_once_and_recovery_once(shop, clock):
    """Logs at 85 % of their limit: told at the second look, never again; gone: told once."""
    await settings.change(shop.db, clock, "admin_chat_id", -100500, None)
    await settings.change(shop.db, clock, "logs_limit_mb", 1, None)
    put(shop.config.log_dir, "app.log", 870 * KIB)
    for expected in ([], [(-100500, "logs", "warning")], [(-100500, "logs", "warning")]):
        await storage.check_storage(shop)
        assert await owed(shop) == expected
        clock.move(timedelta(hours=1))
    put(shop.config.log_dir, "app.log", 10)
    for _ in range(3):
        await storage.check_storage(shop)
        clock.move(timedelta(hours=1))
    assert await owed(shop) == [(-100500, "logs", "warning"), (-100500, "logs", "ok")]


async def test_an_alert_says_how_much_of_what(shop, clock):
    """The figures travel with it: percent, bytes and the limit in bytes; an emergency is told at the first look."""
    await settings.change(shop.db, clock, "admin_chat_id", -100500, None)
    await settings.change(shop.db, clock, "media_limit_mb", 1, None)
    put(shop.config.media_dir, "products/a.webp", KIB * KIB)
    await storage.check_storage(shop)
    data = await shop.db.read(lambda tx: tx.execute(select(t.outbox.c.data)).scalar_one())
    assert data == {"metric": "media", "level": "emergency", "percent": 100.0, "bytes": KIB**2, "limit": KIB**2}


async def test_who_left_hears_no_alert(shop, clock):
    """Alerts came to a colleague's own chat; their role taken away, the owner hears instead."""
    await people.grant(shop, 3009, "Left", Role.ADMIN)
    await people.grant(shop, 4001, "Owner", Role.OWNER)
    await settings.change(shop.db, clock, "admin_chat_id", 3009, None)
    await settings.change(shop.db, clock, "media_limit_mb", 1, None)
    await people.revoke(shop, 3009)
    put(shop.config.media_dir, "products/a.webp", KIB * KIB)
    await storage.check_storage(shop)
    assert await owed(shop) == [(4001, "media", "emergency")]


async def test_without_an_admin_chat_the_owners_hear(shop, clock):
    """Each owner is told; with neither chat nor owner nothing is owed to nobody."""
    await settings.change(shop.db, clock, "logs_limit_mb", 1, None)
    put(shop.config.log_dir, "app.log", KIB * KIB)
    await shop.db.write(fill, clock.now())
    owner = insert(t.roles).values(person_id=2, role="owner", granted_at=clock.now())
    await shop.db.write(lambda tx: tx.execute(owner) and None)
    await storage.check_storage(shop)
    assert await owed(shop) == [(5_000_000_002, "logs", "emergency")]


async def test_samples_are_kept(shop, clock):
    """Each look writes one row a metric, for the forecast to come."""
    await storage.check_storage(shop)
    clock.move(timedelta(hours=1))
    await storage.check_storage(shop)
    rows = await shop.db.read(lambda tx: tx.execute(select(t.storage_samples.c.metric)).scalars().all())
    assert sorted(rows) == sorted(["disk", "database", "media", "logs", "total"] * 2)


async def test_old_rows_go_and_young_ones_stay(shop, clock):
    """Updates after 7 days, sent messages after 30, carts that became nothing after 90; orders keep theirs."""
    await shop.db.write(fill, clock.now())
    open_cart = {"id": 99, "person_id": 1, "kind": "basket", "created_at": clock.now(), "updated_at": clock.now()}
    await shop.db.write(lambda tx: tx.execute(insert(t.carts).values(state="open", **open_cart)) and None)
    gone = []
    for days in (6, 2, 21, 2, 58, 2):
        clock.move(timedelta(days=days))
        done = await storage.forget_old(shop)
        gone.append((done.updates, done.messages, done.carts))
    assert gone == [(0, 0, 0), (2, 0, 0), (0, 0, 0), (0, 3, 0), (0, 0, 0), (0, 0, 1)]
    assert dict((await storage.usage(shop)).tables)["carts"] == 3
