"""After a restore nothing of the past happens twice: no message is sent again, no order number is given again."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from core import doors
from core.carts import service as carts
from core.config import Config
from core.database import marker
from core.database import tables as t
from core.errors import NotAllowed
from core.messages import store as messages
from core.messages.rules import MessageKind, Received
from core.orders import store as orders
from core.people import service as people
from core.people.rules import Role
from core.reminders import service as reminders
from core.shop import Shop
from core.storage import archive
from core.storage import service as storage
from core.storage.restore import restore
from core.team import service as team
from tests.conftest import OpenShop
from tests.support import builders, house


@pytest.fixture
async def empty(tmp_path: Path, no_settings: None, open_shop: OpenShop) -> Shop:
    """A second shop on a SQLite file of its own, with nothing in it."""
    return await open_shop(Config(_env_file=None, data_dir=tmp_path / "second", backup_dir=tmp_path / "b2", port=0))


async def _busy(shop: Shop) -> None:
    """One order; a message waits, one is being sent, one was sent; an update waits, one is done."""
    await builders.order(shop, await builders.customer(shop), await builders.product(shop))

    def write(tx: Connection) -> None:
        now = shop.clock.now()
        tx.execute(t.outbox.delete())
        for subject, state in enumerate(("pending", "sending", "sent"), 1):
            messages.owe(tx, 1001, MessageKind.NOTE_OUT, subject, now)
            tx.execute(t.outbox.update().where(t.outbox.c.subject_id == subject).values(state=state))
        messages.receive(tx, [Received(1, 1001, "{}"), Received(2, 1001, "{}")], "one", now, now)
        messages.finish(tx, [1])

    await shop.db.write(write)


async def test_no_basket_is_reminded_of_twice(shop: Shop, empty: Shop) -> None:
    """Backed up, reminded of, restored: what came after the backup is not known here, so nothing is said again."""
    person, rose = await builders.customer(shop), await builders.product(shop)
    await carts.add(shop, person, rose)
    made = (await storage.backup(shop)).path
    shop.clock.move(timedelta(hours=3))
    assert await reminders.remind(shop) == 1
    await restore(made, empty.db)
    assert await reminders.remind(empty) == 0
    basket = await carts.basket(empty, person)
    assert basket is not None
    assert basket.lines


def _counted(tx: Connection, times: int) -> int:
    """Give so many more order numbers away; returns the last."""
    return [orders.next_number(tx) for _ in range(times)][-1] if times else 0


async def test_no_invitation_opens_twice(sqlite_shop: Shop, empty: Shop) -> None:
    """Backed up, used, restored: the link that let one in lets nobody in again."""
    shop = sqlite_shop
    boss = await builders.worker(shop, Role.OWNER, 9001, "Boss")
    _, payload = await team.invite(shop, boss, Role.ADMIN)
    made = (await storage.backup(shop)).path
    code = doors.read(payload).invitation
    assert (await team.join(shop, await people.arrive(shop, 1001, "Dara"), code)).role is Role.ADMIN
    await restore(made, empty.db)
    with pytest.raises(NotAllowed, match="invite_revoked"):
        await team.join(empty, await people.arrive(empty, 1002, "Bopha"), code)


async def test_what_was_owed_is_set_aside(shop: Shop, empty: Shop) -> None:
    """Two messages and an update that waited are marked and counted: nobody claims them; what was done stays done."""
    await _busy(shop)
    done = await restore((await storage.backup(shop)).path, empty.db)
    assert (done.messages, done.updates) == (2, 1)
    now = empty.clock.now()
    assert await empty.db.write(messages.claim_owed, "two", now) == []
    assert await empty.db.write(messages.claim_new, "two", now, now) == []

    def states(tx: Connection) -> list[str]:
        return [row.state for table in (t.outbox, t.inbox) for row in tx.execute(select(table.c.state))]

    assert sorted(await empty.db.read(states)) == ["done", "restored", "restored", "restored", "sent"]


async def test_order_numbers_go_on(shop: Shop, empty: Shop) -> None:
    """Orders placed after the backup keep their numbers: what is known of them beside the database is passed over."""
    await _busy(shop)
    made = await storage.backup(shop)
    assert made.manifest.order_number > 1
    last = await shop.db.write(_counted, 250)
    await storage.watch_database(shop)
    done = await restore(made.path, empty.db, marker.number(shop.config.data_dir))
    assert done.order_number >= last
    assert await empty.db.write(orders.next_number) == done.order_number + 1


async def test_a_lost_data_folder(shop: Shop, empty: Shop) -> None:
    """Only the backup is left: the orders that came until the next look at the counter are passed over all the same."""
    await _busy(shop)
    made = await storage.backup(shop)
    last = await shop.db.write(_counted, storage.AHEAD)
    assert (await restore(made.path, empty.db)).order_number > last


async def test_the_marker_is_written_seldom(sqlite_shop: Shop) -> None:
    """While few orders come, looking again writes nothing; before the noted number can be reached, it is raised."""
    shop = sqlite_shop
    file = shop.config.data_dir / marker.FILE
    noted = []
    for orders_more in (0, storage.AHEAD - 1, storage.AHEAD):
        given = await shop.db.write(_counted, orders_more)
        await storage.watch_database(shop)
        noted.append((json.loads(file.read_text())["order_number"], file.stat().st_ino))
    assert noted[0] == noted[1] != noted[2]
    assert noted[2][0] >= given + storage.AHEAD


async def test_an_older_backup_is_read(sqlite_shop: Shop) -> None:
    """A manifest from before there were numbers in it is whole as it is, and written again byte for byte."""
    made = (await storage.backup(sqlite_shop)).path
    manifest = archive.read_manifest(made)
    older = archive.Manifest(manifest.made_at, manifest.schema, manifest.dialect, manifest.tables)
    (made / archive.MANIFEST).write_bytes(older.to_bytes())
    assert b"order_number" not in older.to_bytes()
    assert archive.check(made) == older


def test_the_command_says_what_it_set_aside(tmp_path: Path) -> None:
    """Backed up, deleted, restored by command: the counts are on the terminal, and the shop opens again."""
    assert house.run(tmp_path, "backup").returncode == 0
    (tmp_path / "data" / "sandbox" / "haang.sqlite3").unlink()
    (made,) = (tmp_path / "backups" / "sandbox").glob("db_backup_*")
    done = house.run(tmp_path, "restore", str(made))
    assert done.returncode == 0, done.stderr
    assert "0 messages and 0 updates waited in it" in done.stdout
    assert "Order numbers go on after 200." in done.stdout
    assert house.run(tmp_path, "storage").returncode == 0
