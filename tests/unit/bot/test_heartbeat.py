"""The sign of life for somebody outside: asked while the shop is well and its jobs run, of a real server."""

import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.heartbeat import LOOK, Heartbeat
from core.jobs import JOBS
from core.scheduler import store
from core.shop import Shop


@pytest.fixture
async def monitor() -> AsyncIterator[tuple[str, list[str]]]:
    """Somebody outside: an address, and what was asked there; ``/gone`` answers 404."""
    asked: list[str] = []

    async def heard(request: web.Request) -> web.Response:
        asked.append(f"{request.method} {request.path}")
        return web.Response(status=404 if request.path == "/gone" else 200)

    app = web.Application()
    app.router.add_get("/{tail:.*}", heard)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/"), asked


async def _looked(shop: Shop) -> None:
    """The watch looked a moment ago."""
    now = shop.clock.now()
    claim = await shop.db.write(store.claim, LOOK, now, "me", now, now + timedelta(minutes=1))
    assert claim is not None
    await shop.db.write(store.finish, claim, now, done=True)


async def test_it_beats_while_all_is_well(sqlite_shop: Shop, monitor: tuple[str, list[str]]) -> None:
    """Asked with GET; not before a job ran, nor once the last is too long ago; nor when the database is gone."""
    url, asked = monitor
    heart = Heartbeat(sqlite_shop, f"{url}/ping/secret-9")
    assert await heart.beat() is False
    await _looked(sqlite_shop)
    assert await heart.beat() is True
    assert asked == ["GET /ping/secret-9"]
    sqlite_shop.clock.move(timedelta(minutes=16))
    assert await heart.beat() is False
    await _looked(sqlite_shop)
    (sqlite_shop.config.data_dir / "haang.sqlite3").unlink()
    assert await heart.beat() is False
    assert len(asked) == 1


async def test_where_nobody_hears_it(
    sqlite_shop: Shop, monitor: tuple[str, list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    """Refused, no address, no server: a line without the address, which is a secret, and the shop goes on."""
    await _looked(sqlite_shop)
    caplog.set_level(logging.DEBUG)
    for url in (f"{monitor[0]}/gone", "http://127.0.0.1:1/secret-9", "http:///secret-9"):
        assert await Heartbeat(sqlite_shop, url).beat() is False
    lines = [one.getMessage() for one in caplog.records if one.name == "bot.heartbeat"]
    assert len(lines) == 3
    assert not any("secret-9" in line or "gone" in line for line in lines)


def test_the_job_it_asks_about_is_there() -> None:
    """The watch is a row of the schedule, with the ledger."""
    assert [job.ledger for job in JOBS if job.name == LOOK] == [True]
