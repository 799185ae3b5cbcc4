"""Opening day in chat: what is set, whether all is well, and codes that link the shop's groups, for owners alone."""

from bot import checking, taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import setup as screens
from core.doctor import opening
from core.errors import Refused
from core.people.rules import Rank
from core.setup import service


def _alone(me: Me) -> None:
    """Refuse who owns nothing here, and every place where others read along."""
    me.person.must_be(Rank.OWNER)
    if not me.private:
        raise Refused("link_private")


def _among_admins(me: Me) -> None:
    """Refuse who does not run the shop, and every place but their own chat and the admins'."""
    me.person.must_be(Rank.ADMIN)
    if not me.private and me.chat_id != me.shop.policy.admin_chat_id:
        raise Refused("link_private")


async def command(_text: str, me: Me) -> Screen:
    """Show what is set."""
    return await open_setup(taps.OpenSetup(), me)


async def first_run(me: Me) -> Screen | None:
    """Show an owner who opens the bot what is missing; None for anybody else, and when nothing is."""
    if me.person.rank < Rank.OWNER or not me.private:
        return None
    found = await service.progress(me.shop, me.person)
    if found.done:
        return None
    return screens.progress(me.reader.t, me.shop.policy.shop_name, found, owner=True, private=True)


async def open_setup(tap: taps.OpenSetup | taps.MakeCode, me: Me) -> Screen:
    """Show what is set; codes are made by owners, where nobody reads along."""
    _ = tap
    _among_admins(me)
    found = await service.progress(me.shop, me.person)
    owner, name = me.person.rank >= Rank.OWNER, me.shop.policy.shop_name
    return screens.progress(me.reader.t, name, found, owner=owner, private=me.private)


async def check(tap: taps.CheckSetup, me: Me) -> Screen:
    """Look at bot, groups, site and bank from outside."""
    _ = tap
    _among_admins(me)
    return screens.check(me.reader.t, await opening.examine(me.shop, checking.look, person=me.person))


async def make_code(tap: taps.MakeCode, me: Me) -> Screen:
    """Make a code and show it this once."""
    _alone(me)
    return screens.code(me.reader.t, tap.link, await service.make_code(me.shop, me.person, tap.link))
