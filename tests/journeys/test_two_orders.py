"""Two orders of one customer, in Khmer: cancelled with a reason, bought again with what changed, received, receipt."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing

from bot.sandbox.client import Desk, Message, Person
from core.i18n import translator
from tests.support.house import House
from tests.support.regulars import acquaint
from tests.support.stories import english_on, number_in, order_id, picture, sokha, staff_card

Regular = Callable[[], Person]
KM, EN = translator("km"), translator("en")
SERUM = "សេរ៉ូមទឹកសន្សើមកុលាប"


async def _both_sizes(sreyneang: Person) -> Message:
    """The first order: a small and a large serum, by the cart; returns its card."""
    await sreyneang.tap(KM("button.add"))
    await sreyneang.tap("50 ml")
    await sreyneang.expect("● 50 ml")
    await sreyneang.tap(KM("button.add"))
    await sreyneang.tap(KM("button.cart"))
    await sreyneang.tap(KM("button.checkout"))
    await sreyneang.tap(KM("button.pay_cod"))
    return await sreyneang.expect(KM("status.pending_cod"))


async def _sell_out(vuthy: Person) -> None:
    """Somebody else buys every large serum there is."""
    before = await vuthy.newest()
    await vuthy.start("p_1")
    await vuthy.tap("50 ml", on=await vuthy.expect("50 ml", after=before))
    await vuthy.tap("Buy now", on=await vuthy.expect("● 50 ml", after=before))
    review = await vuthy.expect("1 × Rose Dew Serum · 50 ml", after=before)
    plus = next(key["callback_data"] for key in review.buttons if key["text"] == "+")
    await vuthy.press(review, plus.rpartition(":")[0] + ":5")
    await vuthy.tap("Cash on delivery", on=await vuthy.expect("5 × Rose Dew Serum", after=before))
    await vuthy.expect("Waiting", after=before)


def _reprice(house: House, sku: str, cents: int) -> None:
    """Change a price in the books, as the owner will in the admin's chat; the shop is open meanwhile."""
    with closing(sqlite3.connect(house.data / "haang.sqlite3", timeout=10)) as books, books:
        books.execute("UPDATE variants SET price = ? WHERE sku = ?", (cents, sku))


async def test_two_orders_in_khmer(house: House, desk: Desk, regular: Regular) -> None:
    """Cancelled with a reason, again with one price moved and one sold out, received, delivered, listed."""
    (sreyneang,) = await acquaint(house, desk, "ស្រីនាង", language="km", street="ផ្ទះលេខ ៧ ផ្លូវ ១២៣")
    await sreyneang.start("p_1")
    first = await _cancelled(house, desk, sreyneang, await _both_sizes(sreyneang))
    await _sell_out(regular())
    _reprice(house, "SKN-001-30", 1300)
    second = await _again(sreyneang, first)
    await _brought(house, desk, sreyneang, number_in(second.text))
    await _listed(sreyneang, [number_in(second.text), number_in(first.text)])
    assert english_on(sreyneang.read - {"/orders"}) == []


async def _cancelled(house: House, desk: Desk, sreyneang: Person, card: Message) -> Message:
    """The reason is chosen, stands on both cards and in the books, and the stock is free again; returns the card."""
    counter, mine = await staff_card(desk, card), order_id(card)
    await sreyneang.tap(KM("button.cancel_order"), on=card)
    answer = await sreyneang.tap(KM("reason.other_items"))
    assert answer.text == KM("status.cancelled")
    told = await sokha(desk).expect(EN("order.reason", text=EN("reason.other_items")))
    assert told.id == counter.id
    kept = house.rows("SELECT detail FROM order_events WHERE order_id = ? AND kind = 'cancel'", mine)
    assert [json.loads(detail) for (detail,) in kept] == [{"reason": "other_items"}]
    assert house.rows("SELECT DISTINCT state FROM holds WHERE order_id = ?", mine) == [("released",)]
    return await sreyneang.expect(KM("order.reason", text=KM("reason.other_items")))


async def _again(sreyneang: Person, first: Message) -> Message:
    """What changed is said in one message, which is the cart; from there it is ordered as ever."""
    answer = await sreyneang.tap(KM("button.again"), on=first)
    assert answer.text == KM("cart.added", count=1)
    told = await sreyneang.expect(KM("button.checkout"), after=first.id)
    small, large = (f"{SERUM} · {size} ml" for size in (30, 50))
    assert KM("again.price", name=small, old="$12.00", new="$13.00") in told.text
    assert KM("again.sold_out", name=large) in told.text
    assert next(one for one in await sreyneang.messages() if one.id == first.id).text == first.text
    await sreyneang.tap(KM("button.checkout"), on=told)
    review = await sreyneang.expect_button(KM("button.pay_cod"))
    assert "$14.50" in review.text
    await sreyneang.tap(KM("button.pay_cod"), on=review)
    second = await sreyneang.expect(KM("status.pending_cod"), after=first.id)
    assert number_in(second.text) != number_in(first.text)
    return second


async def _brought(house: House, desk: Desk, sreyneang: Person, number: str) -> None:
    """The counter sends it out; the customer says that it came, once; the counter reads when, and delivers it."""
    counter = sokha(desk)
    await counter.expect(number)
    for label in ("Claim", "Ready", "Out for"):
        await counter.tap(label)
    card = await sreyneang.expect_button(KM("button.received"))
    received = next(key["callback_data"] for key in card.buttons if key["text"] == KM("button.received"))
    answer = await sreyneang.tap(KM("button.received"), on=card)
    assert answer.text == KM("order.thanks_received")
    assert (await sreyneang.press(card, received)).text == KM("errors.received_already")
    assert number in (await counter.expect(EN("staff.received", when=""))).text
    status = "SELECT status, payment_status, received_at IS NOT NULL FROM orders WHERE number = ?"
    assert house.rows(status, number) == [("out_for_delivery", "due", 1)]
    await counter.tap("Delivered")
    await sreyneang.expect(f"{number} · {KM('status.delivered')}")
    assert house.rows(status, number) == [("delivered", "paid", 1)]


async def _listed(sreyneang: Person, numbers: list[str]) -> None:
    """Both stand in the list, the newest first, each with "buy again"; the first opens its card, with its receipt."""
    sent = await sreyneang.send("/orders")
    title = KM("order.mine").removeprefix("<b>").removesuffix("</b>")  # a note names the order too
    listed = await sreyneang.expect(title, after=sent.id)
    assert [line.split(" · ")[0] for line in listed.text.splitlines() if line.startswith("MD")] == numbers
    assert listed.labels.count(KM("button.again")) == 2
    await sreyneang.tap(numbers[0], on=listed)
    card = await sreyneang.expect(f"{numbers[0]} · {KM('status.delivered')}", after=listed.id - 1)
    await sreyneang.tap(KM("button.receipt"), on=card)
    receipt = await sreyneang.expect("វិក្កយបត្រសម្រាប់", after=listed.id)
    assert (await picture(sreyneang, receipt)).width >= 600
