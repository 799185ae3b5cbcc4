"""A backup in the place of a whole shop: all of it or nothing, whatever stands there and whatever goes wrong."""

import asyncio
import hashlib
import os
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
from alembic import command
from pydantic import SecretStr
from sqlalchemy import Connection, Table, inspect

from core.backups import archive, backup, contents, loading, store, swap, values
from core.backups import service as backups
from core.backups.contents import Contents
from core.backups.manifest import Manifest, TableFile
from core.backups.snapshot import Source
from core.clock import SteppedClock
from core.config import Config
from core.database import tables as t
from core.database.migrate import alembic_config, head
from core.errors import Refused
from core.people import service as people
from core.privacy import service as privacy
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.databases import Cluster
from tests.support.rows import fill

FILE = "haang.sqlite3"
NOW = SteppedClock().now()


@pytest.fixture
async def made(sqlite_shop: Shop) -> Path:
    """A backup of a shop with five orders, which has seven since; the shop is closed."""
    await sqlite_shop.db.write(fill, NOW, 5)
    path = (await written(sqlite_shop.config))[0]
    await sqlite_shop.db.write(lambda tx: tx.exec_driver_sql("UPDATE orders SET note = 'since'") and None)
    await sqlite_shop.db.close()
    return path


async def written(config: Config, about: backup.About | None = None) -> tuple[Path, Manifest]:
    """Back up as the worker does, without a process of its own."""
    url = config.database_url
    source = Source("postgresql", url.get_secret_value()) if url else Source("sqlite", str(config.data_dir / FILE))
    return await asyncio.to_thread(backup.make, source, config.backup_dir, NOW.astimezone(config.zone), about)


def noted(config: Config) -> list[str]:
    """What the orders of the file on the disk say: nothing, as in the backup, or what was written since."""
    with closing(sqlite3.connect(f"file:{config.data_dir / FILE}?mode=ro", uri=True)) as file:
        return [note for (note,) in file.execute("SELECT DISTINCT note FROM orders")]


def left(config: Config) -> list[str]:
    """What a restore left beside the database; what SQLite itself keeps there is made by whoever reads it."""
    return [path.name for path in config.data_dir.iterdir() if "restoring" in path.name]


async def key_of(refusal: Callable[[], object]) -> str:
    """Which sentence something is refused with."""
    with pytest.raises(Refused) as refused:
        await refusal()  # type: ignore[misc]
    return refused.value.key.removeprefix("errors.")


# ── it works ─────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_a_filled_shop_is_replaced_and_kept(made: Path, sqlite_config: Config, open_shop: OpenShop) -> None:
    """The shop is as the backup says, what was there is a verified backup of its own series, and no file is over."""
    done = await privacy.bring_back(sqlite_config, contents.opened(made), NOW)
    assert not [path.name for path in sqlite_config.data_dir.iterdir() if path.name.startswith(FILE + "-")]
    assert (noted(sqlite_config), left(sqlite_config)) == ([""], [])
    assert done.kept is not None
    assert archive.check(done.kept).series == "pre_restore"
    await privacy.bring_back(sqlite_config, contents.opened(done.kept), NOW)
    assert noted(sqlite_config) == ["since"]
    assert await builders.count(await open_shop(sqlite_config), t.orders) == 5


@pytest.fixture
def server(sqlite_config: Config, postgres: Cluster, tmp_path: Path) -> Iterator[Config]:
    """Settings of a second shop, on PostgreSQL."""
    url = postgres.create()
    (tmp_path / "server").mkdir()
    own = {"database_url": SecretStr(url), "data_dir": tmp_path / "server", "backup_dir": tmp_path / "there"}
    yield sqlite_config.model_copy(update=own)
    postgres.drop(url)


async def test_to_postgres_and_back(made: Path, sqlite_config: Config, server: Config) -> None:
    """SQLite to PostgreSQL, over a shop that is there, and back to SQLite: every table's digest is what it was."""
    first = contents.opened(made)
    await privacy.bring_back(server, first, NOW)
    assert (await privacy.bring_back(server, first, NOW)).kept is not None
    there = contents.opened((await written(server))[0])
    await privacy.bring_back(sqlite_config, there, NOW)
    again = archive.check((await written(sqlite_config))[0])
    assert [one.sha256 for one in again.tables] == [one.sha256 for one in there.manifest.tables]
    changed = {one.table for one in again.tables if one.sha256 != first.files[one.table].sha256}
    assert changed <= {"outbox", "inbox", "carts", "counters", "audit"}
    new = "INSERT INTO people (created_at, seen_at) VALUES (now(), now()) RETURNING id"
    assert await swap.look(server, lambda tx: tx.exec_driver_sql(new).scalar()) == 6


@pytest.mark.parametrize("form", [".json", ".json.gz", "age"])
async def test_every_form_comes_back(made: Path, sqlite_config: Config, form: str) -> None:
    """A readable file, a packed one, and a folder for one key alone: each is the same shop again."""
    key = pyrage.x25519.Identity.generate()
    sealed = form == "age"
    about = backup.About(recipient=str(key.to_public())) if sealed else backup.About(end=form)
    path = (await written(sqlite_config, about))[0]
    if sealed:
        assert await key_of(lambda: asyncio.to_thread(contents.opened, path)) == "backup_needs_key"
    other = sqlite_config.model_copy(update={"data_dir": made.parent / "other"})
    other.data_dir.mkdir()
    await privacy.bring_back(other, contents.opened(path, str(key) if sealed else ""), NOW)
    assert noted(other) == ["since"]


async def test_an_older_schema_is_migrated_up(sqlite_config: Config) -> None:
    """A backup of nine revisions ago is loaded as it was and brought up to date, its rows and all."""
    found = older(sqlite_config.data_dir.parent, "0012")
    await privacy.bring_back(sqlite_config, found, NOW)
    with closing(sqlite3.connect(sqlite_config.data_dir / FILE)) as file:
        assert file.execute("SELECT version_num FROM alembic_version").fetchone() == (head(),)
        assert file.execute("SELECT name, seen_at FROM people").fetchall() == [("ដារ៉ា", "2026-11-21 03:00:00.000000")]
        assert file.execute("SELECT value FROM settings").fetchone() == ('{"a": [1, null]}',)


def older(folder: Path, revision: str) -> Contents:
    """A backup as the Haang of ``revision`` wrote it."""
    place = folder / "db_backup_20260101_030000"
    (place / "data").mkdir(parents=True)

    def rows(tx: object) -> None:
        tx.exec_driver_sql(  # type: ignore[attr-defined]
            "INSERT INTO people (id, telegram_id, name, created_at, seen_at)"
            " VALUES (1, 5, 'ដារ៉ា', '2026-11-21 03:00:00.000000', '2026-11-21 03:00:00.000000')"
        )
        tx.exec_driver_sql(  # type: ignore[attr-defined]
            "INSERT INTO settings (key, value, updated_at)"
            " VALUES ('odd', '{\"a\": [1, null]}', '2026-11-21 03:00:00.000000')"
        )

    def make(tx: object) -> None:
        config = alembic_config()
        config.attributes["connection"] = tx
        command.upgrade(config, revision)
        rows(tx)
        looking, tables = inspect(tx), []
        for name in looking.get_table_names():
            if name != loading.VERSION:
                columns = tuple(column["name"] for column in looking.get_columns(name))
                table = loading._reflected(looking, name, columns)
                lines = values.lines(table, store.rows(tx, table))  # type: ignore[arg-type]
                tables.append(archive.write_table(place, name, columns, lines))
        archive.write_manifest(place, Manifest(NOW.isoformat(), revision, "sqlite", tuple(tables)))

    swap.build(folder, make, lambda _tx: None)
    swap.sweep(folder)
    return contents.opened(place)


# ── it is refused ────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_a_newer_and_a_strange_backup_are_refused(made: Path, sqlite_config: Config) -> None:
    """A revision this code does not know; another shop's, unless that is wanted: nothing is changed."""
    found = contents.opened(made)
    newer = replace(found, manifest=replace(found.manifest, schema="9999"))
    assert await key_of(lambda: privacy.bring_back(sqlite_config, newer, NOW)) == "backup_newer"
    with closing(sqlite3.connect(sqlite_config.data_dir / FILE)) as file:
        file.execute("INSERT INTO counters (name, value) VALUES ('shop', 7)")
        file.commit()
    strange = replace(found, manifest=replace(found.manifest, shop=8))
    assert await key_of(lambda: privacy.bring_back(sqlite_config, strange, NOW)) == "backup_foreign"
    assert (noted(sqlite_config), left(sqlite_config)) == (["since"], [])
    await privacy.bring_back(sqlite_config, strange, NOW, foreign=True)
    assert noted(sqlite_config) == [""]


async def test_too_little_room_is_said_with_both_figures(made: Path, sqlite_config: Config) -> None:
    """More rows than the disk has bytes: refused before anything is read or written."""
    found = contents.opened(made)
    vast = tuple(replace(one, bytes=10**15) for one in found.manifest.tables)
    with pytest.raises(Refused) as refused:
        await privacy.bring_back(sqlite_config, replace(found, manifest=replace(found.manifest, tables=vast)), NOW)
    assert refused.value.key == "errors.restore_no_room"
    assert len(str(refused.value.values["needs"])) > len(str(refused.value.values["has"]))
    assert noted(sqlite_config) == ["since"]


async def test_whoever_has_it_open_is_found(made: Path, sqlite_config: Config) -> None:
    """Somebody reads the file, whatever locks say: refused, and the shop is as it was, its WAL and all."""
    with closing(sqlite3.connect(sqlite_config.data_dir / FILE)) as file:
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("SELECT count(*) FROM orders").fetchone()
        assert await key_of(lambda: privacy.bring_back(sqlite_config, contents.opened(made), NOW)) == "restore_in_use"
        assert left(sqlite_config) == []
    assert noted(sqlite_config) == ["since"]


async def test_a_busy_shop_is_no_damaged_one(made: Path, sqlite_config: Config) -> None:
    """Somebody has the file locked: refused, and nothing is taken for damage, copied or replaced."""
    with closing(sqlite3.connect(sqlite_config.data_dir / FILE, isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode=DELETE")
        file.execute("BEGIN EXCLUSIVE")
        assert await key_of(lambda: privacy.bring_back(sqlite_config, contents.opened(made), NOW)) == "restore_in_use"
    assert noted(sqlite_config) == ["since"]
    assert not [path.name for path in sqlite_config.data_dir.iterdir() if "damaged" in path.name]


async def test_what_stands_there_is_compared(made: Path, sqlite_config: Config) -> None:
    """Rows that are good rows, but not those that the backup was checked with: refused before the swap."""
    found = contents.opened(made)
    before = next(list(lines) for file, lines in found.walk() if file.table == "orders")
    other = _forged(found, [line.replace(b'"pending"', b'"confirmed"') for line in before])
    changed = Contents(found.name, found.manifest, other.walk)
    assert await key_of(lambda: privacy.bring_back(sqlite_config, changed, NOW)) == "restore_differs"
    assert (noted(sqlite_config), left(sqlite_config)) == (["since"], [])


@pytest.mark.parametrize("damage", ["head", "middle"])
async def test_a_damaged_shop_is_replaced_and_its_file_kept(made: Path, sqlite_config: Config, damage: str) -> None:
    """What stands there is no database any more, or half of one: the backup comes back, the file stays beside it."""
    file = sqlite_config.data_dir / FILE
    whole = bytearray(file.read_bytes())
    place = 0 if damage == "head" else 4096
    whole[place : place + 4096 * 20] = b"\xa5" * (4096 * 20)
    file.write_bytes(whole)
    done = await privacy.bring_back(sqlite_config, contents.opened(made), NOW)
    assert noted(sqlite_config) == [""]
    assert done.kept is not None
    assert done.kept.read_bytes()[:1000] == bytes(whole[:1000])


async def test_rows_that_break_the_rules_change_nothing(made: Path, sqlite_config: Config) -> None:
    """A line that the database's own walls refuse, and one that points nowhere: the shop is as it was."""
    found = contents.opened(made)
    for old, new, key in (
        (b'"pending"', b'"nonsense"', "backup_not_loadable"),
        (b'"MD00001",1,', b'"MD00001",99,', "restore_differs"),
    ):
        before = next(list(lines) for file, lines in found.walk() if file.table == "orders")
        lines = [line.replace(old, new) for line in before]
        assert lines != before
        forged = _forged(found, lines)
        assert await key_of(lambda forged=forged: privacy.bring_back(sqlite_config, forged, NOW)) == key
        assert (noted(sqlite_config), left(sqlite_config)) == (["since"], [])


def _forged(found: Contents, lines: list[bytes]) -> Contents:
    """The backup with other rows in ``orders``, whose manifest says so."""
    sha = hashlib.sha256(b"".join(lines)).hexdigest()
    tables = tuple(replace(one, sha256=sha) if one.table == "orders" else one for one in found.manifest.tables)

    def walk() -> Iterator[tuple[TableFile, Iterator[bytes]]]:
        yield from ((file, iter(lines) if file.table == "orders" else rows) for file, rows in found.walk())

    return Contents(found.name, replace(found.manifest, tables=tables), walk)


@pytest.mark.skipif(os.name == "nt", reason="file-size limits are POSIX")
async def test_a_full_disk_leaves_the_shop_as_it_was(made: Path, sqlite_config: Config) -> None:
    """No room for the new file: one sentence, the old shop, nothing over; with room it succeeds."""
    found = contents.opened(made)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (1_000, 400_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            assert await key_of(lambda: privacy.bring_back(sqlite_config, found, NOW)) == "storage_full"
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert (noted(sqlite_config), left(sqlite_config)) == (["since"], [])
    await privacy.bring_back(sqlite_config, found, NOW)
    assert noted(sqlite_config) == [""]


# ── from outside ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _named(path: Path, name: str) -> None:
    manifest = archive.read_manifest(path)
    tables = (replace(manifest.tables[0], table=name), *manifest.tables[1:])
    (path / archive.MANIFEST).write_bytes(replace(manifest, tables=tables).to_bytes())


def _bomb(path: Path) -> None:
    manifest = archive.read_manifest(path)
    tables = (replace(manifest.tables[0], bytes=10**12), *manifest.tables[1:])
    (path / archive.MANIFEST).write_bytes(replace(manifest, tables=tables).to_bytes())


def _linked(path: Path) -> None:
    file = path / "data" / "orders.jsonl.zst"
    file.rename(path.parent / "elsewhere")
    file.symlink_to(path.parent / "elsewhere")


def _linked_folder(path: Path) -> None:
    (path / "data").rename(path.parent / "elsewhere")
    (path / "data").symlink_to(path.parent / "elsewhere")


def _piped(path: Path) -> None:
    (path / "data" / "orders.jsonl.zst").unlink()
    os.mkfifo(path / "data" / "orders.jsonl.zst")


STRANGE: dict[str, Callable[[Path], None]] = {
    "a way out": lambda path: _named(path, "../../../etc/passwd"),
    "an absolute path": lambda path: _named(path, "/etc/passwd"),
    "one table twice": lambda path: _named(path, "orders"),
    "a link": _linked,
    "a linked folder": _linked_folder,
    "a pipe": _piped,
    "a bomb": _bomb,
    "a device": lambda path: (path / "manifest.json").unlink() or (path / "manifest.json").symlink_to("/dev/zero"),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A good backup to make strange ones of."""
    folder = tmp_path_factory.mktemp("good")
    return backup.make(Source("sqlite", str(sqlite_template)), folder, NOW)[0]


@pytest.mark.skipif(os.name == "nt", reason="links and pipes are POSIX")
@pytest.mark.parametrize("what", STRANGE)
def test_what_comes_from_outside_is_not_followed(good: Path, tmp_path: Path, what: str) -> None:
    """Ways out of the folder, links, pipes, devices, bombs: refused before anything of them is read."""
    path = tmp_path / good.name
    shutil.copytree(good, path)
    assert contents.peek(path)
    STRANGE[what](path)
    with pytest.raises(Refused) as refused:
        contents.peek(path)
    assert refused.value.key == "errors.backup_damaged"


# ── forgotten ────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_who_the_replaced_shop_forgot_stays_forgotten(sqlite_shop: Shop, sqlite_config: Config) -> None:
    """Only the database that goes knows of it, the file beside it is lost: they are forgotten in the backup as well."""
    shop = sqlite_shop
    someone = await people.arrive(shop, 5, "Dara")
    made = (await backups.backup(shop)).path
    await privacy.forget_me(shop, someone, int(shop.clock.now().timestamp()))
    (sqlite_config.data_dir / "forgotten.json").unlink()
    await shop.db.close()
    assert (await privacy.bring_back(sqlite_config, contents.opened(made), NOW)).forgotten == 1
    assert (sqlite_config.data_dir / "forgotten.json").exists()


def _digest(tx: Connection, table: Table) -> str:
    return hashlib.sha256(b"".join(values.lines(table, store.rows(tx, table)))).hexdigest()


def test_the_digest_is_the_backups(good: Path, sqlite_template: Path) -> None:
    """What a restore compares with is what the backup counted, table by table, however it was spelled there."""
    files = contents.opened(good).files
    with closing(sqlite3.connect(sqlite_template)):
        _, found = swap.build(
            good.parent,
            lambda tx: loading.load(tx, contents.opened(good)),
            lambda tx: {table.name: _digest(tx, table) for table in t.metadata.sorted_tables},
        )
    swap.sweep(good.parent)
    assert found == {name: file.sha256 for name, file in files.items()}
