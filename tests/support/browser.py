"""A real browser: Debian's Chromium without a window, which asks nothing of the network by itself."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)  # fmt: skip


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start Chromium, and close it afterwards; without it the test is left out, with one line that says so."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("Chromium is not installed: the browser tests are left out")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield running
        await running.close()
