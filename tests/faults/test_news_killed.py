"""The shop is killed (SIGKILL) while news go to many, and started again: nobody gets two, whoever got none is named.

Telegram lives in the test's own process and survives; what stands in its chats is the judge. What the shop promises:
each copy that it calls sent stands there once; each that does not stand there is called unsure, and those are about
ten a death, which were claimed and not begun; an answer that never came is unsure for good, whether it came or not.
"""

import asyncio
import logging
import os
import random
import secrets
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from bot.broadcasting import AHEAD, HAND
from bot.sandbox import PersonSeed, Sandbox
from bot.sandbox.faults import Fault
from core.broadcasts import service as broadcasts
from core.broadcasts.rules import Fate, State, Words
from core.clock import SystemClock
from core.config import Config
from core.database.tables import broadcast_sends, people
from core.messages.rules import MessageRef
from core.people import store as people_store
from core.people.rules import Role
from core.settings import service as settings
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.house import House
from tests.support.talk import said

log = logging.getLogger(__name__)

TOKEN = "7200000003:made-up-for-news-to-many-0000000000000"
BOSS, FIRST = 9001, 5001
WORDS = "Half price today"
LATE = FIRST + 8
"""Whose copy Telegram takes, but only after the shop that sent it is dead."""
HELD = 3600.0
"""Seconds by Telegram's clock that it waits with that, which is moved once the shop is dead."""
SETTLED = 600.0
"""Seconds for what must come."""
UNREAD = 5
"""Copies that may be on the wire when a process dies, and not read by anybody."""


@dataclass
class Town:
    """So many readers at Telegram, and the shop that writes to them."""

    sandbox: Sandbox
    house: House
    size: int

    def got(self) -> Counter[int]:
        """How many copies stand in each reader's chat."""
        chats = self.sandbox.world.state.chats
        return Counter({
            number: sum(said(one) == WORDS for one in chats[number].messages.values())
            for number in range(FIRST, FIRST + self.size)
        })  # fmt: skip

    async def live_until(self, copies: int) -> None:
        """Start the shop and wait until so many copies stand in all chats together, or nothing more comes."""
        await asyncio.to_thread(self.house.start)
        for _ in range(1500):
            if self.got().total() >= copies:
                return
            await asyncio.sleep(0.01)

    async def live_until_one_is_held(self) -> None:
        """Start the shop and wait until Telegram has the late one's copy in hand, and what was sent after it."""
        await asyncio.to_thread(self.house.start)
        async with asyncio.timeout(SETTLED):
            while self.sandbox.world.faults.shown() or self.got().total() < LATE - FIRST + 3:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def die(self, rng: random.Random) -> None:
        """End the shop as a power cut does, a moment later."""
        await asyncio.sleep(rng.uniform(0, 0.05))
        log.warning("killed with %d copies in the chats", self.got().total())
        await asyncio.to_thread(self.house.kill)


async def _furnish(shop: Shop, size: int) -> int:
    """Begin news for so many, in a shop without nights; returns the number of the broadcast."""
    for name in ("quiet_from", "quiet_until"):
        await settings.change(shop.db, shop.clock, name, "00:00", None)
    boss = await builders.worker(shop, Role.ADMIN, BOSS, "Boss")

    def arrive(tx: Connection) -> None:
        for i in range(size):
            people_store.arrive(tx, FIRST + i, f"Reader {i}", "", shop.clock.now())
        theirs = people.c.telegram_id >= FIRST, people.c.telegram_id < FIRST + size
        tx.execute(update(people).where(*theirs).values(wants_news=True, language="en"))

    await shop.db.write(arrive)
    made = await broadcasts.draft(shop, boss)
    for language in ("en", "km"):
        made = await broadcasts.say(shop, boss, made.id, language, Words(WORDS))
    await broadcasts.start(shop, boss, made.id, made.stamp, MessageRef(BOSS, 0, has_photo=False))
    return made.id


async def _open(shop: Shop, config: Config, folder: Path, size: int) -> Town:
    """Telegram with everybody in it, each of whom wrote to the bot once; the shop's own process is not started yet."""
    seeds = [PersonSeed(BOSS, "Boss"), *(PersonSeed(FIRST + i, f"Reader {i}") for i in range(size))]
    sandbox = Sandbox(token=TOKEN, people=seeds, groups=())
    address = await sandbox.start()
    for seed in seeds:
        sandbox.people.write(seed.id, seed.id, "/start")
    sandbox.world.updates.drop_all()
    given = {"bot_token": TOKEN, "telegram_api": address, "data_dir": str(config.data_dir)}
    if config.database_url is None:
        await shop.close()  # one process at a time holds the file
    else:
        given |= {"database_url": config.database_url.get_secret_value()}
    return Town(sandbox, House(folder, ("serve",), given), size)


async def _ended(shop: Shop, number: int) -> None:
    """Wait until nobody waits any more: on PostgreSQL whoever is new leads after some silence of who was before."""
    boss = await shop.db.read(people_store.by_telegram, BOSS)
    assert boss is not None
    async with asyncio.timeout(SETTLED):
        while (await broadcasts.get(shop, boss, number)).broadcast.state is not State.DONE:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


def _fates(tx: Connection, number: int) -> dict[int, str]:
    query = select(people.c.telegram_id, broadcast_sends.c.state).where(broadcast_sends.c.broadcast_id == number)
    rows = tx.execute(query.join(people, people.c.id == broadcast_sends.c.person_id)).all()
    return {row.telegram_id: row.state for row in rows}


def _hold(town: Town, fates: dict[int, str], kills: int) -> None:
    """Hold what the shop says against what stands in the chats."""
    got = town.got()
    assert max(got.values()) == 1
    assert len(fates) == town.size
    assert set(fates.values()) <= {Fate.SENT, Fate.UNSURE}
    sent = {number for number, fate in fates.items() if fate == Fate.SENT}
    assert {number for number in sent if got[number] != 1} == set()
    unsure = set(fates) - sent
    came = sum(got[number] for number in unsure)
    log.warning("%d sent; %d unsure, of which %d came", len(sent), len(unsure), came)
    assert len(unsure) <= HAND * kills
    assert len(unsure) - came <= (AHEAD + UNREAD) * kills
    assert sent, "too short a life to prove anything"


async def _killed(config: Config, open_shop: OpenShop, folder: Path, size: int, kills: int) -> None:
    """Kill it so often, the first time while Telegram still holds an answer back; the last life goes on to the end."""
    seed = int(os.environ.get("HAANG_TEST_SEED") or secrets.randbits(32))
    log.warning("HAANG_TEST_SEED=%d", seed)
    rng, shop = random.Random(seed), await open_shop(config, SystemClock())
    number = await _furnish(shop, size)
    town = await _open(shop, config, folder, size)
    town.sandbox.world.faults.add(Fault("sendmessage", "delay", seconds=HELD, chat=str(LATE)))
    try:
        await town.live_until_one_is_held()
        await town.die(rng)
        town.sandbox.world.move_clock(HELD)
        for _ in range(kills - 1):
            await town.live_until(town.got().total() + rng.randint(1, size // (2 * kills)))
            await town.die(rng)
        await asyncio.to_thread(town.house.start)
        shop = shop if config.database_url else await open_shop(config, SystemClock())
        await _ended(shop, number)
        fates = await shop.db.read(_fates, number)
        assert (fates[LATE], town.got()[LATE]) == (Fate.UNSURE, 1), "it came, and nobody here knows"
        _hold(town, fates, kills)
    finally:
        if town.house.running:
            await asyncio.to_thread(town.house.stop)
        await town.sandbox.stop()


@pytest.mark.timeout(1200)
async def test_killed_while_news_go_out(sqlite_config: Config, open_shop: OpenShop, tmp_path: Path) -> None:
    """Sixty readers, two deaths: nobody gets two, each that is called sent came, each that did not come is named."""
    await _killed(sqlite_config, open_shop, tmp_path, 60, 2)


@pytest.mark.soak
@pytest.mark.timeout(1200)
async def test_killed_eight_times_while_news_go_out(config: Config, open_shop: OpenShop, tmp_path: Path) -> None:
    """The same with six hundred readers and eight deaths, on both engines."""
    await _killed(config, open_shop, tmp_path, 600, 8)
