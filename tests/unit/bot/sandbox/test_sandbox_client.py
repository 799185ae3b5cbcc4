"""The client: people by name, what their hands do and their eyes see, waiting without a clock, failures that tell."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.sandbox import GroupSeed, PersonSeed, Sandbox
from bot.sandbox.client import ActRefused, Desk, NotSeen, Person
from tests.support.patience import PATIENCE, until

TOKEN = "1000001:made-up-token"
TURNS = 10
"""Turns of the loop in which who waits for a change has begun to look."""
BUY = [[{"text": "Buy now", "callback_data": "buy"}, {"text": "Site", "url": "http://localhost:8080/"}]]
MORE = [[{"text": "Copy", "copy_text": {"text": "MD1"}}, {"text": "App", "web_app": {"url": "http://localhost:9/"}}]]
INLINE = {"inline_keyboard": BUY + MORE}


class Bot:
    """A bot small enough to see through: it answers what it is sent, over the Bot API."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.offset = 0

    async def call(self, method: str, **given: Any) -> Any:
        """Call the Bot API."""
        async with self.desk.http.post(f"{self.desk.address}/bot{TOKEN}/{method}", json=given) as response:
            answer = await response.json()
            assert answer["ok"], answer
            return answer["result"]

    async def live(self) -> None:
        """Answer every update until cancelled."""
        while True:
            for update in await self.call("getUpdates", offset=self.offset, timeout=50):
                self.offset = update["update_id"] + 1
                await self.answer(update)

    async def answer(self, update: dict[str, Any]) -> None:
        """Show a product to who writes; toast and edit when its button is tapped."""
        query = update.get("callback_query")
        if query:
            number, chat = query["message"]["message_id"], query["message"]["chat"]["id"]
            await self.call("editMessageText", chat_id=chat, message_id=number, text="Delivered")
            said = {"text": "Thanks", "show_alert": True}
            await self.call("answerCallbackQuery", callback_query_id=query["id"], **said)
        elif "message" in update and update["message"].get("text"):
            chat = update["message"]["chat"]["id"]
            keys = {"reply_markup": INLINE} if chat > 0 else {}
            await self.call("sendMessage", chat_id=chat, text="A serum", **keys)


@pytest.fixture
async def sandbox() -> AsyncIterator[Desk]:
    """A desk with two people and a group, and the bot living there."""
    people = [PersonSeed(1, "Dara", language_code="km"), PersonSeed(2, "Sokha")]
    async with Sandbox(token=TOKEN, people=people, groups=[GroupSeed(-1001, "Staff", (2,))], limits=False) as desk:
        desk.patience = PATIENCE
        living = asyncio.create_task(Bot(desk).live())
        yield desk
        if living.done():
            living.result()  # the bot itself failed
        living.cancel()


async def test_a_purchase(sandbox: Desk) -> None:
    """Start, tap, toast, the edited card; what the thumbs did is counted, what was shown is remembered."""
    dara = sandbox.person("Dara")
    await dara.send("/start")
    assert (await dara.expect("serum")).labels == ["Buy now", "Site", "Copy", "App"]
    answer = await dara.tap("Buy now")
    assert (answer.text, answer.alert, answer.given) == ("Thanks", True, True)
    assert (await dara.expect(re.compile("^Deliv"), within=PATIENCE)).id == dara.last.id
    assert (dara.taps, dara.lines) == (1, 1)
    assert dara.read >= {"/start", "A serum", "Buy now", "Thanks", "Delivered"}
    await dara.never("serum")


async def test_what_buttons_open(sandbox: Desk) -> None:
    """A button with an address, a text to copy or an app says so at once; a forged press goes to the bot."""
    dara = sandbox.person(1)
    await dara.start("p_1")
    assert (await dara.tap("Site")).url == "http://localhost:8080/"
    assert (await dara.tap("Copy")).copied == "MD1"
    assert (await dara.tap("App")).web_app.startswith("http://localhost:9/")
    assert (await dara.press(dara.last, "om:7:paid")).text == "Thanks"


async def test_a_group_and_a_newcomer(sandbox: Desk) -> None:
    """One person speaks in several chats; somebody new is found by name and joins; what nobody could do is refused."""
    staff = sandbox.person("Sokha").chat("Staff")
    await staff.send("hello")
    assert (await staff.expect("serum")).id == 2
    nary = await sandbox.newcomer("Nary", "km")
    assert (str(nary), str(nary.chat("Staff"))) == ("Nary", "Nary in Staff")
    with pytest.raises(ActRefused, match="Nary is not in this chat"):
        await nary.chat("Staff").send("x")
    await nary.chat("Staff").join()
    await nary.chat("Staff").send("x")
    with pytest.raises(LookupError, match="nobody here is called 'Nobody', but Dara, Sokha, Nary"):
        sandbox.person("Nobody")


async def test_media_and_the_keys_under_the_composer(sandbox: Desk, png: Any) -> None:
    """Photos, files, contacts and places are sent; a key under the composer sends what it says or shares the phone."""
    dara, bot = sandbox.person("Dara"), Bot(sandbox)
    photo = await dara.photo(png(), "look")
    assert (photo.text, await dara.file((await dara.messages())[0])) == ("look", png())
    assert (await dara.document(b"x,y", name="a.csv"))["document"]["file_name"] == "a.csv"
    assert (await dara.share_location(11.5, 104.9))["location"] == {"latitude": 11.5, "longitude": 104.9}
    keys = [
        [{"text": "Menu"}, {"text": "My phone", "request_contact": True}, {"text": "Where", "request_location": True}]
    ]
    await bot.call("sendMessage", chat_id=1, text="keys", reply_markup={"keyboard": keys})
    await dara.tap("Menu")
    await dara.expect("Menu")
    await dara.tap("My phone")
    assert any(message.get("contact", {}).get("user_id") == 1 for message in await dara.messages())
    with pytest.raises(NotSeen, match="share what it asks for instead"):
        await dara.tap("Where")


async def test_people_are_picked(sandbox: Desk) -> None:
    """By the key that asks for them, counted as a tap; without such a key it is said what stands there instead."""
    dara, bot = sandbox.person("Dara"), Bot(sandbox)
    with pytest.raises(NotSeen, match="no button that asks for people"):
        await dara.share_people(2)
    await dara.send("/start")
    keys = [[{"text": "Whom?", "request_users": {"request_id": 7, "request_name": True}}]]
    await bot.call("sendMessage", chat_id=1, text="keys", reply_markup={"keyboard": keys})
    shared = (await dara.share_people(2))["users_shared"]
    assert (shared["request_id"], shared["users"]) == (7, [{"user_id": 2, "first_name": "Sokha"}])
    assert dara.taps == 1


async def test_a_failure_says_what_stands_there(sandbox: Desk) -> None:
    """What did not come is named with the seconds waited and the end of the chat; an empty chat is called empty."""
    dara = sandbox.person("Dara")
    with pytest.raises(NotSeen, match=re.escape("Dara saw no 'Paid' within 0 s; the chat is empty")):
        await dara.expect("Paid", within=0)
    with pytest.raises(NotSeen, match="has seen no message"):
        _ = dara.last
    await dara.send("hello")
    card = await dara.expect("serum")
    with pytest.raises(NotSeen) as failure:
        await dara.expect("Paid", within=0.01)
    assert str(failure.value).endswith(
        "the chat ends with:\n#1 Dara: hello\n#2 Sandbox bot: A serum [Buy now] [Site] [Copy] [App]"
    )
    with pytest.raises(NotSeen, match="button 'Sell'"):
        await dara.tap("Sell", within=0)
    with pytest.raises(NotSeen, match="button 'Sell'"):
        await dara.tap("Sell", on=card, within=0)
    with pytest.raises(NotSeen, match="must not be there"):
        await dara.never("serum")


async def test_waiting_is_woken_by_the_event(sandbox: Desk) -> None:
    """An expectation looks at once when something changes, one time for each change, and not by the clock."""
    looks, changes, looking, rung = 0, 0, False, asyncio.Event()

    class Counting(Person):
        async def messages(self) -> Any:
            nonlocal looks, looking
            looks, looking = looks + 1, True
            found = await super().messages()
            looking = False
            return found

    class Listening(Desk):
        def _changed(self, chat: int | None) -> None:
            nonlocal changes
            changes += 1
            super()._changed(chat)
            rung.set()

    async with Listening(sandbox.address, patience=PATIENCE) as desk:
        await asyncio.wait_for(rung.wait(), PATIENCE)  # it hears what changes from now on
        waiting = asyncio.create_task(Counting(desk, 1, 1).expect("serum"))
        await until(lambda: looks and not looking)
        await asyncio.sleep(0.15)
        assert looks <= 1 + changes
        rung.clear()
        before = looks
        await sandbox.person("Dara").send("hello")
        await asyncio.wait_for(rung.wait(), PATIENCE)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        assert looks > before
        assert (await waiting).id == 2
        assert looks <= 1 + changes


async def test_the_desk(sandbox: Desk) -> None:
    """Faults, the clock, kept states, findings, calls, limits and reset are asked for by name."""
    dara, bot = sandbox.person("Dara"), Bot(sandbox)
    await dara.send("hello")
    await dara.expect("serum")
    await sandbox.save("s")
    await sandbox.fault("500", method="getMe")
    await sandbox.clear_faults()
    await bot.call("getMe", tpyo=1)
    assert (await sandbox.findings())[0]["finding"] == "tpyo: unknown parameter"
    assert (await sandbox.calls())[-1]["method"] == "getMe"
    now = await sandbox.move_clock(0)
    assert await sandbox.move_clock(60) >= now + 60
    await sandbox.limits(on=True)
    assert sandbox.state["limits"] is False
    assert (await sandbox.look())["limits"] is True
    await sandbox.reset()
    assert await dara.messages() == []
    await sandbox.load("s")
    assert (await dara.expect("serum")).id == 2


async def test_a_desk_must_be_open() -> None:
    """A desk that was not entered says how."""
    with pytest.raises(RuntimeError, match="async with"):
        _ = Desk("http://127.0.0.1:9").http
