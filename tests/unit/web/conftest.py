"""A visitor with a browser's manners on a real site: ``visit`` on each database, ``sqlite_visit`` on SQLite."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from core.shop import Shop
from web.app import build, runner

Visitor = TestClient[web.Request, web.Application]
OpenSite = Callable[..., Awaitable[Visitor]]


class OwnServer(TestServer):
    """A loopback server that runs the site as ``run.py`` does."""

    async def _make_runner(self, **_kwargs: object) -> web.AppRunner:
        return runner(self.app)


def bot_link(payload: str) -> str | None:
    """Link to a bot that is not there."""
    return f"https://t.me/haang_test_bot?start={payload}" if payload else "https://t.me/haang_test_bot"


@pytest.fixture
async def open_site() -> AsyncIterator[OpenSite]:
    """Open sites, as many as there are processes; ``heartbeat`` in seconds."""
    opened: list[Visitor] = []

    async def open_one(
        shop: Shop, link: Callable[[str], str | None] = bot_link, heartbeat: float = 20.0, pulse: float = 0.0,
        watchers: int = 5_000,
    ) -> Visitor:  # fmt: skip
        visitor = TestClient(OwnServer(build(shop, link, heartbeat=heartbeat, pulse=pulse, watchers=watchers)))
        await visitor.start_server()
        opened.append(visitor)
        return visitor

    yield open_one
    for visitor in opened:
        await visitor.close()


@pytest.fixture
async def visit(shop: Shop, open_site: OpenSite) -> Visitor:
    """A visitor of ``shop``, on each engine in turn."""
    return await open_site(shop)


@pytest.fixture
async def sqlite_visit(sqlite_shop: Shop, open_site: OpenSite) -> Visitor:
    """A visitor of ``sqlite_shop``."""
    return await open_site(sqlite_shop)
