"""Points: what somebody has, and the invitation their friends come by."""

import re

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import shop as screens
from core.points import service as points

_CODE = re.compile(r"[\w-]{10}", re.ASCII)
INVITATION = "r_"


async def my_points(_tap: taps.MyPoints, me: Me) -> Screen:
    """Show the balance, what of it ends first, and the invitation."""
    found = await points.standing(me.shop, me.person)
    ends = me.reader.t.when(found.ends_at, me.shop.config.zone) if found.ends_at else ""
    link = me.shop.door(INVITATION + found.referral_code)
    return screens.points(me.reader.t, me.shop.policy, found, ends, link)


async def invited(payload: str, me: Me) -> None:
    """Remember whose invitation a new person came by; anything else in the link's payload is nothing to us."""
    code = payload.removeprefix(INVITATION)
    if code != payload and _CODE.fullmatch(code):
        await points.brought_by(me.shop, me.person, code)
