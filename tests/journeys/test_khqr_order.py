"""Paying by KHQR: the QR in the chat, the bank's app, and a server that asks the bank whoever looks or not.

What time alone brings (the QR's end, a new one, an order that expires) is proved with a clock that moves, in
``tests/unit/core/payments`` and ``tests/unit/core/fulfilment``: here the minutes are real.
"""

from collections.abc import Callable

import pytest
import zxingcpp
from playwright.async_api import Page, expect

from bot.sandbox.bank.qr import read_qr
from bot.sandbox.client import Desk, Person
from tests.support.house import House
from tests.support.stories import come_in, number_in, order, order_id, picture, say_where, sokha

Regular = Callable[[], Person]


async def scanned(person: Person) -> str:
    """Read the QR from the photo in the chat, as a phone's camera would."""
    shown = await person.expect("Open bank app")
    (code,) = zxingcpp.read_barcodes(await picture(person, shown))
    return str(code.text)


async def test_a_link_leads_to_its_product_through_the_language(desk: Desk) -> None:
    """Somebody new who follows a product's link chooses a language and stands before that product; then buys it."""
    rith = await desk.newcomer("Rith", "fr")
    await rith.start("p_3")
    languages = await rith.expect("English")
    assert [key["text"] for key in languages.buttons] == ["English", "ភាសាខ្មែរ"]
    await rith.tap("English", on=languages)
    product = await rith.expect_button("Buy now")
    assert product["message_id"] == languages["message_id"]
    assert "Lotus Mist Toner" in product.text
    await rith.tap("Buy now", on=product)
    review = await say_where(rith)
    assert "Lotus Mist Toner" in review.text


@pytest.mark.parametrize("payload", ["p_0", "p_999999", "p_-1", "p_1x", "p_" + "9" * 40, "x" * 64, "t_abc"])
async def test_a_link_to_nothing_leads_to_the_shop(desk: Desk, payload: str) -> None:
    """A link to a product that is not there, or nonsense, still opens the shop, for who is new and who is known."""
    who = await come_in(desk, "Wanderer", "en", payload)
    await who.expect("Choose a shelf")
    before = await who.newest()
    await who.start(payload)
    again = await who.expect("Choose a shelf", after=before + 1)
    assert ("not sold any more" in again.text) == (payload in {"p_0", "p_999999"})


@pytest.mark.browser
async def test_a_khqr_order_confirms_itself(house: House, desk: Desk, regular: Regular, page: Page) -> None:
    """QR scanned from the chat, paid in the bank's page, confirmed by the server's own question; then staff hear."""
    bopha = regular()
    card = await order(bopha, "Pay with KHQR")
    number, counter = number_in(card.text), sokha(desk)
    payload = await scanned(bopha)
    ((stored, amount),) = house.rows("SELECT payload, amount FROM payment_attempts WHERE order_id = ?", order_id(card))
    assert payload == stored
    qr = read_qr(payload)
    assert (qr.currency, qr.amount * 100, qr.bill) == ("USD", amount, qr.bill)
    assert qr.account == "madam_da@sandbox"

    answer = await bopha.tap("I have paid")
    assert answer.alert is True
    assert "no payment for this QR yet" in answer.text
    await counter.never(number)

    bank = (await bopha.tap("Open bank app")).url
    await page.goto(bank)
    await expect(page.get_by_test_id("pay-button")).to_contain_text(f"${qr.amount:.2f}")
    await page.get_by_test_id("pay-button").click()
    await expect(page.locator("dt", has_text="Paid")).to_be_visible()
    await page.goto("about:blank")

    await bopha.expect(f"✅ {number} is paid")
    await bopha.expect(f"{number} · Confirmed")
    staff = await counter.expect(number)
    assert "KHQR · paid" in staff.text
    assert house.rows("SELECT status, payment_status FROM orders WHERE number = ?", number) == [("confirmed", "paid")]
    moved = house.rows("SELECT kind, actor_id FROM order_events WHERE order_id = ? ORDER BY id", order_id(staff))
    assert [kind for kind, _ in moved] == ["placed", "confirm"]
    assert moved[1][1] is None


async def test_money_that_does_not_fit_waits_for_a_person(desk: Desk, regular: Regular) -> None:
    """Half the amount confirms nothing: the customer hears that the shop looks at it, staff get the card with why."""
    makara = regular()
    card = await order(makara, "Pay with KHQR")
    number = number_in(card.text)
    await pay(desk, await scanned(makara), amount="1.00")
    await makara.expect("We received $1.00")
    staff = await sokha(desk).expect("Payment needs a look")
    assert number in staff.text
    assert not any("Claim" in key["text"] or "Prepare" in key["text"] for key in staff.buttons)


async def test_paid_twice_is_one_order(house: House, desk: Desk, regular: Regular) -> None:
    """A second payment of the same QR is kept for a refund; the order is confirmed once."""
    nary = regular()
    card = await order(nary, "Pay with KHQR")
    number, mine = number_in(card.text), order_id(card)
    payload, shown = await scanned(nary), await nary.expect_button("I have paid")
    asked = next(key["callback_data"] for key in shown.buttons if key["text"] == "I have paid")
    await pay(desk, payload, times=2)
    await nary.press(shown, asked)
    await nary.expect(f"✅ {number} is paid")
    kinds = [kind for (kind,) in house.rows("SELECT kind FROM order_events WHERE order_id = ?", mine)]
    assert kinds.count("confirm") == 1


async def pay(desk: Desk, payload: str, **how: object) -> None:
    """Pay at the bank, not by the page but by its control."""
    async with desk.http.post(f"{desk.address}/bakong/control/pay", json={"payload": payload, **how}) as answer:
        assert answer.status == 200, await answer.text()


async def test_cancel_asks_first_and_gives_the_stock_back(house: House, desk: Desk, regular: Regular) -> None:
    """Cancelling asks once more; then the QR is gone, the units are free, and staff were never bothered."""
    vuthy = regular()
    card = await order(vuthy, "Pay with KHQR")
    number, mine = number_in(card.text), order_id(card)
    held = house.rows("SELECT state FROM holds WHERE order_id = ?", mine)
    assert held == [("active",)]
    await vuthy.tap("Cancel order", on=card)
    await vuthy.tap("Keep it")
    await vuthy.expect("Open bank app")
    await vuthy.tap("Cancel order")
    await vuthy.tap("No reason")
    await vuthy.expect(f"{number} · Cancelled")
    assert house.rows("SELECT state FROM holds WHERE order_id = ?", mine) == [("released",)]
    await sokha(desk).never(number)
