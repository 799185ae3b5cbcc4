"""A sandbox over real HTTP for every test here, with a clock the test moves, and hands for the bot and the people."""

import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from PIL import Image
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.sandbox import GroupSeed, PersonSeed, Sandbox
from tests.support.patience import PATIENCE, until

TOKEN = "1000001:made-up-token"
DARA, SOKHA, ADMIN = 1, 2, 3
STAFF = -1001
SHORT_OF_A_POLL = 40.0
"""Seconds to wait for what must come sooner than a poll of 50 s ends by itself."""


@dataclass
class Clock:
    """A clock that moves when told."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@dataclass
class Desk:
    """A running sandbox with an HTTP client beside it."""

    sandbox: Sandbox
    address: str
    http: aiohttp.ClientSession
    clock: Clock
    token: str = TOKEN
    seen: list[int] = field(default_factory=list)
    taken: int = 0

    async def raw(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call the Bot API with a JSON body; return the whole answer."""
        async with self.http.post(f"{self.address}/bot{self.token}/{method}", json=parameters) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status == answer.get("error_code", 200)
            return answer

    async def bot(self, method: str, **parameters: Any) -> Any:
        """Call the Bot API; return the result, failing on a refusal."""
        answer = await self.raw(method, **parameters)
        assert answer["ok"], answer
        return answer["result"]

    async def heard(self, kind: str, part: str = "") -> dict[str, Any]:
        """Wait for the next update of a kind, and with a part (`text`) if one is named; those before it are taken.

        A page tells of one press in several steps (who comes, that they joined, what they say), each an update.
        """
        while True:
            for update in await self.bot("getUpdates", offset=self.taken, timeout=3):
                self.taken = update["update_id"] + 1
                if part in update.get(kind, ()) or (kind in update and not part):
                    told: dict[str, Any] = update[kind]
                    return told

    async def polled(self) -> None:
        """Wait until a getUpdates waits at the sandbox."""
        await until(lambda: self.sandbox.world.updates._waiter)

    def library(self) -> Bot:
        """Open python-telegram-bot here, with patience: how long it waits by itself is not what is tested."""
        limits: dict[str, Any] = dict.fromkeys(
            ("connect_timeout", "read_timeout", "write_timeout", "pool_timeout"), PATIENCE
        )
        two = (HTTPXRequest(**limits, media_write_timeout=PATIENCE) for _ in range(2))
        base: dict[str, Any] = {"base_url": f"{self.address}/bot", "base_file_url": f"{self.address}/file/bot"}
        return Bot(self.token, **base, request=next(two), get_updates_request=next(two))

    async def upload(self, method: str, files: dict[str, tuple[str, bytes]], **fields: Any) -> dict[str, Any]:
        """Call the Bot API with files (part → name and bytes) in a form; return the whole answer."""
        return await self._form(f"/bot{self.token}/{method}", [(part, *file) for part, file in files.items()], fields)

    async def files(self, parts: list[tuple[str, str, bytes]], **fields: Any) -> dict[str, Any]:
        """Send files as a person: (kind, name, bytes) each; return the answer."""
        return await self._form("/sandbox/send", parts, fields)

    async def _form(self, path: str, parts: list[tuple[str, str, bytes]], fields: dict[str, Any]) -> dict[str, Any]:
        form = aiohttp.FormData(
            {key: one if isinstance(one, str) else json.dumps(one) for key, one in fields.items()}, quote_fields=False
        )
        for part, name, data in parts:
            form.add_field(part, io.BytesIO(data), filename=name)
        async with self.http.post(self.address + path, data=form) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def act(self, path: str, **body: Any) -> dict[str, Any]:
        """Call a control route that must succeed."""
        async with self.http.post(f"{self.address}/sandbox/{path}", json=body) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status == 200, answer
            return answer

    async def get(self, path: str) -> dict[str, Any]:
        """Read a control route."""
        async with self.http.get(f"{self.address}/sandbox/{path}") as response:
            answer: dict[str, Any] = await response.json()
            return answer


@asynccontextmanager
async def open_desk(clock: Clock, **options: Any) -> AsyncIterator[Desk]:
    """Run a sandbox with three people and a staff group."""
    people = [PersonSeed(DARA, "Dara", "dara", "km"), PersonSeed(SOKHA, "Sokha"), PersonSeed(ADMIN, "Vanna")]
    groups = [GroupSeed(STAFF, "Staff", (SOKHA, ADMIN), (ADMIN,))]
    sandbox = Sandbox(
        **{"token": TOKEN, "people": people, "groups": groups, "clock": clock, "limits": False, **options}
    )
    address = await sandbox.start()
    async with aiohttp.ClientSession() as http:
        try:
            yield Desk(sandbox, address, http, clock)
        finally:
            await sandbox.stop()


@pytest.fixture
def png() -> Callable[..., bytes]:
    """Draw a PNG of a size and shade."""

    def draw(width: int = 4, height: int = 3, shade: int = 0) -> bytes:
        drawn = io.BytesIO()
        Image.new("RGB", (width, height), (shade, 64, 128)).save(drawn, "PNG")
        return drawn.getvalue()

    return draw


@pytest.fixture
def clock() -> Clock:
    """A clock standing still."""
    return Clock()


@pytest.fixture
async def desk(clock: Clock) -> AsyncIterator[Desk]:
    """A fresh sandbox in memory, limits off, where Dara has written /start (message 1)."""
    async with open_desk(clock) as running:
        await running.act("start", person=DARA)
        yield running


@pytest.fixture
def opened(clock: Clock) -> Callable[..., Any]:
    """A sandbox with options of its own, for `async with`."""
    return lambda **options: open_desk(clock, **options)
