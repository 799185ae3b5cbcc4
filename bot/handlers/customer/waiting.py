"""What is sold out: ask to be told when it is back, leave the list again; the note that tells."""

from bot import taps
from bot.handlers.customer import storefront
from bot.me import Me
from bot.screen import Screen
from bot.screens import shop as screens
from core.cards import product_card
from core.messages.rules import Owed
from core.shop import Reader, Shop
from core.waiting import service as waiting


async def tell_me(tap: taps.TellMe, me: Me) -> Screen:
    """Stand on the list of a variant or not, and stay with the product."""
    if tap.on > 0:
        said = "waiting.on" if await waiting.ask(me.shop, me.person, tap.variant_id) else "waiting.already"
    else:
        await waiting.leave(me.shop, me.person, tap.variant_id)
        said = "waiting.off"
    return (await same_product(tap, me)).saying(me.say(said))


async def same_product(tap: taps.TellMe, me: Me) -> Screen:
    """Show the product as it stands now."""
    return await storefront.open_product(taps.OpenProduct(0, tap.variant_id), me)


async def letter(shop: Shop, owed: Owed, reader: Reader) -> Screen | None:
    """Tell that something is back and how many there are now; None where there are none any more."""
    product = await waiting.news(shop, owed)
    if product is None:
        return None
    card = product_card(shop, product, reader, owed.subject_id)
    return screens.back_in_stock(reader.t, card, screens.photo(card, reader.t, shop.policy.shop_name))
