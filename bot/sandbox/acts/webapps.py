"""Mini Apps as people open them: from a button, the menu, a link, an inline list; with initData signed as Telegram's.

Which of them is told who opened it, and by what, follows https://core.telegram.org/bots/webapps#webappinitdata: an app
from a reply keyboard or from an inline list gets no initData at all.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from bot.sandbox import inline
from bot.sandbox.acts.given import number, word
from bot.sandbox.asked import Asked, chat_instance, session_id
from bot.sandbox.init_data import THEMES, app_address, user_field, web_app_data
from bot.sandbox.people import ActError, People
from bot.sandbox.state import Chat, Json, Person
from bot.sandbox.world import World

_LONGEST_DATA = 4096  # bytes, docs WebApp.sendData
_START = re.compile(r"[A-Za-z0-9_-]{0,512}")


def open_app(world: World, people: People, given: Json) -> Json:
    """Open a Mini App as `person` in `chat`; return the `url` for a frame.

    Which one: `message_id`, `row`, `column` for an inline button; `key` true with `row`, `column` for one of the reply
    keyboard; `menu` true; `start_param` for a link `t.me/<bot>?startapp`; or the `url` of any of them. `theme` is
    "light", "dark" or theme parameters.
    """
    who, place = people.here(number(given, "person"), number(given, "chat"))
    kind, url, text = _found(world, people, place, given)
    start = word(given, "start_param") if kind == "link" else ""
    if not _START.fullmatch(start):
        raise ActError("start_param has letters, digits, _ and -, 512 at most")
    session = _session(world, who, place, kind, text) if kind in {"app", "menu", "key"} else ""
    data = _data(world, who, place, kind, session, start)
    theme = given.get("theme", "light")
    colours = theme if isinstance(theme, dict) else THEMES.get(str(theme), THEMES["light"])
    opened = app_address(url, data, theme=colours, start_param=start)
    return {"url": opened, "kind": kind, "query_id": session or None, "init_data": data, "button_text": text}


def send_data(world: World, people: People, given: Json) -> Json:
    """Send `data` from the Mini App of the reply keyboard's button `button_text`: a service message to the bot."""
    person, chat = number(given, "person"), number(given, "chat")
    _, place = people.here(person, chat)
    data, text = word(given, "data"), word(given, "button_text")
    if not 0 < len(data.encode()) <= _LONGEST_DATA:
        raise ActError(f"a Mini App sends 1-{_LONGEST_DATA} bytes of data")
    opened = any(one.kind == "key" and (one.person, one.text) == (person, text) for one in world.state.asked.values())
    if not opened and text not in {one["text"] for one in _keys(place)}:
        raise ActError("only a Mini App opened from a reply keyboard's button can send data to the bot")
    return {"message": people.send(person, chat, {"web_app_data": {"button_text": text, "data": data}})}


def write_access(_world: World, people: People, given: Json) -> Json:
    """Let the bot write to `person`, as a Mini App or a login button asked them: a service message says so."""
    person = number(given, "person")
    return {"message": people.send(person, person, {"write_access_allowed": {"from_request": True}})}


def _found(world: World, people: People, place: Chat, given: Json) -> tuple[str, str, str]:
    """Return how an app is opened, its address, and the button's text."""
    if given.get("message_id") is not None:
        row, column = number(given, "row"), number(given, "column")
        return _of_button("app", people.button(place.id, number(given, "message_id"), row, column))
    if given.get("key"):
        return _of_button("key", _key(place, number(given, "row"), number(given, "column")))
    url = word(given, "url")
    if url or given.get("menu"):
        found = next((one for one in _offered(world, place) if not url or one[1] == url), None)
        if found is None or (not url and found[0] != "menu"):
            raise ActError("no button here opens this Mini App" if url else "the menu button opens no Mini App", 404)
        return found
    if not world.web_app:
        raise ActError("this bot has no main Mini App: name one when the sandbox is made", 404)
    return "link", world.web_app, ""


def _offered(world: World, place: Chat) -> Iterator[tuple[str, str, str]]:
    """Yield every Mini App that can be opened here without naming a message: menu, keyboard, inline list, messages."""
    settings = world.state.settings
    menu = settings.get(f"menu {place.id}") or settings.get("menu") or {}
    if place.private and "web_app" in menu:
        yield "menu", menu["web_app"]["url"], menu["text"]
    for button in _keys(place):
        yield "key", button["web_app"]["url"], button["text"]
    for asked in world.state.asked.values():
        button = (asked.answer or {}).get("button") or {}
        if "web_app" in button:
            yield "switch", button["web_app"]["url"], button["text"]
    if world.web_app:
        yield "link", world.web_app, ""
    for message in place.messages.values():
        for row in message.get("reply_markup", {}).get("inline_keyboard", []):
            yield from (("app", one["web_app"]["url"], one["text"]) for one in row if "web_app" in one)


def _of_button(kind: str, button: Json) -> tuple[str, str, str]:
    if "web_app" not in button:
        raise ActError("this button opens no Mini App")
    return kind, button["web_app"]["url"], button["text"]


def _keys(place: Chat) -> list[Json]:
    rows = (place.keyboard or {}).get("keyboard", [])
    return [button for row in rows for button in row if "web_app" in button]


def _key(place: Chat, row: int, column: int) -> Json:
    rows = (place.keyboard or {}).get("keyboard", [])
    if not (0 <= row < len(rows) and 0 <= column < len(rows[row])):
        raise ActError("there is no such button", 404)
    button: Json = rows[row][column]
    return button


def _session(world: World, who: Person, place: Chat, kind: str, text: str) -> str:
    """Remember the open app; return the query_id its server answers with, "" for one that only sends data."""
    count = world.state.last_query + 1
    name = session_id(world.bot["id"], count)
    kept = "key" if kind == "key" else "app"
    asked = Asked(name, count, kept, who.id, place.id, world.clock(), text)
    world.commit({"do": "asked", **asdict(asked)})
    return "" if kept == "key" else name


def _data(world: World, who: Person, place: Chat, kind: str, session: str, start: str) -> str:
    if kind in {"key", "switch"}:
        return ""
    fields = {"query_id": session} if session else {}
    fields["user"] = user_field(who.user(), writable=who.started and not who.blocked)
    if kind == "link":
        fields |= {"chat_instance": chat_instance(world.bot["id"], place.id), "chat_type": inline.chat_type(place)}
        fields |= {"start_param": start} if start else {}
    return web_app_data(world.token, {**fields, "auth_date": str(world.now())})


ACTS: dict[str, Callable[[World, People, dict[str, Any]], Json]] = {
    "webapp": open_app,
    "webapp_data": send_data,
    "write_access": write_access,
}
