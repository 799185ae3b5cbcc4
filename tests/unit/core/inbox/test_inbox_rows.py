"""Updates received: stored once before they are acknowledged, worked by one process at a time, forgotten later."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.config import Config
from core.database.tables import inbox
from core.inbox import store
from core.inbox.rules import Received
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.databases import beside

LEASE = timedelta(seconds=30)


def _updates(*ids: int) -> list[Received]:
    return [Received(i, 1000 + i, f'{{"update_id":{i}}}') for i in ids]


async def _receive(shop: Shop, *ids: int, owner: str = "me") -> list[int]:
    now = shop.clock.now()
    return [u.update_id for u in await shop.db.write(store.receive, _updates(*ids), owner, now, now + LEASE)]


async def _claim(shop: Shop, owner: str = "next", most: int = 500) -> list[int]:
    now = shop.clock.now()
    return [u.update_id for u in await shop.db.write(store.claim_new, owner, now, now + LEASE, most)]


async def test_an_update_comes_once(shop: Shop) -> None:
    """The same update in one batch twice, and again in the next, is new only the first time."""
    assert await _receive(shop, 5, 6, 5) == [5, 6]
    assert await _receive(shop, 6, 7) == [7]
    assert await builders.count(shop, inbox) == 3


async def test_two_processes_receive_the_same_batch(
    config: Config, open_shop: OpenShop, caplog: pytest.LogCaptureFixture
) -> None:
    """A webhook delivered twice at the same moment, to two processes: each update goes to one, without a deadlock."""
    caplog.set_level(logging.INFO, "core.database.postgres")
    one, two = await open_shop(config), await open_shop(config)
    for first in range(1, 200, 20):
        ids = range(first, first + 20)
        both = await asyncio.gather(_receive(one, *ids), _receive(two, *reversed(ids)))
        assert sorted(both[0] + both[1]) == list(ids)
    assert "ran into another" not in caplog.text


async def test_what_is_worked_on_is_left_alone(shop: Shop) -> None:
    """A received update is its owner's until the lease ends; then the next process takes it, oldest first."""
    await _receive(shop, 9, 3, 6)
    assert await _claim(shop) == []
    shop.clock.move(LEASE + timedelta(seconds=1))
    assert await _claim(shop, most=2) == [3, 6]
    assert await _claim(shop) == [9]
    assert await _claim(shop) == []


async def test_two_processes_claim_each_update_once(config: Config, open_shop: OpenShop) -> None:
    """After a crash two processes start at once: each left update is worked by one."""
    one, two = await open_shop(config), await open_shop(config)
    await _receive(one, *range(1, 31))
    one.clock.move(LEASE * 2)
    both = await asyncio.gather(_claim(one, "a"), _claim(two, "b"))
    assert sorted(both[0] + both[1]) == list(range(1, 31))


async def test_finished_updates_do_not_come_back(shop: Shop) -> None:
    """Done and failed are both worked through; the payload of the others is as it came."""
    await _receive(shop, 1, 2, 3)
    await shop.db.write(store.finish, [1], [2])
    shop.clock.move(LEASE * 2)
    now = shop.clock.now()
    assert await shop.db.write(store.claim_new, "x", now, now + LEASE) == [replace(_updates(3)[0], left=True)]


async def test_what_was_done_is_not_kept(shop: Shop) -> None:
    """The text of a worked update (names, phones, cards) is gone; what failed stays to be looked at, for its week."""
    await _receive(shop, 1, 2, 3)
    await shop.db.write(store.finish, [1], [2])
    kept = await shop.db.read(
        lambda tx: tx.execute(select(inbox.c.payload).order_by(inbox.c.update_id)).scalars().all()
    )
    assert kept == ["{}", *(one.payload for one in _updates(2, 3))]


async def test_old_updates_are_forgotten_but_not_the_newest(shop: Shop) -> None:
    """Worked-through rows go after their time; the newest stays as the place to go on from; waiting ones stay."""
    assert await shop.db.read(store.last_update) is None
    await _receive(shop, 1, 2, 3, 4)
    await shop.db.write(store.finish, [1, 3, 4])
    assert await shop.db.write(store.forget_done, shop.clock.now()) == 0
    shop.clock.move(timedelta(days=7))
    assert await shop.db.write(store.forget_done, shop.clock.now()) == 2
    assert await shop.db.read(store.last_update) == 4
    assert await _claim(shop) == [2]
    assert await _receive(shop, 4) == []


async def test_what_a_dead_process_left_is_known_and_counted(shop: Shop) -> None:
    """Left by a kill: marked, and worked again three times at most. Left by a clean stop: as if it had just come."""
    await _receive(shop, 1, 2)
    await shop.db.write(store.let_go, "me", shop.clock.now())
    now = shop.clock.now()
    taken = await shop.db.write(store.claim_new, "next", now, now + LEASE)
    assert [(one.update_id, one.left) for one in taken] == [(1, False), (2, False)]
    shop.clock.move(LEASE * 2)
    now = shop.clock.now()
    taken = await shop.db.write(store.claim_new, "third", now, now + LEASE)
    assert [(one.update_id, one.left) for one in taken] == [(1, True), (2, True)]
    assert [await shop.db.write(store.begin, 1) for _ in range(5)] == [True, True, True, False, False]
    assert await shop.db.write(store.begin, 2)


async def _of_dara(shop: Shop, update_id: int, owner: str) -> list[int]:
    now = shop.clock.now()
    one = [Received(update_id, 5, "{}")]
    return [u.update_id for u in await shop.db.write(store.receive, one, owner, now, now + LEASE)]


async def test_one_person_is_worked_by_one_process(postgres_config: Config, open_shop: OpenShop) -> None:
    """What comes to another process while one has a person's earlier update waits, and is taken when that is done."""
    shop = await open_shop(postgres_config)
    assert await _of_dara(shop, 1, "a") == [1]
    assert await _of_dara(shop, 2, "b") == []
    assert await _of_dara(shop, 3, "a") == []
    assert await _claim(shop, "b") == []
    await shop.db.write(store.finish, [1])
    assert await _claim(shop, "b") == [2, 3]


async def test_two_processes_receive_of_one_person_at_once(postgres_config: Config, open_shop: OpenShop) -> None:
    """One has not committed yet when the other receives: it waits for that, and leaves the person to the first."""
    shop = await open_shop(postgres_config)
    now = shop.clock.now()
    async with beside(postgres_config) as tx:
        assert await tx.run_sync(store.receive, [Received(1, 5, "{}")], "a", now, now + LEASE)
        other = asyncio.create_task(_of_dara(shop, 2, "b"))
        await asyncio.wait([other], timeout=0.1)
    assert await other == []
