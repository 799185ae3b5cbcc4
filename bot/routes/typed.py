"""What a customer types: commands in their chat with the bot, and answers to what they are asked."""

from collections.abc import Awaitable, Callable, Mapping

from bot import taps
from bot.handlers.customer import (
    addresses,
    arriving,
    buying,
    favourites,
    finding,
    helping,
    history,
    paying,
    points,
    privacy,
    reviews,
    settings,
    storefront,
)
from bot.routing import Handler
from bot.screen import Screen

COMMANDS: Mapping[str, Handler] = {
    "start": arriving.start,
    "cart": lambda _text, me: storefront.open_cart(taps.OpenCart(), me),
    "orders": lambda _text, me: history.my_orders(taps.MyOrders(), me),
    "favourites": lambda _text, me: favourites.my_favourites(taps.MyFavourites(0), me),
    "points": lambda _text, me: points.my_points(taps.MyPoints(), me),
    "help": lambda _text, me: helping.open_help(taps.OpenHelp(0, 0), me),
    "language": lambda _text, me: storefront.languages(taps.Languages(), me),
    "mydata": lambda _text, me: privacy.my_data(taps.MyData(), me),
    "settings": lambda _text, me: settings.settings(taps.Settings(), me),
    "stop": settings.stop,
}
"""Each has its words under ``command.`` in the translations."""

ANSWERS: Mapping[str, Callable[..., Awaitable[Screen | None]]] = {
    "phone": buying.phone_answered,
    "place": addresses.place_answered,
    "street": addresses.street_answered,
    "address": addresses.address_answered,
    "promo": buying.promo_answered,
    "search": finding.search_again,
    "note": buying.note_answered,
    "help": helping.said,
    "review": reviews.answered,
    "paid": paying.picture_answered,
}
