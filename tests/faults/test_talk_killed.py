"""The shop is killed (SIGKILL) again and again while people talk with it: every word arrives, in order, both ways."""

import asyncio
import logging
import os
import random
import secrets
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.bank import Bank
from core import shop as core_shop
from core.config import Config
from core.database.tables import help_messages
from core.payments.bakong import ManualBank
from core.people import service as people
from core.people.rules import Role
from tests.support import builders, crowd
from tests.support.house import House
from tests.support.talk import Json, said

log = logging.getLogger(__name__)

TALKERS = (crowd.FIRST_CUSTOMER, crowd.FIRST_CUSTOMER + 1)
BROUGHT = 15.0
"""Seconds, at most, for a life to bring a line to the group before it is ended."""
SETTLED = 240.0
"""Seconds a death for the last life to bring what the others left: a group takes twenty messages a minute."""


def _by_bot(telegram: Sandbox, chat: int) -> list[Json]:
    return [one for one in telegram.world.state.chats[chat].messages.values() if one["from"]["is_bot"]]


def _copies(telegram: Sandbox) -> list[Json]:
    """The customers' lines in the staff's group."""
    return [one for one in _by_bot(telegram, crowd.STAFF_GROUP) if said(one).startswith("asks ")]


class _Talk:
    """What people do: customers write numbered lines, staff reply to each line they see."""

    def __init__(self, telegram: Sandbox, rng: random.Random) -> None:
        self.telegram, self.rng = telegram, rng
        self.written: dict[int, list[str]] = {person: [] for person in TALKERS}
        self.replied: dict[str, str] = {}

    async def go_on(self, lines: int) -> None:
        """Write some lines and answer what is there, with small pauses."""
        for _ in range(lines):
            for person in TALKERS:
                words = f"asks {person} {len(self.written[person])}"
                self.telegram.people.write(person, person, words)
                self.written[person].append(words)
            self.answer()
            await asyncio.sleep(self.rng.uniform(0, 0.15))

    async def until(self, copies: int) -> None:
        """Wait until so many lines stand in the group, a while at most: death comes while the shop brings more.

        Some lives end before what they did is marked, and some after: who always dies at once has to rest (``CALM``).
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(BROUGHT):
                while len(_copies(self.telegram)) < copies:  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.01)
        await asyncio.sleep(self.rng.uniform(0.2, 1.2))

    def answer(self) -> None:
        """Reply to every line that was not answered yet."""
        for copy in _copies(self.telegram):
            if said(copy) not in self.replied:
                answer = self.replied[said(copy)] = said(copy).replace("asks", "hears")
                self.telegram.people.write(crowd.STAFF[0], crowd.STAFF_GROUP, answer, reply_to=copy["message_id"])

    def heard(self, person: int) -> list[str]:
        """What a customer was answered, in the order it came."""
        lines = [said(one).rpartition("\n")[2] for one in _by_bot(self.telegram, person)]
        return [line for line in lines if line.startswith("hears ")]

    def settled(self) -> bool:
        """Whether every line stands in the group and every answer in its customer's chat."""
        lines = {words for written in self.written.values() for words in written}
        here = {said(copy) for copy in _copies(self.telegram)} >= lines
        return here and all(len(set(self.heard(one))) == len(self.written[one]) for one in TALKERS)


def _in_order(found: list[str], wanted: list[str]) -> int:
    """Hold that all came, first comings in the order they were written; returns how many came again."""
    assert list(dict.fromkeys(found)) == wanted
    return sum(times - 1 for times in Counter(found).values())


async def _talked(config: Config, folder: Path, lives: int, lines: int) -> None:
    """Let so many lives end while ``lines`` are written by each in each, and one more to a shop that is down."""
    seed = int(os.environ.get("HAANG_TEST_SEED") or secrets.randbits(32))
    log.warning("HAANG_TEST_SEED=%d", seed)
    telegram = crowd.open_telegram(len(TALKERS), Bank(tokens={crowd.BANK_TOKEN}, accounts={crowd.ACCOUNT}))
    talk = _Talk(telegram, random.Random(seed))
    house = House(folder, ("serve",), await _opened(config, await telegram.start()))
    for person in TALKERS:
        telegram.people.write(person, person, "/help")
    try:
        for _ in range(lives):
            seen = len(_copies(telegram))
            await asyncio.to_thread(house.start)
            await talk.go_on(lines)
            await talk.until(seen + 1)
            await asyncio.to_thread(house.kill)
            await talk.go_on(1)
        await asyncio.to_thread(house.start)
        async with asyncio.timeout(SETTLED * lives):
            while not talk.settled():
                talk.answer()
                await asyncio.sleep(0.1)
        assert (await asyncio.to_thread(house.stop))[0] == 0
        assert _doubles(telegram, talk) <= 2 * lives
        await _kept(config, talk)
    finally:
        if house.running:
            await asyncio.to_thread(house.stop)
        await telegram.stop()


async def _opened(config: Config, address: str) -> dict[str, str]:
    """Somebody who answers is let in; returns the operator's settings."""
    shop = await core_shop.open_shop(config, ManualBank())
    await people.grant(shop, crowd.STAFF[0], "Staff", Role.STAFF)
    await shop.close()
    return {
        "bot_token": crowd.TOKEN, "telegram_api": address, "staff_chat_id": str(crowd.STAFF_GROUP),
        "data_dir": str(config.data_dir), "backup_dir": str(config.backup_dir),
    }  # fmt: skip


def _doubles(telegram: Sandbox, talk: _Talk) -> int:
    """Hold both sides to have every word in its order; returns how many came twice."""
    doubles = 0
    for person in TALKERS:
        mine = [said(copy) for copy in _copies(telegram) if said(copy).split()[1] == str(person)]
        doubles += _in_order(mine, talk.written[person])
        doubles += _in_order(talk.heard(person), [line.replace("asks", "hears") for line in talk.written[person]])
    log.warning("%d messages brought twice", doubles)
    return doubles


async def _kept(config: Config, talk: _Talk) -> None:
    """Hold the books to have every word once, and each as brought."""
    shop = await core_shop.open_shop(config, ManualBank())
    kept = sum(len(lines) for lines in talk.written.values())
    assert await builders.count(shop, help_messages) == 2 * kept
    assert await builders.count(shop, help_messages, help_messages.c.copied_at.is_(None)) == 0
    await shop.close()


@pytest.mark.timeout(1200)
async def test_a_talk_over_three_deaths(sqlite_config: Config, tmp_path: Path) -> None:
    """Two customers and the counter go on writing while the shop dies: each word once, but for one a death at most.

    A death between Telegram's answer and our commit brings one again; it loses none, and turns no order round. So few
    words that the group has room for them; a full one is left to the long run.
    """
    await _talked(sqlite_config, tmp_path, 3, 1)


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_a_talk_over_twelve_deaths(sqlite_config: Config, tmp_path: Path) -> None:
    """The same with more words than a group takes in a minute, through twelve deaths."""
    await _talked(sqlite_config, tmp_path, 12, 2)
