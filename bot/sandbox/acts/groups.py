"""Who is here: people are added, join and leave groups, lead them, block the bot."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.acts.given import number, word
from bot.sandbox.people import ActError, People
from bot.sandbox.state import Json
from bot.sandbox.world import World


def add_person(_world: World, people: People, given: Json) -> Json:
    """Add a person: `first_name`, `username`, `language_code`; returns their User."""
    name = word(given, "first_name").strip()
    if not name:
        raise ActError("a person needs a first_name")
    return people.add(name, word(given, "username") or None, word(given, "language_code", "en")).user()


def set_member(_world: World, people: People, given: Json) -> Json:
    """Give `person` (or the bot's id) a `status` in the group `chat`."""
    people.set_member(number(given, "chat"), number(given, "person"), word(given, "status"))
    return {}


def block(_world: World, people: People, given: Json) -> Json:
    """Block the bot as `person`, or let it in again with `blocked` false."""
    people.block(number(given, "person"), blocked=bool(given.get("blocked", True)))
    return {}


ACTS: dict[str, Callable[[World, People, dict[str, Any]], Json]] = {
    "people": add_person,
    "members": set_member,
    "block": block,
}
