"""The table of contents of the Telegram face: what answers which tap, command, question and shared thing.

A handler gets the tap and who tapped, calls one service and returns one screen. Where the shop refuses, the second
handler draws what is true now, and the refusal is the answer to the tap. The rows stand in the pages beside this one,
each with as many of ``TAPS``, ``COMMANDS`` and ``ANSWERS`` as its matter has.
"""

from collections.abc import Awaitable, Callable, Mapping
from itertools import chain
from types import ModuleType
from typing import Any

from bot import taps
from bot.routes import (
    afterwards,
    card,
    cash,
    changing,
    counter,
    courier,
    entering,
    news,
    nudges,
    parcels,
    policy,
    products,
    promos,
    setup,
    sheets,
    shop,
    storage,
    team,
    typed,
)
from bot.routing import Handler, Route
from bot.screen import Screen

CUSTOMERS = (shop, afterwards, typed)
COUNTERS = (counter, card, cash, changing, entering, courier, team, nudges, parcels)
ADMINS = (policy, storage, products, promos, setup, news, sheets)


def _rows(name: str, *pages: ModuleType) -> dict[Any, Any]:
    return dict(chain.from_iterable(getattr(page, name, {}).items() for page in pages))


TAPS: Mapping[type[taps.Tap], Route] = _rows("TAPS", *CUSTOMERS, *COUNTERS, *ADMINS)
COMMANDS: Mapping[str, Handler] = _rows("COMMANDS", *CUSTOMERS)
"""Commands in private chats."""
COUNTER_COMMANDS: Mapping[str, Handler] = _rows("COMMANDS", *COUNTERS, *ADMINS)
"""Commands at the counter, in its group and to the bot; for who works here only."""
ADMIN_COMMANDS: Mapping[str, Handler] = _rows("COMMANDS", *ADMINS)
"""Those of them that are for admins and owners alone."""
ANSWERS: Mapping[str, Callable[..., Awaitable[Screen | None]]] = _rows("ANSWERS", *CUSTOMERS, *COUNTERS, *ADMINS)
"""What answers a typed line, by the question that stands."""
