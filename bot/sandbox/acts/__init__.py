"""What people do beyond writing and tapping, a file for each room: `POST /sandbox/<name>` on the desk.

An act takes the world, its people and the request's JSON object, and returns a JSON object, perhaps after a wait; it
raises ActError for what nobody could do. `ACTS` is the one table from the name to the function; chat page, client and
tests all come this way. `VIEWS` is the same for what is only looked at (`GET`), `ENDS` for what is called off
(`DELETE`).
"""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox.acts import faults, groups, inline, messages, saves, sharing, topics, webapps
from bot.sandbox.people import People
from bot.sandbox.state import Json
from bot.sandbox.world import World

Act = Callable[[World, People, dict[str, Any]], Json | Awaitable[Json]]
View = Callable[[World], Json]

ACTS: dict[str, Act] = {
    **groups.ACTS,
    **topics.ACTS,
    **messages.ACTS,
    **faults.ACTS,
    **saves.ACTS,
    **inline.ACTS,
    **webapps.ACTS,
    **sharing.ACTS,
}
VIEWS: dict[str, View] = {**faults.VIEWS, **saves.VIEWS}
ENDS: dict[str, View] = faults.ENDS
