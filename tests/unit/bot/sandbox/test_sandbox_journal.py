"""What the sandbox remembers across a process that was killed, and what it makes of a journal cut short or damaged."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox.journal import Journal, JournalError

SERVER = """
import asyncio, pathlib, sys
from bot.sandbox import GroupSeed, PersonSeed, Sandbox

async def main():
    people = [PersonSeed(1, "Dara", "dara", "km"), PersonSeed(2, "Sokha")]
    sandbox = Sandbox(token="1000001:made-up-token", people=people, groups=[GroupSeed(-1001, "Staff", (2,))],
                      folder=pathlib.Path(sys.argv[1]), limits=False)
    print(await sandbox.start(), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def serve(folder: Path) -> tuple[asyncio.subprocess.Process, str]:
    """Run a sandbox in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER, str(folder), stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": "."}
    )
    assert process.stdout
    return process, (await process.stdout.readline()).decode().strip()


async def test_killed_process_loses_nothing(opened: Any, tmp_path: Path, png: Any) -> None:
    """After SIGKILL everything answered is there: chats, files, updates, keyboards, pins, commands, pressed buttons."""
    process, address = await serve(tmp_path)
    url = f"{address}/bot1000001:made-up-token/"
    async with aiohttp.ClientSession() as http:

        async def call(path: str, **body: Any) -> Any:
            async with http.post(path, json=body) as response:
                assert response.status == 200, await response.text()
                return await response.json()

        await call(address + "/sandbox/start", person=1, payload="p_7")
        await call(url + "sendMessage", chat_id=1, text="<b>ហាង</b>", parse_mode="HTML")
        await call(url + "sendMessage", chat_id=1, text="keys", reply_markup={"keyboard": [["a"]]})
        await call(url + "editMessageText", chat_id=1, message_id=2, text="edited")
        await call(url + "pinChatMessage", chat_id=1, message_id=2)
        await call(url + "sendMessage", chat_id=1, text="gone")
        await call(url + "deleteMessage", chat_id=1, message_id=5)  # 4 is the grey line of the pin
        await call(url + "setMyCommands", commands=[{"command": "help", "description": "Help"}])
        tapped = await call(address + "/sandbox/tap", person=1, chat=1, message_id=2, data="x")
        await call(address + "/sandbox/block", person=2, blocked=True)
        form = aiohttp.FormData({"chat_id": "1"})
        form.add_field("photo", png(9, 9), filename="a.png")
        async with http.post(url + "sendPhoto", data=form) as response:
            photo = (await response.json())["result"]["photo"][0]["file_id"]
        pending = (await call(url + "getUpdates"))["result"]
        async with http.get(address + "/sandbox/state") as response:
            state = await response.json()
        async with http.get(address + "/sandbox/chats/1/messages") as response:
            messages = await response.json()
        process.send_signal(signal.SIGKILL)
        await process.wait()

    async with opened(folder=tmp_path, people=[], groups=[]) as desk:
        desk.clock.now = pending[2]["callback_query"]["message"]["edit_date"] + 1
        now = await desk.get("state")
        assert {**now, "limits": None} == {**state, "limits": None}
        assert await desk.get("chats/1/messages") == messages
        assert await desk.bot("getUpdates") == pending
        assert await desk.bot("answerCallbackQuery", callback_query_id=tapped["callback_query_id"])
        assert (await desk.bot("sendPhoto", chat_id=1, photo=photo))["message_id"] == 7
        await desk.act("start", person=1)
        assert (await desk.bot("getUpdates"))[-1]["update_id"] == pending[-1]["update_id"] + 1


async def test_numbers_never_go_back(opened: Any, tmp_path: Path) -> None:
    """Message and update numbers go on after their messages are deleted, after a reset, and after a restart."""
    async with opened(folder=tmp_path) as desk:
        await desk.act("start", person=1)
        assert (await desk.bot("sendMessage", chat_id=-1001, text="x"))["message_id"] == 1
        await desk.bot("deleteMessage", chat_id=-1001, message_id=1)
        await desk.bot("deleteMessage", chat_id=1, message_id=1)
        update = (await desk.bot("getUpdates"))[-1]["update_id"]
        await desk.bot("getUpdates", offset=update + 1)
        await desk.act("reset")
    async with opened(folder=tmp_path):
        pass  # the start shortens the journal: the messages are gone from it, their numbers must not be
    async with opened(folder=tmp_path) as desk:
        await desk.act("start", person=1)
        assert (await desk.bot("getUpdates"))[0]["update_id"] == update + 1
        assert (await desk.bot("sendMessage", chat_id=-1001, text="x"))["message_id"] == 2
        assert (await desk.get("chats/1/messages"))["messages"][0]["message_id"] == 2


def test_torn_last_line(tmp_path: Path) -> None:
    """A last line cut short is left out; damage further up is said with its line."""
    path = tmp_path / "journal.jsonl"
    path.write_text('{"do":"setting","name":"a","value":1}\n{"do":"sett', encoding="utf-8")
    assert Journal(tmp_path).read() == [{"do": "setting", "name": "a", "value": 1}]
    path.write_text('{"do"\n{"do":"setting","name":"a","value":1}\n', encoding="utf-8")
    with pytest.raises(JournalError, match="line 1"):
        Journal(tmp_path).read()


async def test_journal_is_shortened_at_start(opened: Any, tmp_path: Path) -> None:
    """What was deleted, edited and confirmed takes no room after the next start."""
    path = tmp_path / "journal.jsonl"
    async with opened(folder=tmp_path) as desk:
        await desk.act("start", person=1)
        for number in range(50):
            await desk.bot("sendMessage", chat_id=1, text=f"{number} " + "x" * 200)
            await desk.bot("deleteMessage", chat_id=1, message_id=number + 2)
    long = path.stat().st_size
    async with opened(folder=tmp_path):
        assert path.stat().st_size < long / 5
