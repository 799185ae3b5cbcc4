"""What a row of the table of contents is made of."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from bot.me import Me
from bot.screen import Screen
from core.messages.rules import MessageKind

Handler = Callable[[Any, Me], Awaitable[Screen]]


class Route(NamedTuple):
    """What answers a tap, and what draws the truth when it is refused; ``group``: also at the counter, in its group.

    ``keeps``: the tap goes on with the question that stands; any other closes it. ``owed``: the card of this kind that
    it draws is owed to the counter as well, so that a full group gets it from the outbox.
    """

    handler: Handler
    refused: Handler | None = None
    group: bool = False
    keeps: bool = False
    owed: MessageKind | None = None
