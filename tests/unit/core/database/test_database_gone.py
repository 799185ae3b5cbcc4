"""The SQLite file deleted or replaced: the running shop notices, and no start opens an empty shop where one was."""

from pathlib import Path

import pytest

from core.backups import service as backups
from core.changes import Changes
from core.config import Config
from core.database import connect, marker
from core.database.tables import outbox
from core.errors import Refused, StartRefused
from core.maintenance import watch
from core.messages.rules import MessageKind
from core.people.rules import Role
from core.shop import Shop
from core.storage import alerts, watching
from core.storage import service as storage
from tests.conftest import OpenShop
from tests.support import builders, house

FILE = "haang.sqlite3"


async def _take_away(shop: Shop, how: str) -> Path:
    """Move the database's file away, with another in its place where ``how`` says so; returns where it is now."""
    file = shop.config.data_dir / FILE
    away = file.rename(file.with_name("elsewhere.sqlite3"))
    if how == "replaced":
        file.write_bytes(away.read_bytes())
    return away


@pytest.mark.parametrize("how", ["deleted", "replaced"])
async def test_no_backup_of_another_file(sqlite_shop: Shop, how: str) -> None:
    """The file is gone, or another stands there: no backup is written, and a sentence says why."""
    await _take_away(sqlite_shop, how)
    with pytest.raises(Refused) as refused:
        await backups.backup(sqlite_shop)
    assert refused.value.key == "errors.database_moved"
    assert not list(sqlite_shop.config.backup_dir.glob("*"))


async def test_the_admins_hear_of_it_once(sqlite_shop: Shop) -> None:
    """However often the shop looks, one alert; put back, it is over after a quarter of an hour, and no earlier."""
    shop = sqlite_shop
    await builders.worker(shop, Role.OWNER)
    alert = (outbox.c.kind == MessageKind.WATCH,)
    assert await storage.watch_database(shop)
    away = await _take_away(shop, "deleted")
    for _ in range(3):
        assert not await storage.watch_database(shop)
        await watch.check_storage(shop)
    assert await builders.count(shop, outbox, *alert) == 1
    away.rename(shop.config.data_dir / FILE)
    over = []
    for _ in range(13):
        shop.clock.move(watching.CLEAR_FOR / 10)
        assert await storage.watch_database(shop)
        over.append((await alerts.now(shop, watching.Concern.DATABASE_FILE)).level.word)
    assert over == ["emergency"] * 10 + ["ok"] * 3
    assert await builders.count(shop, outbox, *alert) == 1


async def test_a_shop_in_its_place_backs_up(sqlite_shop: Shop) -> None:
    """What is where it was is backed up as ever, and nobody is told anything; ``test_backups`` asks PostgreSQL."""
    await builders.worker(sqlite_shop, Role.OWNER)
    assert (await backups.backup(sqlite_shop)).path.is_dir()
    assert await builders.owed(sqlite_shop) == []


@pytest.mark.parametrize("sign", ["marker", "picture", "backup"])
async def test_a_start_without_the_database_is_refused(sqlite_config: Config, open_shop: OpenShop, sign: str) -> None:
    """One sign of a shop is enough: the sentence names it, `restore` and the way to begin afresh; no file is made."""
    config = sqlite_config
    file = config.data_dir / FILE
    if sign == "marker":
        await (await open_shop(config)).close()
    elif sign == "picture":
        (config.media_dir / "products").mkdir(parents=True)
        (config.media_dir / "products" / "rose.png").write_bytes(b"picture")
    else:
        (config.backup_dir / "db_backup_20261120_030000").mkdir(parents=True)
    file.unlink()
    with pytest.raises(StartRefused, match=r"python run\.py restore .*move .* elsewhere first"):
        await (await connect(config, Changes())).close()
    assert not file.exists()


async def test_an_empty_file_is_no_database(sqlite_config: Config, open_shop: OpenShop) -> None:
    """A file of 0 bytes in the shop's place is refused like none at all."""
    await (await open_shop(sqlite_config)).close()
    (sqlite_config.data_dir / FILE).write_bytes(b"")
    with pytest.raises(StartRefused, match="is not there, but a shop was"):
        await (await connect(sqlite_config, Changes())).close()


async def test_a_torn_marker_is_a_marker(sqlite_config: Config, open_shop: OpenShop) -> None:
    """Half a marker still says that there was a shop, and an opened shop does not fail over it."""
    await (await open_shop(sqlite_config)).close()
    (sqlite_config.data_dir / marker.FILE).write_bytes(b'{"order')
    assert marker.read(sqlite_config.data_dir) == marker.Marker()
    await open_shop(sqlite_config)


async def test_empty_folders_are_no_shop(sqlite_config: Config) -> None:
    """The folders that every start makes, with nothing in them, stand in nobody's way."""
    (sqlite_config.data_dir / FILE).unlink()
    for folder in (sqlite_config.media_dir / "products", sqlite_config.backup_dir / "sandbox"):
        folder.mkdir(parents=True)
    await (await connect(sqlite_config, Changes())).close()


def test_a_failed_restore_leaves_no_empty_shop(tmp_path: Path) -> None:
    """A backup that is none, and the shop's marker: refused, and the next start still finds no database."""
    (tmp_path / "data" / "sandbox").mkdir(parents=True)
    (tmp_path / "data" / "sandbox" / marker.FILE).write_text('{"order_number": 7}')
    (tmp_path / "none").mkdir()
    done = house.run(tmp_path, "restore", str(tmp_path / "none"))
    assert (done.returncode, "is no backup" in done.stderr) == (1, True)
    assert not (tmp_path / "data" / "sandbox" / FILE).exists()
    done = house.run(tmp_path, "storage")
    assert (done.returncode, "restore" in done.stderr) == (1, True)
