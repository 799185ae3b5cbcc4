"""A product is shared into a group; a stranger follows the link, buys, and whoever shared it is thanked."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Page, expect

from bot.sandbox.client import Desk, Message, Person
from tests.journeys.conftest import PHONE, Shoot
from tests.support.house import House
from tests.support.patience import PATIENCE
from tests.support.regulars import acquaint
from tests.support.stories import number_in, say_where, sokha, staff_card

SHARE = "📤 ចែករំលែក"
BROUGHT_BY = "SELECT b.telegram_id FROM people JOIN people AS b ON b.id = people.referrer_id WHERE people.telegram_id=?"
ORDER = "កុម្ម៉ង់ក្នុង Telegram"


async def circle(desk: Desk, *people: Person) -> int:
    """A group of friends, which the bot is not in; returns its chat."""
    made = await desk.act("groups", title="មិត្តភក្តិ", members=[one.id for one in people], bot="")
    await desk.look()
    return int(made["chat"]["id"])


async def offered(desk: Desk, person: Person, group: int, line: str) -> dict[str, Any]:
    """Write the bot's name and a line in a group; returns the bot's answer."""
    found: dict[str, Any] = await desk.act("inline", person=person.id, chat=group, query=line, wait=PATIENCE)
    return found


async def shared(desk: Desk, person: Person, group: int) -> Message:
    """From a product's Share to the message in the group."""
    before = await person.newest()
    await person.start("p_1")
    product = await person.expect("📤", after=before)
    line = next(key["switch_inline_query"] for key in product.buttons if "switch_inline_query" in key)
    found = await offered(desk, person, group, line)
    (result,) = found["results"]
    sent = await desk.act(
        "inline_choose", person=person.id, chat=group, query_id=found["query_id"], result_id=result["id"]
    )
    return Message(sent["message"])


def payload_of(message: Message) -> str:
    """What the link below a shared product starts the bot with."""
    (link,) = [key["url"] for key in message.buttons]
    return parse_qs(urlsplit(link).query)["start"][0]


async def test_a_stranger_follows_a_friends_link_and_buys(house: House, desk: Desk) -> None:
    """Share, a link in the group, language, that product, an order, a parcel: the friend has their points."""
    (sender,) = await acquaint(house, desk, "Malis")
    stranger = await desk.newcomer("សុខា", "km")
    group = await circle(desk, sender, stranger)
    message = await shared(desk, sender, group)
    assert message["via_bot"]["username"] == "madam_da_bot"
    assert re.search(r"\$[\d.]+ / [\d,]+៛", message.text)

    await stranger.start(payload_of(message))
    await stranger.tap("ខ្មែរ")
    await stranger.tap("ទិញឥឡូវ", on=await stranger.expect("ទិញឥឡូវ"))
    await say_where(stranger, "km")
    await stranger.tap("បង់ពេលទទួល")
    card = await stranger.expect("MD0")
    brought = (
        "SELECT by.telegram_id FROM people JOIN people AS by ON by.id = people.referrer_id WHERE people.telegram_id = ?"
    )
    assert house.rows(brought, stranger.id) == [(sender.id,)]

    for button in ("Claim", "Ready", "Out for", "Delivered"):
        await sokha(desk).tap(button, on=await staff_card(desk, card))
    await stranger.expect(f"🎁 {number_in(card.text)}")
    await sender.send("/points")
    await sender.expect("Friends who came: 1")


async def test_the_senders_own_link_thanks_nobody(house: House, desk: Desk) -> None:
    """Who follows their own shared link sees the product, and is nobody's friend."""
    (sender,) = await acquaint(house, desk, "Romdoul")
    message = await shared(desk, sender, await circle(desk, sender))
    before = await sender.newest()
    await sender.start(payload_of(message))
    await sender.expect("Buy now", after=before)
    assert house.rows("SELECT referrer_id FROM people WHERE telegram_id = ?", sender.id) == [(None,)]


@pytest.mark.browser
async def test_sharing_by_hand_on_a_phone(desk: Desk, page: Page, shoot: Shoot) -> None:
    """On a phone, in Khmer: Share, the group, its photo is sent; from a list words are; their button leads back."""
    dara = await desk.newcomer("ដារា", "km")
    friend = await desk.newcomer("បុប្ផា", "km")
    await circle(desk, dara, friend)
    await dara.start("p_2")
    await dara.tap("ខ្មែរ")
    await dara.expect(SHARE)
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await page.add_init_script(f"localStorage.setItem('sandbox-seat-customer', '{dara.id}')")
    await page.goto(desk.address)
    pane = page.get_by_test_id("pane-customer")
    await pane.locator(".keys button", has_text=SHARE).last.click()
    await page.get_by_role("menuitem", name="មិត្តភក្តិ").click()
    await expect(pane.get_by_test_id("suggestion")).to_have_count(1)
    await pane.get_by_test_id("suggestion").first.click()
    await expect(pane.locator("article").last.locator("img")).to_be_visible()
    await shoot(page, "sharing-phone")
    await pane.get_by_test_id("composer").fill("@madam_da_bot ")
    await expect(pane.get_by_test_id("suggestion").nth(5)).to_be_visible()
    await shoot(page, "sharing-list-phone")
    await pane.get_by_test_id("suggestion").first.click()
    sent = pane.locator("article").last
    await expect(sent).to_contain_text("៛")
    await expect(sent).to_contain_text("@madam_da_bot")
    await sent.locator(".keys button", has_text=ORDER).click()
    await expect(pane.locator("article").last.locator(".keys button", has_text="ទិញឥឡូវ")).to_be_visible()
    await shoot(page, "sharing-opened-phone")
