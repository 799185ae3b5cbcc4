"""Orders that a rule found suspicious: staff say what they are."""

from bot import taps
from bot.handlers.counter.way import with_way
from bot.handlers.customer.orders import draw
from bot.me import Me
from bot.screen import Screen
from bot.screens import suspicion as screens
from core.fulfilment import verdicts
from core.orders import service as orders


async def check(tap: taps.CheckOrder, me: Me) -> Screen:
    """Take a verdict; who comes second hears whose was first."""
    order = await verdicts.decide(me.shop, me.person, tap.order_id, tap.verdict, tap.seen, shown_in=me.chat_id)
    return (await draw(order, me)).saying(me.say(f"verdict.{tap.verdict}"))


async def ask_reject(tap: taps.AskReject, me: Me) -> Screen:
    """Ask once more before it is cancelled; where that is not theirs to do, say whose it is."""
    order = await orders.get(me.shop, me.person, tap.order_id)
    verdicts.must_reject(order, me.person)
    return with_way(screens.ask_reject(me.reader.t, order, tap.seen, await draw(order, me)), me)


async def reject(tap: taps.RejectOrder, me: Me) -> Screen:
    """Reject and cancel it."""
    order = await verdicts.reject(me.shop, me.person, tap.order_id, tap.version, tap.seen, shown_in=me.chat_id)
    return (await draw(order, me)).saying(me.say("verdict.rejected"))
