"""The one object passed down: no change of the rules is lost, whoever reads and whatever fails meanwhile."""

import asyncio
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.config import Config
from core.database.engine import READERS
from core.settings import service as settings
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support.patience import PATIENCE


async def test_a_change_that_could_not_be_read_is_read_the_next_time(shop: Shop) -> None:
    """The database fails under the reading: the next one reads, and does not go on with what was."""
    await settings.change(shop.db, shop.clock, "riel_rate", 5000, None)
    await shop.db.write(lambda tx: tx.execute(text("ALTER TABLE settings RENAME TO settings_away")))
    with pytest.raises(DBAPIError):
        await shop.refresh()
    await shop.db.write(lambda tx: tx.execute(text("ALTER TABLE settings_away RENAME TO settings")))
    await shop.refresh()
    assert shop.policy.riel_rate == 5000


async def test_who_comes_while_the_rules_are_read_waits_for_them(sqlite_shop: Shop) -> None:
    """A second use case begun during the reading does not go on with the old rules."""
    shop, gate = sqlite_shop, threading.Event()
    await settings.change(shop.db, shop.clock, "riel_rate", 5000, None)
    busy = [asyncio.create_task(shop.db.read(lambda _tx: gate.wait(PATIENCE))) for _ in range(READERS)]
    await asyncio.sleep(0.01)
    first = asyncio.create_task(shop.refresh())
    await asyncio.sleep(0.01)
    second = asyncio.create_task(shop.refresh())
    await asyncio.sleep(0.01)
    assert not second.done()
    gate.set()
    await second
    assert shop.policy.riel_rate == 5000
    await asyncio.gather(first, *busy)


async def test_what_changes_while_the_rules_are_read_is_read_again(sqlite_shop: Shop) -> None:
    """A change committed during the reading marks it stale once more: the one after it is in force."""
    shop, gate = sqlite_shop, threading.Event()
    await settings.change(shop.db, shop.clock, "riel_rate", 5000, None)
    busy = [asyncio.create_task(shop.db.read(lambda _tx: gate.wait(PATIENCE))) for _ in range(READERS)]
    await asyncio.sleep(0.01)
    reading = asyncio.create_task(shop.refresh())
    await asyncio.sleep(0.01)
    await settings.change(shop.db, shop.clock, "riel_rate", 6000, None)
    assert shop.stale_policy
    gate.set()
    await asyncio.gather(reading, *busy)
    await shop.refresh()
    assert shop.policy.riel_rate == 6000


async def test_who_gives_up_leaves_the_rules_to_be_read(sqlite_shop: Shop) -> None:
    """The reading is cancelled with the request that began it: the next use case reads."""
    await settings.change(sqlite_shop.db, sqlite_shop.clock, "riel_rate", 5000, None)
    reading = asyncio.create_task(sqlite_shop.refresh())
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await sqlite_shop.refresh()
    assert sqlite_shop.policy.riel_rate == 5000


async def test_an_opened_shop_has_its_rules(config: Config, open_shop: OpenShop) -> None:
    """What was changed before the start is in force from the start."""
    first = await open_shop(config)
    await settings.change(first.db, first.clock, "riel_rate", 5000, None)
    shop = await open_shop(config)
    assert shop.policy.riel_rate == 5000
    assert not shop.stale_policy
