"""The chat page in a real browser: people, chats, topics, files, keyboards, both languages, by hand and by keyboard."""

import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.support.browser import Windows, passed, watch, windows
from tests.unit.bot.sandbox.conftest import ADMIN, DARA, SOKHA, STAFF, Clock, Desk, open_desk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]  # one browser for all of them
PAGES = Path(__file__).resolve().parents[4] / "bot" / "sandbox" / "page"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 375, "height": 740}
KINDS = ["message", "edited_message", "callback_query", "message_reaction", "chat_member"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Windows]:
    """Chromium without a window on any screen."""
    async with windows() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def seat(browser: Windows) -> AsyncIterator[Any]:
    """Sit down at a desk where Dara wrote /start, with what the browser is like; a script that fails there fails."""
    async with AsyncExitStack() as stack:

        async def sit(**context: Any) -> tuple[Desk, Page]:
            panes = {"customer": DARA, "staff": STAFF, "admin": ADMIN}
            clock = Clock(time.time())
            desk = await stack.enter_async_context(open_desk(clock, links={"panes": panes}, name="Shop"))
            await desk.act("start", person=DARA)
            await desk.bot("getUpdates", allowed_updates=KINDS)
            await desk.heard("message", "text")
            page = await stack.enter_async_context(browser.tab(**{"viewport": WIDE, "locale": "en-US", **context}))
            await page.goto(desk.address)
            await expect(page.locator(".live")).to_contain_text(re.compile("live|ផ្ទាល់"))
            return desk, page

        yield sit


def pane(page: Page, role: str = "customer") -> Locator:
    """One of the three panes."""
    return page.get_by_test_id(f"pane-{role}")


async def state_chats(desk: Desk) -> list[dict[str, Any]]:
    """Return the chats as the page is told them."""
    chats: list[dict[str, Any]] = (await desk.get("state"))["chats"]
    return chats


async def tidy(page: Page) -> None:
    """Hold that nothing on the page is wider than the screen."""
    assert await page.evaluate("document.documentElement.scrollWidth") <= await page.evaluate("innerWidth")


async def test_a_courier_is_added_from_the_page(seat: Any) -> None:
    """A new person with a role stands in the group, sits in the pane, and speaks there as themselves."""
    desk, page = await seat()
    staff = pane(page, "staff")
    await staff.get_by_test_id("person").click()
    await page.get_by_role("menuitem", name="Add a person…").click()
    await page.get_by_label("First name").fill("Rith")
    await page.get_by_label("Who they are").select_option(label="Courier or staff")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(staff.get_by_test_id("person")).to_contain_text("Rith")
    await staff.get_by_test_id("composer").fill("on my way")
    await staff.get_by_test_id("composer").press("Enter")
    message = await desk.heard("message", "text")
    assert (message["from"]["first_name"], message["chat"]["id"], message["text"]) == ("Rith", STAFF, "on my way")


async def test_chats_are_switched_in_a_pane(seat: Any) -> None:
    """The list names each chat with its last line, time and unread count; arrow keys and Enter open one."""
    desk, page = await seat()
    staff = pane(page, "staff")
    await expect(staff).to_contain_text("2 people")
    await desk.act("start", person=SOKHA)
    await desk.bot("sendMessage", chat_id=SOKHA, text="Your shift begins")
    await expect(staff.get_by_test_id("to-chats")).to_have_text("2")
    await staff.get_by_test_id("to-chats").press("Enter")
    row = staff.get_by_test_id("chat-row").first
    await expect(row).to_have_attribute("aria-label", "Shop, 2 unread")
    await expect(row).to_contain_text(re.compile(r"Your shift begins\d\d:\d\d"))
    await page.keyboard.press("Home")
    await page.keyboard.press("Enter")
    await expect(staff.locator(".log")).to_contain_text("Your shift begins")
    await expect(staff.get_by_test_id("to-chats")).to_have_text("")
    await page.reload()
    await expect(staff.locator(".log")).to_contain_text("Your shift begins")


async def test_a_topic_is_begun_and_written_into(seat: Any) -> None:
    """A topic made on the page takes what is written in it, and shows nothing of the others."""
    desk, page = await seat()
    await desk.act("forum", chat=STAFF)
    await desk.bot("sendMessage", chat_id=STAFF, text="for everybody")
    admin = pane(page, "staff")
    await admin.get_by_test_id("person").click()
    await page.get_by_role("menuitemradio", name="Vanna").click()
    await admin.get_by_test_id("new-topic").click()
    await page.get_by_label("Name of the topic").fill("Deliveries")
    await page.get_by_role("button", name="Create").click()
    await expect(admin.get_by_role("tab", name="Deliveries")).to_have_attribute("aria-selected", "true")
    await expect(admin.locator(".log")).not_to_contain_text("for everybody")
    await admin.get_by_test_id("composer").fill("first parcel")
    await admin.get_by_test_id("send").click()
    message = await desk.heard("message", "text")
    topics = {one["message_thread_id"]: one["name"] for chat in await state_chats(desk) for one in chat["topics"]}
    assert topics[message["message_thread_id"]] == "Deliveries"
    await page.get_by_role("tab", name="General").click()
    await expect(admin.locator(".log")).to_contain_text("for everybody")
    await expect(admin.locator(".log")).not_to_contain_text("first parcel")
    await page.get_by_role("tab", name="All").click()
    await expect(admin.locator("article", has_text="first parcel")).to_contain_text("Deliveries")


DROP = """async ([selector, names, size]) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 60, height: 40 });
  canvas.getContext("2d").fillRect(0, 0, 60, 40);
  const blob = await new Promise((done) => canvas.toBlob(done));
  const files = new DataTransfer();
  for (const name of names) {
    files.items.add(new File([size ? new Uint8Array(size) : blob], name, { type: size ? "" : "image/png" }));
  }
  const drop = (kind) => new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true });
  for (const kind of ["dragenter", "dragover", "drop"]) document.querySelector(selector).dispatchEvent(drop(kind));
}"""


async def test_photos_dropped_on_a_chat_make_an_album(seat: Any) -> None:
    """Three pictures dropped become one album with a caption; a file that is too big is a sentence."""
    desk, page = await seat()
    stage = "[data-testid=pane-customer] .stage"
    await page.evaluate(DROP, [stage, ["a.png", "b.png", "c.png"], 0])
    await page.locator("[name=caption]").fill("from home")
    await page.keyboard.press("Enter")
    album = pane(page).get_by_test_id("album")
    await expect(album.locator("img")).to_have_count(3)
    assert await album.locator("img").evaluate_all("all => Promise.all(all.map(i => i.decode()))") == [None] * 3
    await expect(pane(page).locator("article").filter(has=page.get_by_test_id("album"))).to_contain_text("from home")
    messages = [one["message"] for one in await desk.bot("getUpdates")][-3:]
    assert len({one["media_group_id"] for one in messages}) == 1
    assert [one.get("caption") for one in messages] == ["from home", None, None]
    await watch(page, "[data-testid=pane-customer] [data-testid=toast]")
    await page.evaluate(DROP, [stage, ["film.bin"], 51 << 20])
    await passed(page, "film.bin ធំពេក៖ 53.5 MB")


async def test_a_one_time_keyboard_stays_shut(seat: Any) -> None:
    """Its key is pressed once: it closes, its placeholder goes, a reload opens neither; one sent anew is open."""
    desk, page = await seat()
    dara = pane(page)
    keyboard = {"keyboard": [[{"text": "Yes"}]], "one_time_keyboard": True, "input_field_placeholder": "Yes or no"}
    await desk.bot("sendMessage", chat_id=DARA, text="Sure?", reply_markup=keyboard)
    await expect(dara.get_by_test_id("composer")).to_have_attribute("placeholder", "Yes or no")
    await dara.locator(".rkey").click()
    await expect(dara.locator(".message.own").last).to_contain_text("Yes")
    for again in (False, True):
        if again:
            await page.reload()
            await expect(dara.locator(".message.own").last).to_contain_text("Yes")
        await expect(dara.locator(".rkey")).not_to_be_visible()
        await expect(dara.get_by_test_id("composer")).to_have_attribute("placeholder", "សារ")
    await desk.bot("sendMessage", chat_id=DARA, text="Sure now?", reply_markup=keyboard)
    await expect(dara.locator(".rkey")).to_be_visible()


async def test_a_forced_answer_is_not_asked_for_for_ever(seat: Any) -> None:
    """The bar and placeholder of a forced reply go when the bot has said something else."""
    desk, page = await seat()
    field = pane(page).get_by_test_id("composer")
    asks = {"force_reply": True, "input_field_placeholder": "Street and house"}
    await desk.bot("sendMessage", chat_id=DARA, text="Where?", reply_markup=asks)
    await expect(field).to_have_attribute("placeholder", "Street and house")
    await expect(pane(page).locator(".reply-bar")).to_contain_text("Where?")
    await desk.bot("sendMessage", chat_id=DARA, text="Never mind")
    await expect(field).to_have_attribute("placeholder", "សារ")
    await expect(pane(page).locator(".reply-bar")).not_to_be_visible()


async def test_a_message_is_reacted_to_changed_and_pinned(seat: Any) -> None:
    """By a message's menu: a reaction comes and goes, own words are changed and marked, a pin has its bar."""
    desk, page = await seat()
    admin = pane(page, "admin")
    await admin.get_by_role("button", name="Start", exact=True).click()
    own = admin.locator("article.own").last
    await own.click(button="right")
    await page.get_by_role("menuitemradio", name="👍").click()
    mark = admin.get_by_test_id("reaction")
    await expect(mark).to_have_attribute("aria-pressed", "true")
    assert (await desk.heard("message_reaction"))["new_reaction"] == [{"type": "emoji", "emoji": "👍"}]
    await mark.click()
    await expect(mark).to_have_count(0)
    await admin.get_by_test_id("composer").press("ArrowUp")
    await admin.get_by_test_id("composer").fill("hello")
    await admin.get_by_test_id("composer").press("Enter")
    await expect(own).to_contain_text("edited")
    assert (await desk.heard("edited_message"))["text"] == "hello"
    await own.click(button="right")
    await page.get_by_role("menuitem", name="Pin", exact=True).click()
    await expect(admin.locator(".pin")).to_contain_text("hello")
    await expect(admin.locator(".service")).to_contain_text("Vanna pinned “hello”")


async def test_links_are_opened_as_the_panes_person(seat: Any) -> None:
    """A deep link in the composer is offered and presses Start for that person; a foreign link is only text."""
    desk, page = await seat()
    dara = pane(page)
    await dara.get_by_test_id("composer").fill("t.me/sandbox_bot?start=p_7")
    await expect(dara.get_by_test_id("suggestion")).to_contain_text("Dara")
    await dara.get_by_test_id("composer").press("Enter")
    message = await desk.heard("message", "text")
    assert (message["from"]["id"], message["text"]) == (DARA, "/start p_7")
    await dara.get_by_test_id("composer").fill("t.me/other_bot?start=p_7")
    await expect(dara.get_by_test_id("suggestion")).to_have_count(0)


async def test_buying_by_keyboard_alone(seat: Any) -> None:
    """Tab, Enter, arrows and Esc reach everything: a command, a key, its alert, a message's menu, and back."""
    desk, page = await seat()
    dara = pane(page)
    commands = [{"command": "shop", "description": "The shop"}, {"command": "shoes", "description": "Shoes"}]
    await desk.bot("setMyCommands", commands=commands)
    await page.reload()
    await dara.locator(".slash").wait_for()  # the commands are known
    await dara.get_by_test_id("composer").focus()
    await page.keyboard.type("/sho")
    await expect(dara.get_by_test_id("suggestion")).to_have_count(2)
    for key in ("ArrowDown", "Enter"):
        await page.keyboard.press(key)
    assert (await desk.heard("message", "text"))["text"] == "/shoes"
    buttons = {"inline_keyboard": [[{"text": "Buy now", "callback_data": "buy"}]]}
    await desk.bot("sendMessage", chat_id=DARA, text="Red shoes", reply_markup=buttons)
    await dara.locator(".key").wait_for()
    for _ in range(40):
        if await page.evaluate("document.activeElement.textContent") == "Buy now":
            break
        await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    query = await desk.heard("callback_query")
    assert query["data"] == "buy"
    await desk.bot("answerCallbackQuery", callback_query_id=query["id"], text="Sold!", show_alert=True)
    await expect(page.get_by_test_id("alert")).to_contain_text("Sold!")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("alert")).to_have_count(0)
    await dara.locator(".log").focus()
    for key in ("ArrowUp", "Enter"):
        await page.keyboard.press(key)
    await expect(page.get_by_role("menu")).to_be_visible()
    assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle + document.activeElement.role")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_have_count(0)


@pytest.mark.parametrize("locale", ["en-US", "km-KH"])
async def test_a_phone_shows_one_pane(seat: Any, locale: str) -> None:
    """At 375 pixels one pane with a switcher below, nothing wider than the screen, whatever the language."""
    _, page = await seat(viewport=PHONE, locale=locale)
    for role in ("staff", "admin", "web", "customer"):
        await page.get_by_test_id(f"tab-{role}").click()
        await expect(pane(page, role)).to_be_visible()
        assert await page.locator(".pane:visible").count() == 1
        await tidy(page)
    await pane(page).get_by_test_id("person").click()
    await tidy(page)
    await expect(page.get_by_test_id("tab-staff")).to_contain_text("ក្រុមបុគ្គលិក" if locale == "km-KH" else "Staff group")


async def test_the_theme_follows_the_system_until_chosen(seat: Any) -> None:
    """Dark with a dark system; a press makes it light, and it stays so after a reload."""
    _, page = await seat(color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = await page.evaluate(ground)
    await page.get_by_test_id("theme").click()
    light = await page.evaluate(ground)
    darkest, lightest = (list(map(int, re.findall(r"\d+", one))) for one in (dark, light))
    assert max(darkest) < 60
    assert min(lightest) > 200
    await page.reload()
    assert await page.evaluate(ground) == light


async def test_a_khmer_persons_pane_is_khmer(seat: Any) -> None:
    """Words, days and running times stand in Khmer, high enough for stacked signs; Sokha's pane stays English."""
    desk, page = await seat()
    soon = {"type": "date_time", "offset": 0, "length": 4, "unix_time": int(time.time()) + 235, "date_time_format": "r"}
    for chat in (DARA, STAFF):
        await desk.bot("sendMessage", chat_id=chat, text="soon ស្ត្រី", entities=[soon])
    dara, staff = pane(page), pane(page, "staff")
    await expect(dara.locator(".message.other time[data-unix]")).to_have_text("ក្នុង 3 នាទី")
    await expect(staff.locator(".message.other time[data-unix]")).to_have_text("in 3 minutes")
    await expect(dara.locator(".day").first).to_have_text("ថ្ងៃនេះ")
    await expect(dara.get_by_test_id("attach")).to_have_attribute("aria-label", "ភ្ជាប់")
    await expect(staff.get_by_test_id("attach")).to_have_attribute("aria-label", "Attach")
    lines = "e => parseFloat(getComputedStyle(e).lineHeight) / parseFloat(getComputedStyle(e).fontSize)"
    assert await dara.locator(".message.other .text").evaluate(lines) >= 1.6


FLYING = """() => { window.flying = new Promise((done) => new MutationObserver(() => {
  const pieces = document.querySelectorAll("[data-testid=effect] i").length;
  if (pieces) done(pieces);
}).observe(document.body, { childList: true, subtree: true })); }"""
"""Count an effect's pieces as it begins: it is over in two seconds, which a busy machine may look past."""


async def test_motion_is_only_for_those_who_like_it(seat: Any) -> None:
    """A message effect flies in many pieces; with less motion asked for it is one that stands still."""
    for motion, pieces in (("no-preference", 14), ("reduce", 1)):
        desk, page = await seat(reduced_motion=motion)
        await expect(pane(page).locator("article")).to_have_count(1)
        await page.evaluate(FLYING)
        sent = {"chat_id": DARA, "text": "Thank you", "message_effect_id": "5046509860389126442"}
        await desk.bot("sendMessage", **sent)
        assert await page.evaluate("window.flying") == pieces
