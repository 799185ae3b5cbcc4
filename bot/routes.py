"""The table of contents of the Telegram face: what answers which tap, command, question and shared thing.

A handler gets the tap and who tapped, calls one service and returns one screen. Where the shop refuses, the second
handler draws what is true now, and the refusal is the answer to the tap.
"""

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
    orders,
    places,
    points,
    privacy,
    reviews,
    settings,
    storefront,
    waiting,
)
from bot.routing import Handler, Route
from bot.screen import Screen

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.Home: Route(storefront.home),
    taps.HomeBelow: Route(storefront.home_below),
    taps.Languages: Route(storefront.languages),
    taps.Speak: Route(arriving.speak, storefront.home),
    taps.OpenCategory: Route(storefront.open_category, storefront.home),
    taps.OpenProduct: Route(storefront.open_product, storefront.home),
    taps.ShowPhoto: Route(storefront.show_photo, storefront.home),
    taps.OpenOpinions: Route(reviews.about, storefront.home),
    taps.TurnResults: Route(finding.turn, storefront.home, keeps=True),
    taps.OpenResult: Route(finding.open_result, storefront.home),
    taps.Keep: Route(favourites.keep, storefront.home),
    taps.MyFavourites: Route(favourites.my_favourites),
    taps.OpenFavourite: Route(favourites.open_favourite, favourites.same_page),
    taps.TellMe: Route(waiting.tell_me, waiting.same_product),
    taps.AddToCart: Route(storefront.add, storefront.same_product),
    taps.OpenCart: Route(storefront.open_cart),
    taps.BuyNow: Route(buying.buy_now, storefront.same_product),
    taps.OpenReview: Route(buying.review, storefront.home),
    taps.ChangeLine: Route(buying.change_line, buying.same_cart),
    taps.Addresses: Route(addresses.choose_address),
    taps.UseAddress: Route(addresses.use_address, addresses.choose_address),
    taps.OpenAddress: Route(addresses.open_address, addresses.choose_address),
    taps.EditAddress: Route(addresses.edit_address, addresses.choose_address),
    taps.RemoveAddress: Route(addresses.remove_address, addresses.choose_address),
    taps.NewAddress: Route(places.new_address, addresses.choose_address, keeps=True),
    taps.ChooseProvince: Route(addresses.choose_province, places.new_address_again, keeps=True),
    taps.ChooseDistrict: Route(places.choose_district, places.new_address_again),
    taps.ChooseCommune: Route(places.choose_commune, places.new_address_again),
    taps.AskPromo: Route(buying.ask_promo, buying.same_cart),
    taps.DropPromo: Route(buying.drop_promo, buying.same_cart),
    taps.AskNote: Route(buying.ask_note, buying.same_cart),
    taps.DropNote: Route(buying.drop_note, buying.same_cart),
    taps.SpendPoints: Route(buying.spend_points, buying.same_cart),
    taps.MyPoints: Route(points.my_points),
    taps.Settings: Route(settings.settings),
    taps.Hear: Route(settings.hear),
    taps.HearNews: Route(settings.hear_news, storefront.home_below),
    taps.StopReminders: Route(settings.stop_reminders),
    taps.PlaceOrder: Route(buying.place, buying.same_cart),
    taps.OpenHelp: Route(helping.open_help),
    taps.CloseHelp: Route(helping.close, group=True),
    taps.MyOrders: Route(history.my_orders),
    taps.TurnOrders: Route(history.turn),
    taps.BuyAgain: Route(history.buy_again),
    taps.OpenOrder: Route(orders.open_order, group=True),
    taps.MoveOrder: Route(orders.move, orders.open_order, group=True),
    taps.AskCancel: Route(orders.ask_cancel, group=True),
    taps.CancelOrder: Route(orders.cancel, orders.open_order, group=True),
    taps.HaveReceived: Route(orders.received, orders.open_order),
    taps.NewQr: Route(orders.new_qr, orders.open_order),
    taps.IHavePaid: Route(orders.i_have_paid),
    taps.GetReceipt: Route(orders.receipt),
    taps.MyData: Route(privacy.my_data),
    taps.ExportData: Route(privacy.export, privacy.my_data),
    taps.AskDelete: Route(privacy.ask_delete, privacy.my_data),
    taps.DeleteMe: Route(privacy.delete_me, privacy.ask_once_more),
    taps.JudgeOrder: Route(reviews.judge_order),
    taps.JudgeLine: Route(reviews.judge_line, reviews.judge_order),
    taps.GiveStars: Route(reviews.give_stars, reviews.judge_order),
    taps.DropWords: Route(reviews.drop_words, reviews.judge_order),
    taps.HideOpinion: Route(reviews.hide, reviews.at_counter, group=True),
}

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
}
"""What answers a typed line, by the question that stands."""
