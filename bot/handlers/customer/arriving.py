"""Come in: ``/start`` with or without a link's payload, the language first, then wherever the link leads."""

from bot import taps
from bot.handlers.admin import setup
from bot.handlers.counter import parcels, team
from bot.handlers.customer import buying, storefront
from bot.me import Me
from bot.screen import Screen
from bot.screens import shop as screens
from core import doors
from core.doors import Goal
from core.errors import NotFound
from core.i18n import LANGUAGES
from core.people import service as people
from core.points import service as points


async def start(payload: str, me: Me) -> Screen:
    """``/start``, or ``/start p_12_r_CODE`` from a link: whose invitation it is, the language, then the way in."""
    door = doors.read(payload)
    if door.invitation:
        return await team.join(door.invitation, me)
    if door.parcel:  # whoever holds a parcel reads it at once, the language is asked another time
        return await parcels.opened(door.parcel, me)
    if door.code:
        await points.brought_by(me.shop, me.person, door.code)
    if me.person.language is None:
        return screens.languages(me.reader.t, me.shop.policy.shop_name, door.id, door.goal)
    if not payload and (missing := await setup.first_run(me)):
        return missing
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
    if goal is Goal.FRONT:
        return await storefront.home(taps.Home(), me)
    catalogue = await me.shop.catalogue.now()
    product_id = number if goal is Goal.PRODUCT else catalogue.by_variant.get(number, 0)
    if product_id not in catalogue.products:
        return (await storefront.home(taps.Home(), me)).telling(me.say("errors.product_gone"))
    wanted = catalogue.variant(number) if goal is Goal.BUY else None
    if wanted and wanted[1].left > 0:
        return await buying.buy_now(taps.BuyNow(number), me)
    screen = await storefront.show(me, product_id, 0 if goal is Goal.PRODUCT else number)
    return screen.telling(me.say("errors.sold_out")) if wanted else screen
