"""What keeps updates away is said once, told to the admins, and mended where it can be."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from telegram.ext import ExtBot

from bot.fetching import SENTENCES, Fetching, Trouble, Troubled
from bot.inbox import Inbox, poll
from core.database.tables import outbox
from core.messages.rules import MessageKind
from core.people.rules import Role
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.talk import CountingRequest

TOKEN = "1000001:made-up-token"
POLLED = (409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
HOOKED = (409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook")
REFUSED, GATEWAY = (401, "Unauthorized"), (404, "Not Found")
Answers = list[tuple[int, str] | None]


class Telegram:
    """Answers getUpdates as it was told, None with an empty list; counts deleteWebhook."""

    def __init__(self) -> None:
        self.answers: Answers = []
        self.removed = 0

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one call."""
        if request.path.endswith("deleteWebhook"):
            self.removed += 1
            return web.json_response({"ok": True, "result": True})
        said = self.answers.pop(0)
        if said is None:
            return web.json_response({"ok": True, "result": []})
        return web.json_response({"ok": False, "error_code": said[0], "description": said[1]}, status=said[0])


class Desk:
    """A process that fetches: its Telegram, what it gave up for, and how each of some fetches ended."""

    def __init__(self, shop: Shop, telegram: Telegram, fetching: Fetching, gave_up: list[str]) -> None:
        self.shop, self.telegram, self.fetching, self.gave_up = shop, telegram, fetching, gave_up

    async def fetch(self, *answers: tuple[int, str] | None) -> list[str]:
        """Fetch once for each answer; returns the names of what was raised."""
        self.telegram.answers = list(answers)
        ended = [await asyncio.gather(self.fetching.fetch(None), return_exceptions=True) for _ in answers]
        return [type(one).__name__ for (one,) in ended]

    async def alerts(self) -> list[str]:
        """What the admins are owed."""
        rows = await self.shop.db.read(lambda tx: tx.execute(outbox.select()).all())
        return [row.data["metric"] for row in rows if row.kind == MessageKind.ALERT]


@pytest.fixture
async def desk(sqlite_config: Any, open_shop: OpenShop) -> AsyncIterator[Desk]:
    """A process with a shop that has an owner."""
    telegram, app, gave_up = Telegram(), web.Application(), list[str]()
    app.router.add_route("*", "/{path:.*}", telegram.answer)
    async with TestServer(app) as server, CountingRequest() as request:
        address = str(server.make_url("")).rstrip("/")
        own = {"bot_token": SecretStr(TOKEN), "telegram_api": address}
        shop = await open_shop(sqlite_config.model_copy(update=own))
        await builders.worker(shop, Role.OWNER)
        bot = ExtBot(TOKEN, base_url=f"{address}/bot", request=request)
        yield Desk(shop, telegram, Fetching(shop, request, bot, gave_up.append), gave_up)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The lines that the log got."""
    return lambda: [
        r.message for r in caplog.records if r.name.startswith("bot.") and r.levelname in {"ERROR", "WARNING"}
    ]


async def test_another_poller(desk: Desk, said: Callable[[], list[str]]) -> None:
    """One clear line however long it lasts, also where the two take turns; one alert; nothing is given up."""
    assert await desk.fetch(POLLED, POLLED, None, POLLED, POLLED) == ["Troubled"] * 2 + ["list"] + ["Troubled"] * 2
    assert said() == [SENTENCES[Trouble.POLLED]]
    assert (await desk.alerts(), desk.gave_up) == (["polled_elsewhere"], [])


async def test_a_process_that_takes_over(desk: Desk, said: Callable[[], list[str]]) -> None:
    """Met once, as when the one before is still there: said, but no alarm; when it is over, that is said too."""
    desk.fetching._calm = 0.0
    assert await desk.fetch(POLLED, None) == ["Troubled", "list"]
    assert await desk.fetch(None, POLLED) == ["list", "Troubled"]
    assert said() == [SENTENCES[Trouble.POLLED], "updates come again", SENTENCES[Trouble.POLLED]]
    assert await desk.alerts() == []


async def test_a_foreign_webhook_is_taken_back(desk: Desk, said: Callable[[], list[str]]) -> None:
    """Told once to log and admins, removed once: no fight with whoever sets it again and again."""
    assert await desk.fetch(*[HOOKED] * 5) == ["Troubled"] * 5
    assert (said(), desk.telegram.removed) == ([SENTENCES[Trouble.HOOKED]], 1)
    assert (await desk.alerts(), desk.gave_up) == (["foreign_webhook"], [])


async def test_a_token_that_was_taken_back(desk: Desk, said: Callable[[], list[str]]) -> None:
    """Refused once may be anything; twice running it is over, with the sentence, which never holds the token."""
    assert await desk.fetch(REFUSED, None, REFUSED) == ["Troubled", "list", "Troubled"]
    assert desk.gave_up == []
    await desk.fetch(REFUSED)
    assert desk.gave_up == [SENTENCES[Trouble.TOKEN]]
    assert TOKEN not in "".join(said())


async def test_a_gateways_404_is_no_token(desk: Desk) -> None:
    """Whatever stands before Telegram and finds nothing is waited for like a network that is away."""
    assert await desk.fetch(*[GATEWAY] * 4) == ["ConnectionError"] * 4
    assert (await desk.alerts(), desk.gave_up) == ([], [])


async def test_the_loop_adds_no_line(sqlite_shop: Shop, said: Callable[[], list[str]]) -> None:
    """What was told already is not told again at each try; what was not, is."""
    errors: list[OSError] = [Troubled("x"), ConnectionError("y")]

    async def fetch(_offset: int | None) -> list[dict[str, Any]]:
        if len(errors) == 1:
            task.cancel()
        raise errors.pop(0)

    task = asyncio.create_task(poll(Inbox(sqlite_shop, fetch, "one"), fetch, sqlite_shop, pause=0.001))  # type: ignore[arg-type]
    await asyncio.gather(task, return_exceptions=True)
    assert [line for line in said() if "Troubled" in line] == []
    assert len([line for line in said() if "ConnectionError" in line]) == 1
