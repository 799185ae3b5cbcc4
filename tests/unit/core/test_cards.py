"""Cards: the same order says to each reader what they may know, in their language, and what they could do now."""

from dataclasses import fields, replace

import pytest

from bot.screens import staff
from core import cards
from core.cards import Mark
from core.checkout import service as checkout
from core.counter.rules import Desk, Note
from core.i18n import translator
from core.money import usd
from core.orders.rules import Move, Order, PaymentMethod, PaymentStatus, Status
from core.payments.rules import AttemptState
from core.people.rules import Person, Role
from core.shop import Reader, Shop, reader
from tests.support import builders

DARA = Person(7, 1001, "Dara Customer", phone=builders.PHONE)


def _as(who: Role | None = None, person: int = 99, language: str = "en") -> Reader:
    return Reader(Person(person, 2001, "Reader", role=who), translator(language))


async def _order(shop: Shop, **changes: object) -> Order:
    """A cash order of customer 7 with a location, held by Sokha."""
    dara = await builders.customer(shop, name="Dara Customer")
    made = await builders.order(shop, dara, await builders.product(shop), 2)
    where = replace(made.destination, latitude=11.55, longitude=104.92)
    return replace(made, destination=where, holder_name="Sokha Holder", person_id=7, **changes)


PRIVATE = ("Dara", "Customer", "+855", "12 000 001", "Street", "Sokha", "Holder", "104.92")


async def test_a_location_is_words_for_its_customer_and_a_map_for_the_shop(sqlite_shop: Shop) -> None:
    """Without a street the pin is named to who sent it; with one, and at the counter, the address is as it was."""
    order = await _order(sqlite_shop)
    pinned = replace(order, destination=replace(order.destination, street="", written_en="Kampot"))
    seen = [
        card.whereto and (card.whereto.address, bool(card.whereto.map_url))
        for card in (
            cards.order_card(sqlite_shop, pinned, Reader(DARA, translator("en"))),
            cards.order_card(sqlite_shop, pinned, _as(Role.STAFF)),
            cards.order_card(sqlite_shop, order, Reader(DARA, translator("en"))),
        )
    ]
    assert seen == [("📍 Your pin, Kampot", True), ("Kampot", True), (order.destination.written_en, True)]


@pytest.mark.parametrize("status", list(Status))
async def test_a_stranger_learns_nothing_private(sqlite_shop: Shop, status: Status) -> None:
    """Whoever has only the link: no name, phone, address, holder or move in any field (hole 5)."""
    order = await _order(sqlite_shop, status=status)
    card = cards.order_card(sqlite_shop, order, _as())
    assert (card.whereto, card.holder, card.moves, card.pay, card.can_renew) == (None, "", (), None, False)
    said = " ".join(repr(getattr(card, field.name)) for field in fields(card))
    assert [word for word in PRIVATE if word in said] == []
    assert card.headline == translator("en")(f"status.{order.standing}")


async def test_staff_see_whom_to_call_and_who_has_it(sqlite_shop: Shop) -> None:
    """Name, dialable phone, address, map, holder, and exactly the moves of their role."""
    order = await _order(sqlite_shop, status=Status.PREPARING)
    card = cards.order_card(sqlite_shop, order, _as(Role.STAFF))
    assert card.whereto is not None
    assert (card.whereto.recipient, card.whereto.phone) == ("Dara Customer", "+855 12 000 001")
    assert card.whereto.phone_link == builders.PHONE
    assert card.whereto.address == "12 Street 100, Phnom Penh"
    assert card.whereto.map_url == "https://maps.google.com/?q=11.55,104.92"
    assert (card.holder, card.moves) == ("Sokha Holder", (Move.READY, Move.CANCEL))
    courier = cards.order_card(sqlite_shop, order, _as(Role.COURIER))
    assert (courier.moves, courier.holder) == ((), "Sokha Holder")


@pytest.mark.parametrize(("fee", "told"), [(150, ("-$2.00", "$1.50")), (0, ("-$2.00",))])
async def test_staff_see_what_makes_the_total(sqlite_shop: Shop, fee: int, told: tuple[str, ...]) -> None:
    """A code's discount and a delivery that costs stand on the counter's card: lines and extras add up to the total."""
    order = await _order(sqlite_shop, promo_code="MIT2", discount=usd(200), delivery_fee=usd(fee))
    who = _as(Role.STAFF)
    card = cards.order_card(sqlite_shop, order, who)
    assert [amount for _, amount in card.extras] == list(told)
    assert "\nDiscount MIT2: -$2.00" in str(staff.order(who.t, card).text)


@pytest.mark.parametrize("status", list(Status))
async def test_a_courier_reads_the_address_of_parcels_alone(sqlite_shop: Shop, status: Status) -> None:
    """Notes too: while it is ready or out, or they carried it; no forged button harvests addresses."""
    order = await _order(sqlite_shop, status=status)
    courier, another = _as(Role.COURIER), _as(Role.COURIER, 98)
    desk = Desk((Note("Sokha", "call 012 000 001", sqlite_shop.clock.now()),), 0, None)

    def read(order: Order, who: Reader) -> tuple[bool, int]:
        card = cards.with_desk(sqlite_shop, cards.order_card(sqlite_shop, order, who), order, desk, who)
        assert card.number == order.number
        return card.whereto is not None, len(card.notes)

    theirs = replace(order, courier_id=courier.person.id)
    carried = status in {Status.READY, Status.OUT}
    assert read(order, courier) == ((True, 1) if carried else (False, 0))
    assert (read(theirs, courier), read(theirs, another)) == ((True, 1), (True, 1) if carried else (False, 0))


async def test_the_customer_sees_their_own(sqlite_shop: Shop) -> None:
    """Their address and what they can do; not who holds the order."""
    order = await _order(sqlite_shop)
    card = cards.order_card(sqlite_shop, order, Reader(DARA, translator("en")))
    assert card.whereto is not None
    assert (card.holder, card.moves) == ("", (Move.CANCEL,))
    assert (card.total, card.totals) == (
        "$25.50 / 104,600៛", (("Products", "$24.00"), ("Delivery", "$1.50")),
    )  # fmt: skip
    free = replace(order, delivery_fee=usd(0), discount=usd(100))
    assert cards.order_card(sqlite_shop, free, _as()).totals == (
        ("Products", "$24.00"), ("Discount", "-$1.00"), ("Delivery", "free"),
    )  # fmt: skip


DONE, NOW, AHEAD = Mark.DONE, Mark.NOW, Mark.AHEAD


@pytest.mark.parametrize(
    ("status", "marks"),
    [(Status.PENDING, (AHEAD,) * 4), (Status.CONFIRMED, (NOW, AHEAD, AHEAD, AHEAD)),
     (Status.PREPARING, (DONE, NOW, AHEAD, AHEAD)), (Status.READY, (DONE, NOW, AHEAD, AHEAD)),
     (Status.OUT, (DONE, DONE, NOW, AHEAD)), (Status.DELIVERED, (DONE,) * 4), (Status.CANCELLED, ()),
     (Status.EXPIRED, ()), (Status.RETURNED, ())],
)  # fmt: skip
async def test_the_steps(sqlite_shop: Shop, status: Status, marks: tuple[Mark, ...]) -> None:
    """What is done, now and ahead; ready is still preparing to a customer; off the way there are none."""
    order = await _order(sqlite_shop, status=status)
    card = cards.order_card(sqlite_shop, order, _as())
    assert tuple(step.mark for step in card.steps) == marks
    if marks:
        assert [step.label for step in card.steps] == ["Confirmed", "Preparing", "Out", "Delivered"]
        paid = cards.order_card(sqlite_shop, replace(order, payment_method=PaymentMethod.KHQR), _as())
        assert paid.steps[0].label == "Paid"


async def test_both_languages(sqlite_shop: Shop) -> None:
    """The same order in Khmer: names, steps, status and address; figures as in English."""
    order = await _order(sqlite_shop)
    staff = {code: cards.order_card(sqlite_shop, order, _as(Role.STAFF, language=code)) for code in ("en", "km")}
    assert (staff["km"].headline, staff["km"].lines[0].name) == ("កំពុងរង់ចាំហាងបញ្ជាក់", "សេរ៉ូម ROSE-30")
    assert staff["km"].whereto.address == "12 Street 100, រាជធានីភ្នំពេញ"
    assert staff["en"].lines[0].name == "Rose Serum ROSE-30"
    assert (staff["km"].total, staff["km"].number) == (staff["en"].total, staff["en"].number)
    assert all(not step.label.isascii() for step in staff["km"].steps)


@pytest.mark.parametrize("status", [PaymentStatus.REVIEW, PaymentStatus.REFUND_DUE])
async def test_a_problem_is_said_to_both_sides(sqlite_shop: Shop, status: PaymentStatus) -> None:
    """Staff hear what is wrong, the customer that the shop is looking; otherwise nobody hears of one."""
    order = await _order(sqlite_shop, payment_status=status)
    said = [cards.order_card(sqlite_shop, order, who).problem for who in (_as(Role.STAFF), _as())]
    assert all(said)
    assert said[0] != said[1]
    assert cards.order_card(sqlite_shop, replace(order, payment_status=PaymentStatus.PAID), _as()).problem == ""


async def test_the_qr_is_its_customers(sqlite_shop: Shop) -> None:
    """Only the customer can pay, only while it is pending; over or superseded it can be renewed."""
    shop = sqlite_shop
    await builders.with_khqr(shop)
    order, qr = await builders.khqr_order(shop)
    mine = reader(await builders.customer(shop))
    assert cards.order_card(shop, order, mine, qr).pay == qr
    for who in (_as(), _as(Role.OWNER)):
        card = cards.order_card(shop, order, who, qr)
        assert (card.pay, card.can_renew) == (None, False)
    over = cards.order_card(shop, order, mine, replace(qr, state=AttemptState.EXPIRED))
    assert (over.pay, over.can_renew) == (None, True)
    paid = cards.order_card(shop, replace(order, status=Status.CONFIRMED), mine, qr)
    assert (paid.pay, paid.can_renew) == (None, False)


async def test_no_link_without_a_public_address(sqlite_shop: Shop) -> None:
    """With no public URL no card shows a link (hole 20); with one it is the tracking page in the reader's language."""
    order = await _order(sqlite_shop)
    assert cards.order_card(sqlite_shop, order, _as()).tracking_url is None
    sqlite_shop.config = sqlite_shop.config.model_copy(update={"public_url": "https://shop.example"})
    found = cards.order_card(sqlite_shop, order, _as()).tracking_url
    assert found == f"https://shop.example/t/{order.tracking_token}?lang=en"


async def test_a_product_card(sqlite_shop: Shop) -> None:
    """Both currencies, what is left, and sold out before any badge."""
    shop = sqlite_shop
    rose, gone = await builders.product(shop, 5), await builders.product(shop, 0, sku="GONE-1")
    catalogue = await shop.catalogue.now()
    card = cards.product_card(shop, catalogue.variant(rose)[0], _as(), rose)
    assert (card.price, card.stock, card.sold_out, card.chosen) == ("$12.00 / 49,200៛", "only 5 left", False, rose)
    card = cards.product_card(shop, catalogue.variant(gone)[0], _as(language="km"))
    assert (card.stock, card.badge, card.sold_out) == ("អស់ស្តុក", "អស់ស្តុក", True)
    assert cards.product_card(shop, catalogue.variant(rose)[0], _as(), 999).chosen == rose


async def test_a_review_card(sqlite_shop: Shop) -> None:
    """Lines, warnings, address and the total that travels in the button, only to be compared."""
    shop = sqlite_shop
    dara, rose = await builders.customer(shop), await builders.product(shop, 2)
    cart_id = await builders.cart(shop, dara, (rose, 3), seen=1100)
    card = cards.review_card(shop, await checkout.review(shop, dara, cart_id), reader(dara))
    assert (card.total, card.total_cents, card.ready) == ("$37.50 / 153,800៛", 3750, False)
    assert card.warnings == ("Rose Serum ROSE-30: only 2 left now.",)
    assert (card.phone, card.address) == ("+855 12 000 001", "12 Street 100, Phnom Penh")
    cart_id = await builders.cart(shop, dara, (rose, 2), seen=1100)
    card = cards.review_card(shop, await checkout.review(shop, dara, cart_id), reader(dara))
    assert (card.ready, card.warnings) == (True, ("Rose Serum ROSE-30 now costs $12.00.",))
    nowhere = await builders.customer(shop, 1002, "Bopha", province="")
    cart_id = await builders.cart(shop, nowhere, (rose, 1))
    card = cards.review_card(shop, await checkout.review(shop, nowhere, cart_id), reader(nowhere))
    assert (card.ready, card.address, card.totals[1]) == (False, "", ("Delivery", "—"))


OVER = "The time to pay is over, so this order is closed and nothing will be sent."
CALLED_OFF = "This order was cancelled and nothing will be sent."
AGAIN = "If you still want it, just order again."


@pytest.mark.parametrize(
    ("changes", "outcome", "payment"),
    [({"status": Status.EXPIRED, "payment_method": PaymentMethod.KHQR, "payment_status": PaymentStatus.UNPAID},
      f"{OVER} No payment reached us; should you have paid, it will be counted or sent back. {AGAIN}",
      "KHQR · not paid"),
     ({"status": Status.CANCELLED, "payment_status": PaymentStatus.UNPAID, "points_used": 320},
      f"{CALLED_OFF} There is nothing to pay. Your 320 points are back. {AGAIN}", "Cash · nothing to pay"),
     ({"status": Status.CANCELLED, "payment_method": PaymentMethod.KHQR, "payment_status": PaymentStatus.REFUNDED},
      f"{CALLED_OFF} Your money was sent back to you. {AGAIN}", "KHQR · refunded"),
     ({"status": Status.CANCELLED, "payment_method": PaymentMethod.KHQR, "payment_status": PaymentStatus.REFUND_DUE},
      f"{CALLED_OFF} {AGAIN}", "KHQR · refund on its way"),
     ({"status": Status.EXPIRED, "payment_method": PaymentMethod.KHQR, "payment_status": PaymentStatus.UNPAID,
       "money_waiting": True}, f"{OVER} {AGAIN}", "KHQR · not paid"),
     ({"status": Status.PENDING}, "", "Cash on delivery")],
)  # fmt: skip
async def test_how_it_ended(sqlite_shop: Shop, changes: dict[str, object], outcome: str, payment: str) -> None:
    """Closed: its customer reads what became of order, money and points, and what to do now; staff need no such words.

    Money that is looked at or on its way back is the problem's to say: it is not said twice, nor "nothing was paid".
    """
    order = await _order(sqlite_shop, **changes)
    card = cards.order_card(sqlite_shop, order, Reader(DARA, translator("en")))
    assert (card.outcome, card.payment) == (outcome, payment)
    waits = order.payment_status is PaymentStatus.REFUND_DUE or order.money_waiting
    assert bool(card.problem) == waits
    assert cards.order_card(sqlite_shop, order, _as(Role.STAFF)).outcome == ""
    assert cards.order_card(sqlite_shop, order, Reader(DARA, translator("km"))).outcome.isascii() is not bool(outcome)
