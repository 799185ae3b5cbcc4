"""Backups: whole, verified, the same bytes from either engine, and loadable into either."""

import asyncio
import hashlib
import json
import os
import resource
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard
from pydantic import SecretStr
from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql

from core.backups import archive, backup, contents, store, values
from core.backups import service as backups
from core.backups.restore import bring_back
from core.backups.snapshot import Source
from core.config import Config
from core.database import tables as t
from core.database.migrate import head
from core.errors import Refused
from tests.support.patience import PATIENCE
from tests.support.rows import fill


def visible(folder: Path) -> list[str]:
    """Everything in a folder, hidden or not."""
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


async def test_a_backup_is_read_back_and_named_by_the_shops_clock(shop):
    """The finished folder holds every table with its rows, the schema and the engine; 03:00 UTC is 10:00 here."""
    await shop.db.write(fill, shop.clock.now(), 5)
    made = await backups.backup(shop)
    assert made.path == shop.config.backup_dir / "db_backup_20261121_100000"
    assert visible(shop.config.backup_dir) == ["db_backup_20261121_100000"]
    manifest = archive.check(made.path)
    assert manifest == made.manifest
    assert (manifest.schema, manifest.dialect) == (head(), shop.db.dialect)
    assert {table.table for table in manifest.tables} == set(t.metadata.tables)
    assert {table.table: table.rows for table in manifest.tables}["orders"] == 5


async def test_two_backups_in_one_second(sqlite_shop):
    """Both stand, the second with a number."""
    first, second = await asyncio.gather(written(sqlite_shop), written(sqlite_shop))
    assert {first.name, second.name} == {"db_backup_20261121_100000", "db_backup_20261121_100000_2"}


async def sold(shop, number: int) -> None:
    """Write an event, and a note of it in a transaction of its own."""
    event = insert(t.order_events).values(order_id=1, kind=f"n{number}", at=shop.clock.now())
    await shop.db.write(lambda tx: tx.execute(event) and None)
    note = insert(t.audit).values(at=shop.clock.now(), action=f"n{number}", subject="order")
    await shop.db.write(lambda tx: tx.execute(note) and None)


@pytest.mark.skipif(os.name == "nt", reason="pipes with a name are POSIX")
async def test_the_shop_sells_on_meanwhile(shop, gate):
    """Writing goes on while a backup runs; what it holds is one moment's view: orders with all their lines."""
    await shop.db.write(fill, shop.clock.now(), 40)
    running = asyncio.create_task(backups.backup(shop))
    written = 0
    while not (gate.holds() or running.done()):
        written += 1
        await sold(shop, written)
        await asyncio.sleep(0.01)
    for number in range(written + 1, written + 10):
        await asyncio.wait_for(sold(shop, number), PATIENCE)
    assert not running.done()
    gate.open()
    rows = {table.table: table.rows for table in (await running).manifest.tables}
    assert 0 <= rows["order_events"] - 40 - rows["audit"] <= 1
    assert rows["audit"] <= written


@pytest.fixture(params=["sqlite", "postgres"])
def other_config(request, tmp_path, no_settings):
    """Settings of a second, empty shop, on each engine in turn."""
    data_dir = tmp_path / "restored"
    data_dir.mkdir()
    plain = Config(_env_file=None, data_dir=data_dir, backup_dir=tmp_path / "second", port=0)
    if request.param == "sqlite":
        yield plain
    else:
        cluster = request.getfixturevalue("postgres")
        url = cluster.create()
        yield plain.model_copy(update={"database_url": SecretStr(url)})
        cluster.drop(url)


def digest(tx, table):
    """SHA-256 over a table's rows as a backup writes them: the same on both engines."""
    return hashlib.sha256(b"".join(values.lines(table, store.rows(tx, table)))).hexdigest()


async def written(shop) -> Path:
    """Back up as the worker does, without a process of its own."""
    url, file = shop.config.database_url, shop.config.data_dir / "haang.sqlite3"
    source = Source(shop.db.dialect, url.get_secret_value() if url else str(file))
    at = shop.clock.now().astimezone(shop.config.zone)
    return (await asyncio.to_thread(backup.make, source, shop.config.backup_dir, at))[0]


async def test_restore_into_either_engine(shop, other_config, open_shop):
    """SQLite to SQLite and PostgreSQL and back: every table's digest is equal, and new rows get new keys."""
    await shop.db.write(fill, shop.clock.now(), 5)
    first = await written(shop)
    made = (await bring_back(other_config, contents.opened(first), shop.clock.now())).manifest
    empty = await open_shop(other_config)
    for table in t.metadata.sorted_tables:
        assert await shop.db.read(digest, table) == await empty.db.read(digest, table), table.name
    again = archive.check(await written(empty))
    assert [table.sha256 for table in again.tables] == [table.sha256 for table in made.tables]
    new = insert(t.people).values(created_at=shop.clock.now(), seen_at=shop.clock.now()).returning(t.people.c.id)
    assert await empty.db.write(lambda tx: tx.execute(new).scalar_one()) == 6
    assert (await empty.db.read(lambda tx: tx.execute(select(t.orders.c.address)).scalars().first()))["a"] is True


@pytest.mark.parametrize("other_config", ["sqlite"], indirect=True)
async def test_digests_do_not_depend_on_the_order_of_writing(sqlite_shop, other_config, open_shop):
    """The same rows written in another order, their keys such as languages sort differently: the same digest."""
    keys = ["aa", "a_b", "B", "é", "a b", "ខ"]

    def write(tx, order):
        for key in order:
            tx.execute(insert(t.settings).values(key=key, value=1, updated_at=sqlite_shop.clock.now()))

    await sqlite_shop.db.write(write, keys)
    empty = await open_shop(other_config)
    await empty.db.write(write, keys[::-1])
    assert await sqlite_shop.db.read(digest, t.settings) == await empty.db.read(digest, t.settings)


def test_postgres_sorts_text_by_its_bytes():
    """Whatever language a PostgreSQL was made in (the one of the tests has none), keys are sorted as SQLite does."""
    assert str(store.in_order(t.settings, "postgresql").compile(dialect=postgresql.dialect())).endswith(
        'ORDER BY settings.key COLLATE "C"'
    )


def _rewrite(folder: Path, **values) -> None:
    """Write a manifest anew, with a digest that fits."""
    manifest = replace(archive.read_manifest(folder), **values)
    (folder / archive.MANIFEST).write_bytes(manifest.to_bytes())


# ── damage ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
async def made(sqlite_shop) -> Path:
    """A good backup of a filled shop."""
    await sqlite_shop.db.write(fill, sqlite_shop.clock.now(), 30)
    return await written(sqlite_shop)


def refused(folder: Path) -> bool:
    """Whether a check refuses the backup."""
    try:
        archive.check(folder)
    except Refused:
        return True
    return False


async def test_every_truncation_is_refused(made):
    """Cut anywhere, any file: refused. python-zstandard alone would read most of them without complaint."""
    for path in (made / "data" / "orders.jsonl.zst", made / "data" / "audit.jsonl.zst", made / "manifest.json"):
        whole = path.read_bytes()
        for length in {*range(0, len(whole), max(1, len(whole) // 60)), len(whole) - 1}:
            path.write_bytes(whole[:length])
            assert refused(made), (path.name, length)
        path.write_bytes(whole)
    assert not refused(made)


async def test_every_bit_flip_is_refused(made):
    """A hundred flipped bits over all files, each refused."""
    paths = [path for path in sorted(made.rglob("*")) if path.is_file()]
    for number in range(100):
        path = paths[number % len(paths)]
        whole = path.read_bytes()
        place = (number * 7919) % (8 * len(whole))
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        path.write_bytes(flipped)
        assert refused(made), (path.name, place)
        path.write_bytes(whole)
    assert not refused(made)


async def test_missing_extra_and_repacked_files_are_refused(made):
    """A table too few, a file too many, bytes behind the frame, another compression of the same rows."""
    path = made / "data" / "people.jsonl.zst"
    whole = path.read_bytes()
    path.unlink()
    assert refused(made)
    path.write_bytes(whole + b"\0")
    assert refused(made)
    rows = zstandard.ZstdDecompressor().decompressobj().decompress(whole)
    path.write_bytes(zstandard.compress(rows, 19))
    assert refused(made)
    path.write_bytes(whole)
    (made / "extra.txt").write_text("?")
    assert refused(made)


async def test_what_is_no_backup_is_refused(tmp_path):
    """A folder without a manifest, one with another format, a file, nothing at all."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "manifest.json").write_text(json.dumps({"format": 2}))
    (tmp_path / "c").write_text("?")
    keys = []
    for name in ("a", "b", "c", "d"):
        with pytest.raises(Refused) as error:
            archive.check(tmp_path / name)
        keys.append(error.value.key)
    missing, other = "errors.backup_missing", "errors.backup_format"
    assert keys == [missing, other, missing, missing]


# ── trouble ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.skipif(os.name == "nt", reason="file-size limits are POSIX")
@pytest.mark.parametrize("limit", [1_000, 100_000])
async def test_a_full_disk_leaves_nothing_behind(sqlite_shop, limit):
    """No room for the snapshot, or for the export: a clear sentence, no folder, and the next one succeeds."""
    await sqlite_shop.db.write(fill, sqlite_shop.clock.now(), 30)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(Refused) as refusal:
            await backups.backup(sqlite_shop)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert refusal.value.key == "errors.storage_full"
    assert visible(sqlite_shop.config.backup_dir) == []
    await written(sqlite_shop)
    assert len(visible(sqlite_shop.config.backup_dir)) == 1


async def test_a_folder_that_cannot_be_made(sqlite_shop):
    """A file stands where the backup folder should be: a clear sentence."""
    sqlite_shop.config.backup_dir.write_text("in the way")
    with pytest.raises(Refused) as refusal:
        await backups.backup(sqlite_shop)
    assert refusal.value.key == "errors.storage_failed"


@pytest.mark.skipif(os.name == "nt", reason="pipes with a name are POSIX")
async def test_a_cancelled_backup_leaves_nothing_visible(sqlite_shop, gate):
    """Cancelled in the middle of its work, its process is gone and nothing looks finished; the next one succeeds."""
    await sqlite_shop.db.write(fill, sqlite_shop.clock.now(), 99)
    folder = sqlite_shop.config.backup_dir
    running = asyncio.create_task(backups.backup(sqlite_shop))
    while not (gate.holds() or running.done()):
        await asyncio.wait({running}, timeout=0.005)
    assert visible(folder) == [".db_backup_20261121_100000.partial"]
    running.cancel()
    await asyncio.wait({running})
    assert running.cancelled()
    assert gate.deserted()
    assert [name for name in visible(folder) if not name.startswith(".")] == []
    archive.check(await written(sqlite_shop))


async def test_what_a_killed_backup_left_is_swept(sqlite_shop):
    """A partial folder from long ago goes with the next backup; a young one may be somebody's work."""
    folder = sqlite_shop.config.backup_dir
    for name in (".db_backup_20200101_000000.partial", ".db_backup_20200102_000000.partial", ".mine.partial"):
        (folder / name).mkdir(parents=True)
    os.utime(folder / ".db_backup_20200101_000000.partial", (0, 0))
    os.utime(folder / ".mine.partial", (0, 0))
    await written(sqlite_shop)
    assert visible(folder) == [
        ".db_backup_20200102_000000.partial", ".mine.partial", "db_backup_20261121_100000",
    ]  # fmt: skip


async def test_an_empty_file_is_no_shop(tmp_path):
    """A database file of 0 bytes opens fine and passes every check of SQLite's: it is refused all the same."""
    (tmp_path / "empty.sqlite3").touch()
    with pytest.raises(sqlite3.Error):
        backup.make(Source("sqlite", str(tmp_path / "empty.sqlite3")), tmp_path / "out", datetime.now(UTC))
    assert visible(tmp_path / "out") == []
