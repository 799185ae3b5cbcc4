"""Telegram's limits on sending, and faults asked for: the bot meets each as it would meet it on the real thing."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest

from bot.sandbox.limits import GROUP_MINUTE, OVERALL, PRIVATE_BURST
from tests.support.patience import PATIENCE


async def count(desk: Any, chats: list[int]) -> int:
    """Send to each chat in turn; return how many went through before the first 429."""
    for number, chat in enumerate(chats):
        answer = await desk.raw("sendMessage", chat_id=chat, text="x")
        if not answer["ok"]:
            assert answer["error_code"] == 429
            return number
    return len(chats)


async def test_one_chat(opened: Any) -> None:
    """A burst to one person is stopped with the seconds to wait, in body and header; waiting them is enough."""
    async with opened(limits=True) as desk:
        await desk.act("start", person=1)
        assert await count(desk, [1] * 99) == PRIVATE_BURST
        url = f"{desk.address}/bot{desk.token}/sendMessage"
        async with desk.http.post(url, json={"chat_id": 1, "text": "x"}) as response:
            answer = await response.json()
            assert (response.status, response.headers["Retry-After"]) == (429, "1")
        assert answer == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 1",
            "parameters": {"retry_after": 1},
        }
        desk.clock.now += 1
        assert await count(desk, [1] * 9) == 1


async def test_group_minute(opened: Any) -> None:
    """A group takes 20 messages a minute."""
    async with opened(limits=True) as desk:
        assert await count(desk, [-1001] * 99) == GROUP_MINUTE
        desk.clock.now += 60
        assert await count(desk, [-1001] * 99) == GROUP_MINUTE


async def test_overall(opened: Any) -> None:
    """All chats together take 30 messages a second; refused ones are not counted; edits and answers are free."""
    async with opened(limits=True) as desk:
        people = [(await desk.act("people", first_name=f"P{number}"))["id"] for number in range(40)]
        for person in people:
            await desk.act("start", person=person)
        assert await count(desk, people) == OVERALL
        assert (await desk.raw("editMessageText", chat_id=people[0], message_id=41, text="y"))["ok"]
        desk.clock.now += 0.5
        assert await count(desk, people) == OVERALL // 2


async def test_switch(opened: Any) -> None:
    """Limits go off and on by a control route."""
    async with opened(limits=True) as desk:
        await desk.act("start", person=1)
        await desk.act("limits", on=False)
        assert await count(desk, [1] * 50) == 50
        await desk.act("limits", on=True)
        assert await count(desk, [1] * 50) == PRIVATE_BURST


async def test_refusals_on_demand(desk: Any) -> None:
    """429, 500 and 502 come as often as asked, on the method asked, and change nothing."""
    await desk.act("faults", method="sendMessage", kind="429", seconds=7)
    await desk.act("faults", method="*", kind="500", times=2)
    await desk.act("faults", method="getMe", kind="502")
    answer = await desk.raw("sendMessage", chat_id=1, text="x")
    assert (answer["error_code"], answer["parameters"]) == (429, {"retry_after": 7})
    assert [(await desk.raw("getMe")).get("error_code") for _ in range(4)] == [500, 500, 502, None]
    assert len((await desk.get("chats/1/messages"))["messages"]) == 1


async def test_cut_connections(desk: Any) -> None:
    """A connection cut before leaves no message, one cut after leaves one the bot knows nothing of."""
    for kind, messages in (("cut_before", 1), ("cut_after", 2)):
        await desk.act("faults", method="sendMessage", kind=kind)
        with pytest.raises(aiohttp.ClientError):
            await desk.raw("sendMessage", chat_id=1, text="x")
        assert len((await desk.get("chats/1/messages"))["messages"]) == messages


async def test_delay(desk: Any) -> None:
    """A delayed call answers late, by the real time where nobody moves the clock."""
    await desk.act("faults", method="sendMessage", kind="delay", seconds=0.05)
    begun = time.perf_counter()
    assert (await desk.raw("sendMessage", chat_id=1, text="x"))["ok"]
    assert time.perf_counter() - begun >= 0.05


async def test_nobody_waits_for_a_delayed_call(opened: Any) -> None:
    """While one call is kept waiting, another one is answered."""
    over, begun = asyncio.Event(), asyncio.Event()

    async def sleep(_seconds: float) -> None:
        begun.set()
        await over.wait()

    async with opened(sleep=sleep) as desk:
        await desk.act("faults", method="getWebhookInfo", kind="delay", seconds=3600)
        slow = asyncio.create_task(desk.raw("getWebhookInfo"))
        async with asyncio.timeout(PATIENCE):
            await begun.wait()
            await desk.bot("getMe")
            assert not slow.done()
            over.set()
            assert (await slow)["ok"]


async def test_unknown_fault(desk: Any) -> None:
    """A fault that does not exist is refused with the list of those that do."""
    async with desk.http.post(f"{desk.address}/sandbox/faults", json={"kind": "earthquake"}) as response:
        assert response.status == 400
        assert "cut_after" in (await response.json())["error"]
