"""The chat page under a finger, where nothing hovers: a message's menu can be reached and worked."""

import re
import shutil
import time
from typing import Any

import pytest
from playwright.async_api import async_playwright, expect

from tests.unit.bot.sandbox.conftest import ADMIN, DARA, STAFF, Clock, open_desk

pytestmark = pytest.mark.browser
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
PHONE: Any = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True, "locale": "en-US"}


async def test_a_messages_menu_stands_whole_on_a_phone() -> None:
    """Pressed long, every message's menu stands inside its chat, the first and the last, and reacts."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("Chromium is not installed: the browser tests are left out")
    panes = {"customer": DARA, "staff": STAFF, "admin": ADMIN}
    async with open_desk(Clock(time.time()), links={"panes": panes}) as desk, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=FLAGS)
        await desk.act("start", person=DARA)
        for number in range(12):
            await desk.bot("sendMessage", chat_id=DARA, text=f"Line {number}\nand more")
        page = await (await browser.new_context(**PHONE)).new_page()
        page.set_default_timeout(5000)
        await page.goto(desk.address)
        stage = await page.locator("[data-role=customer] .stage").bounding_box()
        assert stage
        for words in ("Line 11", "Line 6"):
            await page.locator("article", has_text=re.compile(words)).dispatch_event("contextmenu")
            menu = page.get_by_role("menu")
            await expect(menu).to_be_visible()
            box = await menu.evaluate("(it) => [it.offsetTop, it.offsetTop + it.offsetHeight]")
            assert 0 <= box[0] < box[1] <= stage["height"], words
            await menu.get_by_role("menuitemradio", name="👍").click()
            await expect(page.locator("article", has_text=words).get_by_test_id("reaction")).to_be_visible()
        await browser.close()
