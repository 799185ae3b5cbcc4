"""The table of contents of the Telegram face: what answers which tap, command, question and shared thing.

A handler gets the tap and who tapped, calls one service and returns one screen. Where the shop refuses, the second
handler draws what is true now, and the refusal is the answer to the tap. The taps stand in the pages beside this one.
"""

from collections.abc import Awaitable, Callable, Mapping

from bot import taps
from bot.handlers.counter import payments
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
from bot.routes import afterwards, card, cash, changing, counter, courier, entering, nudges, parcels, shop, team
from bot.routing import Handler, Route
from bot.screen import Screen

TAPS: Mapping[type[taps.Tap], Route] = {
    **shop.TAPS, **afterwards.TAPS, **counter.TAPS, **card.TAPS, **cash.TAPS, **changing.TAPS, **entering.TAPS,
    **courier.TAPS, **team.TAPS, **nudges.TAPS, **parcels.TAPS,
}  # fmt: skip

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
"""Commands in private chats; each has its words under ``command.`` in the translations."""

COUNTER_COMMANDS: Mapping[str, Handler] = {
    **entering.COMMANDS, **counter.COMMANDS, **cash.COMMANDS, **courier.COMMANDS, **team.COMMANDS,
    **nudges.COMMANDS, **parcels.COMMANDS,
}  # fmt: skip
"""Commands at the counter, in its group and to the bot; for who works here only."""

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
    "reference": payments.reference_answered,
    **card.ANSWERS,
    **cash.ANSWERS,
    **changing.ANSWERS,
    **entering.ANSWERS,
    **team.ANSWERS,
}
"""What answers a typed line, by the question that stands."""
