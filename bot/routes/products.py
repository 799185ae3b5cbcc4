"""What answers about products as admins see them: drafts from photos, fields, shelves, goods that come in."""

from collections.abc import Awaitable, Callable, Mapping

from bot import taps
from bot.handlers.admin import drafts, products, receiving
from bot.routing import Handler, Route
from bot.screen import Screen

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.ShowDraft: Route(drafts.again, group=True, keeps=True),
    taps.SaveDraft: Route(drafts.save, drafts.again, group=True, keeps=True),
    taps.AskDraftShelf: Route(drafts.ask_shelf, group=True, keeps=True),
    taps.NameDraftShelf: Route(drafts.name_shelf, group=True, keeps=True),
    taps.DraftShelf: Route(drafts.shelf, drafts.again, group=True, keeps=True),
    taps.DraftUnits: Route(drafts.units, drafts.again, group=True, keeps=True),
    taps.ListGoods: Route(products.turn, group=True, keeps=True),
    taps.OpenGoods: Route(products.open_goods, group=True),
    taps.OpenStocked: Route(products.open_stocked, group=True),
    taps.EditGoods: Route(products.ask_field, products.open_goods, group=True),
    taps.SetBadge: Route(products.set_badge, products.open_goods, group=True),
    taps.SetShelf: Route(products.set_shelf, products.open_goods, group=True),
    taps.PutGoods: Route(products.put, products.open_goods, group=True),
    taps.AddStocked: Route(products.ask_variant, group=True),
    taps.OpenPhotos: Route(products.photos, group=True),
    taps.AddPhoto: Route(products.ask_photo, group=True),
    taps.DropPhoto: Route(products.drop_photo, products.photos, group=True),
    taps.MovePhoto: Route(products.move_photo, products.photos, group=True),
    taps.ListShelves: Route(receiving.listing, group=True),
    taps.OpenShelf: Route(receiving.open_shelf, receiving.listing, group=True),
    taps.AskShelf: Route(receiving.ask_shelf, receiving.listing, group=True),
    taps.MoveShelf: Route(receiving.move_shelf, receiving.listing, group=True),
    taps.PutShelf: Route(receiving.put_shelf, receiving.listing, group=True),
    taps.AskDelivery: Route(receiving.ask, group=True),
    taps.TakeDelivery: Route(receiving.take, receiving.again, group=True, keeps=True),
}

COMMANDS: Mapping[str, Handler] = {"products": products.command, "receive": receiving.command}

ANSWERS: Mapping[str, Callable[..., Awaitable[Screen | None]]] = {
    "goods_draft": drafts.corrected,
    "goods_list": products.found,
    "goods_field": products.field_answered,
    "goods_photo": products.photo_in_words,
    "goods_variant": products.variant_answered,
    "goods_shelf": receiving.shelf_answered,
    "goods_delivery": receiving.answered,
}
