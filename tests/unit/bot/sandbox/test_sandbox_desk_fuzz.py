"""Whatever people and tests ask of the desk, it answers with JSON and never with a 5xx, and its journal stays whole."""

import random
from pathlib import Path
from typing import Any

from bot.sandbox.acts import ACTS

NAMES = (
    *("person", "chat", "text", "message_id", "message_ids", "status", "name", "title", "kind", "members", "thread"),
    *("emoji", "reply_to", "contact", "location", "phone", "row", "column", "data", "payload", "first_name", "link"),
    *("username", "language_code", "blocked", "on", "by", "method", "times", "seconds", "clear", "update", "rights"),
    *(
        "query",
        "results",
        "result_id",
        "query_id",
        "button_text",
        "request_id",
        "users",
        "shared",
        "question",
        "options",
    ),
    *("from_chat", "closed", "hidden", "deleted", "pinned", "until_date", "icon_color", "offset", "correct", "type"),
)
ODD: list[Any] = [
    *(0, 1, 2, 3, -1, -1001, 99, 2**63, 10**30, 1.5, True, False, None, "", " ", "x", "1", "-1001", "@dara", "ហាង😀"),
    *([], {}, [[]], [1], ["a", "b"], {"id": 1}, [None], {"latitude": 1, "longitude": 2}, {"latitude": "x"}, "a" * 5000),
    *("member", "administrator", "left", "kicked", "restricted", "group", "supergroup", "message", "late", "reorder"),
]
KEYS = {"inline_keyboard": [[{"text": "a", "callback_data": "x"}]]}
LIKELY: dict[str, list[Any]] = {
    "status": ["member", "administrator", "left", "kicked", "restricted"],
    "kind": ["group", "supergroup", "late", "reorder", "duplicate"],
    "times": [1, 2],
    "seconds": [0, 1],
    "by": [1, 60, -60],
    "name": ["a", "b"],
    **{name: ["x", "ហាង"] for name in ("title", "first_name", "text", "query", "question", "data", "payload")},
    "emoji": ["👍", "❤"],
    "members": [[1, 2], [2]],
    "thread": [1, 2, 3],
    "row": [0],
    "column": [0],
    "message_ids": [[1], [1, 2]],
    "from_chat": [1, -1001],
    "location": [{"latitude": 1, "longitude": 2}],
    "options": [["a", "b"]],
    "contact": [True],
}
ROUTES = (*sorted(ACTS), *("send", "tap", "start") * 4)
ROUND = 100  # acts, then the desk begins again: by then most accounts are deleted or thrown out


def act(chance: random.Random, chats: dict[int, list[int]]) -> dict[str, Any]:
    """Make what is given with an act: people and chats that are there mostly, the rest likely or odd."""
    body = {name: chance.choice(ODD) for name in chance.sample(NAMES, chance.randint(0, 8))}
    body |= {name: chance.choice(values) for name, values in LIKELY.items() if chance.random() < 0.7}
    if chance.random() < 0.9:
        chat, person = chance.choice([(1, 1), (1, 1), (-1001, 3), (-1001, 2), (2, 2), (1, 3)])
        body |= {"person": person, "chat": chat, "message_id": chance.choice(chats.get(chat) or [1])}
    if chance.random() < 0.5:
        body = {name: value for name, value in body.items() if name not in {"contact", "location", "reply_to", "data"}}
    return body | {"wait": 0}


async def test_no_act_breaks_it(opened: Any, tmp_path: Path) -> None:
    """Two thousand odd acts: each is answered in JSON, none by 5xx; afterwards the journal is read as it was."""
    chance = random.Random(20_261_122)
    async with opened(folder=tmp_path) as desk:
        for number in range(2000):
            if number % ROUND == 0:
                await desk.act("reset")
                await desk.act("start", person=1)
                await desk.act("send", person=3, chat=-1001, text="hello")
                await desk.bot("sendMessage", chat_id=1, text="x", reply_markup=KEYS)
                await desk.act("forum", chat=-1001, on=number % (2 * ROUND) == 0)
            path, body = (
                chance.choice(ROUTES),
                act(chance, {one.id: [*one.messages] for one in desk.sandbox.world.state.chats.values()}),
            )
            async with desk.http.post(f"{desk.address}/sandbox/{path}", json=body) as response:
                assert response.status in {200, 400, 403, 404}, (path, body, await response.text())
                await response.json()
        await desk.act("faults", clear=True)
        for view in ("state", "faults", "saves", "calls", "chats/1/messages", "chats/-1001/messages"):
            assert await desk.get(view)
        before = list(desk.sandbox.world.state.snapshot())
    async with opened(folder=tmp_path, people=[], groups=[]) as again:
        assert list(again.sandbox.world.state.snapshot()) == before
