"""The admins' home: every part of running the shop, in their own chat or in the admin chat."""

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import admin as screens
from core.errors import Refused
from core.people.rules import Rank


def must_run(me: Me) -> None:
    """Refuse who is no admin, and every place but their own chat and the admin chat (``Refused("admin_private")``)."""
    me.person.must_be(Rank.ADMIN)
    if not (me.private or me.chat_id == me.shop.policy.admin_chat_id):
        raise Refused("admin_private")


async def command(_text: str, me: Me) -> Screen:
    """Open it."""
    return await open_admin(taps.OpenAdmin(), me)


async def open_admin(tap: taps.OpenAdmin, me: Me) -> Screen:
    """Show the ways to everything."""
    _ = tap
    must_run(me)
    return screens.home(me.reader.t, me.shop.policy.shop_name)
