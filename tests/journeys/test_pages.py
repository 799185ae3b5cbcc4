"""What people see in a real browser: the practice shop's desk, and the site in both languages, wide and on a phone."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Locator, Page, ViewportSize, expect

from bot.sandbox.client import Desk, Person
from tests.support.browser import passed, watch
from tests.support.house import House
from tests.support.stories import order, sokha, staff_card

pytestmark = pytest.mark.browser

WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
Shoot = Callable[[Page, str], Awaitable[None]]


def key(pane: Locator, text: str) -> Locator:
    """The newest key with this text under a message of a pane."""
    return pane.locator(".keys button", has_text=text).last


async def tidy(page: Page) -> None:
    """Hold that nothing on the page is wider than the screen."""
    assert await page.evaluate("document.documentElement.scrollWidth") <= await page.evaluate("innerWidth")


async def test_daras_first_order_by_clicking(house: House, page: Page, shoot: Shoot) -> None:
    """Dara buys in the customer's pane, Sokha works in the group's: every key, the shared contact, one typed line."""
    await page.goto(house.desk)
    await watch(page, "[data-testid=pane-customer] [data-testid=toast]")
    dara, staff = page.get_by_test_id("pane-customer"), page.get_by_test_id("pane-staff")
    await dara.get_by_role("button", name="ចាប់ផ្តើម", exact=True).click()
    await key(dara, "English").click()
    await key(dara, "Skincare").click()
    await key(dara, "Serum").click()
    await key(dara, "Buy now").click()
    await dara.locator(".rkey", has_text="Share my phone number").click()
    await key(dara, "Phnom Penh").click()
    await key(dara, "Boeng Keng Kang").click()
    await expect(dara).to_contain_text("house and street")
    await dara.get_by_test_id("composer").fill("House 7, Street 123")
    await dara.get_by_test_id("send").click()
    await key(dara, "Cash on delivery").click()
    await passed(page, "Thank you! We have your order.")
    await expect(staff).to_contain_text("MD00001")
    await key(staff, "Claim & prepare").click()
    await expect(staff).to_contain_text("👤 Sokha")
    await expect(dara).to_contain_text("MD00001 · Being prepared")
    await shoot(page, "sandbox")
    await key(staff, "Ready").click()
    await key(staff, "Out for delivery").click()
    await expect(dara).to_contain_text("🛵 MD00001 is on its way to you.")
    await key(dara, "Track").click()
    await expect(page.frame_locator("[data-testid=sheet] iframe").locator("#order h2")).to_have_text("On its way")
    await page.keyboard.press("Escape")
    await tidy(page)


async def test_the_admins_pane_speaks_with_the_bot(house: House, page: Page) -> None:
    """The admin opens the shop in a pane of their own; what they do stays out of the customer's."""
    await page.goto(house.desk)
    admin = page.get_by_test_id("pane-admin")
    await admin.get_by_test_id("composer").fill("/start")
    await admin.get_by_test_id("composer").press("Enter")
    await expect(key(admin, "English")).to_be_visible()
    await expect(page.get_by_test_id("pane-customer")).not_to_contain_text("/start p_")


async def test_the_desk_on_a_phone(house: House, desk: Desk, page: Page, shoot: Shoot) -> None:
    """On a phone one pane at a time, with tabs; nothing is wider than the screen."""
    sophea = await desk.newcomer("Sophea", "km")
    await sophea.start("p_2")
    await page.set_viewport_size(PHONE)
    await page.add_init_script(f"localStorage.setItem('sandbox-seat-customer', '{sophea.id}')")
    await page.goto(house.desk)
    pane = page.get_by_test_id("pane-customer")
    await key(pane, "ភាសាខ្មែរ").click()
    await expect(key(pane, "ទិញឥឡូវ")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    await expect(page.get_by_test_id("pane-staff")).not_to_be_visible()
    await tidy(page)
    await shoot(page, "sandbox-phone")
    await page.get_by_test_id("tab-staff").click()
    await expect(page.get_by_test_id("pane-staff")).to_be_visible()
    await expect(pane).not_to_be_visible()
    await tidy(page)


@pytest.mark.parametrize("language", ["en", "km"])
async def test_the_site_in_both_languages(
    desk: Desk, page: Page, shoot: Shoot, regular: Callable[[], Person], language: str
) -> None:
    """Catalog, product and tracking page at both widths: nothing overflows, every picture is there."""
    card = await order(regular())
    link = next(k["url"] for k in card.buttons if "url" in k)
    await sokha(desk).tap("Claim", on=await staff_card(desk, card))
    site = link.partition("/t/")[0]
    for name, size in (("", WIDE), ("-phone", PHONE)):
        await page.set_viewport_size(size)
        await page.goto(f"{site}/?lang={language}")
        await expect(page.locator("html")).to_have_attribute("lang", language)
        await looks_whole(page)
        await shoot(page, f"catalog-{language}{name}")
        await page.goto(link)
        await expect(page.locator("#order .way [aria-current]")).to_be_visible()
        await looks_whole(page)
        await shoot(page, f"tracking-{language}{name}")
    await page.goto(site)
    await page.locator("main a[href^='/p/']").first.click()
    await looks_whole(page)


async def looks_whole(page: Page) -> None:
    """Hold that no picture in sight is broken and nothing sticks out."""
    await page.wait_for_load_state("networkidle")
    broken = await page.evaluate(
        "[...document.images].filter(i => i.complete && i.naturalWidth === 0).map(i => i.currentSrc || i.src)"
    )
    assert broken == []
    await tidy(page)
