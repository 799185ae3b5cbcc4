"""People in the sandbox: they write, tap and look, over the sandbox's own HTTP; every journey is told with them.

``dara = desk.person(1001)``; ``await dara.tap("Buy now")``; ``await dara.expect("Placed")``. Nothing sleeps: an
expectation looks again whenever the sandbox tells of a change, and gives up after a while with what was there instead.
"""

import asyncio
import io
import re
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp
from PIL import Image

PATIENCE = 15.0
Json = dict[str, Any]


@dataclass
class Desk:
    """A running sandbox at ``base``."""

    base: str
    http: aiohttp.ClientSession
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    ear: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, base: str) -> Self:
        """Begin to listen to the sandbox."""
        desk = cls(base, aiohttp.ClientSession())
        desk.ear = asyncio.create_task(desk._listen())
        return desk

    async def close(self) -> None:
        """Stop listening."""
        if self.ear:
            self.ear.cancel()
            await asyncio.gather(self.ear, return_exceptions=True)
        await self.http.close()

    def person(self, number: int, chat: int | None = None) -> "Person":
        """Speak as a person, in their private chat or in a group."""
        return Person(self, number, chat or number)

    async def newcomer(self, name: str, language: str = "km") -> "Person":
        """Let somebody new come in, with a chat of their own; ``language`` is what their Telegram is set to."""
        who = await self.post("/sandbox/people", first_name=name, language_code=language)
        return self.person(who["id"])

    async def file(self, path: str) -> bytes:
        """Read a picture as the chat page shows it."""
        async with self.http.get(self.base + path) as answer:
            answer.raise_for_status()
            return await answer.read()

    async def get(self, path: str) -> Any:
        """Ask the control API."""
        async with self.http.get(f"{self.base}{path}") as answer:
            answer.raise_for_status()
            return await answer.json()

    async def post(self, path: str, **data: Any) -> Any:
        """Tell the control API to do something; an answer that refuses raises."""
        async with self.http.post(f"{self.base}{path}", json=data) as answer:
            if answer.status >= 400:
                raise AssertionError(f"{path} {answer.status}: {await answer.text()}")
            return await answer.json()

    async def _listen(self) -> None:
        """Wake whoever waits at every event, and at every reconnection."""
        while True:
            try:
                async with self.http.get(f"{self.base}/sandbox/events", timeout=aiohttp.ClientTimeout(None)) as stream:
                    self._wake()
                    async for line in stream.content:
                        if line.startswith(b"event:"):
                            self._wake()
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)

    def _wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


@dataclass
class Person:
    """One person in one chat; ``taps`` and ``lines`` count what their thumbs had to do."""

    desk: Desk
    id: int
    chat: int
    taps: int = 0
    lines: int = 0
    read: set[str] = field(default_factory=set)
    """Every text, button and answer to a tap that they were shown while looking."""

    async def start(self, payload: str = "") -> None:
        """Press Start, perhaps from a link."""
        await self.desk.post("/sandbox/start", person=self.id, payload=payload)

    async def send(self, text: str) -> None:
        """Write a message."""
        self.lines += 1
        await self.desk.post("/sandbox/send", person=self.id, chat=self.chat, text=text)

    async def share_contact(self) -> None:
        """Share one's own phone, by the button under the composer."""
        self.taps += 1
        await self.desk.post("/sandbox/send", person=self.id, chat=self.chat, contact=True)

    async def share_location(self, latitude: float, longitude: float) -> None:
        """Share a place."""
        where = {"latitude": latitude, "longitude": longitude}
        await self.desk.post("/sandbox/send", person=self.id, chat=self.chat, location=where)

    async def send_file(self, data: bytes, kind: str = "photo", name: str = "picture.png") -> None:
        """Send a photo, or a document of any content."""
        form = aiohttp.FormData({"person": str(self.id), "chat": str(self.chat)})
        form.add_field(kind, data, filename=name)
        async with self.desk.http.post(f"{self.desk.base}/sandbox/send", data=form) as answer:
            answer.raise_for_status()

    async def messages(self) -> list[Json]:
        """Everything in the chat, the oldest first."""
        found: list[Json] = (await self.desk.get(f"/sandbox/chats/{self.chat}/messages?limit=200"))["messages"]
        for message in found:
            self.read |= {text_of(message), *(key["text"] for key in keys_of(message))}
        return found

    async def newest(self) -> int:
        """The number of the newest message, to look only ``after`` it."""
        return max((message["message_id"] for message in await self.messages()), default=0)

    async def expect(self, words: str, after: int = 0) -> Json:
        """Wait for a message whose text, caption or buttons hold ``words``; returns the newest such message."""
        seen: list[Json] = []
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    changed = self.desk.changed
                    seen = await self.messages()
                    for message in reversed(seen):
                        if message["message_id"] > after and says(message, words):
                            return message
                    await changed.wait()
        except TimeoutError:
            last = "\n---\n".join(text_of(m) + " " + str([k["text"] for k in keys_of(m)]) for m in seen[-3:])
            raise AssertionError(f"{self.id} never saw {words!r} in chat {self.chat}; last were:\n{last}") from None

    async def tap(self, label: str, *, on: Json | None = None) -> Json:
        """Tap the newest button whose text holds ``label`` and wait for the answer; returns it ({} for none)."""
        message = on or await self.expect_button(label)
        place = button(message, label)
        self.taps += 1
        done = await self.desk.post(
            "/sandbox/tap", person=self.id, chat=self.chat, message_id=message["message_id"], wait=10, **place
        )
        answer: Json = done.get("answer") or {}
        self.read.add(answer.get("text", ""))
        return answer | {key: done[key] for key in ("url", "copy_text") if key in done}

    async def press(self, message: Json, data: str, wait: int = 10) -> Json:
        """Send any value as if a button held it; ``wait`` is how many seconds the answer may take."""
        done = await self.desk.post(
            "/sandbox/tap", person=self.id, chat=self.chat, message_id=message["message_id"], data=data, wait=wait
        )
        return done.get("answer") or {}

    async def expect_button(self, label: str) -> Json:
        """Wait for a message with such a button."""
        seen: list[Json] = []
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    changed = self.desk.changed
                    seen = await self.messages()
                    for message in reversed(seen):
                        if any(label in key["text"] for key in keys_of(message)):
                            return message
                    await changed.wait()
        except TimeoutError:
            keys = [key["text"] for message in seen[-3:] for key in keys_of(message)]
            raise AssertionError(f"{self.id} never saw the button {label!r} in chat {self.chat}, but {keys}") from None

    async def never(self, words: str) -> None:
        """Hold that no message here says ``words`` now."""
        found = [text_of(message) for message in await self.messages() if says(message, words)]
        assert not found, found

    async def picture(self, message: Json) -> Image.Image:
        """Open a message's photo."""
        return Image.open(io.BytesIO(await self.desk.file(message["file_url"])))


def says(message: Json, words: str) -> bool:
    """Whether its text, caption or one of its buttons holds ``words``."""
    return words in text_of(message) or any(words in key["text"] for key in keys_of(message))


def text_of(message: Json) -> str:
    """What a message says."""
    return str(message.get("text") or message.get("caption") or "")


def keys_of(message: Json) -> list[Json]:
    """Its inline buttons."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard") or []
    return [key for row in rows for key in row]


def button(message: Json, label: str) -> dict[str, int]:
    """Where the first button stands whose text holds ``label``."""
    for r, row in enumerate((message.get("reply_markup") or {}).get("inline_keyboard") or []):
        for c, key in enumerate(row):
            if label in key["text"]:
                return {"row": r, "column": c}
    raise AssertionError(f"no button {label!r} on: {text_of(message)} {[k['text'] for k in keys_of(message)]}")


def number_in(text: str) -> str:
    """The order number in a text."""
    found = re.search(r"MD\d{5}", text)
    if not found:
        raise AssertionError(f"no order number in {text!r}")
    return found[0]
