"""The counter's card of an order, beside its moves: what else can be done with it."""

from bot import taps
from bot.handlers.counter.way import with_way
from bot.handlers.customer.orders import decide
from bot.me import Me
from bot.screen import Screen
from bot.screens import staff as screens
from core.orders import service as orders
from core.people.rules import Rank


async def more(tap: taps.MoreOfOrder, me: Me) -> Screen:
    """Show what else can be done with an order, below the same card."""
    me.person.must_be(Rank.COURIER)
    order = await orders.get(me.shop, me.person, tap.order_id)
    return with_way(screens.more(me.reader.t, await decide(order, me)), me)
