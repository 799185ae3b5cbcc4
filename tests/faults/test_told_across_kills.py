"""The shop is killed (SIGKILL) while it tells a crowd that something is back: nobody is forgotten, nobody owed twice.

Telegram lives in the test's own process and survives; the shop is ``run.py serve``. The seed repeats how long each
life lasts (not the machine's own speed).
"""

import asyncio
import logging
import random
import secrets
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.sandbox import PersonSeed, Sandbox
from core.config import Config
from core.database.tables import outbox, waitlist
from core.messages.rules import MessageKind
from core.people import store as people
from core.shop import Shop
from core.stock import store as stock
from core.waiting import store as waiting
from core.waiting.service import AT_ONCE
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.house import House

log = logging.getLogger(__name__)

TOKEN = "7200000001:made-up-for-those-who-wait-000000000000"
FIRST, WAITERS, KILLS = 8001, 50, 3
SETTLED = 600.0
"""Seconds for the last life to tell all who are left."""


def _told(sandbox: Sandbox) -> list[int]:
    """How many notes stand in each waiter's chat."""
    chats = sandbox.world.state.chats
    return [
        sum(m["from"]["is_bot"] and "is back" in (m.get("caption") or m.get("text") or "")
            for m in chats[FIRST + i].messages.values())
        for i in range(WAITERS)
    ]  # fmt: skip


async def _furnish(shop: Shop) -> None:
    """All wait for one serum, in the order of their chats; then one unit comes in."""
    rose = await builders.product(shop, 0)

    def write(tx: Connection) -> None:
        now = shop.clock.now()
        for i in range(WAITERS):
            person = people.arrive(tx, FIRST + i, f"Waiter {i}", "", now)
            waiting.add(tx, person.id, rose, now)
        stock.receive(tx, rose, 1, now)

    await shop.db.write(write)


async def _until(sandbox: Sandbox, notes: int) -> None:
    """Wait until so many notes stand in the chats, a while at most."""
    for _ in range(300):
        if sum(_told(sandbox)) >= notes:
            return
        await asyncio.sleep(0.02)


async def _settled(shop: Shop) -> None:
    """Wait until nobody is on the list and nothing is owed: a dead process's claims end after 45 seconds."""

    def left(tx: Connection) -> list[Any]:
        rows = tx.execute(select(waitlist.c.id).where(waitlist.c.told_at.is_(None))).all()
        return [*rows, *tx.execute(select(outbox.c.id).where(outbox.c.state.in_(["pending", "sending"]))).all()]

    async with asyncio.timeout(SETTLED):
        while await shop.db.read(left):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.2)


@pytest.mark.timeout(1200)
async def test_killed_while_it_tells(config: Config, open_shop: OpenShop, tmp_path: Path) -> None:
    """Fifty wait, three deaths between and within batches: a note owed to each, once, in their order; each has it."""
    seed = secrets.randbits(32)
    log.warning("seed %d", seed)
    rng, shop = random.Random(seed), await open_shop(config)
    await _furnish(shop)
    sandbox = Sandbox(token=TOKEN, people=[PersonSeed(FIRST + i, f"Waiter {i}") for i in range(WAITERS)], limits=False)
    address = await sandbox.start()
    for i in range(WAITERS):
        sandbox.people.write(FIRST + i, FIRST + i, "/start")
    sandbox.world.updates.drop_all()
    given = {"bot_token": TOKEN, "telegram_api": address, "data_dir": str(config.data_dir)}
    if config.database_url is None:
        await shop.close()  # one process at a time holds the file
    else:
        given |= {"database_url": config.database_url.get_secret_value()}
    house = House(tmp_path, ("serve",), given)
    try:
        for death in range(KILLS):
            await asyncio.to_thread(house.start)
            await _until(sandbox, sum(_told(sandbox)) + rng.randint(1, 12))
            await asyncio.sleep(rng.uniform(0, 0.05))
            await asyncio.to_thread(house.kill)
            log.warning("death %d with %d notes", death + 1, sum(_told(sandbox)))
        await asyncio.to_thread(house.start)
        await _until(sandbox, WAITERS)
        shop = shop if config.database_url else await open_shop(config)
        await _settled(shop)
    finally:
        if house.running:
            await asyncio.to_thread(house.stop)
        await sandbox.stop()
    owed = await builders.owed(shop, MessageKind.BACK_IN_STOCK)
    assert [chat for chat, _ in owed] == [FIRST + i for i in range(WAITERS)]
    told = _told(sandbox)
    log.warning("%d notes sent twice: killed between sending and writing it down", sum(told) - WAITERS)
    assert min(told) == 1
    assert sum(told) - WAITERS <= KILLS * AT_ONCE
