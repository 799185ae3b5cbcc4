"""The gallery's screens of an order that is changed, and of what its customer hears of it."""

from dataclasses import replace

from bot.screen import Screen
from bot.screens import changing, entering, orders, staff
from core import cards
from core.checkout import service as checkout
from core.fulfilment import rules
from core.fulfilment.changing import Part, Told
from core.fulfilment.rules import PLACE, Settling, Wanted
from core.i18n import Translator
from core.money import usd
from core.orders.rules import PaymentMethod, PaymentStatus, Status
from core.people.rules import AddressPart, Question, Role
from core.shipping import rules as shipping
from tests.support.furnished import EN, KM, ODD, House


async def screens(house: House, t: Translator) -> list[Screen]:
    """Drafts with every way of settling, what is asked in a group and alone, the note of every change."""
    now, shop = house.shop.clock.now(), house.shop
    person = replace(house.dara, role=Role.ADMIN)
    asked = [Question("change", now, {"chat_id": chat}) for chat in (house.dara.telegram_id or 1, -5)]
    found = (await shop.catalogue.now()).variant(house.variant)
    assert found is not None
    order = replace(house.order, promo_code="KHQR", points_used=200, points_discount=usd(200), entered_name=ODD)
    same = rules.propose(order, Wanted(), {}, None, shop.policy, {})
    other = rules.propose(order, Wanted({house.variant: 1}).going(PLACE, "0102"), {}, None, shop.policy, {})
    other = replace(other, code_gone=True, points=100)
    drafts = [same, *(replace(other, settling=one, amount=usd(1350)) for one in Settling)]
    due = {"payment_status": PaymentStatus.DUE, "prepaid": usd(100), "payment_method": PaymentMethod.KHQR}
    card = house.card(t.language, **due)
    provinces = shipping.provinces(t.language)
    return [
        *(changing.draft(t, one, person, asked[1]) for one in drafts),
        *(changing.ask_item(t, order, person, one) for one in asked),
        *(changing.items(t, other, ODD, things, person, asked[1]) for things in ([found] * 12, [])),
        changing.where(t, other, asked[0]),
        *(changing.ask_where(t, order, part, person, one) for part in AddressPart for one in asked),
        changing.places(t, order, None, provinces, asked[1]),
        *(changing.places(t, order, one, shipping.districts(one.code, t.language), asked[1]) for one in provinces),
        changing.done(t, card, other), *_notes(house, t),
        staff.order(t, house.card(t.language, Role.COURIER, status=Status.OUT, entered_name=ODD, **due)),
    ]  # fmt: skip


async def entered(house: House, t: Translator) -> list[Screen]:
    """An order for somebody who phoned: how, the last look, that it stands, its QR and that it is over."""
    shop, name, order = house.shop, house.shop.policy.shop_name, house.order
    found = await checkout.review(shop, house.dara, house.cart)
    moved = replace(found, lines=(replace(found.lines[0], fits=False), replace(found.lines[0], moved=True)))
    looks = [cards.review_card(shop, one, house.reader(t.language)) for one in (found, moved)]
    return [
        *(entering.how(t, name, cart, units) for cart, units in ((1, 2970), (None, 0))),
        *(entering.review(t, name, look, khqr=khqr) for look in looks for khqr in (True, False)),
        entering.for_whom(t, name, 1), entering.ask_who(t, name, 1),
        entering.done(t, order), *(entering.qr(t, name, order, one) for one in (house.attempt, None)),
        orders.review(t, name, looks[0], khqr=True, clerk=True),
        staff.order(t, house.card(t.language, Role.STAFF, entered_name=ODD)),
    ]  # fmt: skip


def _notes(house: House, t: Translator) -> list[Screen]:
    """All at once, and each way in which the difference is paid."""
    card = house.card(t.language)
    told = Told((Part(EN, KM, 2, 1),) * 30, ("street",), 2550, 1350, 1200, "KHQR")
    ways = [
        {"payment_status": PaymentStatus.UNPAID}, {"payment_status": PaymentStatus.PAID},
        {"payment_status": PaymentStatus.DUE}, {"payment_status": PaymentStatus.DUE, "prepaid": usd(100)},
    ]  # fmt: skip
    orders = [replace(house.order, **way) for way in ways]
    plain = Told((), ("phone",), 2550, 2550, 0, "")
    return [*(changing.note(t, one, told, card) for one in orders), changing.note(t, orders[0], plain, card)]
