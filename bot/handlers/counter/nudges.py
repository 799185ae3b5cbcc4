"""What is running low at the counter: receive more, take a thing off the shelf; and what the outbox brings of it."""

from bot import taps
from bot.handlers.counter.way import came_from
from bot.me import Me
from bot.screen import Screen
from bot.screens import nudges as screens
from core.messages.rules import Owed
from core.nudges import service as nudges
from core.nudges import shelves
from core.people.rules import Rank
from core.shop import Reader, Shop


async def low(tap: taps.LowStock, me: Me) -> Screen:
    """Show what is running low; in their own chat nobody is offered what only admins may do."""
    page = await shelves.look(me.shop, me.person, tap.told, tap.after)
    runs = me.person.rank >= Rank.ADMIN
    return screens.low(me.reader.t, page, hides=not me.private or runs, back=me.private and runs)


async def again(tap: taps.AddStock | taps.HideLow | taps.ShowLow, me: Me) -> Screen:
    """Show the page below which the button stands, as it is now; without one all that is low."""
    _ = tap
    there = came_from(me)
    return await low(there if isinstance(there, taps.LowStock) else taps.LowStock(0, 0), me)


async def add(tap: taps.AddStock, me: Me) -> Screen:
    """Receive so many units."""
    now = await shelves.receive(me.shop, me.person, tap.variant_id, tap.units, tap.receipt)
    said = me.say("low.received", name=screens.name(me.t, now), units=tap.units, left=now.left)
    return (await again(tap, me)).saying(said)


async def hide(tap: taps.HideLow, me: Me) -> Screen:
    """Take the product off the shelf."""
    now = await shelves.put_out(me.shop, me.person, tap.variant_id, on_sale=False)
    return (await again(tap, me)).saying(me.say("low.is_hidden", name=screens.name(me.t, now)))


async def show(tap: taps.ShowLow, me: Me) -> Screen:
    """Put the product on its shelf again."""
    now = await shelves.put_out(me.shop, me.person, tap.variant_id, on_sale=True)
    return (await again(tap, me)).saying(me.say("low.is_shown", name=screens.name(me.t, now)))


# ── what the outbox brings ───────────────────────────────────────────────────────────────────────────────────────────
async def stuck_letter(shop: Shop, owed: Owed, who: Reader) -> Screen | None:
    """Name the orders that stand too long still; nothing, where all went on meanwhile."""
    found = await nudges.still(shop, owed)
    return screens.stuck(who.t, found) if found else None


async def low_letter(shop: Shop, owed: Owed, who: Reader) -> Screen | None:
    """Tell what is running low still."""
    page = await shop.db.read(shelves.page, int(owed.data["told"]))
    return screens.low(who.t, page) if page.items else None
