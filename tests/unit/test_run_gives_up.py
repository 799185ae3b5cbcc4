"""A shop whose token was taken back while it was open: it closes with one sentence instead of trying for ever."""

import asyncio
import sys
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.support import house
from tests.support.patience import PATIENCE

TOKEN = "1000001:made-up-token-that-opens-nothing-00"
ME = {"id": 1000001, "is_bot": True, "first_name": "Haang", "username": "haang_bot"}


async def _telegram(request: web.Request) -> web.Response:
    """Greet the bot, then know it no more."""
    method = request.path.rpartition("/")[2]
    if method == "getUpdates":
        return web.json_response({"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401)
    return web.json_response({"ok": True, "result": ME if method == "getMe" else True})


async def test_a_token_that_was_taken_back_ends_the_shop(tmp_path: Path) -> None:
    """It opens, is refused twice running, closes in order and exits with 1; the token is in none of what it said."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", _telegram)
    async with TestServer(app) as server:
        own = {"bot_token": TOKEN, "telegram_api": str(server.make_url("")).rstrip("/")}
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(house.ROOT / "run.py"), "serve", env=house.environ(tmp_path, **own),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 1, errors
    assert b"The shop is open" in said
    assert b"Closing the shop" in said
    assert errors.decode().splitlines()[-1] == (
        "Telegram refuses the bot's token now: it was taken back. Set the new one in HAANG_BOT_TOKEN."
    )
    assert TOKEN.encode() not in said + errors
