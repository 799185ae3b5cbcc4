"""What people do beyond writing and tapping, a file for each room: `POST /sandbox/<name>` on the desk.

An act takes the world, its people and the request's JSON object, and returns a JSON object; raises ActError for what
nobody could do. `ACTS` is the one table from the name to the function; chat page, client and tests all come this way.
`VIEWS` is the same for what is only looked at (`GET`), `ENDS` for what is called off (`DELETE`).
"""

from collections.abc import Callable
from typing import Any

from bot.sandbox.acts import faults, groups, saves
from bot.sandbox.people import People
from bot.sandbox.state import Json
from bot.sandbox.world import World

Act = Callable[[World, People, dict[str, Any]], Json]
View = Callable[[World], Json]

ACTS: dict[str, Act] = {**groups.ACTS, **faults.ACTS, **saves.ACTS}
VIEWS: dict[str, View] = {**faults.VIEWS, **saves.VIEWS}
ENDS: dict[str, View] = faults.ENDS
