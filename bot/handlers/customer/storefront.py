"""Find something: front, shelves, products, basket."""

from contextlib import suppress
from dataclasses import replace

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import shop as screens
from core.cards import product_card, review_card
from core.carts import service as carts
from core.catalog.offering import shared
from core.catalog.rules import PAGE, Catalogue, Product
from core.checkout import service as checkout
from core.errors import NotFound
from core.people.rules import Rank

LISTS = (taps.OpenCategory, taps.TurnResults, taps.MyFavourites)
"""What a product's way back may lead to."""


async def languages(_tap: taps.Languages, me: Me) -> Screen:
    """Offer the languages."""
    return screens.languages(me.reader.t, me.shop.policy.shop_name)


async def home(_tap: taps.Home, me: Me) -> Screen:
    """Show the front."""
    catalogue = await me.shop.catalogue.now()
    units, site = await carts.units(me.shop, me.person), me.shop.config.public_url
    carries, runs = me.person.rank >= Rank.COURIER, me.person.rank >= Rank.ADMIN
    shop, shown = me.shop.policy.shop_name, catalogue.filled()
    return screens.home(me.reader.t, shop, shown, site, units, carries=carries, runs=runs)


async def home_below(_tap: taps.HomeBelow, me: Me) -> Screen:
    """Show the front below, as a new message."""
    return replace(await home(taps.Home(), me), fresh=True)


async def open_category(tap: taps.OpenCategory, me: Me) -> Screen:
    """Show one page of a shelf."""
    catalogue = await me.shop.catalogue.now()
    category = catalogue.categories.get(tap.category_id)
    if category is None:
        raise NotFound
    return screens.shelf(me.reader.t, me.shop.policy.shop_name, category, catalogue.page(category.id, tap.page))


async def open_product(tap: taps.OpenProduct, me: Me) -> Screen:
    """Show a product, for one of its variants."""
    return await show(me, tap.product_id, tap.variant_id)


async def show_photo(tap: taps.ShowPhoto, me: Me) -> Screen:
    """Show a product with another of its photos; with the first where that one is gone."""
    return await show(me, tap.product_id, tap.variant_id, photo_id=tap.photo_id)


async def show(
    me: Me, product_id: int, variant_id: int = 0, back: taps.Tap | None = None, photo_id: int = 0,
    units: int | None = None,
) -> Screen:  # fmt: skip
    """Show a product with the way back to where it was opened: ``back``, else what its card leads back to already."""
    catalogue = await me.shop.catalogue.now()
    product = catalogue.products.get(product_id or catalogue.by_variant.get(variant_id, 0))
    if product is None:
        raise NotFound("product_gone")
    card = product_card(me.shop, product, me.reader, variant_id, photo_id)
    theirs = await carts.beside(me.shop, me.person, card.id, card.chosen if card.sold_out else None, units)
    card = replace(card, kept=theirs.kept, waits=theirs.waits, units=theirs.units)
    picture = screens.photo(card, me.reader.t, me.shop.policy.shop_name)
    share = shared(card.name, card.id) if me.shop.inline else ""
    return screens.product(me.reader.t, card, back or _back(product, catalogue, me), picture, share)


def _back(product: Product, catalogue: Catalogue, me: Me) -> taps.Tap:
    """Back to the list that the card in this message came from, else to the product's page of its shelf."""
    with suppress(taps.BadTap):
        if isinstance(there := taps.unpack(me.corner), LISTS):
            return there
    return taps.OpenCategory(product.category_id, catalogue.shelves[product.category_id].index(product.id) // PAGE)


async def add(tap: taps.AddToCart, me: Me) -> Screen:
    """Put one unit into the basket and stay with the product."""
    cart = await carts.add(me.shop, me.person, tap.variant_id, me.update_id)
    units = sum(line.quantity for line in cart.lines)
    return (await show(me, 0, tap.variant_id, units=units)).saying(me.say("cart.added", count=units))


async def same_product(tap: taps.AddToCart | taps.BuyNow, me: Me) -> Screen:
    """Show the product as it stands now, after something about it was refused."""
    return await open_product(taps.OpenProduct(0, tap.variant_id), me)


async def open_cart(_tap: taps.OpenCart, me: Me) -> Screen:
    """Show the basket."""
    cart = await carts.basket(me.shop, me.person)
    review = await checkout.review(me.shop, me.person, cart.id) if cart and cart.lines else None
    card = review_card(me.shop, review, me.reader) if review else None
    return screens.cart(me.reader.t, me.shop.policy.shop_name, card)


async def not_understood(_text: str, me: Me) -> Screen:
    """Say kindly that a message was not understood, with the way back to the shop."""
    return screens.lost(me.t, me.shop.policy.shop_name)
