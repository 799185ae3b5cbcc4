"""Settings: the language, and what a person wants to hear of."""

from bot import taps
from bot.handlers.customer.orders import decide
from bot.me import Me
from bot.screen import Screen
from bot.screens import orders as order_screens
from bot.screens import settings as screens
from core.orders import service as orders
from core.people import service as people
from core.people.rules import Topic


async def settings(_tap: taps.Settings, me: Me) -> Screen:
    """Show how everything stands."""
    return screens.settings(me.reader.t, me.shop.policy.shop_name, me.person)


async def hear(tap: taps.Hear, me: Me) -> Screen:
    """Switch a topic on or off, as the button said."""
    person = await people.hear(me.shop, me.person, tap.topic, on=tap.on == 1)
    return screens.settings(me.reader.t, me.shop.policy.shop_name, person)


async def hear_news(tap: taps.HearNews, me: Me) -> Screen:
    """Take the offer of news; the note stays, without the offer."""
    order = await orders.get(me.shop, me.person, tap.order_id)
    await people.hear(me.shop, me.person, Topic.NEWS, on=True)
    note = order_screens.note(me.reader.t, "delivered", await decide(order, me))
    return note.saying(me.say("settings.news_taken"), alert=True)


async def stop_reminders(_tap: taps.StopReminders, me: Me) -> Screen:
    """End the reminders for good."""
    await people.hear(me.shop, me.person, Topic.REMINDERS, on=False)
    return screens.stopped(me.reader.t, "reminders_stopped")


async def stop(_text: str, me: Me) -> Screen:
    """``/stop``: nothing more of the shop's own accord."""
    await people.hear(me.shop, me.person, *Topic, on=False)
    return screens.stopped(me.reader.t, "stopped")
