"""The drawer beside the chats, in a real browser: calls as they happen, faults on demand, a bank that can be fooled."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.sandbox import GroupSeed, PersonSeed, Sandbox
from bot.sandbox.bank import Bank, read_qr
from bot.sandbox.bank.qr import crc16
from tests.support.browser import Windows, passed, watch, windows
from tests.unit.bot.sandbox.conftest import TOKEN

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]  # one browser for all of them
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 375, "height": 812}


@dataclass(frozen=True, slots=True)
class Seat:
    """A tab on the chat page, with the bot's hands and the bank behind it."""

    page: Page
    sandbox: Sandbox
    bank: Bank
    address: str
    http: aiohttp.ClientSession

    async def call(self, method: str, **given: Any) -> tuple[int, Any]:
        """Call the Bot API as the bot."""
        async with self.http.post(f"{self.address}/bot{TOKEN}/{method}", json=given) as response:
            return response.status, await response.json()

    async def act(self, path: str, **body: Any) -> None:
        """Use a control route."""
        async with self.http.post(f"{self.address}/sandbox/{path}", json=body) as response:
            assert response.status == 200

    async def open(self, tab: str) -> None:
        """Open the drawer at a tab."""
        await (
            self.page.get_by_test_id("tab-inspector")
            .or_(self.page.locator("#open-inspector"))
            .locator("visible=true")
            .click()
        )
        await self.page.get_by_test_id(f"inspector-{tab}").click()


def qr_of(amount: str, seconds: float) -> str:
    """Write a dollar KHQR that ends so many seconds from now."""

    def field(tag: str, value: str) -> str:
        return f"{tag}{len(value):02d}{value}"

    now = time.time()
    times = field("00", str(int(now * 1000) - 300_000)) + field("01", str(int((now + seconds) * 1000)))
    body = "000201010212" + field("29", field("00", "shop@sandbox")) + "52045999" + "5303840" + field("54", amount)
    body += "5802KH" + field("59", "Tonle Shop") + "6010Phnom Penh" + field("62", field("01", "ORD-7"))
    body += field("99", times) + "6304"
    return body + crc16(body.encode())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Windows]:
    """Chromium without a window on any screen."""
    async with windows() as running:
        yield running


@asynccontextmanager
async def sitting(browser: Windows, **context: Any) -> AsyncIterator[Seat]:
    """Open a desk with a bank, and the chat page on it; a script that fails there fails the test."""
    people = [PersonSeed(1, "Dara", "dara", "km"), PersonSeed(2, "Sokha")]
    links = {"tools": {"bank": "/bakong"}}
    sandbox = Sandbox(token=TOKEN, people=people, groups=[GroupSeed(-1001, "Staff", (1, 2))], links=links)
    bank = Bank(tokens={"made-up"})
    sandbox.app.add_subapp("/bakong", bank.app)
    way = {"viewport": WIDE, "locale": "en-US", "permissions": ["clipboard-read", "clipboard-write"], **context}
    async with AsyncExitStack() as stack:
        stack.push_async_callback(sandbox.stop)
        page = await stack.enter_async_context(browser.tab(**way))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        seat = Seat(page, sandbox, bank, await sandbox.start(), http)
        await seat.act("start", person=1)
        await page.goto(seat.address)
        yield seat


@pytest.fixture
def seated(browser: Windows) -> Callable[..., Any]:
    """A seat with a window of its own, for `async with`."""
    return lambda **context: sitting(browser, **context)


async def test_a_call_appears_and_opens(seated: Callable[..., Any]) -> None:
    """A call is listed as it happens, opens to question and answer, is copied for a shell; odd ones are counted."""
    async with seated() as seat:
        page, calls = seat.page, seat.page.get_by_test_id("call")
        await seat.open("calls")
        await expect(page.locator(".calls .drawer-empty")).to_be_visible()
        await watch(page, "[data-testid=call-rate]")
        await seat.call("sendMessage", chat_id=1, text="it's here", tetx="odd")
        await expect(calls).to_have_count(1)
        await expect(calls).to_contain_text("Dara")
        await expect(calls).to_contain_text("tetx: unknown parameter")
        await expect(page.get_by_test_id("findings-total")).to_have_text("1 finding")
        await passed(page, r"^(?!0\.0 )[\d.]+ calls a second$")
        await calls.locator("summary").first.click()
        await expect(calls.locator(".json").first).to_contain_text("it's here")
        await expect(calls.locator(".json").last).to_contain_text("message_id: 2")
        await page.get_by_test_id("copy-curl").click()
        copied = await page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith(f'curl -sS "{seat.address}/bot$TOKEN/sendMessage"')
        assert copied.endswith(r"""'{"chat_id":1,"text":"it'\''s here","tetx":"odd"}'""")
        assert TOKEN not in await page.content()


async def test_calls_are_filtered_paused_and_cleared(seated: Callable[..., Any]) -> None:
    """Polls are counted, not listed; by method, refusals and findings the list is cut; a pause holds what comes."""
    async with seated() as seat:
        page, calls = seat.page, seat.page.get_by_test_id("call")
        await seat.open("calls")
        await seat.call("getUpdates")
        await seat.call("getMe")
        await seat.call("sendMessage", chat_id=77, text="x")
        await seat.call("sendMessage", chat_id=1, text="x", tetx="y")
        await expect(calls).to_have_count(3)
        await expect(page.get_by_test_id("show-polls")).to_have_text("getUpdates × 1")
        await page.get_by_test_id("show-errors").click()
        await expect(calls).to_have_count(1)
        await expect(calls).to_contain_text("400 Bad Request: chat not found")
        await page.get_by_test_id("show-findings").click()
        await expect(calls).to_contain_text("tetx")
        await page.get_by_test_id("show-all").click()
        await page.get_by_test_id("call-filter").fill("getm")
        await expect(calls).to_have_count(1)
        await page.get_by_test_id("call-filter").fill("")
        await page.get_by_test_id("show-polls").click()
        await expect(calls).to_have_count(4)
        await page.get_by_test_id("calls-pause").click()
        await seat.call("getMe")
        await expect(page.get_by_test_id("calls-pause")).to_have_text("Resume")
        await asyncio.sleep(0.15)  # longer than the sandbox waits before it tells
        await expect(calls).to_have_count(4)
        await page.get_by_test_id("calls-pause").click()
        await expect(calls).to_have_count(5)
        await page.get_by_test_id("calls-clear").click()
        await expect(calls).to_have_count(0)
        await expect(page.get_by_test_id("findings-total")).to_be_hidden()


async def test_a_fault_happens_and_disappears(seated: Callable[..., Any]) -> None:
    """What the panel asks for waits there, meets the call it names, is gone; another is called off and never comes."""
    async with seated() as seat:
        page, waiting = seat.page, seat.page.get_by_test_id("fault")
        await seat.open("faults")
        await page.get_by_test_id("fault-form").locator("label.pick", has_text="Server error").click()
        await page.locator("[name=method]").fill("sendMessage")
        await page.locator("[name=chat]").select_option("1")
        await page.get_by_test_id("fault-ask").click()
        await expect(waiting).to_contain_text("sendMessage · Dara · once")
        assert (await seat.call("sendMessage", chat_id=-1001, text="x"))[0] == 200
        assert (await seat.call("sendMessage", chat_id=1, text="x"))[0] == 500
        await expect(waiting).to_have_count(0)
        await page.get_by_test_id("fault-form").locator("label.pick", has_text="Too many requests").click()
        await page.locator("[name=seconds]").fill("7")
        await page.get_by_test_id("fault-ask").click()
        await expect(waiting).to_contain_text("any method · once · 7 s")
        await waiting.get_by_role("button").click()
        await expect(waiting).to_have_count(0)
        assert (await seat.call("getMe"))[0] == 200
        await page.get_by_test_id("inspector-calls").click()
        await expect(page.get_by_test_id("call").filter(has_text="Fault: 500")).to_have_count(1)


async def test_the_desk_is_turned_upside_down(seated: Callable[..., Any]) -> None:
    """Who blocks the bot, who throws it out, no limits, another time, a state kept and everything begun again."""
    async with seated() as seat:
        page, world = seat.page, seat.sandbox.world
        await seat.open("faults")
        dara = page.locator(".waiter", has_text="Dara")
        await dara.get_by_role("button", name="Block the bot").click()
        await expect(dara).to_contain_text("blocked")
        assert (await seat.call("sendMessage", chat_id=1, text="x"))[0] == 403
        await dara.get_by_role("button", name="Let the bot in").click()
        await expect(dara).not_to_contain_text("blocked")
        staff = page.locator(".waiter", has_text="Staff")
        await staff.get_by_role("button", name="Kick the bot").click()
        await expect(staff).to_contain_text("kicked out")
        assert "kicked" in (await seat.call("sendMessage", chat_id=-1001, text="x"))[1]["description"]
        await expect(page.get_by_test_id("limits")).to_be_checked()
        await page.get_by_test_id("limits").uncheck()
        await page.get_by_role("button", name="+1 h", exact=True).click()
        await expect(page.get_by_test_id("clock")).to_have_text("+1 h from the real time")
        before, moved = time.time(), world.clock()
        assert before + 3600 <= moved <= time.time() + 3600
        assert world.limits.on is False
        await page.get_by_role("button", name="Right time").click()
        await expect(page.get_by_test_id("clock")).to_have_text("Right time")
        await page.locator("[name=name]").fill("before")
        await page.get_by_test_id("save").click()
        await expect(page.locator(".waiter", has_text="before")).to_be_visible()
        await page.get_by_test_id("reset").click()
        await page.get_by_test_id("reset-yes").click()
        await expect(page.locator(".tool-said")).to_have_text("Everything began again.")
        assert world.state.chats[1].messages == {}
        await page.locator(".waiter", has_text="before").get_by_role("button", name="Load").click()
        await expect(page.locator(".tool-said")).to_have_text("Loaded before.")
        assert list(world.state.chats[1].messages) != []


async def test_a_khqr_is_paid_wrongly(seated: Callable[..., Any]) -> None:
    """From the page paid short, over, late and refused: the bank's books say exactly that, and the page shows it."""
    async with seated() as seat:
        page, ledger = seat.page, seat.bank.ledger
        await seat.open("bank")
        soon, gone = qr_of("12.50", 330), qr_of("8.00", -30)
        seat.bank.open_link(soon)
        card = page.get_by_test_id("qr").filter(has_text="$12.50")
        await expect(card).to_contain_text(re.compile(r"waits, [45]:\d\d left"))
        for way, seen in (("short", "Paid $11.25"), ("over", "Paid $13.75"), ("currency", "Paid 51,250៛")):
            await card.get_by_test_id(f"pay-{way}").click()
            await expect(card).to_contain_text(seen)
            await expect(card).to_have_attribute("data-state", "odd")
            await expect(card.locator(".qr-state")).to_have_text(re.compile("short" if way == "short" else "times"))
        await page.get_by_test_id("khqr").fill(gone)
        await page.get_by_role("button", name="Add").click()
        old = page.get_by_test_id("qr").filter(has_text="$8.00")
        await expect(old).to_contain_text("expired")
        await expect(old.get_by_test_id("pay-exact")).to_be_disabled()
        await old.get_by_test_id("pay-reject").click()
        await expect(old.get_by_test_id("payment")).to_have_count(1)
        await old.get_by_test_id("pay-late").click()
        await expect(old).to_contain_text("after the end")
        made = [(t.md5, t.currency, str(t.amount), t.failed) for t in ledger.transactions]
        first, second = read_qr(soon).md5, read_qr(gone).md5
        assert made == [
            (first, "USD", "11.25", False), (first, "USD", "13.75", False), (first, "KHR", "51250", False),
            (second, "USD", "8.00", True), (second, "USD", "8.00", False),
        ]  # fmt: skip
        assert ledger.transactions[-1].at > (read_qr(gone).expires or 0)


async def test_the_bank_has_a_bad_day(seated: Callable[..., Any]) -> None:
    """A bad day asked for in the panel meets the next question to the bank; one that waits is called off."""
    async with seated() as seat:
        page, waiting = seat.page, seat.page.get_by_test_id("bank-fault")
        await seat.open("bank")
        for kind in ("500", "down"):
            await page.get_by_test_id(f"bank-{kind}").click()
        await expect(waiting).to_have_count(2)
        await waiting.filter(has_text="Down").get_by_role("button").click()
        await expect(waiting).to_have_count(1)
        headers, body = {"Authorization": "Bearer made-up"}, json.dumps({"accountId": "a@b"})
        for status in (500, 200):
            url = f"{seat.address}/bakong/v1/check_bakong_account"
            async with seat.http.post(url, data=body, headers=headers) as response:
                assert response.status == status
        await expect(waiting).to_have_count(0)


async def test_the_drawer_on_a_phone_in_khmer(seated: Callable[..., Any]) -> None:
    """A whole sheet that nothing sticks out of, dark, in Khmer, closed by Escape; keys walk from tab to tab."""
    async with seated(viewport=PHONE, color_scheme="dark", locale="km-KH") as seat:
        page, drawer = seat.page, seat.page.locator("#inspector")
        await seat.open("calls")
        for tab, word in (("calls", "ច្រោះតាមវិធី"), ("faults", "អ្វីដែលត្រូវខុស"), ("bank", "ថ្ងៃមិនល្អរបស់ធនាគារ")):
            await page.get_by_test_id(f"inspector-{tab}").click()
            field = drawer.get_by_text(word).or_(drawer.get_by_placeholder(word))
            await expect(field).to_be_visible()
            assert await drawer.bounding_box() == {"x": 0, "y": 0, **PHONE}
            wide = await drawer.evaluate("node => Math.max(...[...node.querySelectorAll('*')].map(n => n.scrollWidth))")
            assert wide <= PHONE["width"]
        await page.keyboard.press("ArrowLeft")
        await expect(page.get_by_test_id("inspector-faults")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(drawer).to_be_hidden()
