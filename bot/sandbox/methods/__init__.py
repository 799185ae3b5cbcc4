"""The Bot API methods the sandbox serves: one table from the lower-case name to the function.

Each room brings its own `METHODS`. Anything else is refused with `404 Not Found: method not found`. getUpdates waits,
so the HTTP edge calls it itself.
"""

from collections.abc import Callable
from typing import Any

from bot.sandbox.call import Call
from bot.sandbox.methods import (
    about,
    albums,
    chats,
    deleting,
    editing,
    forwarding,
    inline,
    members,
    profile,
    reactions,
    sending,
    topics,
    webapps,
)
from bot.sandbox.world import World

Method = Callable[[World, Call], Any]

_ROOMS = (
    about,
    sending,
    albums,
    forwarding,
    reactions,
    editing,
    deleting,
    chats,
    members,
    topics,
    profile,
    inline,
    webapps,
)
METHODS: dict[str, Method] = {name.lower(): method for room in _ROOMS for name, method in room.METHODS.items()}
