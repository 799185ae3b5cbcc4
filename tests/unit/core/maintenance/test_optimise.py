"""Tidying the database: a backup first, no step of the daily part too long, smaller afterwards, nothing lost."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, insert, select, text

from core.backups import swap
from core.database import tidying
from core.database.tables import audit
from core.errors import NotAllowed, Refused
from core.maintenance import optimise
from core.maintenance.optimise import LEAST, MOST, STEP, next_step
from core.people.rules import Person, Role
from core.shop import Shop

ADMIN = Person(1, 1001, "Admin", role=Role.ADMIN)


def _fill(tx: Connection, shop: Shop) -> None:
    rows = [{"at": shop.clock.now(), "action": "fill", "subject": "x", "detail": {"said": "y" * 800}}] * 3000
    tx.execute(insert(audit), rows)


def _empty(tx: Connection) -> None:
    tx.execute(text("DELETE FROM audit WHERE action = 'fill' AND id % 10 <> 0"))


def _left(tx: Connection) -> int:
    return int(tx.execute(select(func.count()).select_from(audit).where(audit.c.action == "fill")).scalar_one())


async def filled(shop: Shop) -> None:
    """Leave a database with many free pages."""
    await shop.db.write(_fill, shop)
    await shop.db.write(_empty)


async def test_all_of_it(shop: Shop) -> None:
    """On either engine: backed up first, written anew, smaller on SQLite, each row there, a line in the audit."""
    await filled(shop)
    said: list[str] = []
    done = await optimise.optimise(shop, ADMIN, full=True, tick=said.append)
    assert (said, done.full) == (["backup", "whole", "indexes"], True)
    assert (shop.config.backup_dir / done.backup / "manifest.json").exists()
    assert await shop.db.read(_left) == 300
    assert shop.db.dialect == "postgresql" or done.after < done.before / 2
    last = select(audit.c.action, audit.c.actor_id, audit.c.detail).order_by(audit.c.id.desc()).limit(1)
    row = (await shop.db.read(lambda tx: tx.execute(last).all()))[0]
    assert tuple(row) == ("optimised", 1, {"before": done.before, "after": done.after, "full": True})


async def test_a_broken_index_goes(postgres_config, open_shop) -> None:
    """What a killed REINDEX left beside PostgreSQL's indexes is thrown away, and every index of ours is built anew."""
    shop = await open_shop(postgres_config)
    mark = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_orders_number_ccnew'::regclass"
    await shop.db.apart("CREATE INDEX ix_orders_number_ccnew ON orders (number)")
    await shop.db.apart(mark)
    said = await shop.db.read(tidying.rebuilding, 0)
    assert said[0] == "DROP INDEX CONCURRENTLY IF EXISTS ix_orders_number_ccnew"
    assert {"REINDEX INDEX CONCURRENTLY pk_orders", "REINDEX INDEX CONCURRENTLY ix_outbox_due"} <= set(said[1:])
    for statement in said[:3]:
        await shop.db.apart(statement)
    assert not any("_ccnew" in one for one in await shop.db.read(tidying.rebuilding))


async def test_a_little_every_night(sqlite_shop: Shop) -> None:
    """Free pages go back in many small steps until few are left, without a backup, and nothing else changes."""
    await filled(sqlite_shop)
    before = await sqlite_shop.db.read(tidying.size)
    steps = await optimise.tidy(sqlite_shop)
    free, pages = await sqlite_shop.db.write(tidying.free_pages)
    assert await sqlite_shop.db.read(tidying.size) < before / 2
    assert 2 < steps < 40
    assert free <= pages / 10
    assert await sqlite_shop.db.read(_left) == 300
    assert await optimise.tidy(sqlite_shop) == 0


async def test_an_older_file_learns_to_give_back(sqlite_config, open_shop) -> None:
    """A file from before cannot give pages back a few at a time: the first full tidying teaches it."""
    file = sqlite_config.data_dir / "haang.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as raw:
        for said in ("PRAGMA journal_mode=DELETE", "PRAGMA auto_vacuum=NONE", "VACUUM"):
            raw.execute(said)
    shop = await open_shop(sqlite_config)
    await filled(shop)
    assert await optimise.tidy(shop) == 0
    await optimise.optimise(shop, full=True)
    await filled(shop)
    assert await optimise.tidy(shop) > 0


async def test_no_backup_no_tidying(sqlite_shop: Shop) -> None:
    """Where no backup can be made nothing is tidied; who is no admin may not ask."""
    await filled(sqlite_shop)
    before = await sqlite_shop.db.read(tidying.size)
    sqlite_shop.config.backup_dir.parent.mkdir(exist_ok=True)
    sqlite_shop.config.backup_dir.write_text("in the way")
    with pytest.raises(Refused):
        await optimise.optimise(sqlite_shop, full=True)
    with pytest.raises(NotAllowed):
        await optimise.optimise(sqlite_shop, Person(2, 1002, "Staff", role=Role.STAFF))
    assert await sqlite_shop.db.read(tidying.size) == before


def test_no_room(sqlite_shop: Shop) -> None:
    """A database for which the disk has no second copy is left as it is, and the sentence says both figures."""
    with pytest.raises(Refused) as refused:
        optimise.must_have_room(sqlite_shop, 10**15, wholly=True)
    assert set(refused.value.values) == {"needed", "free"}
    optimise.must_have_room(sqlite_shop, 10**6, wholly=True)


async def test_at_night_it_is_the_whole(sqlite_shop: Shop, clock) -> None:
    """Asked for without saying how much, it is the whole in the quiet hours, and by day what holds nobody up."""
    assert optimise.at_night(sqlite_shop) is False  # ten in the morning
    clock.move(timedelta(hours=13))
    assert optimise.at_night(sqlite_shop) is True


@given(st.integers(LEAST, MOST), st.floats(0, 10))
def test_a_step_is_as_long_as_it_may_be(pages: int, took: float) -> None:
    """A step that took too long is followed by a shorter one, never by too short a one, none is thrice as long."""
    following = next_step(pages, took)
    assert LEAST <= following <= min(MOST, 2 * pages)
    assert following == LEAST or following * took / pages <= STEP * 1.001


def test_a_restored_file_gives_back_too(tmp_path: Path) -> None:
    """What a restore fills is a file of the same kind: its free pages can go back a few at a time."""
    fresh, _ = swap.build(tmp_path, lambda tx: tx.exec_driver_sql("CREATE TABLE t (x)") and None, lambda _tx: None)
    with closing(sqlite3.connect(fresh)) as raw:
        assert raw.execute("PRAGMA auto_vacuum").fetchone() == (2,)
