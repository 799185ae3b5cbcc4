"""What goes wrong on demand: refused, late and cut calls, updates twice, late and mixed up, and a clock that jumps."""

import asyncio
from typing import Any

import pytest

from bot.sandbox.faults import KINDS
from tests.support.patience import PATIENCE

FIRST = 10_000_001


async def say(desk: Any, *texts: str) -> None:
    """Dara writes to the bot."""
    for text in texts:
        await desk.act("send", person=1, chat=1, text=text)


async def texts(desk: Any, **asked: Any) -> list[str]:
    """Ask for updates; return the texts that came."""
    return [one["message"]["text"] for one in await desk.bot("getUpdates", **asked)]


async def refused(desk: Any, path: str, **body: Any) -> str:
    """Ask a control route for what it does not do; return its sentence."""
    async with desk.http.post(f"{desk.address}/sandbox/{path}", json=body) as response:
        assert response.status == 400, path
        return str((await response.json())["error"])


async def test_a_fault_meets_its_own_call_only(desk: Any) -> None:
    """A fault that names method, chat and times meets exactly those calls, and answers as the real server would."""
    await desk.act("start", person=2)
    await desk.act("faults", kind="too_big", method="sendMessage", chat=2, times=2)
    assert (await desk.raw("sendMessage", chat_id=1, text="x"))["ok"]
    assert (await desk.raw("sendChatAction", chat_id=2, action="typing"))["ok"]
    big = {"ok": False, "error_code": 413, "description": "Request Entity Too Large"}
    assert [await desk.raw("sendMessage", chat_id=one, text="x") for one in (2, "2")] == [big, big]
    assert (await desk.raw("sendMessage", chat_id=2, text="x"))["ok"]
    await desk.act("faults", kind="too_big", method="getFile")
    assert (await desk.raw("getFile", file_id="x"))["description"] == "Bad Request: file is too big"


async def test_how_long_to_wait_stands_in_the_header_too(desk: Any) -> None:
    """A 429 asked for says its seconds in body and Retry-After, as limits do."""
    await desk.act("faults", kind="429", seconds=6.5)
    async with desk.http.post(f"{desk.address}/bot{desk.token}/getMe") as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "7")
        assert (await response.json())["parameters"] == {"retry_after": 7}


async def test_the_answer_to_a_tap_belongs_to_its_chat(desk: Any) -> None:
    """An answer to a tap names no chat: the fault finds it by the query."""
    tapped = await desk.act("tap", person=1, chat=1, message_id=1, data="x")
    for chat, code in ((2, None), (1, 502)):
        await desk.act("faults", kind="502", chat=chat)
        answer = await desk.raw("answerCallbackQuery", callback_query_id=tapped["callback_query_id"])
        assert answer.get("error_code") == code


async def test_what_waits_is_listed_and_called_off(desk: Any) -> None:
    """GET lists what is still to come, DELETE and `clear` call it off, and updates held back come then."""
    assert (await desk.act("faults", kind="500", method="getMe", times=3))["n"] == 1
    await desk.act("faults", kind="late", update="message", seconds=50)
    await desk.raw("getMe")
    await say(desk, "held")
    waiting = (await desk.get("faults"))["faults"]
    assert [(one["kind"], one["method"], one["times"]) for one in waiting] == [("500", "getme", 2)]
    assert await texts(desk) == ["/start"]
    async with desk.http.delete(f"{desk.address}/sandbox/faults") as response:
        assert await response.json() == {"faults": []}
    assert (await desk.raw("getMe"))["ok"]
    assert await texts(desk) == ["/start", "held"]
    await desk.act("faults", kind="500")
    await desk.act("faults", clear=True)
    assert (await desk.raw("getMe"))["ok"]


async def test_a_delay_waits_by_the_sleep_passed_in(opened: Any) -> None:
    """The delay asks for its seconds and lasts as long as the sleep it was given: here, not at all."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with opened(sleep=sleep) as desk:
        await desk.act("faults", kind="delay", seconds=3600)
        async with asyncio.timeout(PATIENCE):
            assert (await desk.raw("getMe"))["ok"]
    assert slept == [3600]


async def test_a_clock_moved_on_ends_a_delay(desk: Any) -> None:
    """A call kept waiting for an hour goes on when the clock jumps over its end, not when it stops short of it."""
    await desk.act("faults", kind="delay", method="getMe", seconds=3600)
    slow = asyncio.create_task(desk.bot("getMe"))
    while (await desk.get("faults"))["faults"]:
        pass  # until the call has met its fault
    await desk.act("clock", by=3599)
    await desk.bot("getWebhookInfo")
    assert not slow.done()
    await desk.act("clock", by=-10)
    await desk.act("clock", by=11)
    assert (await asyncio.wait_for(slow, PATIENCE))["is_bot"]


async def test_a_late_update(desk: Any) -> None:
    """A poll goes on waiting for an update that comes late, others overtake it, and it comes when its time is over."""
    await desk.act("faults", kind="late", update="message", chat=1, seconds=30)
    waiting = asyncio.create_task(texts(desk, offset=FIRST + 1, timeout=50))
    await say(desk, "late")
    await desk.bot("getWebhookInfo")
    assert not waiting.done()
    await say(desk, "soon")
    assert await waiting == ["soon"]
    assert await texts(desk, offset=FIRST + 3) == []
    await desk.act("clock", by=30)
    assert await texts(desk) == ["late"]


async def test_a_duplicate_update(desk: Any) -> None:
    """An update comes once more, under the same number, after it was confirmed; then it is gone."""
    await desk.act("faults", kind="duplicate")
    await say(desk, "a", "b")
    assert await texts(desk, offset=FIRST + 1) == ["a", "b"]
    assert await texts(desk, offset=FIRST + 3) == ["a"]
    assert await texts(desk, offset=FIRST + 3) == []


async def test_updates_in_another_order(desk: Any) -> None:
    """The next updates are kept until all are there and come the other way round, once; what follows is in order."""
    await desk.act("faults", kind="reorder", times=3)
    await say(desk, "a", "b")
    assert await texts(desk) == ["/start"]
    await say(desk, "c", "d")
    assert await texts(desk) == ["/start", "c", "b", "a", "d"]
    assert await texts(desk) == ["/start", "a", "b", "c", "d"]


async def test_the_clock_jumps(desk: Any, opened: Any, tmp_path: Any) -> None:
    """Messages carry the moved time, a tap grows too old to answer, a restart keeps the time, a reset gives it back."""
    tapped = await desk.act("tap", person=1, chat=1, message_id=1, data="x")
    now = (await desk.get("clock"))["now"]
    assert await desk.act("clock", by=86_400) == {"now": now + 86_400}
    assert (await desk.bot("sendMessage", chat_id=1, text="x"))["date"] == now + 86_400
    answer = await desk.raw("answerCallbackQuery", callback_query_id=tapped["callback_query_id"])
    assert "query is too old" in answer["description"]
    assert await desk.act("clock", by=-172_800) == {"now": now - 86_400}
    assert (await desk.bot("sendMessage", chat_id=1, text="x"))["date"] == now - 86_400
    await desk.act("reset")
    assert await desk.get("clock") == {"now": now}
    for before in (0, 60):
        async with opened(folder=tmp_path) as kept:
            assert await kept.get("clock") == {"now": now + before}
            await kept.act("clock", by=60)


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("faults", {"kind": "earthquake"}, f"a fault is one of {', '.join(KINDS)}"),
        ("faults", {"kind": "429", "method": "sendMesage"}, "Telegram knows no method sendMesage"),
        ("faults", {"kind": "500", "times": 0}, "times must be from 1 to 100000"),
        ("faults", {"kind": "500", "times": "many"}, "times must be a number"),
        ("faults", {"kind": "delay", "seconds": "nan"}, "seconds must be from 0 to 86400"),
        ("faults", {"kind": "delay", "seconds": -1}, "seconds must be from 0 to 86400"),
        ("faults", {"kind": "delay", "seconds": [1]}, "seconds must be a number"),
        ("clock", {"by": "inf"}, "by must be from -3e+09 to 3e+09"),
        ("clock", {"by": {}}, "by must be a number"),
    ],
)
async def test_what_cannot_go_wrong(desk: Any, path: str, body: dict[str, Any], sentence: str) -> None:
    """A fault or a jump that makes no sense is refused with a sentence, and nothing waits."""
    assert await refused(desk, path, **body) == sentence
    assert (await desk.get("faults"))["faults"] == []
