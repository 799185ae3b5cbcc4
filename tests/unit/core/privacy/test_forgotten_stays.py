"""Who was forgotten stays so: after a backup from before is loaded, into either engine, or laid in place by hand."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.backups import contents
from core.backups import service as backups
from core.config import Config
from core.people import service as people
from core.privacy import beside, store
from core.privacy import service as privacy
from core.privacy.rules import Tombstone
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders, lives


@pytest.fixture(params=["sqlite", "postgres"])
def other_config(request: pytest.FixtureRequest, tmp_path: Path, no_settings: None) -> Iterator[Config]:
    """Settings of an empty database, on each engine in turn, beside the same data folder."""
    plain = Config(_env_file=None, data_dir=tmp_path / "data", backup_dir=tmp_path / "second", port=0)
    if request.param == "sqlite":
        yield plain.model_copy(update={"data_dir": tmp_path / "restored"})
        return
    cluster = request.getfixturevalue("postgres")
    url = cluster.create()
    yield plain.model_copy(update={"database_url": SecretStr(url)})
    cluster.drop(url)


async def _forgotten_after_a_backup(shop: Shop) -> Path:
    """Back up, forget, and lose what else there was: the file beside the data is all that knows."""
    person, _ = await lives.somebody(shop)
    made = (await backups.backup(shop)).path
    await privacy.forget_me(shop, person, int(shop.clock.now().timestamp()))
    return made


def _move_in(shop: Shop, config: Config) -> None:
    """Give a new database the data folder's file, as it stands in the folder that the shop always had."""
    config.data_dir.mkdir(exist_ok=True)
    source, target = shop.config.data_dir / beside.FILE, config.data_dir / beside.FILE
    if source != target:
        shutil.copyfile(source, target)


async def test_a_restore_forgets_again(shop: Shop, other_config: Config, open_shop: OpenShop) -> None:
    """Backed up, forgotten, restored into either engine: counted, and their name stands in no table."""
    made = await _forgotten_after_a_backup(shop)
    _move_in(shop, other_config)
    done = await privacy.bring_back(other_config, contents.opened(made), shop.clock.now())
    fresh = await open_shop(other_config)
    assert done.forgotten == 1
    assert lives.found(await fresh.db.read(lives.everything)) == []
    assert await fresh.db.read(store.graves) == await shop.db.read(store.graves)
    await builders.sound(fresh)


async def test_a_backup_from_afterwards_brings_back_nobody(
    sqlite_shop: Shop, other_config: Config, open_shop: OpenShop
) -> None:
    """They came back as a new person before the backup: that one stays, for it is not the row that was emptied."""
    shop = sqlite_shop
    await _forgotten_after_a_backup(shop)
    await people.arrive(shop, lives.ID, "Zyxandra again")
    made = (await backups.backup(shop)).path
    _move_in(shop, other_config)
    assert (await privacy.bring_back(other_config, contents.opened(made), shop.clock.now())).forgotten == 0
    fresh = await open_shop(other_config)
    assert (await people.arrive(fresh, lives.ID, "Zyxandra again")).name == "Zyxandra again"


async def test_a_number_of_another_history(sqlite_shop: Shop) -> None:
    """A tombstone of a row with the same number and another birth, from before a restore, forgets nobody here."""
    shop = sqlite_shop
    person, _ = await lives.somebody(shop)
    other = Tombstone(person.id, shop.clock.now() - timedelta(seconds=1), "0" * 64, shop.clock.now())
    beside.write(shop.config.data_dir, [other])
    assert await privacy.keep_forgotten(shop) == 0
    assert lives.found(await shop.db.read(lives.everything)) == list(lives.SECRETS)


async def test_an_old_file_laid_in_place_by_hand(sqlite_shop: Shop, sqlite_config: Config, open_shop: OpenShop) -> None:
    """The database file of before is copied back without the command: the job forgets them again; once is enough."""
    shop = sqlite_shop
    person, _ = await lives.somebody(shop)
    old = (await backups.backup(shop)).path
    await privacy.forget_me(shop, person, int(shop.clock.now().timestamp()))
    hand = sqlite_config.data_dir.parent / "hand"
    hand.mkdir()
    config = sqlite_config.model_copy(update={"data_dir": hand, "backup_dir": hand})
    await privacy.backups.bring_back(config, contents.opened(old), shop.clock.now())  # asking nobody, as a file copy
    by_hand = await open_shop(config)
    shutil.copyfile(shop.config.data_dir / beside.FILE, by_hand.config.data_dir / beside.FILE)
    assert await privacy.keep_forgotten(by_hand) == 1
    assert lives.found(await by_hand.db.read(lives.everything)) == []
    assert await privacy.keep_forgotten(by_hand) == 0


async def test_the_file_is_written_again(sqlite_shop: Shop) -> None:
    """Lost or damaged, it comes back from the table at the next run; it holds no name and no Telegram id."""
    shop = sqlite_shop
    person, _ = await lives.somebody(shop)
    await privacy.forget_me(shop, person, int(shop.clock.now().timestamp()))
    file = shop.config.data_dir / beside.FILE
    whole = file.read_bytes()
    assert lives.found(whole.decode()) == []
    for damage in (b"", b"[{}]", b'[{"person": 1, "joined": "2026-11-21T03:00:00", "hash": "", "at": ""}]'):
        file.write_bytes(damage)
        await privacy.keep_forgotten(shop)
        assert file.read_bytes() == whole
    file.unlink()
    await privacy.keep_forgotten(shop)
    assert beside.read(shop.config.data_dir) == await shop.db.read(store.graves)


async def test_a_folder_that_takes_nothing(sqlite_shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """They are forgotten all the same; the log says that the file is not there, and the next run makes it."""
    person, _ = await lives.somebody(sqlite_shop)
    file = sqlite_shop.config.data_dir / beside.FILE
    file.mkdir()
    await privacy.forget_me(sqlite_shop, person, int(sqlite_shop.clock.now().timestamp()))
    assert "is not written down" in caplog.text
    assert lives.found(await sqlite_shop.db.read(lives.everything)) == []
    file.rmdir()
    await privacy.keep_forgotten(sqlite_shop)
    assert len(beside.read(sqlite_shop.config.data_dir)) == 1
