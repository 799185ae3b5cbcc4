"""One person in one chat: what their hands do and what their eyes see."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp

from bot.sandbox.client.message import Answer, Json, Message, Words, holds

if TYPE_CHECKING:
    from bot.sandbox.client.desk import Desk

_PAGE = 200  # messages of a chat that are looked at
_STANDING = 5  # messages a failure tells of
_MINUTE = 65.0  # seconds: a group takes so many messages a minute, and the next one comes then
Found = TypeVar("Found")


class NotSeen(AssertionError):
    """What was expected did not come; the text says what stands in the chat."""


class Person:
    """A person in a chat: their private one with the bot, or a group.

    `taps` and `lines` count what their thumbs had to do, `read` collects every text, button and answer they were shown
    while looking. `seen` is the chat as it was at the last look.
    """

    def __init__(self, desk: "Desk", number: int, place: int) -> None:
        self.desk = desk
        self.id = number
        self.place = place
        self.patience = desk.patience if place > 0 else max(desk.patience, _MINUTE)
        self.taps = 0
        self.lines = 0
        self.read: set[str] = set()
        self.seen: list[Message] = []
        self.keyboard: list[list[Json]] = []

    def chat(self, place: str | int) -> "Person":
        """Return the same person in a group, by its title or id."""
        return Person(self.desk, self.id, self.desk.chat(place) if isinstance(place, str) else place)

    @property
    def last(self) -> Message:
        """The newest message as of the last look; raise NotSeen in an empty chat."""
        if not self.seen:
            raise NotSeen(f"{self} has seen no message yet")
        return self.seen[-1]

    def __str__(self) -> str:
        names = {one["id"]: one["first_name"] for one in self.desk.state.get("people", ())}
        titles = {one["id"]: one["title"] for one in self.desk.state.get("chats", ())}
        name = names.get(self.id, str(self.id))
        return name if self.place == self.id else f"{name} in {titles.get(self.place, self.place)}"

    # -- hands

    async def send(self, text: str, *, reply_to: int | None = None) -> Message:
        """Write a message."""
        self.lines += 1
        return await self._send(text=text, reply_to=reply_to)

    async def start(self, payload: str = "") -> Message:
        """Press Start, perhaps by a deep link with a payload."""
        return Message((await self.desk.act("start", person=self.id, payload=payload))["message"])

    async def photo(
        self, data: bytes, caption: str = "", *, name: str = "photo.png", reply_to: int | None = None
    ) -> Message:
        """Send a picture."""
        return await self._upload("photo", data, caption, name, reply_to)

    async def voice(self, data: bytes, caption: str = "", *, reply_to: int | None = None) -> Message:
        """Send a voice message."""
        return await self._upload("voice", data, caption, "voice.ogg", reply_to)

    async def document(self, data: bytes, caption: str = "", *, name: str = "file.bin") -> Message:
        """Send a file of any content."""
        return await self._upload("document", data, caption, name)

    async def share_contact(self, phone: str | None = None) -> Message:
        """Share their own phone number, by the button under the composer."""
        self.taps += 1
        return await self._send(contact=True, phone=phone)

    async def share_location(self, latitude: float, longitude: float) -> Message:
        """Share a place."""
        return await self._send(location={"latitude": latitude, "longitude": longitude})

    async def share_people(self, *people: int) -> Message:
        """Pick people, by the button under the composer that asks for some."""
        await self.messages()
        asked = next((key["request_users"] for row in self.keyboard for key in row if "request_users" in key), None)
        if asked is None:
            raise NotSeen(f"{self} sees no button that asks for people; {self._standing()}")
        self.taps += 1
        given = {"person": self.id, "chat": self.place, "request_id": asked["request_id"], "users": list(people)}
        return Message((await self.desk.act("share_users", **given))["message"])

    async def tap(self, label: Words, *, on: Message | None = None, within: float | None = None) -> Answer:
        """Tap the newest button that says so, below a message or the composer, and wait for the bot's answer.

        The button is waited for; `on` is the message that has it, or will have once the bot has edited it.
        """
        message = on
        if on is None:
            message = await self._until(lambda: self._holding(label), f"button {label!r}", within)
        elif on.place(label) is None:
            here = on.id
            wanted = f"button {label!r} below #{here}"
            message = await self._until(
                lambda: self._newest(lambda one: one.id == here and one.place(label) is not None), wanted, within
            )
        self.taps += 1
        if message is None:
            return await self._key(label)
        place = message.place(label)
        if place is None:
            raise NotSeen(f"{self} sees no button {label!r} on: {message.shown()}")
        return await self._tapped(message.id, row=place[0], column=place[1])

    async def press(self, message: Message, data: str, *, wait: float | None = None) -> Answer:
        """Send any callback data as if a button of this message held it; wait so many seconds for the answer."""
        return await self._tapped(message.id, data=data, wait=wait)

    async def block(self, *, blocked: bool = True) -> None:
        """Block the bot, or let it in again."""
        await self.desk.act("block", person=self.id, blocked=blocked)

    async def join(self, status: str = "member") -> None:
        """Become a member of this group, or what else `status` says: administrator, left, kicked."""
        await self.desk.act("members", chat=self.place, person=self.id, status=status)

    # -- eyes

    async def messages(self) -> list[Message]:
        """Look: return everything in the chat, the oldest first."""
        shown = await self.desk.get(f"chats/{self.place}/messages?limit={_PAGE}")
        self.seen = [Message(message) for message in shown["messages"]]
        self.keyboard = (shown["keyboard"] or {}).get("keyboard") or []
        self.read |= {text for message in self.seen for text in (message.text, *message.labels)}
        return self.seen

    async def newest(self) -> int:
        """Look, and return the number of the newest message: expect what comes `after` it."""
        return max((message.id for message in await self.messages()), default=0)

    async def expect(self, words: Words, *, after: int = 0, within: float | None = None) -> Message:
        """Wait for a message whose text, caption or buttons say so; return the newest such."""
        return await self._until(
            lambda: self._newest(lambda one: one.id > after and one.says(words)), f"{words!r}", within
        )

    async def expect_button(self, label: Words, *, within: float | None = None) -> Message:
        """Wait for a message with such an inline button; return the newest such."""
        return await self._until(
            lambda: self._newest(lambda one: one.place(label) is not None), f"button {label!r}", within
        )

    async def never(self, words: Words) -> None:
        """Hold that no message here says so now."""
        found = [message.shown() for message in await self.messages() if message.says(words)]
        if found:
            raise NotSeen(f"{self} sees {words!r}, which must not be there: {found}")

    async def file(self, message: Message) -> bytes:
        """Open a message's photo or document."""
        return await self.desk.file(message["file_url"])

    # -- how

    async def _send(self, **given: Any) -> Message:
        given = {name: value for name, value in given.items() if value is not None}
        return Message((await self.desk.act("send", person=self.id, chat=self.place, **given))["message"])

    async def _upload(self, kind: str, data: bytes, caption: str, name: str, reply_to: int | None = None) -> Message:
        form = aiohttp.FormData({"person": str(self.id), "chat": str(self.place), "caption": caption})
        if reply_to is not None:
            form.add_field("reply_to", str(reply_to))
        form.add_field(kind, data, filename=name)
        return Message((await self.desk.upload(form))["message"])

    async def _tapped(self, message: int, *, wait: float | None = None, **what: Any) -> Answer:
        where = {"person": self.id, "chat": self.place, "message_id": message}
        wait = self.desk.patience if wait is None else wait
        answer = Answer.read(await self.desk.act("tap", **where, **what, wait=wait))
        self.read.add(answer.text)
        return answer

    async def _key(self, label: Words) -> Answer:
        """Press a button under the composer: it sends what it says, or shares the person's contact."""
        button = next(button for row in self.keyboard for button in row if holds(button["text"], label))
        if button.get("request_contact"):
            await self._send(contact=True)
        elif set(button) - {"text", "style", "icon_custom_emoji_id"}:
            raise NotSeen(f"{self} cannot press {button}: share what it asks for instead")
        else:
            await self._send(text=button["text"])
        return Answer()

    def _newest(self, fits: Callable[[Message], bool]) -> tuple[Message] | None:
        return next(((message,) for message in reversed(self.seen) if fits(message)), None)

    def _holding(self, label: Words) -> tuple[Message | None] | None:
        """Return the newest message with such a button, (None,) where only the composer's keyboard has it."""
        found = self._newest(lambda one: one.place(label) is not None)
        return found or ((None,) if any(holds(one["text"], label) for row in self.keyboard for one in row) else None)

    async def _until(self, look: Callable[[], tuple[Found] | None], what: str, within: float | None) -> Found:
        """Look at every change until something is found; raise NotSeen with what stands there instead."""
        seconds = self.patience if within is None else within
        end = asyncio.get_running_loop().time() + seconds
        while True:
            turn = self.desk.turn(self.place)
            await self.messages()
            found = look()
            if found:
                return found[0]
            try:
                async with asyncio.timeout_at(end):
                    await turn.wait()
            except TimeoutError:
                raise NotSeen(f"{self} saw no {what} within {seconds:g} s; {self._standing()}") from None

    def _standing(self) -> str:
        shown = [message.shown() for message in self.seen[-_STANDING:]]
        keys = [button["text"] for row in self.keyboard for button in row]
        lines = [*shown, *([f"under the composer: {keys}"] if keys else [])]
        return "the chat ends with:\n" + "\n".join(lines) if lines else "the chat is empty"
