"""What the journeys walk on: a running shop for each file, people who come in, and a real browser.

``house`` is ``run.py sandbox`` as a process, one for all stories of a file; each story brings its own people, so that
none disturbs another. When a file is through, the bot must have asked Telegram for nothing Telegram does not know.
"""

import asyncio
import io
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Page

from bot.sandbox.client import Desk, Person
from tests.support.browser import chromium
from tests.support.house import House
from tests.support.patience import PATIENCE
from tests.support.regulars import acquaint

WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
NAMES = ("Bopha", "Chenda", "Kosal", "Lina", "Makara", "Mony", "Nary", "Pisey", "Rith", "Sreymom", "Thida", "Vuthy")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A running practice shop; afterwards its requests are checked and nothing may have gone wrong in it."""
    running = House.open(tmp_path_factory.mktemp("house"))
    yield running
    if not running.running:
        running.start()
    findings = asyncio.run(_findings(running.desk))
    code, _ = running.stop()
    assert findings == []
    assert code == 0
    assert "Traceback" not in running.everything_logged()


async def _findings(address: str) -> list[object]:
    """What the bot asked that Telegram does not know, and methods it called that the sandbox does not serve."""
    async with Desk(address) as desk:
        unserved = [call["method"] for call in await desk.calls() if "method not found" in (call["error"] or "")]
        return [*await desk.findings(), *unserved]


@pytest.fixture(scope="module")
def known(house: House) -> list[int]:
    """People whose phone and address the shop knows already."""
    return asyncio.run(_acquaint(house))


async def _acquaint(house: House) -> list[int]:
    async with Desk(house.desk, patience=PATIENCE) as desk:
        return [person.id for person in await acquaint(house, desk, *NAMES)]


@pytest.fixture
def regular(known: list[int], desk: Desk) -> Callable[[], Person]:
    """A customer whom no other story of this file uses: ``regular()`` for each that is wanted."""
    return lambda: desk.person(known.pop())


@pytest.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    """The sandbox of the running shop, listened to."""
    async with Desk(house.desk, patience=PATIENCE) as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a window."""
    async with chromium() as running:
        yield running


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """One tab; a script that fails in it, or a file that is not there, fails the test."""
    context = await browser.new_context(viewport=WIDE, locale="en-US")  # type: ignore[arg-type]
    tab = await context.new_page()
    wrong: list[str] = []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("response", lambda got: wrong.append(f"{got.status} {got.url}") if got.status >= 400 else None)
    yield tab
    await context.close()
    assert wrong == []


Shoot = Callable[[Page, str], Awaitable[None]]


@pytest.fixture
def shoot() -> Shoot:
    """Keep what a page shows as a picture for the documentation; without HAANG_SCREENSHOTS=1 no file changes."""
    folder = Path(__file__).resolve().parents[2] / "docs" / "screenshots"

    async def keep(tab: Page, name: str) -> None:
        picture = await tab.screenshot(animations="disabled", caret="hide")
        if os.environ.get("HAANG_SCREENSHOTS") == "1":
            full = Image.open(io.BytesIO(picture)).convert("RGB")
            small = full.quantize(palette=full.quantize(256), dither=Image.Dither.FLOYDSTEINBERG)
            folder.mkdir(parents=True, exist_ok=True)
            small.save(folder / f"{name}.png", optimize=True)

    return keep
