"""A real browser: Debian's Chromium without a window, which asks nothing of the network by itself."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.support.patience import PATIENCE

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)  # fmt: skip

WAITS = 1000 * PATIENCE
"""Milliseconds until what is waited for on a page counts as missing."""
WATCHING = """(what) => {
  window.passed = new Set();
  const look = () => document.querySelectorAll(what).forEach((node) => window.passed.add(node.textContent));
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""
PASSED = """(words) => new Promise((done) => {
  const look = () => {
    const found = [...window.passed].find((said) => new RegExp(words).test(said));
    return found === undefined ? setTimeout(look, 10) : done(found);
  };
  look();
})"""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start Chromium, and close it afterwards; without it the test is left out, with one line that says so."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("Chromium is not installed: the browser tests are left out")
    expect.set_options(timeout=WAITS)
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield running
        await running.close()


@dataclass
class Windows:
    """One browser's windows, one for each way to look at a page; in each an empty tab keeps it open.

    A tab beside another costs half a second of processor less than one whose window has to be opened around it.
    """

    browser: Browser
    kept: dict[str, BrowserContext] = field(default_factory=dict)

    @asynccontextmanager
    async def tab(self, **way: Any) -> AsyncIterator[Page]:
        """Open a tab in the window of that size, language, theme …; a script that fails in it fails the test.

        What a page stored belongs to its port, which is its test's own; it goes with the tab, for a port comes again.
        """
        named = json.dumps(way, sort_keys=True)
        if named not in self.kept:
            self.kept[named] = await self.browser.new_context(**way)
            await self.kept[named].new_page()
        page, wrong = await self.kept[named].new_page(), list[str]()
        page.set_default_timeout(WAITS)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        try:
            yield page
        finally:
            if page.url != "about:blank":
                await page.evaluate("localStorage.clear()")
            await page.close()
        assert wrong == []


@asynccontextmanager
async def windows() -> AsyncIterator[Windows]:
    """Start Chromium for tests that open tabs one after the other."""
    async with chromium() as running:
        yield Windows(running)


async def watch(page: Page, what: str) -> None:
    """Remember on the page what a selector's elements say from here on: those that go again by themselves too."""
    await page.evaluate(WATCHING, what)


async def passed(page: Page, words: str) -> None:
    """Wait until something watched has said so (a pattern), be it gone again: a busy machine may look past it."""
    async with asyncio.timeout(PATIENCE):
        await page.evaluate(PASSED, words)
