"""A running sandbox as its client sees it: who is there, what can be asked of the desk, and when something changed."""

import asyncio
import json
from typing import Any, Self

import aiohttp

from bot.sandbox.client.message import Json
from bot.sandbox.client.person import Person

_REFUSED = 400
_AGAIN = 0.05  # seconds before the event stream is opened anew after it broke, as while the sandbox restarts
_FOR_EVER = aiohttp.ClientTimeout(None)


class ActRefused(AssertionError):
    """The sandbox refused an act that nobody could do; the text is its sentence."""


class Desk:
    """The sandbox at `address`; use it with `async with`. `patience` is how many seconds expectations and taps wait."""

    def __init__(self, address: str, *, patience: float = 10.0) -> None:
        self.address = address.rstrip("/")
        self.patience = patience
        self.state: Json = {}
        self._http: aiohttp.ClientSession | None = None
        self._ear: asyncio.Task[None] | None = None
        self._turns: dict[int, asyncio.Event] = {}

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession()
        self._ear = asyncio.create_task(self._listen())
        await self.look()
        return self

    async def __aexit__(self, *_raised: object) -> None:
        if self._ear:
            self._ear.cancel()
            await asyncio.gather(self._ear, return_exceptions=True)
        if self._http:
            await self._http.close()

    # -- who is there

    def person(self, who: str | int) -> Person:
        """Return a person by first name or id, in their private chat; raise LookupError where nobody is called so."""
        number = who if isinstance(who, int) else _named(self.state["people"], "first_name", who)
        return Person(self, number, number)

    def chat(self, title: str) -> int:
        """Return the id of a group by its title; raise LookupError where none is called so."""
        return _named(self.state["chats"], "title", title)

    async def newcomer(self, name: str, language: str = "en", username: str | None = None) -> Person:
        """Let somebody new come in, with a private chat of their own."""
        who = await self.act("people", first_name=name, language_code=language, username=username)
        await self.look()
        return self.person(int(who["id"]))

    async def look(self) -> Json:
        """Read who and what is there; `person` and `chat` find names that came since then only after a new look."""
        self.state = await self.get("state")
        return self.state

    # -- what can be asked of the desk

    async def fault(self, kind: str, **named: Any) -> None:
        """Let something go wrong: `kind` of fault, on `method` or `update`, in `chat`, `times`, `seconds`."""
        await self.act("faults", kind=kind, **named)

    async def clear_faults(self) -> None:
        """Call off what has not gone wrong yet."""
        await self.act("faults", clear=True)

    async def move_clock(self, by: float) -> float:
        """Move the sandbox's clock by seconds, back with a negative number; return what it shows then."""
        return float((await self.act("clock", by=by))["now"])

    async def limits(self, *, on: bool) -> None:
        """Switch Telegram's limits on sending."""
        await self.act("limits", on=on)

    async def save(self, name: str) -> None:
        """Keep the whole state under a name."""
        await self.act("save", name=name)

    async def load(self, name: str) -> None:
        """Put the state kept under a name back."""
        await self.act("load", name=name)
        await self.look()

    async def reset(self) -> None:
        """Begin again with the people and groups of the start."""
        await self.act("reset")
        await self.look()

    async def findings(self) -> list[Json]:
        """Return what the bot asked that Telegram does not know, such as a misspelt parameter."""
        found: list[Json] = (await self.get("findings"))["findings"]
        return found

    async def calls(self) -> list[Json]:
        """Return the bot's last calls, the oldest first."""
        found: list[Json] = (await self.get("calls"))["calls"]
        return found

    async def file(self, path: str) -> bytes:
        """Read a file by the address a message gives as `file_url`."""
        async with self.http.get(self.address + path) as answer:
            answer.raise_for_status()
            return await answer.read()

    # -- the control routes

    @property
    def http(self) -> aiohttp.ClientSession:
        """The connection; raise RuntimeError before `async with`."""
        if self._http is None:
            raise RuntimeError("open the desk first: async with Desk(address) as desk")
        return self._http

    async def get(self, path: str) -> Any:
        """Read a control route, named without `/sandbox/`."""
        async with self.http.get(f"{self.address}/sandbox/{path}") as answer:
            return await _read(path, answer)

    async def act(self, path: str, **given: Any) -> Any:
        """Post to a control route; raise ActRefused with its sentence."""
        async with self.http.post(f"{self.address}/sandbox/{path}", json=given) as answer:
            return await _read(path, answer)

    async def upload(self, form: aiohttp.FormData) -> Any:
        """Send a file as a person."""
        async with self.http.post(f"{self.address}/sandbox/send", data=form) as answer:
            return await _read("send", answer)

    # -- when something changed

    def turn(self, chat: int) -> asyncio.Event:
        """Return what is set when something changes in a chat; ask before you look, then wait."""
        return self._turns.setdefault(chat, asyncio.Event())

    async def _listen(self) -> None:
        while True:
            try:
                async with self.http.get(f"{self.address}/sandbox/events", timeout=_FOR_EVER) as stream:
                    self._changed(None)
                    await self._hear(stream.content)
            except aiohttp.ClientError:
                pass  # the sandbox is restarting
            await asyncio.sleep(_AGAIN)

    async def _hear(self, stream: aiohttp.StreamReader) -> None:
        rest = b""
        async for piece in stream.iter_any():
            *events, rest = (rest + piece).split(b"\n\n")
            for event in events:
                _, found, data = event.partition(b"\ndata: ")
                if found:
                    self._changed(json.loads(data).get("chat"))

    def _changed(self, chat: int | None) -> None:
        """Wake who waits for a chat, or everybody."""
        for number in [chat] if chat is not None else list(self._turns):
            turn = self._turns.pop(number, None)
            if turn:
                turn.set()


def _named(rows: list[Json], field: str, name: str) -> int:
    found = next((row["id"] for row in rows if row[field] == name), None)
    if found is None:
        raise LookupError(f"nobody here is called {name!r}, but {', '.join(str(row[field]) for row in rows)}")
    return int(found)


async def _read(path: str, answer: aiohttp.ClientResponse) -> Any:
    if answer.status >= _REFUSED:
        raise ActRefused(f"{path}: {answer.status} {await answer.text()}")
    return await answer.json()
