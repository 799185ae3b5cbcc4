"""After a restore nothing of the past happens twice: no message is sent again, no order number is given again."""

import hashlib
import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from core import doors
from core.backups import archive, contents
from core.backups import service as backups
from core.backups.restore import Restored, bring_back
from core.carts import service as carts
from core.config import Config
from core.database import marker
from core.database import tables as t
from core.errors import NotAllowed, Refused
from core.inbox import store as inbox
from core.inbox.rules import Received
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.orders import store as orders
from core.people import service as people
from core.people.rules import Role
from core.reminders import service as reminders
from core.shop import Shop
from core.storage import service as storage
from core.team import service as team
from tests.conftest import OpenShop
from tests.support import builders

OLDEST = ("made_at", "schema", "dialect", "tables", "format")
"""What the first manifests said, in that order."""


@pytest.fixture
def second(tmp_path: Path, no_settings: None) -> Config:
    """Settings of a second data folder, with nothing in it."""
    config = Config(_env_file=None, data_dir=tmp_path / "second", backup_dir=tmp_path / "b2", port=0)
    config.data_dir.mkdir()
    return config


async def brought(made: Path, second: Config, shop: Shop) -> Restored:
    """What bringing a backup back there said."""
    return await bring_back(second, contents.opened(made), shop.clock.now())


async def _busy(shop: Shop) -> None:
    """One order; a message waits, one is being sent, one was sent; an update waits, one is done."""
    await builders.order(shop, await builders.customer(shop), await builders.product(shop))

    def write(tx: Connection) -> None:
        now = shop.clock.now()
        tx.execute(t.outbox.delete())
        for subject, state in enumerate(("pending", "sending", "sent"), 1):
            messages.owe(tx, 1001, MessageKind.NOTE_OUT, subject, now)
            tx.execute(t.outbox.update().where(t.outbox.c.subject_id == subject).values(state=state))
        inbox.receive(tx, [Received(1, 1001, "{}"), Received(2, 1001, "{}")], "one", now, now)
        inbox.finish(tx, [1])

    await shop.db.write(write)


async def test_no_basket_is_reminded_of_twice(sqlite_shop: Shop, second: Config, open_shop: OpenShop) -> None:
    """Backed up, reminded of, restored: what came after the backup is not known here, so nothing is said again."""
    shop = sqlite_shop
    person, rose = await builders.customer(shop), await builders.product(shop)
    await carts.add(shop, person, rose)
    made = (await backups.backup(shop)).path
    shop.clock.move(timedelta(hours=3))
    assert await reminders.remind(shop) == 1
    await brought(made, second, shop)
    empty = await open_shop(second)
    assert await reminders.remind(empty) == 0
    basket = await carts.basket(empty, person)
    assert basket is not None
    assert basket.lines


def _counted(tx: Connection, times: int) -> int:
    """Give so many more order numbers away; returns the last."""
    return [orders.next_number(tx) for _ in range(times)][-1] if times else 0


async def test_no_invitation_opens_twice(sqlite_shop: Shop, second: Config, open_shop: OpenShop) -> None:
    """Backed up, used, restored: the link that let one in lets nobody in again."""
    shop = sqlite_shop
    boss = await builders.worker(shop, Role.OWNER, 9001, "Boss")
    _, payload = await team.invite(shop, boss, Role.ADMIN)
    made = (await backups.backup(shop)).path
    code = doors.read(payload).invitation
    assert (await team.join(shop, await people.arrive(shop, 1001, "Dara"), code)).role is Role.ADMIN
    await brought(made, second, shop)
    empty = await open_shop(second)
    with pytest.raises(NotAllowed, match="invite_revoked"):
        await team.join(empty, await people.arrive(empty, 1002, "Bopha"), code)


async def test_what_was_owed_is_set_aside(shop: Shop, second: Config, open_shop: OpenShop) -> None:
    """Two messages and an update that waited are marked and counted: nobody claims them; what was done stays done."""
    await _busy(shop)
    done = await brought((await backups.backup(shop)).path, second, shop)
    empty = await open_shop(second)
    assert (done.messages, done.updates) == (2, 1)
    now = empty.clock.now()
    assert await empty.db.write(messages.claim_owed, "two", now) == []
    assert await empty.db.write(inbox.claim_new, "two", now, now) == []

    def states(tx: Connection) -> list[str]:
        return [row.state for table in (t.outbox, t.inbox) for row in tx.execute(select(table.c.state))]

    assert sorted(await empty.db.read(states)) == ["done", "restored", "restored", "restored", "sent"]


async def test_order_numbers_go_on(sqlite_shop: Shop, second: Config, open_shop: OpenShop) -> None:
    """Orders placed after the backup keep their numbers: what is known of them beside the database is passed over."""
    shop = sqlite_shop
    await _busy(shop)
    made = await backups.backup(shop)
    assert made.manifest.order_number > 1
    last = await shop.db.write(_counted, 250)
    await storage.watch_database(shop)
    marker.write(second.data_dir, marker.Marker(marker.number(shop.config.data_dir)))
    done = await brought(made.path, second, shop)
    empty = await open_shop(second)
    assert done.order_number >= last
    assert await empty.db.write(orders.next_number) == done.order_number + 1


async def test_a_lost_data_folder(sqlite_shop: Shop, second: Config) -> None:
    """Only the backup is left: the orders that came until the next look at the counter are passed over all the same."""
    shop = sqlite_shop
    await _busy(shop)
    made = await backups.backup(shop)
    last = await shop.db.write(_counted, storage.AHEAD)
    assert (await brought(made.path, second, shop)).order_number > last


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
    """A manifest from before there were numbers and series in it is whole as it is; one byte of it changed is seen."""
    made = (await backups.backup(sqlite_shop)).path
    manifest = archive.read_manifest(made)
    plain = {name: value for name, value in asdict(manifest).items() if name in OLDEST}
    digest = hashlib.sha256((json.dumps(plain, indent=1, ensure_ascii=False) + "\n").encode()).hexdigest()
    raw = json.dumps(plain | {"digest": digest}, indent=1, ensure_ascii=False) + "\n"
    (made / archive.MANIFEST).write_text(raw, "utf-8")
    assert archive.check(made) == archive.Manifest(*(getattr(manifest, name) for name in OLDEST))
    (made / archive.MANIFEST).write_text(raw.replace('"sqlite"', '"sqlitf"'), "utf-8")
    with pytest.raises(Refused):
        archive.check(made)
