"""The screens of parcels for the gallery: what is printed for them, the way to a new code, where one stands."""

from dataclasses import replace

from bot.screen import Screen
from bot.screens import parcels, staff
from core import cards
from core.cards.parcel import label, slip
from core.i18n import Translator
from core.orders.carriers import Carrier, Shipment
from core.orders.rules import PaymentStatus, Status
from core.parcels.rules import Batch, Paper
from core.people.rules import Role
from core.pictures.label import Label
from core.pictures.slip import Slip
from tests.support.furnished import ODD, House


async def screens(house: House, t: Translator) -> list[Screen]:
    """Label and slip as picture and file, all of them at once with some left out, a new code, a stranger's view."""
    shop, who, now = house.shop, house.reader(t.language, Role.ADMIN), house.shop.clock.now()
    shop.door = lambda payload: f"https://t.me/haang_bot?start={payload}"
    order = replace(house.order, status=Status.READY, payment_status=PaymentStatus.DUE)
    order = replace(order, number="MD00042", shipment=Shipment(Carrier.JT, "840012345678", now))
    papers: tuple[Label | Slip, ...] = (label(shop, order, who), slip(shop, order, who))
    left = Batch((order,), tuple((f"MD{i:05d}", "parcel_forgotten") for i in range(30)), 7)
    stranger = replace(who, person=replace(who.person, id=0, role=None))
    card = cards.order_card(shop, order, who)
    return [
        *(parcels.picture(t, order, paper, None) for paper in papers),
        *(parcels.pdf(t, order, paper, 5) for paper in papers),
        *(parcels.batch(t, found, (paper,), kind, ODD) for found in (left, Batch((order,)))
          for paper, kind in zip(papers, Paper, strict=True)),
        parcels.batch(t, Batch(()), (), Paper.LABEL, ODD),
        parcels.batch(t, replace(left, orders=()), (), Paper.SLIP, ""),
        staff.more(t, card), parcels.ask_new_code(t, card, staff.order(t, card)),
        *(parcels.tracking(t, cards.order_card(shop, replace(order, status=status), stranger)) for status in Status),
    ]  # fmt: skip
