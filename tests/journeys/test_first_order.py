"""A first order and the next one, in Khmer, from Start to the receipt: what the shop is for."""

import pytest
from playwright.async_api import Page, expect

from bot.sandbox.client import Desk, Person
from tests.support.house import House
from tests.support.regulars import acquaint, place
from tests.support.stories import english_on, number_in, picture, say_where, sokha, staff_card

STREET = "ផ្ទះលេខ ៧ ផ្លូវ ១២៣"
COUNTER = {
    "Claim": "កំពុងរៀបចំ", "Ready": "រួចរាល់សម្រាប់ដឹក", "Out for": "កំពុងដឹកជញ្ជូន", "Delivered": "បានប្រគល់",
}  # fmt: skip
"""What the counter taps, and what the customer reads then."""


async def shelf_to_product(person: Person, product: str) -> None:
    """From the front to a product, as somebody who looks around."""
    await person.tap("ថែទាំស្បែក")
    await person.tap(product)
    await person.expect("ទិញឥឡូវ")


async def first_order(person: Person) -> str:
    """Everything a newcomer does; returns the order's number."""
    await person.start()
    await person.tap("ខ្មែរ")
    await person.expect("សូមស្វាគមន៍")
    person.taps = person.lines = 0
    await shelf_to_product(person, "សេរ៉ូម")
    await person.tap("ទិញឥឡូវ")
    await say_where(person, "km", STREET)
    answer = await person.tap("បង់ពេលទទួល")
    assert answer.text == "អរគុណ! យើងបានទទួលការកុម្ម៉ង់របស់អ្នក។"
    card = await person.expect("កំពុងរង់ចាំ")
    return number_in(card.text)


@pytest.mark.browser
async def test_a_first_order_in_khmer_from_start_to_receipt(house: House, desk: Desk, page: Page) -> None:
    """Seven taps and one typed line; the card and the open tracking page follow the counter without a reload."""
    sophea = await desk.newcomer("សុភា", "km")
    number = await first_order(sophea)
    assert (sophea.taps, sophea.lines) == (7, 1)

    card = await sophea.expect(number)
    link = (await sophea.tap("តាមដាន", on=card)).url
    await page.goto(link)
    await page.evaluate("window.neverReloaded = true")
    heading = page.locator("#order h2")
    await expect(heading).to_have_text("កំពុងរង់ចាំហាងបញ្ជាក់")

    counter = sokha(desk)
    for button, now in COUNTER.items():
        await counter.tap(button, on=await staff_card(desk, card))
        await expect(heading).to_have_text(now)
        await sophea.expect(f"{number} · {now}")
    assert await page.evaluate("window.neverReloaded") is True
    await expect(page.locator("#order .payment")).to_have_text("សាច់ប្រាក់ · បានបង់")

    await sophea.expect(f"🛵 {number}")
    await sophea.expect(f"🎁 {number}")
    await sophea.tap("វិក្កយបត្រ")
    receipt = await picture(sophea, await sophea.expect("វិក្កយបត្រសម្រាប់"))
    assert receipt.format == "PNG"
    assert receipt.width >= 600
    assert len(receipt.convert("L").getcolors() or []) > 8
    assert english_on(sophea.read) == []
    assert english_on({await page.inner_text("main")}) == []
    assert house.rows("SELECT status, payment_status FROM orders WHERE number = ?", number) == [("delivered", "paid")]


async def test_the_next_order_takes_two_taps(house: House, desk: Desk) -> None:
    """Who ordered once buys with two taps from the product: buy, pay. The counter's card says all that is needed."""
    (chenda,) = await acquaint(house, desk, "ចិន្តា", language="km", street=STREET)
    (first,) = await place(house, chenda)
    await the_counter_has_all_it_needs(desk, first)
    await chenda.start("p_2")
    await chenda.expect("ទឹកលាងមុខ")
    chenda.taps = chenda.lines = 0
    await chenda.tap("ទិញឥឡូវ")
    review = await chenda.expect_button("បង់ពេលទទួល")
    assert STREET in review.text
    await chenda.tap("បង់ពេលទទួល", on=review)
    second = await chenda.expect("កំពុងរង់ចាំ", after=review["message_id"] - 1)
    assert number_in(second.text) != first
    assert (chenda.taps, chenda.lines) == (2, 0)


async def the_counter_has_all_it_needs(desk: Desk, number: str) -> None:
    """The group's card names the order, the money, the person, the place; it is edited, never sent again."""
    counter = sokha(desk)
    card = await counter.expect(number)
    for words in ("Cash on delivery", "ចិន្តា", STREET, "Phnom Penh", "+855 12"):
        assert words in card.text
    copied = await counter.tap("Copy phone", on=card)
    assert copied.copied.startswith("+85512")
    await counter.tap("Claim", on=card)
    await counter.expect("👤 Sokha")
    about = [message for message in await counter.messages() if number in message.text]
    assert [message["message_id"] for message in about] == [card["message_id"]]
    assert "Ready" in {key["text"] for key in about[0].buttons}
