"""Favourites: mark and unmark a product, find it again."""

from bot import taps
from bot.handlers.customer import storefront
from bot.me import Me
from bot.screen import Screen
from bot.screens import shop as screens
from core.favourites import service as favourites


async def keep(tap: taps.Keep, me: Me) -> Screen:
    """Keep a product, and stay with it."""
    await favourites.mark(me.shop, me.person, tap.product_id, kept=True)
    screen = await storefront.show(me, tap.product_id, tap.variant_id, photo_id=tap.photo_id)
    return screen.saying(me.say("favourites.kept"))


async def let_go(tap: taps.LetGo, me: Me) -> Screen:
    """Keep it no more, and stay with it."""
    await favourites.mark(me.shop, me.person, tap.product_id, kept=False)
    screen = await storefront.show(me, tap.product_id, tap.variant_id, photo_id=tap.photo_id)
    return screen.saying(me.say("favourites.dropped"))


async def my_favourites(tap: taps.MyFavourites, me: Me) -> Screen:
    """Show a page of what the person keeps."""
    page = await favourites.mine(me.shop, me.person, tap.page)
    return screens.favourites(me.reader.t, me.shop.policy.shop_name, page)


async def open_favourite(tap: taps.OpenFavourite, me: Me) -> Screen:
    """Show a product that is kept, with the way back to the page it stands on."""
    return await storefront.show(me, tap.product_id, back=taps.MyFavourites(tap.page))


async def same_page(tap: taps.OpenFavourite, me: Me) -> Screen:
    """Show the page as it is now, after a product of it was hidden."""
    return await my_favourites(taps.MyFavourites(tap.page), me)
