"""The control routes: what the chat page is told, what people can do, and who may not ask."""

import asyncio
import json
from typing import Any

from tests.support.patience import PATIENCE

KEYS = {
    "inline_keyboard": [
        [{"text": "Buy", "callback_data": "b:1"}, {"text": "Site", "url": "http://localhost:8080/"}],
        [{"text": "Copy", "copy_text": {"text": "MD00001"}}],
    ]
}


async def post(desk: Any, path: str, body: Any, **headers: str) -> tuple[int, Any]:
    """Post to a control route; return status and answer."""
    async with desk.http.post(f"{desk.address}/sandbox/{path}", json=body, headers=headers) as response:
        text = await response.text()
        return response.status, json.loads(text) if text.startswith("{") else text


async def test_state(desk: Any) -> None:
    """The page learns the bot, the people in order, the chats with members and last message, and the commands."""
    await desk.bot("setMyCommands", commands=[{"command": "/start", "description": "Start"}])
    desk.sandbox.links["shop"] = "http://127.0.0.1:8080"
    state = await desk.get("state")
    assert state["bot"] == {"id": 1000001, "username": "sandbox_bot", "first_name": "Sandbox bot"}
    assert [one["first_name"] for one in state["people"]] == ["Dara", "Sokha", "Vanna"]
    private, *_, group = state["chats"]
    assert (private["id"], private["type"], private["title"], private["members"]) == (1, "private", "Dara", [1])
    assert private["last"]["html"] == '<span class="command" data-command="/start">/start</span>'
    assert (group["id"], group["type"], group["members"], group["last"]) == (-1001, "supergroup", [2, 3], None)
    assert state["commands"] == [{"command": "start", "description": "Start"}]
    assert state["links"] == {"shop": "http://127.0.0.1:8080"}


async def test_taps(desk: Any) -> None:
    """Pressing a button asks the bot or opens what it holds; waiting returns the bot's answer; forged data goes too."""
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=KEYS)
    tap = {"person": 1, "chat": 1, "message_id": 2}
    assert await desk.act("tap", **tap, row=0, column=1) == {"url": "http://localhost:8080/"}
    assert await desk.act("tap", **tap, row=1, column=0) == {"copy_text": "MD00001"}
    waiting = asyncio.create_task(desk.act("tap", **tap, row=0, column=0, wait=PATIENCE))
    updates = await desk.bot("getUpdates", offset=-1, timeout=3)
    while "callback_query" not in updates[-1]:
        updates = await desk.bot("getUpdates", offset=-1, timeout=3)
    query = updates[-1]["callback_query"]
    assert (query["data"], query["from"]["id"], query["message"]["message_id"]) == ("b:1", 1, 2)
    await desk.bot("answerCallbackQuery", callback_query_id=query["id"], text="Thanks", show_alert=True)
    answer = await waiting
    assert answer == {
        "callback_query_id": query["id"],
        "answer": {"text": "Thanks", "show_alert": True, "url": None},
    }
    unanswered = await desk.act("tap", **tap, data="om:7:paid", wait=0.01)
    assert unanswered["answer"] is None
    assert (await desk.bot("getUpdates"))[-1]["callback_query"]["data"] == "om:7:paid"


async def test_keyboards(desk: Any) -> None:
    """A reply keyboard belongs to the chat until replaced or removed; a forced reply ends with the next message."""
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup={"keyboard": [["a"]], "resize_keyboard": True})
    shown = await desk.get("chats/1/messages")
    assert shown["keyboard"] == {"keyboard": [[{"text": "a"}]], "resize_keyboard": True}
    assert "reply_markup" not in shown["messages"][-1]
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup={"remove_keyboard": True})
    assert (await desk.get("chats/1/messages"))["keyboard"] is None
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup={"force_reply": True})
    assert (await desk.get("chats/1/messages"))["keyboard"] == {"force_reply": True}
    await desk.act("send", person=1, chat=1, text="y", reply_to=4)
    assert (await desk.get("chats/1/messages"))["keyboard"] is None
    assert (await desk.bot("getUpdates"))[-1]["message"]["reply_to_message"]["message_id"] == 4


async def test_events(desk: Any) -> None:
    """A listener hears messages, edits, deletions, answers, typing and chat changes as they happen."""
    async with desk.http.get(f"{desk.address}/sandbox/events") as response:
        await response.content.readuntil(b"\n\n")
        await desk.bot("sendMessage", chat_id=1, text="x", reply_markup={"keyboard": [["a"]]})
        await desk.bot("sendMessage", chat_id=1, text="<b>x</b>", parse_mode="HTML", reply_markup=KEYS)
        await desk.bot("editMessageText", chat_id=1, message_id=3, text="y")
        await desk.bot("pinChatMessage", chat_id=1, message_id=3)
        await desk.bot("sendChatAction", chat_id=1, action="typing")
        number = (await desk.act("tap", person=1, chat=1, message_id=3, data="x"))["callback_query_id"]
        await desk.bot("answerCallbackQuery", callback_query_id=number, text="ok")
        await desk.bot("deleteMessage", chat_id=1, message_id=3)
        heard = []
        for _ in range(9):
            name, data = (await response.content.readuntil(b"\n\n")).decode().strip().split("\n")
            heard.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    names = [name for name, _ in heard]
    assert names == ["message", "message", "edited", "chat", "edited", "message", "typing", "answer", "deleted"]
    assert heard[0][1]["keyboard"] == {"keyboard": [[{"text": "a"}]]}
    assert (heard[1][1]["message"]["html"], "keyboard" in heard[1][1]) == ("<b>x</b>", False)
    assert heard[4][1]["message"]["pinned"] is True
    assert heard[7][1]["text"] == "ok"
    assert heard[8][1] == {"chat": 1, "message_id": 3}


async def test_paging(desk: Any) -> None:
    """Messages come oldest first, a page at a time."""
    for number in range(5):
        await desk.bot("sendMessage", chat_id=1, text=str(number))
    page = await desk.get("chats/1/messages?limit=2")
    assert [one["text"] for one in page["messages"]] == ["3", "4"]
    page = await desk.get(f"chats/1/messages?limit=3&before={page['messages'][0]['message_id']}")
    assert [one["text"] for one in page["messages"]] == ["0", "1", "2"]


async def test_people_come_and_go(desk: Any) -> None:
    """A new person can start; a stranger cannot write in the group until a member; writing unblocks."""
    new = await desk.act("people", first_name="Nary", language_code="km")
    status, answer = await post(desk, "send", {"person": new["id"], "chat": -1001, "text": "x"})
    assert (status, answer["error"]) == (403, "Nary is not in this chat")
    await desk.act("members", chat=-1001, person=new["id"], status="member")
    await desk.act("send", person=new["id"], chat=-1001, text="x")
    await desk.act("block", person=1, blocked=True)
    await desk.act("start", person=1, payload="p_7")
    assert (await desk.bot("sendMessage", chat_id=1, text="x"))["text"] == "x"
    texts = [one["message"].get("text") for one in await desk.bot("getUpdates") if "message" in one]
    assert texts == ["/start", None, "x", "/start p_7"]


async def test_impossible_acts(desk: Any) -> None:
    """What nobody could do in Telegram is refused with a sentence."""
    rows: list[tuple[str, Any, int]] = [
        ("send", {"person": 1, "chat": 1, "text": " "}, 400),
        ("send", {"person": 1, "chat": 1, "text": "x" * 4097}, 400),
        ("send", {"person": 9, "chat": 1, "text": "x"}, 404),
        ("send", {"person": 2, "chat": 1, "text": "x"}, 403),
        ("send", {"person": 1, "chat": 99, "text": "x"}, 404),
        ("send", {"person": "x", "chat": 1, "text": "x"}, 400),
        ("send", {"person": 1, "chat": 1, "location": {"latitude": 99, "longitude": 0}}, 400),
        ("send", {"person": 1, "chat": 1, "text": "x", "reply_to": 77}, 404),
        ("send", [1], 400),
        ("tap", {"person": 1, "chat": 1, "message_id": 77, "data": "x"}, 404),
        ("tap", {"person": 1, "chat": 1, "message_id": 1, "row": 0, "column": 0}, 404),
        ("people", {"first_name": ""}, 400),
        ("members", {"chat": 1, "person": 2, "status": "member"}, 400),
        ("members", {"chat": -1001, "person": 2, "status": "emperor"}, 400),
    ]
    for path, body, status in rows:
        got, answer = await post(desk, path, body)
        assert (got, bool(answer["error"])) == (status, True), (path, body, answer)


async def test_only_this_desk(desk: Any) -> None:
    """A rebound host name, another site's post and a path out of the page's folder are refused."""
    assert (await post(desk, "reset", {}, Host="shop.example"))[0] == 403
    assert (await post(desk, "reset", {}, Origin="http://shop.example"))[0] == 403
    assert (await post(desk, "reset", {}, Origin="null"))[0] == 403
    port = desk.address.rpartition(":")[2]
    assert (await post(desk, "reset", {}, Host=f"localhost:{port}", Origin=f"http://localhost:{port}"))[0] == 200
    async with desk.http.get(f"{desk.address}/page/..%2fserver.py") as response:
        assert response.status == 404


async def test_page(desk: Any) -> None:
    """The chat page and its files are served with a policy that lets no foreign script in."""
    async with desk.http.get(desk.address + "/") as response:
        assert (response.status, response.content_type) == (200, "text/html")
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
