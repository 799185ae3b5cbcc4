"""Whatever is asked, the sandbox answers with JSON and never with a 5xx, stays usable, and its journal stays true."""

import json
import random
from pathlib import Path
from typing import Any

from bot.sandbox.check import schema
from bot.sandbox.methods import METHODS

ODD: list[Any] = [
    *(0, -1, 1, 2, 2**31, 10**25, -1001, 1.5, True, False, "", " ", "x", "1", "-1001", "@dara", "ហាង😀", "{", "[]"),
    *("null", "[[1]]", '{"type":"photo","media":"attach://x"}', "attach://photo", "HTML", "MarkdownV2", "9" * 5000),
    *(
        [],
        {},
        [[]],
        [1, "1", None],
        {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]},
        {"keyboard": [["a"]]},
    ),
    *({"inline_keyboard": [[{"text": 1, "url": {}}]]}, {"remove_keyboard": True}, {"force_reply": 1}),
    *({"message_id": "9" * 30}, {"message_id": 1}, [{"type": "bold", "offset": 0, "length": 99}], {"type": "chat"}),
    *(
        {"type": "document", "media": "x.y"},
        [{"command": "a", "description": "b"}],
        "<b>x</b>",
        "<a href='tg://user?id=1'>x",
    ),
]


def request(chance: random.Random) -> tuple[str, dict[str, Any]]:
    """Make a request: a method that exists, some of its own parameters, odd values, and now and then an odd name."""
    method = chance.choice(sorted(METHODS))
    names = [*schema().methods[method], "odd"]
    chosen = {name: chance.choice(ODD) for name in chance.sample(names, chance.randint(0, len(names)))}
    if chance.random() < 0.7:
        chosen |= {
            "chat_id": chance.choice([1, 1, -1001]),
            "message_id": chance.randint(1, 9),
            "text": chance.choice(["x", "<b>y</b>"]),
        }
    return method, chosen


def whole(desk: Any) -> list[str]:
    """Everything the sandbox holds, one line of JSON each."""
    return sorted(json.dumps(entry, sort_keys=True) for entry in desk.sandbox.world.state.snapshot())


async def test_no_request_breaks_it(opened: Any, tmp_path: Path) -> None:
    """A thousand odd requests: each is answered, none by 5xx; the page loads, the journal makes the same again."""
    async with opened(folder=tmp_path) as desk:
        await desk.act("start", person=1)
        await ask(desk, 1000)
        shown = await desk.get("chats/1/messages?limit=200")
        assert any(one["from"]["is_bot"] for one in shown["messages"])
        assert (await desk.bot("sendMessage", chat_id=1, text="still here"))["text"] == "still here"
        before = whole(desk)
    async with opened(folder=tmp_path) as desk:
        assert whole(desk) == before


async def ask(desk: Any, count: int) -> None:
    """Ask that many odd things, as JSON and as forms in turn."""
    chance = random.Random(20_260_101)
    for number in range(count):
        method, given = request(chance)
        form = {name: one if isinstance(one, str) else json.dumps(one) for name, one in given.items()}
        body = {"json": given} if number % 2 else {"data": form}
        async with desk.http.post(f"{desk.address}/bot{desk.token}/{method}", **body) as response:
            answer = await response.json()
            assert response.status < 500, (method, given, answer)
            assert answer["ok"] == (response.status == 200)
