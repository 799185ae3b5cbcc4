"""Inline mode as people use it: `@bot something` is typed in any chat, and one of the results is sent."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox import inline, links
from bot.sandbox.acts.given import number, real, word
from bot.sandbox.asked import Asked
from bot.sandbox.files import file_json
from bot.sandbox.methods.content import store_upload
from bot.sandbox.people import ActError, People
from bot.sandbox.state import Json
from bot.sandbox.world import World

_LONGEST_QUERY = 256
_WAIT = 10.0  # seconds the person looks at an empty list
_LONGEST_WAIT = 60.0
_FETCHING = 5.0  # seconds
_LARGEST = 20 << 20  # bytes


async def ask(world: World, people: People, given: Json) -> Json:
    """Type `query` to the bot as `person` in `chat`; wait up to `wait` seconds; `results` is null without an answer.

    `offset` is the last answer's `next_offset`. An answer still in Telegram's cache comes without asking the bot.
    """
    person, chat = number(given, "person"), number(given, "chat")
    text, offset = word(given, "query"), word(given, "offset")
    _, place = people.here(person, chat)
    if not world.inline:
        raise ActError("this bot has no inline mode")
    if len(text) > _LONGEST_QUERY:
        raise ActError(f"an inline query has {_LONGEST_QUERY} characters at most, this has {len(text)}")
    known = inline.known_answer(world, person, place, text, offset)
    asked = known or inline.ask(world, person, place, text, offset)
    if not known:
        await _answered(world, asked.id, real(given, "wait", _WAIT, 0, _LONGEST_WAIT))
    return _shown(world.state.asked.get(asked.id, asked), cached=known is not None)


async def choose(world: World, people: People, given: Json) -> Json:
    """Send the result `result_id` of the query `query_id` as `person` into `chat` (and `thread`)."""
    person, chat, thread = number(given, "person"), number(given, "chat"), number(given, "thread", 0)
    _, place = people.here(person, chat, writing=True, thread=thread)
    asked = world.state.asked.get(word(given, "query_id"))
    if asked is None or asked.kind != "inline" or asked.answer is None:
        raise ActError("this inline query has no results", 404)
    name = word(given, "result_id")
    result = next((one for one in asked.answer["results"] if one["id"] == name), None)
    if result is None:
        raise ActError("there is no such result", 404)
    content = result["message"]
    if "fetch" in result:
        content = {**await _fetched(world, result["fetch"]), **content}
    message, sent = inline.deliver(world, person, place, content, thread=thread)
    inline.chosen(world, person, asked, name, sent)
    return {"message": world.shown(place, message), "inline_message_id": sent}


async def _answered(world: World, query: str, seconds: float) -> None:
    waiting = world.answers.setdefault(query, asyncio.get_running_loop().create_future())
    await asyncio.wait([waiting], timeout=seconds)
    world.answers.pop(query, None)


def _shown(asked: Asked, *, cached: bool) -> Json:
    if asked.answer is None:
        return {"query_id": asked.id, "results": None, "button": None, "next_offset": "", "cached": False}
    results = [_without_message(one) for one in asked.answer["results"]]
    about = {name: asked.answer[name] for name in ("button", "next_offset")}
    return {"query_id": asked.id, "results": results, **about, "cached": cached}


def _without_message(result: Json) -> Json:
    return {name: one for name, one in result.items() if name not in {"message", "fetch"} and one != ""}


async def _fetched(world: World, wanted: Json) -> Json:
    """Fetch a chosen file, from this machine only, as Telegram's servers fetch it from the web."""
    url = wanted["url"]
    if not links.is_loopback(url):
        raise ActError("the sandbox fetches files from this machine only; offer an uploaded one by its file_id")
    limit = aiohttp.ClientTimeout(total=_FETCHING)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as http,
            http.get(url, allow_redirects=False) as response,
        ):
            data = await response.content.read(_LARGEST) if response.ok else b""
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ActError(f"the file cannot be fetched from {url}") from error
    name = urlsplit(url).path.rpartition("/")[2]
    return file_json(store_upload(world, wanted["kind"], name, data))


ACTS: dict[str, Callable[[World, People, dict[str, Any]], Awaitable[Json]]] = {
    "inline": ask,
    "inline_choose": choose,
}
