"""The chat page with what bots put beside their messages: inline results, Mini Apps, shared people, special buttons."""

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from urllib.parse import parse_qsl

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Locator, Page, expect

from tests.support.browser import Windows, passed, watch, windows
from tests.unit.bot.sandbox.conftest import ADMIN, DARA, SOKHA, STAFF, TOKEN, Clock, Desk, open_desk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]  # one browser for all of them
KINDS = ["message", "callback_query", "inline_query", "chosen_inline_result"]
TOAST = "[data-testid=pane-customer] [data-testid=toast]"
APP = """<!doctype html><meta charset="utf-8"><script src="/page/telegram-web-app.js"></script><output></output><script>
const app = Telegram.WebApp;
app.ready();
document.querySelector("output").textContent = app.initData;
app.MainButton.setText("Order").show().onClick(() => app.sendData("two roses"));
app.BackButton.show().onClick(() => app.showConfirm("Really?", (yes) => document.body.append(`confirmed ${yes}`)));
app.onEvent("themeChanged", () => document.body.dataset.scheme = app.colorScheme);
</script>"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Windows]:
    """Chromium without a window on any screen."""
    async with windows() as running:
        yield running


async def show_app(_request: web.Request) -> web.Response:
    """Answer with the little Mini App."""
    return web.Response(text=APP, content_type="text/html")


async def serve_app() -> tuple[web.AppRunner, str]:
    """Serve the little Mini App on a port of its own, with the page's stand-in for Telegram's script."""
    app = web.Application()
    app.router.add_get("/", show_app)
    app.router.add_get("/account", show_app)
    app.router.add_static("/page", "bot/sandbox/page")
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}/"


@pytest_asyncio.fixture(loop_scope="module")
async def seat(browser: Windows) -> AsyncIterator[tuple[Desk, Page, str]]:
    """Give a desk where Dara wrote /start, its page, and a Mini App's address; a script that fails there fails."""
    async with AsyncExitStack() as stack:
        runner, app = await serve_app()
        stack.push_async_callback(runner.cleanup)
        links = {"panes": {"customer": DARA, "staff": STAFF, "admin": ADMIN}}
        desk = await stack.enter_async_context(open_desk(Clock(time.time()), links=links, web_app=app))
        await desk.act("start", person=DARA)
        await desk.bot("getUpdates", allowed_updates=KINDS)
        await desk.heard("message", "text")
        tab = browser.tab(viewport={"width": 1440, "height": 900}, color_scheme="dark")
        page = await stack.enter_async_context(tab)
        await page.goto(desk.address)
        await expect(page.get_by_test_id("pane-customer").locator("article")).to_have_count(1)
        yield desk, page, app


def pane(page: Page) -> Locator:
    """Return Dara's pane."""
    return page.get_by_test_id("pane-customer")


def signed(init_data: str) -> dict[str, str]:
    """Check initData as https://core.telegram.org/bots/webapps says a server must; return its fields."""
    fields = dict(parse_qsl(init_data, strict_parsing=True))
    given = fields.pop("hash")
    text = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    secret = hmac.new(b"WebAppData", TOKEN.encode(), hashlib.sha256).digest()
    assert hmac.new(secret, text.encode(), hashlib.sha256).hexdigest() == given
    return fields


async def test_inline_results_are_listed_and_sent(seat: tuple[Desk, Page, str]) -> None:
    """`@bot words` asks the bot once the typing rests; arrow and Enter send a result, and the bot hears which."""
    desk, page, _ = seat
    field = pane(page).get_by_test_id("composer")
    await field.fill("@sandbox_bot ro")
    query = await desk.heard("inline_query")
    assert (query["query"], query["from"]["id"]) == ("ro", DARA)
    results = [
        {"type": "article", "id": name, "title": name.title(), "input_message_content": {"message_text": f"a {name}"}}
        for name in ("rose", "rosemary")
    ]
    await desk.bot("answerInlineQuery", inline_query_id=query["id"], results=results)
    await expect(pane(page).get_by_test_id("suggestion")).to_have_text(["Rose", "Rosemary"])
    await field.press("ArrowDown")
    await field.press("Enter")
    await expect(pane(page).locator("article").last).to_contain_text("a rosemary")
    await expect(pane(page).locator("article").last).to_contain_text("តាម @sandbox_bot")
    await expect(field).to_have_value("")
    updates = [one for one in await desk.bot("getUpdates") if "chosen_inline_result" in one]
    assert [one["chosen_inline_result"]["result_id"] for one in updates] in ([], ["rosemary"])  # feedback is optional


async def test_a_mini_app_knows_who_opened_it(seat: tuple[Desk, Page, str]) -> None:
    """An inline button's app gets initData a server can verify, the page's theme, and may not send data."""
    desk, page, app = seat
    keys = {"inline_keyboard": [[{"text": "Shop", "web_app": {"url": app}}]]}
    await desk.bot("sendMessage", chat_id=DARA, text="Come in", reply_markup=keys)
    await pane(page).locator(".key").click()
    frame = page.frame_locator("[data-testid=miniapp] iframe")
    await expect(frame.locator("output")).to_contain_text("hash=")
    fields = signed(await frame.locator("output").inner_text())
    assert json.loads(fields["user"])["id"] == DARA
    await expect(frame.locator("body")).to_have_attribute("data-scheme", "dark")
    await watch(page, TOAST)
    await page.get_by_test_id("miniapp-main").click()
    await passed(page, "ក្តារចុច")
    await page.get_by_role("button", name="ថយក្រោយ").click()
    await page.get_by_test_id("popup").get_by_role("button", name="យល់ព្រម").click()
    await expect(frame.locator("body")).to_contain_text("confirmed true")
    await page.get_by_role("button", name="បិទកម្មវិធី").click()
    await expect(page.get_by_test_id("miniapp")).to_have_count(0)


async def test_a_keyboards_app_sends_its_data(seat: tuple[Desk, Page, str]) -> None:
    """The main button of an app from the reply keyboard closes it, and the bot gets web_app_data and the key's text."""
    desk, page, app = seat
    keyboard = {"keyboard": [[{"text": "Choose flowers", "web_app": {"url": app}}]]}
    await desk.bot("sendMessage", chat_id=DARA, text="Choose", reply_markup=keyboard)
    await pane(page).locator(".rkey").click()
    await page.get_by_test_id("miniapp-main").click()
    await expect(page.get_by_test_id("miniapp")).to_have_count(0)
    data = (await desk.heard("message", "web_app_data"))["web_app_data"]
    assert data == {"button_text": "Choose flowers", "data": "two roses"}
    await expect(pane(page).locator(".service").last).to_contain_text("Choose flowers")


async def test_a_start_parameter_opens_the_app(seat: tuple[Desk, Page, str]) -> None:
    """A pasted `?startapp=` link opens the bot's app, signed with its parameter."""
    _, page, _ = seat
    await pane(page).get_by_test_id("composer").fill("https://t.me/sandbox_bot?startapp=rose_7")
    await pane(page).get_by_test_id("composer").press("Enter")
    said = page.frame_locator("[data-testid=miniapp] iframe").locator("output")
    await expect(said).to_contain_text("hash=")
    assert signed(await said.inner_text())["start_param"] == "rose_7"


async def test_a_login_button_asks_before_it_tells_who_comes(seat: tuple[Desk, Page, str]) -> None:
    """A login button names the site and the person; yes opens the page with a signed name, in a sheet."""
    desk, page, app = seat
    keys = {"inline_keyboard": [[{"text": "Account", "login_url": {"url": f"{app}account"}}]]}
    await desk.bot("sendMessage", chat_id=DARA, text="Come in", reply_markup=keys)
    await pane(page).locator(".key").click()
    await expect(page.get_by_test_id("popup")).to_contain_text("Dara")
    await page.get_by_test_id("popup").get_by_role("button").last.click()
    await expect(page.get_by_test_id("sheet").locator("iframe")).to_have_attribute("src", re.compile("id=1&.*hash="))


async def test_people_are_shared_by_a_key(seat: tuple[Desk, Page, str]) -> None:
    """A key that asks for people offers them; those ticked reach the bot with the request's number."""
    desk, page, _ = seat
    keyboard = {"keyboard": [[{"text": "Friends", "request_users": {"request_id": 5, "max_quantity": 2}}]]}
    await desk.bot("sendMessage", chat_id=DARA, text="Who?", reply_markup=keyboard)
    await pane(page).locator(".rkey").click()
    await page.get_by_role("checkbox", name="Sokha").check()
    await page.keyboard.press("Enter")
    shared = (await desk.heard("message", "users_shared"))["users_shared"]
    assert (shared["request_id"], shared["user_ids"]) == (5, [SOKHA])


async def test_special_buttons_and_spoilers(seat: tuple[Desk, Page, str]) -> None:
    """A copy button copies, one for inline mode fills the composer, a spoiler opens on Enter, "typing" is shown."""
    desk, page, _ = seat
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    keys = {
        "inline_keyboard": [
            [{"text": "Copy", "copy_text": {"text": "ABC-1"}}],
            [{"text": "Search", "switch_inline_query_current_chat": "lotus"}],
        ]
    }
    await desk.bot("sendMessage", chat_id=DARA, text="<tg-spoiler>secret</tg-spoiler>", parse_mode="HTML")
    await desk.bot("sendMessage", chat_id=DARA, text="Press", reply_markup=keys)
    await watch(page, f"{TOAST}, [data-testid=pane-customer] [data-testid=typing]")
    await desk.bot("sendChatAction", chat_id=DARA, action="typing")
    await passed(page, "កំពុងសរសេរ")
    await pane(page).locator(".key", has_text="Copy").click()
    await passed(page, "^បានចម្លង$")
    assert await page.evaluate("navigator.clipboard.readText()") == "ABC-1"
    await pane(page).locator(".key", has_text="Search").click()
    await expect(pane(page).get_by_test_id("composer")).to_have_value("@sandbox_bot lotus")
    spoiler = pane(page).locator(".spoiler")
    hidden = await spoiler.evaluate("e => getComputedStyle(e).color")
    await spoiler.focus()
    await page.keyboard.press("Enter")
    assert await spoiler.evaluate("e => getComputedStyle(e).color") != hidden == "rgba(0, 0, 0, 0)"


async def test_a_page_that_is_not_the_frame_is_not_heard(seat: tuple[Desk, Page, str]) -> None:
    """A message from another window than the app's frame moves nothing; nonsense from the app harms nothing."""
    desk, page, app = seat
    keyboard = {"keyboard": [[{"text": "App", "web_app": {"url": app}}]]}
    await desk.bot("sendMessage", chat_id=DARA, text="Choose", reply_markup=keyboard)
    await pane(page).locator(".rkey").click()
    await expect(page.get_by_test_id("miniapp-main")).to_be_visible()
    close = json.dumps({"eventType": "web_app_close"})
    await page.evaluate("text => window.postMessage(text, '*')", close)
    frame = next(one for one in page.frames if one.url.startswith(app))
    for nonsense in ("{", "null", '{"eventType": "constructor"}', '{"eventType": "web_app_open_link"}'):
        await frame.evaluate("text => window.parent.postMessage(text, '*')", nonsense)
    await asyncio.sleep(0.05)
    await expect(page.get_by_test_id("miniapp-main")).to_be_visible()
    await frame.evaluate("text => window.parent.postMessage(text, '*')", close)
    await expect(page.get_by_test_id("miniapp")).to_have_count(0)
