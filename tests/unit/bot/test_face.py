"""The Telegram face of one process: how it starts, takes updates in, goes on after a mishap, and stops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from sqlalchemy import text

from bot.app import SECRET_HEADER, Face, _again_and_again
from bot.fetching import WEBHOOK_PATH
from bot.sandbox import PersonSeed, Sandbox, inline
from bot.sandbox.faults import Fault
from core.config import Config
from core.database.tables import inbox
from core.errors import StartRefused
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.patience import PATIENCE, until

ODD = (
    "x",
    [],
    {},
    {"update_id": "1"},
    {"update_id": True},
    {"update_id": 2**63},
    {"update_id": -1},
    {"update_id": None},
)
TOKEN, SECRET, DARA = "1000001:made-up-token", "made-up-webhook-secret", 1001


@pytest.fixture
async def telegram() -> AsyncIterator[tuple[Sandbox, str]]:
    """A Telegram with one person, and its address."""
    sandbox = Sandbox(token=TOKEN, people=[PersonSeed(DARA, "Dara")], limits=False, webhook_delay=0.02)
    yield sandbox, await sandbox.start()
    await sandbox.stop()


def _config(config: Config, address: str, **more: Any) -> Config:
    return config.model_copy(update={"bot_token": SecretStr(TOKEN), "telegram_api": address} | more)


@asynccontextmanager
async def _site(face: Face) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post(WEBHOOK_PATH, face.webhook)
    async with TestServer(app) as server:
        yield f"http://127.0.0.1:{server.port}{WEBHOOK_PATH}"


async def _bring(address: str, update: Any, secret: str | None = SECRET) -> int:
    headers = {SECRET_HEADER: secret} if secret is not None else {}
    async with aiohttp.ClientSession() as http, http.post(address, json=update, headers=headers) as answer:
        return answer.status


async def _welcomed(sandbox: Sandbox) -> None:
    """Wait until the bot wrote to Dara."""
    chat = sandbox.world.state.chats[DARA]
    await until(lambda: any(m["from"]["is_bot"] for m in chat.messages.values()))


async def test_polling_from_start_to_stop(config: Config, open_shop: OpenShop, telegram: tuple[Sandbox, str]) -> None:
    """What was written before the start is answered; after a stop every update is done and nothing is claimed."""
    sandbox, address = telegram
    sandbox.people.write(DARA, DARA, "/start")
    shop = await open_shop(_config(config, address))
    face = Face(shop)
    assert await face.start() == "sandbox_bot"
    await _welcomed(sandbox)
    await asyncio.gather(*face.inbox._tasks)  # it is worked; stopping marks it
    await face.stop()
    assert await builders.count(shop, inbox) == await builders.count(shop, inbox, inbox.c.state == "done") == 1
    assert sandbox.world.findings == {}


async def test_updates_by_webhook(sqlite_config: Config, open_shop: OpenShop, telegram: tuple[Sandbox, str]) -> None:
    """Only with the secret, only what is an update; 200 when it is a row, 503 while closing."""
    sandbox, address = telegram
    more = {"webhook_secret": SecretStr(SECRET), "public_url": "http://127.0.0.1:1"}
    shop = await open_shop(_config(sqlite_config, address, **more))
    face = Face(shop)
    await face.start()
    update = {"update_id": 1, "message": {"from": {"id": DARA}}}
    async with _site(face) as site:
        assert [await _bring(site, update, secret) for secret in (None, "", "wrong")] == [403, 403, 403]
        assert [await _bring(site, odd) for odd in ODD] == [400] * len(ODD)
        assert await builders.count(shop, inbox) == 0
        assert await _bring(site, update) == 200
        assert await builders.count(shop, inbox) == 1
        assert sandbox.world.state.settings["webhook"]["url"] == f"http://127.0.0.1:1{WEBHOOK_PATH}"
        await face.stop()
        assert await _bring(site, {**update, "update_id": 2}) == 503
    assert await builders.count(shop, inbox) == 1


async def test_an_inline_query_by_webhook(
    sqlite_config: Config, open_shop: OpenShop, telegram: tuple[Sandbox, str]
) -> None:
    """Acknowledged at once though the inbox is full, answered, and no row; the shop knows that its bot can be asked."""
    sandbox, address = telegram
    more = {"webhook_secret": SecretStr(SECRET), "public_url": "http://127.0.0.1:1"}
    shop = await open_shop(_config(sqlite_config, address, **more))
    face = Face(shop)
    await face.start()
    assert shop.inline
    world = sandbox.world
    asked = inline.ask(world, DARA, world.state.chats[DARA], "rose", "")
    query = {"id": asked.id, "from": world.user(DARA), "query": "rose", "offset": ""}
    face.inbox._room.clear()
    async with _site(face) as site, asyncio.timeout(PATIENCE):
        assert await _bring(site, {"update_id": 1, "inline_query": query}) == 200
        await face.passing.idle()
    assert world.state.asked[asked.id].answer is not None
    assert await builders.count(shop, inbox) == 0
    face.inbox._room.set()
    await face.stop()


async def test_what_cannot_be_stored_is_not_acknowledged(
    sqlite_config: Config, open_shop: OpenShop, telegram: tuple[Sandbox, str]
) -> None:
    """The table is away: Telegram gets a 500 and brings the update again."""
    shop = await open_shop(
        _config(sqlite_config, telegram[1], webhook_secret=SecretStr(SECRET), public_url="http://127.0.0.1:1")
    )
    face = Face(shop)
    await face.start()
    async with _site(face) as site:
        await shop.db.write(lambda tx: tx.execute(text("ALTER TABLE inbox RENAME TO elsewhere")))
        assert await _bring(site, {"update_id": 1}) == 500
        await shop.db.write(lambda tx: tx.execute(text("ALTER TABLE elsewhere RENAME TO inbox")))
        assert await _bring(site, {"update_id": 1}) == 200
    await face.stop()


@pytest.mark.parametrize("method", ["getme", "deletewebhook"])
async def test_a_start_that_telegram_refuses_is_a_sentence(
    sqlite_config: Config, open_shop: OpenShop, telegram: tuple[Sandbox, str], method: str
) -> None:
    """A gateway's error while the bot starts: a sentence without the token, and no connection stays open."""
    sandbox, address = telegram
    sandbox.world.faults.add(Fault(method, "502", times=10))
    shop = await open_shop(_config(sqlite_config, address))
    with pytest.raises(StartRefused, match="Telegram cannot be reached") as refused:
        await Face(shop).start()
    assert TOKEN not in str(refused.value)


async def test_a_wrong_token_is_a_sentence(
    sqlite_config: Config, open_shop: OpenShop, telegram: tuple[Sandbox, str]
) -> None:
    """Telegram does not know this token: said so, with the setting's name and not its value."""
    wrong = SecretStr("1000002:another-made-up-token")
    shop = await open_shop(_config(sqlite_config, telegram[1], bot_token=wrong))
    with pytest.raises(StartRefused, match="Check HAANG_BOT_TOKEN") as refused:
        await Face(shop).start()
    assert "another" not in str(refused.value)


async def test_an_address_that_telegram_takes_no_webhook_at_is_a_sentence(
    sqlite_config: Config, open_shop: OpenShop, telegram: tuple[Sandbox, str]
) -> None:
    """Plain http from outside, or a port Telegram does not call: its own words, and what it wants."""
    for url, words in (("http://shop.example", "https url"), ("https://shop.example:444", "ports 80, 88, 443")):
        more = {"webhook_secret": SecretStr(SECRET), "public_url": url}
        shop = await open_shop(_config(sqlite_config, telegram[1], **more))
        with pytest.raises(StartRefused, match=f"no webhook at {url}.*{words}") as refused:
            await Face(shop).start()
        assert SECRET not in str(refused.value)


async def test_what_breaks_off_begins_again(caplog: pytest.LogCaptureFixture) -> None:
    """A loop that fails twice is begun three times, with a line for each failure; cancelled, it stays away."""
    begun: list[int] = []
    lasting = asyncio.Event()

    async def work() -> None:
        begun.append(1)
        if len(begun) < 3:
            raise OSError("disk full")
        lasting.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(_again_and_again(work, "outbox", again=0.001))
    await asyncio.wait_for(lasting.wait(), PATIENCE)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    assert len(begun) == 3
    assert [record.message for record in caplog.records if "outbox broke off" in record.message] != []
