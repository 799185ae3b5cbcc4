"""getUpdates: what is handed out, when it is confirmed, how two pollers and long polls behave."""

import asyncio
from typing import Any

import aiohttp

from tests.unit.bot.sandbox.conftest import SHORT_OF_A_POLL

FIRST = 10_000_001
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


async def say(desk: Any, text: str) -> None:
    """Dara writes to the bot."""
    await desk.act("send", person=1, chat=1, text=text)


def texts(updates: list[dict[str, Any]]) -> list[str]:
    """The texts of message updates."""
    return [one["message"]["text"] for one in updates]


async def test_updates_stay_until_confirmed(desk: Any) -> None:
    """The same updates come again until an offset above them confirms them, and then never more."""
    await say(desk, "a")
    assert texts(await desk.bot("getUpdates")) == ["/start", "a"]
    assert texts(await desk.bot("getUpdates", limit=1)) == ["/start"]
    assert texts(await desk.bot("getUpdates", offset=FIRST + 1)) == ["a"]
    assert texts(await desk.bot("getUpdates", offset=0)) == ["a"]
    assert await desk.bot("getUpdates", offset=FIRST + 2) == []
    assert await desk.bot("getUpdates") == []


async def test_negative_offset(desk: Any) -> None:
    """A negative offset keeps that many of the newest and forgets the rest."""
    for text in "abc":
        await say(desk, text)
    assert texts(await desk.bot("getUpdates", offset=-2)) == ["b", "c"]
    assert texts(await desk.bot("getUpdates")) == ["b", "c"]


async def test_odd_offsets_and_limits(desk: Any) -> None:
    """An offset far above the newest update is from another time and confirms nothing; no limit is below 1."""
    await say(desk, "a")
    assert texts(await desk.bot("getUpdates", offset=FIRST + 500)) == ["/start", "a"]
    assert texts(await desk.bot("getUpdates", limit=0)) == ["/start"]


async def test_long_poll_wakes(desk: Any) -> None:
    """A waiting poll answers the moment something happens, an idle one after its timeout with nothing."""
    waiting = asyncio.create_task(desk.bot("getUpdates", offset=FIRST + 1, timeout=50))
    await desk.polled()
    assert not waiting.done()
    await say(desk, "a")
    assert texts(await asyncio.wait_for(waiting, SHORT_OF_A_POLL)) == ["a"]


async def test_two_pollers(desk: Any) -> None:
    """The second poller sends the first away with 409 and goes on itself."""
    first = asyncio.create_task(desk.raw("getUpdates", offset=FIRST + 1, timeout=50))
    await desk.polled()
    second = asyncio.create_task(desk.raw("getUpdates", offset=FIRST + 1, timeout=50))
    answer = await asyncio.wait_for(first, SHORT_OF_A_POLL)
    assert (answer["error_code"], answer["description"]) == (409, CONFLICT)
    await say(desk, "a")
    assert texts((await asyncio.wait_for(second, SHORT_OF_A_POLL))["result"]) == ["a"]


async def test_webhook_excludes_polling(desk: Any) -> None:
    """While a webhook is set polling is refused, a poll under way is ended, and deleting it opens polling again."""
    waiting = asyncio.create_task(desk.raw("getUpdates", offset=FIRST + 1, timeout=50))
    await desk.polled()
    await desk.bot("setWebhook", url="http://127.0.0.1:9/x")
    sent_away = await asyncio.wait_for(waiting, SHORT_OF_A_POLL)
    assert sent_away["description"] == "Conflict: terminated by setWebhook request"
    answer = await desk.raw("getUpdates")
    assert answer["description"].startswith("Conflict: can't use getUpdates method while webhook is active")
    await desk.bot("deleteWebhook", drop_pending_updates=True)
    assert await desk.bot("getUpdates") == []


async def test_allowed_updates(desk: Any) -> None:
    """Kinds the bot did not ask for are not queued; chat_member comes only when asked for; an odd kind is a finding."""
    await desk.act("members", chat=-1001, person=1, status="member")
    assert all("message" in one for one in await desk.bot("getUpdates"))
    await desk.bot("getUpdates", offset=-1, allowed_updates=["chat_member", "message", "misspelt"])
    assert "misspelt" in (await desk.get("findings"))["findings"][0]["finding"]
    await desk.bot("getUpdates", offset=FIRST + 9, allowed_updates=[1])  # no list of names: nothing changes
    await desk.act("members", chat=-1001, person=1, status="left")
    await desk.act("tap", person=1, chat=1, message_id=1, data="x")
    kinds = [next(iter(one.keys() - {"update_id"})) for one in await desk.bot("getUpdates")]
    assert kinds == ["chat_member", "message"]
    await desk.bot("getUpdates", allowed_updates=[])
    await desk.act("tap", person=1, chat=1, message_id=1, data="x")
    assert "callback_query" in (await desk.bot("getUpdates"))[-1]


async def test_requests_in_every_form(desk: Any) -> None:
    """GET, a form, JSON and multipart say the same; JSON inside a form field is understood."""
    markup = '{"inline_keyboard":[[{"text":"a","callback_data":"x"}]]}'
    fields = {"chat_id": "1", "text": "ហាង", "reply_markup": markup}
    url = f"{desk.address}/bot{desk.token}/sendMessage"
    multipart = aiohttp.FormData(fields)
    multipart.add_field("unused", b"x", filename="x")
    for request in (
        desk.http.get(url, params=fields),
        desk.http.post(url, data=fields),
        desk.http.post(url, json=fields),
        desk.http.post(url, data=multipart),
    ):
        async with request as response:
            message = (await response.json())["result"]
            assert (message["text"], message["reply_markup"]["inline_keyboard"][0][0]["text"]) == ("ហាង", "a")
