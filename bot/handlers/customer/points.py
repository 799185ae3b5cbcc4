"""Points: what somebody has, and the invitation their friends come by."""

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import shop as screens
from core.doors import Door
from core.points import service as points


async def my_points(_tap: taps.MyPoints, me: Me) -> Screen:
    """Show the balance, what of it ends first, and the invitation."""
    found = await points.standing(me.shop, me.person)
    ends = me.reader.t.when(found.ends_at, me.shop.config.zone, "d MMM y") if found.ends_at else ""
    link = me.shop.door(Door(code=found.referral_code).payload)
    return screens.points(me.reader.t, me.shop.policy, found, ends, link)
