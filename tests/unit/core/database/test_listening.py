"""The line on which processes tell each other what changed: lost, it is opened again, and what was missed is read."""

import asyncio
import os
import re
import signal
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from core import changes
from core.changes import KINDS, Change
from core.config import ROOT, Config
from core.database.listening import Listener
from core.database.postgres import CHANNEL
from core.people import service as people
from core.people.rules import Role
from core.settings import service as settings
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support.patience import PATIENCE, until

LISTENING = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"


def _lines(tx: Connection) -> list[int]:
    return list(tx.execute(text(f"SELECT pid {LISTENING} ORDER BY backend_start")).scalars())


def _cut(tx: Connection) -> None:
    tx.execute(text(f"SELECT pg_terminate_backend(pid) {LISTENING}"))


def _any_of(shop: Shop) -> set[Change]:
    """Collect what is heard as "any of them"."""
    heard: set[Change] = set()
    for kind in KINDS:
        shop.changes.listen(kind, heard.add)
    return heard


async def test_a_lost_line_is_opened_again_and_what_was_missed_is_read(
    postgres_config: Config, open_shop: OpenShop
) -> None:
    """The server cuts it: a price and a role changed meanwhile are in force here, and bells are heard again."""
    one, two = await open_shop(postgres_config), await open_shop(postgres_config)
    await people.grant(two, 2001, "Sokha", Role.STAFF)
    heard = _any_of(one)
    await people.arrive(one, 2001, "Sokha")
    await two.db.write(_cut)
    await settings.change(two.db, two.clock, "riel_rate", 4200, None)
    await people.grant(two, 2001, "Sokha", Role.ADMIN)
    await until(lambda: heard >= {Change(kind) for kind in KINDS})
    await one.refresh()
    assert one.policy.riel_rate == 4200
    assert (await people.arrive(one, 2001, "Sokha")).role is Role.ADMIN
    with one.changes.bell("order", 7) as rung:
        await two.db.write(lambda tx: changes.note(tx, "order", 7))
        await asyncio.wait_for(rung.wait(), PATIENCE)


async def test_a_shop_that_closes_lets_the_line_go(postgres_config: Config, open_shop: OpenShop) -> None:
    """Closed, even while it looks for its line again, it opens no other and leaves no task behind."""
    one, two = await open_shop(postgres_config), await open_shop(postgres_config)
    tasks = asyncio.all_tasks()
    await two.db.write(_cut)
    await one.close()
    await two.close()
    assert all(task.done() for task in tasks - {asyncio.current_task()})
    three = await open_shop(postgres_config)
    async with asyncio.timeout(PATIENCE):
        while len(await three.db.read(_lines)) != 1:  # noqa: ASYNC110 - the server ends what was let go a moment later
            await asyncio.sleep(0.01)


@pytest.mark.skipif(os.name == "nt", reason="a process of PostgreSQL's is held still by a POSIX signal")
async def test_a_line_that_fell_silent_is_given_up(postgres_config: Config, open_shop: OpenShop) -> None:
    """Nothing answers at its other end, and nothing says so: it is noticed by asking, and another is opened."""
    shop = await open_shop(postgres_config)
    missed, payloads = asyncio.Event(), list[str]()
    url = postgres_config.database_url.get_secret_value() if postgres_config.database_url else ""
    line = Listener(url, CHANNEL, payloads.append, missed.set, pulse=0.05)
    await line.open()
    assert line._line is not None
    still = line._line.get_server_pid()
    os.kill(still, signal.SIGSTOP)  # before the loop turns: no slow answer may end this line
    try:
        await asyncio.wait_for(missed.wait(), PATIENCE)
        async with asyncio.timeout(PATIENCE):
            while not payloads:  # the next line may be slow to answer, and be given up as well
                await shop.db.write(lambda tx: changes.note(tx, "order", 7))
                await asyncio.sleep(0.01)
    finally:
        os.kill(still, signal.SIGCONT)
        await line.close()


def test_every_kind_that_is_told_is_known() -> None:
    """A line that was lost rings for each kind there is: none may be noted that :data:`KINDS` does not name."""
    code = "".join(path.read_text("utf-8") for path in Path(ROOT, "core").rglob("*.py"))
    noted = set(re.findall(r'changes\.note\(tx, "(\w+)"', code))
    assert len(noted) > 3
    assert noted <= set(KINDS)
