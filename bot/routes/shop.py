"""What answers the taps of finding and buying: storefront, basket, address, review."""

from collections.abc import Mapping

from bot import taps
from bot.handlers.customer import addresses, arriving, buying, favourites, finding, places, reviews, storefront, waiting
from bot.routing import Route

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
    taps.LetGo: Route(favourites.let_go, storefront.home),
    taps.MyFavourites: Route(favourites.my_favourites),
    taps.OpenFavourite: Route(favourites.open_favourite, favourites.same_page),
    taps.TellMe: Route(waiting.tell_me, waiting.same_product),
    taps.AddToCart: Route(storefront.add, storefront.same_product),
    taps.OpenCart: Route(storefront.open_cart),
    taps.BuyNow: Route(buying.buy_now, storefront.same_product),
    taps.OpenReview: Route(buying.review, storefront.home),
    taps.BuyForMyself: Route(buying.review, storefront.home),
    taps.ChangeLine: Route(buying.change_line, buying.same_cart),
    taps.Addresses: Route(addresses.choose_address),
    taps.UseAddress: Route(addresses.use_address, addresses.choose_address),
    taps.OpenAddress: Route(addresses.open_address, addresses.choose_address),
    taps.EditAddress: Route(addresses.edit_address, addresses.choose_address),
    taps.RemoveAddress: Route(addresses.remove_address, addresses.choose_address),
    taps.NewAddress: Route(places.new_address, addresses.choose_address, keeps=True),
    taps.ChooseProvince: Route(addresses.choose_province, places.new_address_again, keeps=True),
    taps.ChooseDistrict: Route(places.choose_district, places.new_address_again, keeps=True),
    taps.ChooseCommune: Route(places.choose_commune, places.new_address_again, keeps=True),
    taps.AskPromo: Route(buying.ask_promo, buying.same_cart),
    taps.DropPromo: Route(buying.drop_promo, buying.same_cart),
    taps.AskNote: Route(buying.ask_note, buying.same_cart),
    taps.DropNote: Route(buying.drop_note, buying.same_cart),
    taps.SpendPoints: Route(buying.spend_points, buying.same_cart),
    taps.PlaceOrder: Route(buying.place, buying.same_cart),
}
