"""What is printed for a parcel: label and packing slip, in the words of who prints them."""

from core.cards.order import OrderCard, order_card
from core.cards.shared import both
from core.orders.rules import Order, PaymentStatus
from core.parcels import service as parcels
from core.pictures.label import Label
from core.pictures.slip import Slip, SlipLine
from core.shop import Reader, Shop


def label(shop: Shop, order: Order, reader: Reader) -> Label:
    """Decide a parcel's label; for who may see where it goes.

    ``Refused`` while the shop does not know its bot's name; what is collected is what the courier is to take.
    """
    card, t = order_card(shop, order, reader), reader.t
    due = order.payment_status is PaymentStatus.DUE
    money = (_money(order, card, reader), "")
    if due:
        usd, _, riel = both(order.to_collect, order.riel_rate).partition(" / ")
        money = (t("parcel.collect", amount=usd), riel)
    to, shipment = card.whereto, order.shipment
    return Label(
        shop.policy.shop_name, order.number, to.recipient if to else "", to.phone if to else "",
        to.address if to else "", money, due, parcels.link(shop, order),
        t("parcel.items", count=sum(line.quantity for line in order.lines)),
        t(f"carrier.{shipment.carrier}") if shipment else "", shipment.tracking_number if shipment else "", order.note,
    )  # fmt: skip


def _money(order: Order, card: OrderCard, reader: Reader) -> str:
    """Say that nothing is collected: it is paid, or what else stands in the way of the money."""
    return reader.t("parcel.paid") if order.payment_status is PaymentStatus.PAID else card.payment


def slip(shop: Shop, order: Order, reader: Reader) -> Slip:
    """Decide a parcel's packing slip; for who may see whom it is for."""
    card = order_card(shop, order, reader)
    lines = tuple(SlipLine(line.name, line.detail, line.quantity, line.amount) for line in card.lines)
    return Slip(
        shop.policy.shop_name, card.number, card.placed, card.whereto.recipient if card.whereto else "", lines,
        (*card.totals, (reader.t("total.total"), card.total)), card.payment, card.note,
    )  # fmt: skip
