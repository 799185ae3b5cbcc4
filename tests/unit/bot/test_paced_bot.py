"""Pacing and the HTTP class together, under python-telegram-bot's own bot."""

from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram.ext import ExtBot

from bot.pacing import BULK, Pacing
from bot.request import AiohttpRequest


async def test_a_real_bot_is_paced_and_retried() -> None:
    """Over HTTP: the sixth message to a chat waits, and a 429 is sat out and tried again."""
    now, waits, asked = [1000.0], [], []

    async def sleep(seconds: float) -> None:
        waits.append(round(seconds, 3))
        now[0] += seconds

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path.rpartition("/")[2])
        if len(asked) == 7:
            flood = {"ok": False, "error_code": 429, "description": "Too Many", "parameters": {"retry_after": 9}}
            return web.json_response(flood, status=429)
        message = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "ok"}
        return web.json_response({"ok": True, "result": message})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    async with TestServer(app) as server, AiohttpRequest() as request:
        pacing = Pacing(clock=lambda: now[0], sleep=sleep)
        address = f"http://127.0.0.1:{server.port}/bot"
        bot: ExtBot[str] = ExtBot("12345:made-up", base_url=address, request=request, rate_limiter=pacing)
        for _ in range(6):
            await bot.send_message(7, "a")
        assert await bot.send_message(8, "b")
        assert await bot.send_message(9, "c", rate_limit_args=BULK)
    assert asked == ["sendMessage"] * 9
    assert waits == [1, 9]
