"""What came is judged: stars and a line from the delivered card, read in the chat and on the site, hidden by staff."""

import pytest
from playwright.async_api import Page, expect

from bot.sandbox.client import Desk, Message, Person
from core.i18n import translator
from tests.journeys.conftest import PHONE, Shoot
from tests.support.house import House
from tests.support.regulars import acquaint, bring
from tests.support.stories import sokha

KM = translator("km")
WORDS = "ទន់ និងស្រស់ណាស់ <3"


async def delivered(house: House, desk: Desk, name: str) -> tuple[Person, Message]:
    """Somebody gets the first product, in Khmer; returns them and their live card."""
    (person,) = await acquaint(house, desk, name, language="km")
    (number,) = await bring(house, person)
    await sokha(desk).tap("Delivered", on=await sokha(desk).expect(number))
    return person, await person.expect_button(KM("button.review"))


@pytest.mark.browser
async def test_judged_read_and_hidden(house: House, desk: Desk, page: Page, shoot: Shoot) -> None:
    """Card, five stars, a line: the counter has a note, the product its average, the site the words; hidden, none."""
    person, card = await delivered(house, desk, "សុខ")
    site = next(key["url"] for key in card.buttons if "url" in key).partition("/t/")[0]
    await person.tap(KM("button.review"), on=card)
    await person.tap("5★", on=await person.expect(KM("reviews.ask")))
    await person.expect(KM("reviews.thanks"))
    await person.send(WORDS)
    await person.expect(f"«{WORDS}»")
    note = await sokha(desk).expect(WORDS)

    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await page.add_init_script(f"localStorage.setItem('sandbox-seat-customer', '{person.id}')")
    await page.goto(desk.address)
    pane = page.get_by_test_id("pane-customer")
    await shoot(page, "reviews-phone")
    await person.start("p_1")
    product = await person.expect_button("★ 5.0 (1)")
    assert [key["text"] for key in product.buttons if key["text"] in {"‹", "1/3", "›"}] == ["‹", "1/3", "›"]
    await person.tap("›", on=product)
    await expect(pane.locator("article").last.locator(".keys button", has_text="2/3")).to_be_visible()
    await shoot(page, "album-phone")
    await page.goto(f"{site}/p/rose-dew-serum?lang=km")
    await expect(page.locator(".opinions")).to_contain_text(WORDS)
    await expect(page.locator(".photos img")).to_have_count(3)
    await shoot(page, "product-km-phone")

    await sokha(desk).tap("Hide", on=note)
    await sokha(desk).expect_button("Show")
    await page.reload()
    await expect(page.locator(".opinions")).to_have_count(0)
