"""What the engines promise: whole or not at all, durable, readers that cannot write, bells after the commit only."""

import asyncio
import traceback

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.util import await_only

from core import changes
from core.changes import Change, Changes
from core.config import Config
from core.database import tables
from core.database.postgres import MOST_BELLS, WRITERS, PostgresDatabase
from core.people import store as people
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.patience import PATIENCE, until

INSERT = text("INSERT INTO counters (name, value) VALUES ('x', 1)")


def _count_on(tx: Connection) -> None:
    tx.execute(INSERT)
    changes.note(tx, "order", 7)


def _heard(shop: Shop, kind: str = "order") -> list[Change]:
    heard: list[Change] = []
    shop.changes.listen(kind, heard.append)
    return heard


async def test_sqlite_is_durable_and_strict(sqlite_shop: Shop) -> None:
    """The writer really has WAL, synchronous=FULL (2), foreign keys, and waits for a lock."""

    def pragma(tx: Connection, name: str) -> object:
        return tx.exec_driver_sql(f"PRAGMA {name}").scalar_one()

    said = [await sqlite_shop.db.write(pragma, name) for name in ("journal_mode", "synchronous", "foreign_keys")]
    assert said == ["wal", 2, 1]
    assert await sqlite_shop.db.write(pragma, "busy_timeout") == 15_000


async def test_foreign_keys_hold(shop: Shop) -> None:
    """An address of nobody is refused."""
    values = {"person_id": 999, "phone": "1", "created_at": shop.clock.now(), "used_at": shop.clock.now()}
    with pytest.raises(IntegrityError):
        await shop.db.write(lambda tx: tx.execute(tables.addresses.insert().values(values)))


async def test_a_reader_cannot_write(shop: Shop) -> None:
    """The database itself refuses what a read tries to write; nothing is there afterwards."""
    with pytest.raises(DBAPIError):
        await shop.db.read(lambda tx: tx.execute(INSERT))
    assert await builders.count(shop, tables.counters) == 0


async def test_a_failed_write_leaves_nothing_and_rings_nothing(shop: Shop) -> None:
    """Rolled back whole; the bell it noted is not rung then, nor by the next write."""
    heard = _heard(shop)

    def fail(tx: Connection) -> None:
        _count_on(tx)
        raise LookupError

    with pytest.raises(LookupError):
        await shop.db.write(fail)
    assert await builders.count(shop, tables.counters) == 0
    await shop.db.write(lambda tx: changes.note(tx, "order", 8))
    assert heard == [Change("order", 8)]


async def test_bells_ring_after_the_commit_and_once(shop: Shop) -> None:
    """Whoever hears the bell and looks, finds the fact; noted twice it rings once; a read rings nothing."""
    looks: list[asyncio.Task[int]] = []
    shop.changes.listen("order", lambda _: looks.append(asyncio.ensure_future(builders.count(shop, tables.counters))))

    def write(tx: Connection) -> None:
        _count_on(tx)
        changes.note(tx, "order", 7)

    await shop.db.write(write)
    await shop.db.read(lambda tx: changes.note(tx, "order", 7))
    assert [await look for look in looks] == [1]


async def test_who_gives_up_does_not_silence_the_bell(shop: Shop) -> None:
    """A web request that is cancelled while its transaction commits: the fact stands and is told."""
    heard = _heard(shop)
    asking = asyncio.ensure_future(shop.db.write(_count_on))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until(lambda: heard)
    assert heard == [Change("order", 7)]
    assert await builders.count(shop, tables.counters) == 1


async def test_bells_cross_processes(postgres_config: Config, open_shop: OpenShop) -> None:
    """What one process commits the other hears once, and never its own echo."""
    one, two = await open_shop(postgres_config), await open_shop(postgres_config)
    at_home, away = _heard(one), _heard(two)
    with two.changes.bell("order", 7) as rung:
        await one.db.write(_count_on)
        await asyncio.wait_for(rung.wait(), PATIENCE)
    await two.db.write(lambda tx: changes.note(tx, "order", 9))
    await until(lambda: len(at_home) == 2)
    assert at_home == [Change("order", 7), Change("order", 9)]
    assert away == [Change("order", 7), Change("order", 9)]


async def test_a_thousand_changes_are_heard_as_any(postgres_config: Config, open_shop: OpenShop) -> None:
    """Too many to name in one notification: the other process hears "any of them", and so does who waits for one."""
    one, two = await open_shop(postgres_config), await open_shop(postgres_config)
    away = _heard(two)

    def many(tx: Connection) -> None:
        for i in range(1, MOST_BELLS * 5):
            changes.note(tx, "order", i)

    with two.changes.bell("order", MOST_BELLS * 4) as rung:
        await one.db.write(many)
        await asyncio.wait_for(rung.wait(), PATIENCE)
    assert away == [Change("order", 0)]


def test_a_listener_that_stopped_hears_nothing() -> None:
    """A bell for one order is set by that one and by "any", not by another; after its block nobody listens."""
    bells = Changes()
    with bells.bell("order", 7) as rung:
        bells.ring([Change("order", 8), Change("product", 7)])
        assert not rung.is_set()
        bells.ring([Change("order", 7)])
        assert rung.is_set()
    bells.ring([Change("order", 7)])
    assert not any(bells._listeners.values())


async def test_reads_see_one_moment(shop: Shop) -> None:
    """Within one read nothing changes, whatever is committed beside it."""

    def count(tx: Connection) -> int:
        return int(tx.execute(text("SELECT COUNT(*) FROM counters")).scalar_one())

    assert await shop.db.read(count) == 0
    async with asyncio.TaskGroup() as both:
        both.create_task(shop.db.write(_count_on))
        twice = both.create_task(shop.db.read(lambda tx: (count(tx), count(tx))))
    assert twice.result()[0] == twice.result()[1]


async def test_errors_do_not_carry_personal_data(shop: Shop) -> None:
    """A refused row is a person's: neither its values nor the failing row stand in the error that is logged."""

    def write(tx: Connection) -> None:
        person = people.arrive(tx, 1001, "Dara", "", shop.clock.now())
        where = builders.WHERE | {"street": "12 Secret Street"}
        people.save_address(tx, person.id, shop.clock.now(), **where)
        tx.execute(tables.people.update().values(language="xx", phone=builders.PHONE))

    with pytest.raises(IntegrityError) as refused:
        await shop.db.write(write)
    said = "".join(traceback.format_exception(refused.value))
    assert builders.PHONE not in said
    assert "Dara" not in said


CUT = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()"""
QUOTED = "SELECT CAST(phone || name AS INTEGER) FROM people"


@pytest.mark.parametrize("statement", [QUOTED, "UPDATE people SET seen_at = NULL"])
async def test_neither_reading_nor_writing_quotes_a_row(
    postgres_config: Config, open_shop: OpenShop, statement: str
) -> None:
    """A value that cannot be read as a number, a row that may not stand: PostgreSQL quotes them, our error does not."""
    shop = await open_shop(postgres_config)
    await builders.customer(shop)
    for run in (shop.db.read, shop.db.write):
        with pytest.raises(DBAPIError) as refused:
            await run(lambda tx: tx.execute(text(statement)).all())
        said = "".join(traceback.format_exception(refused.value))
        assert builders.PHONE not in said
        assert "Dara" not in said


async def test_a_server_that_was_restarted_costs_nobody_an_error(postgres_config: Config, open_shop: OpenShop) -> None:
    """All connections of the pool were cut while they rested: the next reads and writes get fresh ones."""
    shop = await open_shop(postgres_config)
    await asyncio.gather(*(shop.db.read(lambda tx: tx.execute(text("SELECT 1"))) for _ in range(6)))
    await shop.db.write(lambda tx: tx.execute(text(CUT)))
    assert await asyncio.gather(*(builders.count(shop, tables.counters) for _ in range(6))) == [0] * 6
    await shop.db.write(_count_on)


async def test_who_waits_to_write_is_served_in_turn(postgres_config: Config, open_shop: OpenShop) -> None:
    """However many write to one row at once: a few run, and whoever came first is let in first."""
    shop = await open_shop(postgres_config)
    await shop.db.write(_count_on)
    running, most, begun = set[int](), 0, list[int]()
    together = asyncio.Barrier(WRITERS)  # nobody is overtaken while a connection is slow to open

    def write(tx: Connection, number: int) -> None:
        nonlocal most
        running.add(number)
        begun.append(number)
        most = max(most, len(running))
        await_only(together.wait())
        tx.execute(text("UPDATE counters SET value = value + 1 WHERE name = 'x'"))
        running.discard(number)

    await asyncio.wait_for(asyncio.gather(*(shop.db.write(write, n) for n in range(WRITERS * 15))), PATIENCE)
    assert most == WRITERS
    assert max(place - number for place, number in enumerate(begun)) < WRITERS * 2


async def test_what_runs_is_finished_before_the_pool_closes(postgres_config: Config) -> None:
    """A write whose caller gave up is committed before close returns, and its connection is not left open."""
    assert postgres_config.database_url is not None
    url = postgres_config.database_url.get_secret_value()
    database = await PostgresDatabase.open(url, Changes())

    def slowly(tx: Connection) -> None:
        tx.execute(text("SELECT pg_sleep(0.1)"))
        tx.execute(text("INSERT INTO counters (name, value) VALUES ('slow', 1)"))

    caller = asyncio.create_task(database.write(slowly))
    await asyncio.sleep(0.03)
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    await database.close()
    assert database._running == set()
    again = await PostgresDatabase.open(url, Changes())
    slow = text("SELECT value FROM counters WHERE name = 'slow'")
    rows = await again.read(lambda tx: tx.execute(slow).scalars().all())
    await again.close()
    assert list(rows) == [1]
