"""Come in: ``/start`` with or without a link's payload, the language first, then wherever the link leads."""

from bot import taps
from bot.handlers.customer import buying, storefront
from bot.me import Me
from bot.screen import Screen
from bot.screens import shop as screens
from core import doors
from core.doors import Goal
from core.errors import NotFound, ShopError
from core.i18n import LANGUAGES
from core.people import service as people
from core.points import service as points


async def start(payload: str, me: Me) -> Screen:
    """``/start``, or ``/start p_12_r_CODE`` from a link: whose invitation it is, the language, then the way in."""
    door = doors.read(payload)
    if door.code:
        await points.brought_by(me.shop, me.person, door.code)
    if me.person.language is None:
        return screens.languages(me.reader.t, me.shop.policy.shop_name, door.id, door.goal)
    screen = await enter(door.goal, door.id, me)
    return screen if door.known else screen.telling(me.say("errors.link_unknown"))


async def speak(tap: taps.Speak, me: Me) -> Screen:
    """Choose a language and go on to where the person was going."""
    if tap.language not in LANGUAGES:
        raise NotFound
    me = me.speaking(await people.speak(me.shop, me.person, tap.language))
    return await enter(tap.goal, tap.then, me)


async def enter(goal: Goal, number: int, me: Me) -> Screen:
    """Go through a door; where it does not lead there any more, say so above what comes nearest."""
    try:
        if goal is Goal.BUY:
            return await buying.buy_now(taps.BuyNow(number), me)
        if goal is not Goal.FRONT and number:
            return await _product(goal, number, me)
    except ShopError as error:
        return (await _instead(goal, number, me)).telling(me.say(error.key, **error.values))
    return await storefront.home(taps.Home(), me)


async def _product(goal: Goal, number: int, me: Me) -> Screen:
    tap = taps.OpenProduct(number, 0) if goal is Goal.PRODUCT else taps.OpenProduct(0, number)
    return await storefront.open_product(tap, me)


async def _instead(goal: Goal, number: int, me: Me) -> Screen:
    """What comes nearest: the product that cannot be bought now, else the front."""
    try:
        return await _product(goal, number, me)
    except ShopError:
        return await storefront.home(taps.Home(), me)
