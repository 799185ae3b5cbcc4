"""What people do with news that came to them: go where it leads, or hear no more."""

from dataclasses import replace

from markupsafe import Markup

from bot import taps
from bot.handlers.customer import storefront
from bot.me import Me
from bot.screen import Screen
from core.broadcasts import service as broadcasts
from core.broadcasts.rules import Goal
from core.people import service as people
from core.people.rules import Topic


async def follow(tap: taps.FollowNews, me: Me) -> Screen:
    """Open below where the button leads; the news stay as they are. In a group only the preview has such a button."""
    if not me.private:
        return _preview(me)
    goal, goal_id = await broadcasts.goal(me.shop, tap.broadcast_id)
    if goal is Goal.PRODUCT:
        screen = await storefront.open_product(taps.OpenProduct(goal_id, 0), me)
    elif goal is Goal.CATEGORY:
        screen = await storefront.open_category(taps.OpenCategory(goal_id, 0), me)
    else:
        screen = await storefront.home(taps.Home(), me)
    return replace(screen, fresh=True)


async def stop(tap: taps.StopNews, me: Me) -> Screen:
    """No more news from now on; what came stays as it is, and the answer says so."""
    _ = tap
    if not me.private:
        return _preview(me)
    await people.hear(me.shop, me.person, Topic.NEWS, on=False)
    return Screen(Markup(), toast=me.say("news.stopped"), alert=True, stays=True)


def _preview(me: Me) -> Screen:
    return Screen(Markup(), toast=me.say("news.preview"), alert=True, stays=True)
