"""The chat page under a finger, where nothing hovers: a message's menu can be reached and worked."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.browser import Windows, windows
from tests.unit.bot.sandbox.conftest import ADMIN, DARA, STAFF, Clock, open_desk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]  # one browser for both
TYPED = """async (it) => {
  const low = it.offsetHeight, wrong = [];
  for (let count = 1; count < 120; count++) {
    for (const text of ["", "i".repeat(count)]) {
      it.value = text;
      it.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise(requestAnimationFrame);
    }
    const shown = it.offsetHeight, style = it.style.height;
    it.style.height = "auto";
    if (shown !== it.scrollHeight) wrong.push(count);
    if (it.scrollHeight > low) return { wrong, last: it.scrollHeight };
    it.style.height = style;
  }
  return { wrong, last: 0 };
}"""
"""Type lines that grow by a letter: as high as they need, each, until one needs a second line."""
TABLET: Any = {"viewport": {"width": 1180, "height": 820}, "has_touch": True, "is_mobile": True, "locale": "en-US"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Windows]:
    """Chromium without a window on any screen."""
    async with windows() as running:
        yield running


async def test_a_messages_menu_stands_whole_on_a_tablet(browser: Windows) -> None:
    """Pressed long, a message low or high in its chat has its menu whole beside it, and is reacted to."""
    panes = {"customer": DARA, "staff": STAFF, "admin": ADMIN}
    async with open_desk(Clock(time.time()), links={"panes": panes}) as desk, browser.tab(**TABLET) as page:
        await desk.act("start", person=DARA)
        for number in range(12):
            await desk.bot("sendMessage", chat_id=DARA, text=f"Line {number}\nand more")
        await page.goto(desk.address)
        for words in ("Line 11", "Line 6"):
            message, menu = page.locator("article", has_text=words), page.get_by_role("menu")
            await message.dispatch_event("contextmenu")
            await expect(menu).to_be_visible()
            await expect(menu).to_be_in_viewport(ratio=1)
            lines = "(it) => [it.getBoundingClientRect().top, it.getBoundingClientRect().bottom]"
            (top, bottom), (over, under) = await menu.evaluate(lines), await message.evaluate(lines)
            assert min(abs(over - bottom), abs(top - under)) < 40, words
            await menu.get_by_role("menuitemradio", name="👍").click()
            await expect(page.locator("article", has_text=words).get_by_test_id("reaction")).to_be_visible()


async def test_a_line_that_fits_stays_one_line(browser: Windows) -> None:
    """With the way to the commands gone from beside it, a line that has room again is one line high."""
    async with open_desk(Clock(time.time())) as desk, browser.tab(**TABLET) as page:
        await desk.bot("setMyCommands", commands=[{"command": "start", "description": "Open the shop"}])
        await desk.act("start", person=DARA)
        await page.goto(desk.address)
        field = page.locator("[data-role=customer]").get_by_test_id("composer")
        await page.locator("[data-role=customer] .slash").wait_for()
        low = await field.evaluate("(it) => it.offsetHeight")
        grown = await field.evaluate(TYPED)
        assert grown["wrong"] == []
        assert grown["last"] > low
