"""Orders that a busy group was only named: their cards called up, and the digest that names them."""

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import backlog as screens
from core.backlog import service as backlog
from core.errors import NotFound
from core.messages.rules import Owed
from core.shop import Reader, Shop


async def call_up(tap: taps.CallUp, me: Me) -> Screen:
    """Let the card come next, or say that it stands here already."""
    order, there = await backlog.call_up(me.shop, me.person, me.chat_id, tap.order_id)
    screen = await look(tap, me)
    return screen.saying(me.say("backlog.there" if there else "backlog.comes", number=order.number))


async def look(tap: taps.CallUp, me: Me) -> Screen:
    """Show the digest that was tapped, as it is now."""
    _ = tap
    if me.card is None:
        raise NotFound
    return screens.digest(me.reader.t, await backlog.digest_at(me.shop, me.person, me.card))


async def letter(shop: Shop, owed: Owed, who: Reader) -> Screen | None:
    """Draw a digest for the group; None where all of its orders are gone."""
    found = await backlog.digest(shop, owed.chat_id, owed.subject_id, owed.data.get("orders", ()))
    return screens.digest(who.t, found) if found.orders else None
