"""Placing an order: what is written, what is kept whatever changes later, and that a second call makes nothing."""

import pytest
from sqlalchemy import select

from core.carts import service as carts
from core.checkout import service as checkout
from core.checkout.service import Wish
from core.database.tables import addresses, order_events, order_lines, orders, people, products
from core.errors import NotFound, OutOfDate, Refused
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef
from core.money import usd
from core.orders.rules import Order, PaymentMethod, PaymentStatus, Status
from core.payments.rules import VALID_FOR
from core.people import service as people_service
from core.people import store as people_store
from core.people.rules import Question
from core.settings import service as settings
from core.shop import Shop
from tests.support import builders


async def test_an_order_says_what_was_agreed(shop: Shop) -> None:
    """Lines, fee, total, destination, status and the first event are what the review promised."""
    person, rose = await builders.customer(shop), await builders.product(shop)
    mask = await builders.product(shop, cents=350, sku="MASK-1")
    made = await builders.place(shop, person, await builders.cart(shop, person, (rose, 2), (mask, 1)))

    assert (made.number, made.status, made.payment_status) == ("MD00001", Status.PENDING, PaymentStatus.DUE)
    assert (made.subtotal, made.delivery_fee, made.total) == (usd(2750), usd(150), usd(2900))
    assert [(line.sku, line.quantity, line.unit_price) for line in made.lines] == [
        ("ROSE-30", 2, usd(1200)), ("MASK-1", 1, usd(350)),
    ]  # fmt: skip
    assert made.destination.written_en == "12 Street 100, Phnom Penh"
    assert made.destination.phone == builders.PHONE
    assert made.expires_at is None
    rows = await shop.db.read(lambda tx: tx.execute(select(order_events)).all())
    assert [(row.kind, row.actor_name, row.to_status) for row in rows] == [("placed", "Dara", "pending")]
    assert await builders.figures(shop, rose) == (10, 2, 0)
    await builders.sound(shop)


async def test_a_khqr_order_is_unpaid_and_has_one_qr(shop: Shop) -> None:
    """The hold lasts a quarter of an hour, the QR five minutes, for exactly the total."""
    await builders.with_khqr(shop)
    made, attempt = await builders.khqr_order(shop)
    now = shop.clock.now()
    assert made.payment_status is PaymentStatus.UNPAID
    assert made.expires_at == now + shop.policy.khqr_hold
    assert (attempt.amount_minor, attempt.expires_at) == (made.total.amount, now + VALID_FOR)
    assert attempt.account == builders.ACCOUNT
    assert attempt.bill_number == f"{made.number}-1"


async def test_snapshots_survive_every_later_change(shop: Shop) -> None:
    """A new price, name, address, exchange rate or fee changes no order that stands."""
    person, rose = await builders.customer(shop), await builders.product(shop)
    made = await builders.order(shop, person, rose)

    await builders.reprice(shop, rose, 9900)
    await shop.db.write(lambda tx: tx.execute(products.update().values(name_en="Other", name_km="Other")))
    await shop.db.write(lambda tx: tx.execute(addresses.update().values(street="Moved", phone="+85512000009")))
    await shop.db.write(lambda tx: tx.execute(people.update().values(name="Renamed")))
    await settings.change(shop.db, shop.clock, "riel_rate", 5000, None)
    await settings.change(shop.db, shop.clock, "fee_capital", 999, None)

    assert await builders.read(shop, made) == made
    assert made.riel_rate == 4100


async def test_numbers_and_tokens_are_unique(sqlite_shop: Shop) -> None:
    """Numbers count on; each order has two different tokens of 128 bits."""
    shop = sqlite_shop
    person, rose = await builders.customer(shop), await builders.product(shop, 20)
    made = [await builders.order(shop, person, rose) for _ in range(5)]
    assert [order.number for order in made] == [f"MD0000{n}" for n in range(1, 6)]
    tokens = {token for order in made for token in (order.tracking_token, order.parcel_token)}
    assert len(tokens) == 10
    assert {len(token) for token in tokens} == {22}


async def test_a_refused_order_may_leave_a_gap_but_never_a_double(shop: Shop) -> None:
    """A refused checkout between two orders leaves their numbers different."""
    person, rose = await builders.customer(shop), await builders.product(shop, 2)
    first = await builders.order(shop, person, rose)
    with pytest.raises(Refused):
        await builders.order(shop, person, rose, 5)
    second = await builders.order(shop, person, rose)
    assert first.number != second.number
    assert await builders.count(shop, orders) == 2


async def test_placing_again_finds_the_first_order(shop: Shop) -> None:
    """A second press, even after the price moved, is the same order: nothing doubles (hole 15)."""
    person, rose = await builders.customer(shop), await builders.product(shop)
    cart_id = await builders.cart(shop, person, (rose, 1))
    made = await builders.place(shop, person, cart_id)
    await builders.reprice(shop, rose, 1)
    again = await checkout.place(shop, person, Wish(cart_id, PaymentMethod.KHQR, 1))
    assert again == made
    assert await builders.figures(shop, rose) == (10, 1, 0)


async def test_the_last_used_address_comes_first(shop: Shop) -> None:
    """Without a choice the order goes where the last one went; a chosen address wins."""
    person, rose = await builders.customer(shop), await builders.product(shop)
    cart_id = await builders.cart(shop, person, (rose, 1))
    question = Question("street", shop.clock.now(), {"cart_id": cart_id})
    await shop.db.write(people_store.ask, person.id, question)
    await carts.say_where(shop, person, question, **builders.WHERE | {"recipient": "Aunt", "province_code": "02"})
    assert (await builders.place(shop, person, cart_id)).destination.recipient == "Aunt"
    assert (await builders.order(shop, person, rose)).destination.recipient == "Dara"


async def test_the_message_that_was_tapped_becomes_the_card(shop: Shop) -> None:
    """The card of a placed order is where the customer tapped, and is redrawn there only a little later."""
    person, rose = await builders.customer(shop), await builders.product(shop)
    cart_id = await builders.cart(shop, person, (rose, 1))
    card = MessageRef(person.telegram_id or 0, 77, has_photo=True)
    found = await checkout.review(shop, person, cart_id)
    made = await checkout.place(shop, person, Wish(cart_id, PaymentMethod.COD, found.total.amount, card))
    assert await shop.db.read(messages.ref, card.chat_id, MessageKind.ORDER_CARD, made.id) == card


async def _nothing_changed(shop: Shop, variant: int) -> None:
    for table in (orders, order_lines, order_events):
        assert await builders.count(shop, table) == 0
    assert await builders.owed(shop) == []
    assert (await builders.figures(shop, variant))[1:] == (0, 0)
    await builders.sound(shop)


async def test_a_price_that_moved_is_said_once(shop: Shop) -> None:
    """The new total is named, nothing was changed, and the same cart can be ordered for it."""
    person, rose = await builders.customer(shop), await builders.product(shop)
    cart_id = await builders.cart(shop, person, (rose, 1))
    await builders.reprice(shop, rose, 1300)
    with pytest.raises(OutOfDate) as refused:
        await checkout.place(shop, person, Wish(cart_id, PaymentMethod.COD, 1350))
    assert (refused.value.key, refused.value.values) == ("errors.price_moved", {"total": usd(1450)})
    await _nothing_changed(shop, rose)
    made = await checkout.place(shop, person, Wish(cart_id, PaymentMethod.COD, 1450))
    assert made.total == usd(1450)


@pytest.mark.parametrize("case", ["sold_out", "product_gone", "address_missing", "cart_empty", "no_zone"])
async def test_what_cannot_be_ordered_changes_nothing(shop: Shop, case: str) -> None:
    """Sold out, off sale, without an address, empty, or in no zone: one sentence, no row, no unit."""
    person = await builders.customer(shop, province="" if case == "address_missing" else "12")
    rose = await builders.product(shop, units=1 if case == "sold_out" else 5)
    cart_id = await builders.cart(shop, person, *([] if case == "cart_empty" else [(rose, 2)]))
    if case == "product_gone":
        await builders.retire(shop, rose)
    if case == "no_zone":
        await shop.db.write(lambda tx: tx.execute(addresses.update().values(province_code="99")))
    with pytest.raises(Refused) as refused:
        await checkout.place(shop, person, Wish(cart_id, PaymentMethod.COD, 2550))
    assert refused.value.key == f"errors.{case}"
    await _nothing_changed(shop, rose)


async def test_another_persons_cart_is_not_there(shop: Shop) -> None:
    """A forged cart id reads, changes and orders nothing of somebody else."""
    mine, rose = await builders.customer(shop), await builders.product(shop)
    thief = await builders.customer(shop, 1002, "Thief")
    cart_id = await builders.cart(shop, mine, (rose, 1))
    with pytest.raises(NotFound):
        await checkout.review(shop, thief, cart_id)
    with pytest.raises(NotFound):
        await checkout.place(shop, thief, Wish(cart_id, PaymentMethod.COD, 1350))
    with pytest.raises(NotFound):
        await carts.change(shop, thief, cart_id, rose, 3)
    await _nothing_changed(shop, rose)


async def test_a_dropped_cart_cannot_be_ordered(shop: Shop) -> None:
    """An old "buy now" was replaced by a newer one: its button says so."""
    person, rose = await builders.customer(shop), await builders.product(shop)
    old = await builders.cart(shop, person, (rose, 1))
    await builders.cart(shop, person, (rose, 2))
    with pytest.raises(Refused) as refused:
        await checkout.place(shop, person, Wish(old, PaymentMethod.COD, 1350))
    assert refused.value.key == "errors.cart_dropped"
    await _nothing_changed(shop, rose)


@pytest.mark.parametrize(
    ("account", "cents", "key"),
    [
        (builders.ACCOUNT, 10**13 + 5, "khqr_settings"),
        ("", 1200, "khqr_not_offered"),
        ("no-at-sign", 1200, "khqr_not_offered"),
    ],
)
async def test_an_error_half_way_leaves_nothing(shop: Shop, account: str, cents: int, key: str) -> None:
    """The QR is made last: when it fails, order, lines, holds, cart and messages are as before (hole 3)."""
    await builders.with_khqr(shop, khqr_account=account)
    person, rose = await builders.customer(shop), await builders.product(shop, cents=cents)
    cart_id = await builders.cart(shop, person, (rose, 1), seen=cents)
    with pytest.raises(Refused) as refused:
        await builders.place(shop, person, cart_id, PaymentMethod.KHQR)
    assert refused.value.key == f"errors.{key}"
    await _nothing_changed(shop, rose)
    assert (await builders.place(shop, person, cart_id)).status is Status.PENDING


async def test_below_the_banks_minimum_cash_still_works(shop: Shop) -> None:
    """Nine cents cannot be a KHQR; the order is left undone and can be paid in cash."""
    await builders.with_khqr(shop, fee_capital=0)
    person, sample = await builders.customer(shop), await builders.product(shop, cents=9)
    cart_id = await builders.cart(shop, person, (sample, 1), seen=9)
    with pytest.raises(Refused) as refused:
        await builders.place(shop, person, cart_id, PaymentMethod.KHQR)
    assert refused.value.key == "errors.khqr_too_little"
    await _nothing_changed(shop, sample)
    made: Order = await builders.place(shop, person, cart_id)
    assert made.total == usd(9)


async def test_somebody_elses_address_is_no_address(shop: Shop) -> None:
    """A forged address id neither goes on the cart nor tells where another person lives."""
    mine, rose = await builders.customer(shop, province=""), await builders.product(shop)
    other = await builders.customer(shop, 1002, "Bopha")
    theirs = (await people_service.address_book(shop, other))[0].id
    cart_id = await builders.cart(shop, mine, (rose, 1))
    for forged in (theirs, 999_999):
        with pytest.raises(NotFound):
            await carts.send_to(shop, mine, cart_id, forged)
    with pytest.raises(Refused):
        await builders.place(shop, mine, cart_id)
    await _nothing_changed(shop, rose)
