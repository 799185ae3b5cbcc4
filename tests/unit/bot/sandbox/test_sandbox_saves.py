"""States kept under a name and put back, the same story told twice, and text that no file can hold."""

import asyncio
import copy
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox.journal import encode
from tests.unit.bot.sandbox.conftest import SHORT_OF_A_POLL

KEYS = {"inline_keyboard": [[{"text": "Buy", "callback_data": "b:1"}]]}
HALF = b'"\\ud83d"'


def whole(desk: Any) -> list[str]:
    """The state as lines, all of it."""
    return [encode(entry) for entry in desk.sandbox.world.state.snapshot()]


def deep(desk: Any) -> dict[str, Any]:
    """Everything the state holds, whether a snapshot tells of it or not."""
    return copy.deepcopy({name: value for name, value in vars(desk.sandbox.world.state).items() if name != "_doing"})


async def story(desk: Any, png: Any) -> None:
    """People and bot do a bit of everything."""
    await desk.bot("getUpdates", allowed_updates=["message", "callback_query", "my_chat_member", "chat_member"])
    await desk.act("start", person=1, payload="p_7")
    await desk.bot("setMyCommands", commands=[{"command": "help", "description": "Help"}])
    await desk.bot("sendMessage", chat_id=1, text="<b>ហាង</b> 😀", parse_mode="HTML", reply_markup=KEYS)
    form = aiohttp.FormData({"chat_id": "1", "caption": "a photo"})
    form.add_field("photo", png(), filename="a.png")
    async with desk.http.post(f"{desk.address}/bot{desk.token}/sendPhoto", data=form) as response:
        assert (await response.json())["ok"]
    await desk.act("tap", person=1, chat=1, message_id=2, data="b:1")
    await desk.bot("sendMessage", chat_id=1, text="keys", reply_markup={"keyboard": [["a"]]})
    await desk.bot("pinChatMessage", chat_id=1, message_id=2)
    new = await desk.act("people", first_name="Nary")
    await desk.act("members", chat=-1001, person=new["id"], status="member")
    await desk.act("block", person=2, blocked=True)
    await desk.act("clock", by=60)
    await desk.act("send", person=3, chat=-1001, text="hello")
    await story_in_groups(desk, new["id"])


async def story_in_groups(desk: Any, new: int) -> None:
    """Topics, links, rights, reactions, a group that grows up, an account that goes."""
    await desk.act("forum", chat=-1001)
    topic = await desk.bot("createForumTopic", chat_id=-1001, name="Orders")
    await desk.bot("sendMessage", chat_id=-1001, message_thread_id=topic["message_thread_id"], text="in it")
    await desk.act("topic", person=3, chat=-1001, thread=topic["message_thread_id"], closed=True)
    link = await desk.bot("createChatInviteLink", chat_id=-1001, name="friends", member_limit=5)
    await desk.act("join", person=1, link=link["invite_link"])
    await desk.bot("promoteChatMember", chat_id=-1001, user_id=new, can_pin_messages=True)
    await desk.bot("setChatPermissions", chat_id=-1001, permissions={"can_send_messages": True})
    await desk.bot("setMessageReaction", chat_id=1, message_id=1, reaction=[{"type": "emoji", "emoji": "👍"}])
    await desk.act("react", person=1, chat=1, message_id=2, emoji="❤")
    await desk.act("edit", person=3, chat=-1001, message_id=2, text="hello again")
    small = await desk.act("groups", title="Small", kind="group", members=[1, 2])
    await desk.act("upgrade", chat=small["chat"]["id"])
    await desk.bot("setMyName", name="Another name")
    await desk.act("deactivate", person=2)


@pytest.mark.parametrize("on_disk", [True, False])
async def test_load_puts_everything_back(opened: Any, tmp_path: Path, png: Any, *, on_disk: bool) -> None:
    """People, chats, messages, files, updates, settings and the clock are as they were, now and after a restart."""
    options = {"folder": tmp_path} if on_disk else {}
    async with opened(**options) as desk:
        await story(desk, png)
        before, now, all_of_it = whole(desk), await desk.get("clock"), deep(desk)
        assert await desk.act("save", name="a-story-1") == {"name": "a-story-1"}
        await desk.bot("sendMessage", chat_id=1, text="after")
        await desk.bot("getUpdates", offset=-1)
        await desk.act("clock", by=1000)
        await desk.act("people", first_name="Later")
        await desk.act("reset")
        assert whole(desk) != before
        await desk.act("load", name="a-story-1")
        assert (whole(desk), await desk.get("clock")) == (before, now)
        assert deep(desk) == all_of_it
        assert (await desk.get("saves"))["saves"] == ["a-story-1"]
        photo = (await desk.get("chats/1/messages"))["messages"][2]
        async with desk.http.get(desk.address + photo["file_url"]) as response:
            assert await response.read() == png()
    if on_disk:
        async with opened(**options) as again:
            assert whole(again) == before
            assert deep(again) == all_of_it


async def test_a_loaded_state_is_lived_in(desk: Any) -> None:
    """After a load the bot gets the updates that waited, a listener is told, and a tap that waited is let go."""
    await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=KEYS)
    await desk.act("save", name="s")
    await desk.bot("getUpdates", offset=10_000_002)
    tap = asyncio.create_task(desk.act("tap", person=1, chat=1, message_id=2, row=0, column=0, wait=60))
    await desk.bot("getUpdates", timeout=50)
    await desk.act("faults", kind="500", times=9)
    async with desk.http.get(f"{desk.address}/sandbox/events") as events:
        await events.content.readuntil(b"\n\n")
        await desk.act("load", name="s")
        assert await events.content.readuntil(b"\n\n") == b'event: chat\ndata: {"chat":null}\n\n'
    assert (await asyncio.wait_for(tap, SHORT_OF_A_POLL))["answer"] is None
    assert [one["message"]["text"] for one in await desk.bot("getUpdates", offset=99_999_999)] == ["/start"]


async def test_names_and_broken_states(opened: Any, tmp_path: Path) -> None:
    """A name that is none, a state that is not there and one that is damaged are refused and change nothing."""
    async with opened(folder=tmp_path) as desk:
        await desk.act("start", person=1)
        await desk.act("save", name="good")
        good = (tmp_path / "saves" / "good.jsonl").read_bytes()
        for name, data in (
            ("no-json", b"{]\n"),
            ("not-ours", b'{"do":"sell"}\n'),
            ("unfit", good + b'{"do":"message","chat":1,"message":[]}\n'),
            ("no-object", b"7\n"),
            ("cut", good[:-9]),
        ):
            (tmp_path / "saves" / f"{name}.jsonl").write_bytes(data)
        before = whole(desk)
        for name, status in (("cut", 400), ("no-json", 400), ("not-ours", 400), ("unfit", 400), ("no-object", 400)):
            assert await load(desk, name) == (status, True), name
        assert (await load(desk, "nothing"))[0] == 404
        for name in ("", "..", "a/b", "../journal", "A", "a" * 41, "x.y", 7.5, None):
            assert (await load(desk, name))[0] == 400, name
        assert whole(desk) == before
        (tmp_path / "saves" / "Not A Name.jsonl").write_bytes(b"")
        assert (await desk.get("saves"))["saves"] == ["cut", "good", "no-json", "no-object", "not-ours", "unfit"]


async def load(desk: Any, name: Any) -> tuple[int, bool]:
    """Try to load; return the status and whether a sentence came with it."""
    async with desk.http.post(f"{desk.address}/sandbox/load", json={"name": name}) as response:
        return response.status, bool((await response.json()).get("error"))


async def test_the_same_story_twice(opened: Any, clock: Any, png: Any) -> None:
    """The same seeds and calls under a test clock give the same state to the last byte."""
    told = []
    for _ in range(2):
        async with opened() as desk:
            await story(desk, png)
            told.append("\n".join(whole(desk)))
    assert told[0] == told[1]
    assert '"text":"hello"' in told[0]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("send", b'{"person": 1, "chat": 1, "text": %b}'),
        ("send", b'{"person": 1, "chat": 1, "contact": true, "phone": %b}'),
        ("start", b'{"person": 1, "payload": %b}'),
        ("people", b'{"first_name": %b}'),
        ("people", b'{"first_name": "x", "language_code": %b}'),
        ("tap", b'{"person": 1, "chat": 1, "message_id": 1, "data": %b}'),
        ("faults", b'{"kind": "500", "method": %b}'),
        ("save", b'{"name": %b}'),
        ("members", b"{%b: 1}"),
    ],
)
async def test_half_a_surrogate_breaks_nothing(opened: Any, tmp_path: Path, path: str, body: bytes) -> None:
    """Text that no UTF-8 can carry is refused with Telegram's sentence, and the journal is read as before."""
    async with opened(folder=tmp_path) as desk:
        await desk.act("start", person=1)
        before = whole(desk)
        kind = {"Content-Type": "application/json"}
        async with desk.http.post(f"{desk.address}/sandbox/{path}", data=body % HALF, headers=kind) as response:
            assert (response.status, await response.json()) == (
                400,
                {"error": "Bad Request: strings must be encoded in UTF-8"},
            )
        assert whole(desk) == before
        await desk.act("send", person=1, chat=1, text="ហាង 😀")
        for view in ("state", "calls", "findings", "faults", "saves", "chats/1/messages"):
            assert await desk.get(view)
        after = whole(desk)
    async with opened(folder=tmp_path) as again:
        assert whole(again) == after


async def test_a_file_name_of_bytes(opened: Any, tmp_path: Path, png: Any) -> None:
    """A file whose name is no UTF-8, sent by bot or person, leaves a state that can be kept and read again."""
    async with opened(folder=tmp_path) as desk:
        await desk.act("start", person=1)
        for url, kind in ((f"bot{desk.token}/sendDocument", "chat_id"), ("sandbox/send", "chat")):
            parts = [b'name="%b"\r\n\r\n1' % kind.encode(), b'name="person"\r\n\r\n1']
            parts.append(b'name="document"; filename="\xff\xfe.png"\r\n\r\n' + png())
            body = (
                b"".join(b"--b\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--b--\r\n"
            )
            header = {"Content-Type": "multipart/form-data; boundary=b"}
            async with desk.http.post(f"{desk.address}/{url}", data=body, headers=header) as response:
                assert response.status == 200, await response.text()
        shown = (await desk.get("chats/1/messages"))["messages"]
        assert [one["document"]["file_name"] for one in shown[1:]] == ["??.png", "??.png"]
        await desk.act("save", name="s")
        after = whole(desk)
    async with opened(folder=tmp_path) as again:
        assert whole(again) == after


async def test_odd_bodies_are_refused_in_json(desk: Any) -> None:
    """No control route answers 5xx, whatever bytes come as a form, as JSON or as no such thing."""
    form = b'--b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n\xff\xfe\r\n--b--\r\n'
    text = b'--b\r\nContent-Disposition: form-data; name="caption"\r\n%b\r\n\r\nx\r\n--b--\r\n'
    bodies = [
        ("multipart/form-data; boundary=b", form % b"caption"),
        ("multipart/form-data; boundary=b", text % b"Content-Type: text/plain; charset=no-such-thing"),
        ("multipart/form-data; boundary=b", text % b"Content-Transfer-Encoding: no-such-thing"),
        ("multipart/form-data; boundary=b", b"--b\r\nno header at all"),
        ("multipart/form-data", b"x"),
        ("application/json", b"\xff{"),
        ("application/json", b"[" * 100_000),
        ("application/json; charset=no-such-thing", b'{"text": "x"}'),
        ("application/x-www-form-urlencoded", b"person=%ff"),
    ]
    for path in ("send", "tap", "people", "faults", "save"):
        for kind, body in bodies:
            headers = {"Content-Type": kind}
            async with desk.http.post(f"{desk.address}/sandbox/{path}", data=body, headers=headers) as response:
                assert response.status in {400, 404}, (path, kind, body[:60], await response.text())
                assert (await response.json())["error"]
    for kind, body in bodies:
        url, headers = f"{desk.address}/bot{desk.token}/sendMessage", {"Content-Type": kind}
        async with desk.http.post(url, data=body, headers=headers) as response:
            assert response.status == 400, (kind, body[:60], await response.text())
            assert (await response.json())["description"].startswith("Bad Request: ")


SITES = [
    ({"Sec-Fetch-Site": "cross-site"}, "sandbox/state", 403),
    ({"Sec-Fetch-Site": "same-site"}, "sandbox/events", 403),
    ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}, "sandbox/chats/1/messages", 403),
    ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}, "sandbox/state", 403),
    ({"Sec-Fetch-Site": "same-site"}, "bot1000001:made-up-token/getMe", 403),
    ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"}, "", 403),
    ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}, "", 200),
    ({"Sec-Fetch-Site": "same-origin"}, "sandbox/state", 200),
    ({"Sec-Fetch-Site": "none"}, "sandbox/state", 200),
    ({}, "sandbox/state", 200),
]


@pytest.mark.parametrize(("headers", "path", "status"), SITES)
async def test_other_sites_may_not_look(desk: Any, headers: dict[str, str], path: str, status: int) -> None:
    """A page of another site, or of another port here, reads nothing; it may only lead to the chat page itself."""
    async with desk.http.get(f"{desk.address}/{path}", headers=headers) as response:
        assert response.status == status
