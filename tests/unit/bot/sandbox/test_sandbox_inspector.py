"""What the inspector is told of the bot's calls: what was asked and answered, live, bounded, and never the token."""

import asyncio
import gc
import json
import time
import weakref
from typing import Any

import aiohttp
import pytest

from bot.sandbox.call import Call
from bot.sandbox.calls import KEPT, ROOM, Calls, brief
from bot.sandbox.events import Events
from bot.sandbox.journal import encode
from tests.unit.bot.sandbox.conftest import TOKEN

ONE_CALL = 3 * ROOM  # characters: arguments, answer and the little around them


async def heard(stream: aiohttp.ClientResponse) -> tuple[str, dict[str, Any]]:
    """Read the next event."""
    name, data = (await stream.content.readuntil(b"\n\n")).decode().strip().split("\n")
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


async def newest(desk: Any) -> dict[str, Any]:
    """Return everything about the last call."""
    last = (await desk.get("calls"))["calls"][-1]
    whole: dict[str, Any] = await desk.get(f"calls/{last['n']}")
    return whole


async def test_a_call_is_kept_whole(desk: Any) -> None:
    """Method, chat, arguments as the bot meant them, the whole answer, and how long it took."""
    begun = time.perf_counter()
    sent = await desk.bot("sendMessage", chat_id=1, text="ទិញ", reply_markup={"inline_keyboard": []})
    most = (time.perf_counter() - begun) * 1000
    call = await newest(desk)
    assert (call["method"], call["chat"], call["ok"], call["code"]) == ("sendMessage", 1, True, 200)
    assert call["arguments"] == {"chat_id": 1, "text": "ទិញ", "reply_markup": {"inline_keyboard": []}}
    assert call["answer"] == {"ok": True, "result": sent}
    assert (call["files"], call["findings"], call["fault"]) == ([], [], None)
    assert 0 < call["ms"] < most


async def test_a_refusal_says_why(desk: Any) -> None:
    """A refused call shows code, sentence and what was odd about it; it is counted once, a refusal for speed too."""
    await desk.raw("sendMessage", chat_id=99, text="x", tetx="y")
    call = await newest(desk)
    assert (call["ok"], call["code"], call["error"]) == (False, 400, "Bad Request: chat not found")
    assert call["answer"] == {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}
    assert call["findings"] == ["tetx: unknown parameter"]
    await desk.act("limits", on=True)
    answers = await asyncio.gather(*(desk.raw("sendMessage", chat_id=1, text="x") for _ in range(14)))
    refused = [one for one in (await desk.get("calls"))["calls"] if one["code"] == 429]
    assert len(refused) == len([one for one in answers if not one["ok"]]) > 0
    assert (await desk.get("calls"))["findings"] == 1


async def test_files_are_names_and_sizes(desk: Any, png: Any) -> None:
    """Of a file its argument, name and size are kept, nothing else."""
    form = aiohttp.FormData({"chat_id": "1"})
    form.add_field("photo", png(), filename="card.png")
    async with desk.http.post(f"{desk.address}/bot{TOKEN}/sendPhoto", data=form) as response:
        assert response.status == 200
    call = await newest(desk)
    assert call["files"] == [{"argument": "photo", "name": "card.png", "size": len(png())}]
    assert call["arguments"] == {"chat_id": "1"}


async def test_the_token_is_never_shown(desk: Any) -> None:
    """Neither in the arguments nor in the answer, even where the bot writes it itself."""
    await desk.bot("sendMessage", chat_id=1, text=f"mine is {TOKEN}")
    await desk.raw("sendMessage", chat_id=TOKEN, text="x")
    await desk.bot("sendMessage", chat_id=1, text="x" * 985 + TOKEN)  # where a long text is cut
    calls = (await desk.get("calls"))["calls"]
    whole = [await desk.get(f"calls/{call['n']}") for call in calls]
    assert TOKEN[:12] not in json.dumps([calls, whole])
    assert whole[0]["arguments"]["text"] == "mine is $TOKEN"


async def test_what_is_kept_is_bounded(desk: Any) -> None:
    """However large the calls are, a few kilobytes of each are kept, of the last 500, and numbers go on."""
    rows = [[{"text": "x" * 60, "callback_data": f"{row}:{column}"} for column in range(4)] for row in range(20)]
    many = {"chat_id": 1, "text": "x" * 4000, "reply_markup": {"inline_keyboard": rows}}
    await desk.bot("sendMessage", **many)
    await desk.raw("sendMessage", chat_id=1, text="x", entities=[{"type": "b" * 50_000}], nonsense=["y" * 90_000] * 9)
    for call in (await desk.get("calls"))["calls"][-2:]:
        whole = await desk.get(f"calls/{call['n']}")
        assert len(encode(whole)) < ONE_CALL
    assert whole["arguments"]["nonsense"][0].endswith("… (90000 characters)")
    for _ in range(6):
        await asyncio.gather(*(desk.bot("getMe") for _ in range(KEPT // 5)))
    kept = await desk.get("calls")
    assert (len(kept["calls"]), kept["count"]) == (KEPT, KEPT // 5 * 6 + 2)
    async with desk.http.get(f"{desk.address}/sandbox/calls/1") as response:
        assert response.status == 404
        assert (await response.json())["error"] == "this call is no longer kept"


@pytest.mark.parametrize(
    "value",
    [
        "x" * 99_999,
        ["x" * 3000] * 99,
        list(range(99_999)),
        {str(n): n for n in range(99_999)},
        [[[["x"] * 999] * 99] * 9],
    ],
)
def test_brief(value: Any) -> None:
    """Whatever is long, wide or deep becomes a few kilobytes that are still JSON and say that something is left out."""
    text = encode(brief(value, "-"))
    assert len(text) < ROOM * 1.5
    assert "…" in text
    json.loads(text)


def test_large_arguments_are_let_go() -> None:
    """Of a large call, and of one whose size nobody said, the arguments themselves do not stay in memory."""

    class Long(str):
        """A text that can be watched."""

        __slots__ = ("__weakref__",)

    calls = Calls(Events(), TOKEN)
    for size, stays in ((ROOM, True), (ROOM + 1, False), (None, False)):
        text = Long("x" * 9000)
        watched = weakref.ref(text)
        calls.note(Call("x", {"text": text}, size=size), name="x", at=0.0, findings=(), answer="null")
        del text
        gc.collect()
        assert (watched() is not None) is stays


def test_brief_is_not_too_deep() -> None:
    """A value nested a thousand times is cut, and a short one is left as it is."""
    deep: Any = "bottom"
    for _ in range(900):
        deep = [deep]
    assert "bottom" not in encode(brief(deep, "-"))
    whole = {"a": [1, 2.5, None, True, {"b": "ខ្មែរ"}]}
    assert brief(whole, "-") == whole


async def test_calls_are_told_together() -> None:
    """Of calls right after each other who watches hears in one event."""
    events = Events()
    calls, watching = Calls(events, TOKEN), events.listen(calls=True)
    assert (await anext(watching)).startswith(b"retry")
    for name in ("getMe", "sendMessage", "getMe"):
        calls.note(Call(name, {}, size=0), name=name, at=0.0, findings=(), answer="null")
    told = json.loads((await anext(watching)).partition(b"\ndata: ")[2])
    assert [one["method"] for one in told["calls"]] == ["getMe", "sendMessage", "getMe"]
    await watching.aclose()


async def test_calls_are_told_live(desk: Any) -> None:
    """Who watches hears of every call; who only listens to the chats does not."""
    events = f"{desk.address}/sandbox/events"
    async with desk.http.get(f"{events}?calls") as watching, desk.http.get(events) as listening:
        await watching.content.readuntil(b"\n\n")
        await listening.content.readuntil(b"\n\n")
        await desk.bot("getMe")
        await desk.raw("sendMessage", chat_id=1, text="")
        await desk.bot("sendChatAction", chat_id=1, action="typing")
        told: dict[str, list[dict[str, Any]]] = {"typing": [], "calls": []}
        while not told["typing"] or sum(len(one["calls"]) for one in told["calls"]) < 3:
            name, more = await heard(watching)
            told[name].append(more)
        assert (told["calls"][-1]["count"], told["calls"][-1]["findings"]) == (3, 0)
        calls = [call for one in told["calls"] for call in one["calls"]]
        assert [(one["method"], one["ok"]) for one in calls] == [
            ("getMe", True), ("sendMessage", False), ("sendChatAction", True),
        ]  # fmt: skip
        assert "answer" not in calls[0]
        await desk.bot("sendMessage", chat_id=1, text="x")
        assert [(await heard(listening))[0] for _ in range(2)] == ["typing", "message"]


async def test_faults_are_named(desk: Any) -> None:
    """A call that met a fault says which, also where the line was cut before anything happened."""
    await desk.act("faults", kind="502", method="getMe")
    await desk.act("faults", kind="cut_before", method="sendMessage")
    await desk.raw("getMe")
    with pytest.raises(aiohttp.ClientError):
        await desk.raw("sendMessage", chat_id=1, text="x")
    calls = (await desk.get("calls"))["calls"]
    assert [(one["method"], one["fault"], one["code"], one["chat"]) for one in calls] == [
        ("getMe", "502", 502, None), ("sendMessage", "cut_before", 0, 1),
    ]  # fmt: skip


async def test_a_fault_is_called_off(desk: Any) -> None:
    """One that waits is called off by its number and does not happen; one that is gone says so."""
    first = (await desk.act("faults", kind="500", method="getMe"))["n"]
    second = (await desk.act("faults", kind="429", method="sendMessage"))["n"]
    assert [one["n"] for one in (await desk.act("faults", clear=first))["faults"]] == [second]
    assert (await desk.raw("getMe"))["ok"]
    assert (await desk.raw("sendMessage", chat_id=1, text="x"))["error_code"] == 429
    async with desk.http.post(f"{desk.address}/sandbox/faults", json={"clear": first}) as response:
        assert (response.status, (await response.json())["error"]) == (404, "this fault does not wait any more")


async def test_calls_are_forgotten(desk: Any) -> None:
    """Clearing forgets calls and findings and says so to who watches; numbers go on, and a reset does the same."""
    await desk.bot("sendMessage", chat_id=1, text="x", tetx="y")
    async with desk.http.get(f"{desk.address}/sandbox/events?calls") as watching:
        await watching.content.readuntil(b"\n\n")
        async with desk.http.delete(f"{desk.address}/sandbox/calls") as response:
            assert response.status == 200
        assert await heard(watching) == ("calls", {"calls": [], "cleared": True, "count": 1, "findings": 0})
    assert await desk.get("calls") == {"calls": [], "count": 1, "findings": 0}
    assert (await desk.get("findings"))["findings"] == []
    await desk.bot("getMe")
    assert [one["n"] for one in (await desk.get("calls"))["calls"]] == [2]
    await desk.act("reset")
    assert (await desk.get("calls"))["calls"] == []
