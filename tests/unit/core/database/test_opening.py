"""Opening the database: what stands in the way is said in a sentence, and nothing is harmed."""

import asyncio
import hashlib
import resource
import sqlite3
import threading
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from core.changes import Changes
from core.config import Config
from core.database import connect
from core.database.engine import SqliteDatabase
from core.database.migrate import head
from core.errors import StartRefused
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.databases import Cluster


def _empty(tmp_path: Path) -> Config:
    return Config(_env_file=None, data_dir=tmp_path / "new" / "data", backup_dir=tmp_path / "backups")


async def test_too_few_open_files_leave_nothing_behind(tmp_path: Path) -> None:
    """Wherever the opening breaks off, also at a reader, what was opened before is closed: a thread hangs the end."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    threads, opened = threading.active_count(), []
    for spare in range(16):
        resource.setrlimit(resource.RLIMIT_NOFILE, (_free(spare), hard))
        try:
            db = await SqliteDatabase.open(tmp_path / "shop.sqlite3", Changes())
            await db.close()
            opened.append(spare)
        except sqlite3.OperationalError:
            pass
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert threading.active_count() <= threads
    assert 0 < len(opened) < 16


def _free(spare: int) -> int:
    """The number below which ``spare`` files can still be opened."""
    taken = {int(one.name) for one in Path("/dev/fd").iterdir()}
    return next(islice((number for number in count() if number not in taken), spare, None))


async def test_a_fresh_folder_becomes_a_shop(no_settings: None, tmp_path: Path, open_shop: OpenShop) -> None:
    """Folder, file and schema are made at the first start."""
    shop = await open_shop(_empty(tmp_path))
    assert (tmp_path / "new" / "data" / "haang.sqlite3").is_file()
    assert (await builders.customer(shop)).id


async def test_a_newer_database_is_refused_unharmed(config: Config, open_shop: OpenShop) -> None:
    """A schema that this code does not know: the sentence names both and says what to do; not a byte is changed."""
    shop = await open_shop(config)
    dara = await builders.customer(shop)
    await shop.db.write(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    await shop.db.close()
    file = config.data_dir / "haang.sqlite3"
    before = hashlib.sha256(file.read_bytes()).digest() if file.exists() else b""
    with pytest.raises(StartRefused, match=rf"newer Haang \(schema 9999; this one knows {head()}\)") as refused:
        await connect(config, Changes())
    assert "Nothing was changed" in str(refused.value)
    assert (hashlib.sha256(file.read_bytes()).digest() if file.exists() else b"") == before
    assert dara.id


async def test_a_full_disk_is_called_so(no_settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite calls it an I/O error; who looks after the shop reads what is full, and how to make room."""
    config = _empty(tmp_path)
    (config.data_dir / "haang.sqlite3").mkdir(parents=True)  # anything that does not open
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=4096))
    with pytest.raises(StartRefused, match=r"The disk is full: .* Nothing was lost.* python run.py emergency"):
        await connect(config, Changes())


@pytest.mark.parametrize("what", ["folder is a file", "database is a folder", "not a database", "no folder there"])
async def test_a_bad_data_folder_is_a_sentence(no_settings: None, tmp_path: Path, what: str) -> None:
    """Each is refused naming the file and the setting, without a traceback, and no thread is left running."""
    config = _empty(tmp_path)
    if what == "folder is a file":
        config.data_dir.parent.write_text("here")
    elif what == "database is a folder":
        (config.data_dir / "haang.sqlite3").mkdir(parents=True)
    elif what == "not a database":
        config.data_dir.mkdir(parents=True)
        (config.data_dir / "haang.sqlite3").write_bytes(b"certainly not a database" * 100)
    else:
        config = config.model_copy(update={"data_dir": Path("/proc/self/nothing/data")})
    threads = threading.active_count()
    with pytest.raises(StartRefused, match=r"haang.sqlite3 cannot be opened or written .* Check HAANG_DATA_DIR"):
        await connect(config, Changes())
    assert threading.active_count() <= threads


async def test_a_read_only_file_is_a_sentence(no_settings: None, tmp_path: Path) -> None:
    """An empty file that nobody can write: the tables cannot be made, and the sentence says where to look."""
    config = _empty(tmp_path)
    config.data_dir.mkdir(parents=True)
    (config.data_dir / "haang.sqlite3").symlink_to("/proc/version")
    with pytest.raises(StartRefused, match="Check HAANG_DATA_DIR"):
        await connect(config, Changes())


@pytest.mark.parametrize(
    "url", ["postgresql://shop:hunter2@127.0.0.1:1/haang", "nonsense hunter2", "postgresql://u:hunter2@/x?sslmode=hm"]
)
async def test_a_bad_address_is_a_sentence_without_the_password(no_settings: None, tmp_path: Path, url: str) -> None:
    """No server, no address, a wrong option: the setting is named, its value never."""
    config = Config(_env_file=None, data_dir=tmp_path, database_url=url)
    with pytest.raises(StartRefused, match="Check HAANG_DATABASE_URL") as refused:
        await connect(config, Changes())
    assert "hunter2" not in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.fixture
def empty_database(no_settings: None, tmp_path: Path, postgres: Cluster) -> Iterator[Config]:
    """Settings of a shop whose PostgreSQL database has no table yet."""
    url = postgres.empty()
    yield Config(_env_file=None, data_dir=tmp_path, database_url=url)
    postgres.drop(url)


async def test_processes_that_start_together_migrate_once(empty_database: Config, open_shop: OpenShop) -> None:
    """Four processes open an empty database at the same moment: one makes the tables, all open."""
    config = empty_database
    shops: list[Shop] = await asyncio.gather(*(open_shop(config) for _ in range(4)))
    assert len({(await builders.customer(shop)).id for shop in shops}) == 1
