"""The whole state kept under a name and put back: people, chats, messages, files, updates, settings, the clock."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.acts.given import word
from bot.sandbox.people import ActError, People
from bot.sandbox.saves import SaveError
from bot.sandbox.state import Json
from bot.sandbox.world import World


def save(world: World, _people: People, given: Json) -> Json:
    """Keep the state as `name`; an older one of that name is replaced."""
    return _done(world.save, given)


def load(world: World, _people: People, given: Json) -> Json:
    """Put the state kept as `name` back."""
    return _done(world.load, given)


def shown(world: World) -> Json:
    """List the names under which a state is kept."""
    return {"saves": world.saves.names()}


def _done(act: Callable[[str], None], given: Json) -> Json:
    name = word(given, "name")
    try:
        act(name)
    except SaveError as error:
        raise ActError(str(error), error.status) from error
    return {"name": name}


ACTS: dict[str, Callable[[World, People, dict[str, Any]], Json]] = {"save": save, "load": load}
VIEWS: dict[str, Callable[[World], Json]] = {"saves": shown}
