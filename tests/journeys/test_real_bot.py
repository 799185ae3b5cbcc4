"""``run.py serve``: the real bot's way, against a Telegram whose every update the test writes itself.

The stand-in refuses tokens as Telegram does and sends updates that no person in the sandbox's own page could.
"""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox import GroupSeed, PersonSeed, Sandbox
from bot.sandbox.client import Desk
from bot.sandbox.faults import Fault
from core.catalog.sample.stocking import stock_sample
from core.config import Config
from core.payments.bakong import ManualBank
from core.shop import open_shop
from tests.support import house as houses
from tests.support.house import House
from tests.support.patience import PATIENCE
from tests.support.proxy import Proxy
from tests.support.stories import number_in, say_where

TOKEN = "1000001:made-up-token-that-opens-nothing-at-all"
SECRET = "made-up-secret"
DARA, SOKHA, STAFF = 11, 12, -1011
OWNER = 13
Opened = Callable[..., Awaitable[House]]


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    """Telegram's stand-in with a customer, staff and an owner."""
    people = [
        PersonSeed(DARA, "Dara", "dara", "en", phone="+85512000001"),
        PersonSeed(SOKHA, "Sokha"),
        PersonSeed(OWNER, "Chan"),
    ]
    stand_in = Sandbox(
        token=TOKEN, people=people, groups=[GroupSeed(STAFF, "Staff", (SOKHA, OWNER))], webhook_delay=0.05
    )
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


def address(telegram: Sandbox) -> str:
    """Where the stand-in listens."""
    assert telegram._runner is not None
    host, port = telegram._runner.addresses[0][:2]
    return f"http://{host}:{port}"


async def stocked(folder: Path) -> None:
    """A data folder whose shelves are filled, as if an owner had done it."""
    config = Config(_env_file=None, data_dir=folder / "data", backup_dir=folder / "backups", bot_token=TOKEN)
    (config.media_dir / "products").mkdir(parents=True)
    shop = await open_shop(config, ManualBank())
    await stock_sample(shop)
    await shop.close()


@pytest.fixture
async def opened(telegram: Sandbox, tmp_path: Path) -> AsyncIterator[Opened]:
    """``run.py serve`` for this Telegram, with further settings; what a story left open is killed."""
    houses_here: list[House] = []

    async def open_one(**settings: str) -> House:
        port = houses.free_port()
        given = {
            "bot_token": TOKEN, "telegram_api": address(telegram), "staff_chat_id": str(STAFF), "owner_ids": str(OWNER),
            "port": str(port), "public_url": f"http://127.0.0.1:{port}",
        } | settings  # fmt: skip
        await stocked(tmp_path)
        houses_here.append(await asyncio.to_thread(lambda: House.open(tmp_path, "serve", **given)))
        return houses_here[-1]

    yield open_one
    for house in houses_here:
        if house.running:
            house.kill()


async def closed(house: House) -> None:
    """Stop it; nothing went wrong in it and nothing was said that must not be."""
    assert await asyncio.to_thread(house.stop_soon) == 0
    logged = house.everything_logged()
    assert "Traceback" not in logged
    for secret in (TOKEN, TOKEN.partition(":")[2], SECRET, "12000001"):
        assert secret not in logged


async def buy(desk: Desk) -> str:
    """Dara's first order, cash on delivery; returns its number."""
    dara = desk.person(DARA)
    await dara.start("p_1")
    await dara.tap("English")
    await dara.tap("Buy now")
    review = await say_where(dara)
    await dara.tap("Cash on delivery", on=review)
    return number_in((await dara.expect("MD0")).text)


async def test_an_order_by_webhook_behind_a_proxy(telegram: Sandbox, opened: Opened) -> None:
    """Brought through a proxy: a whole order, watched live; what is forged refused; a restart doubles nothing."""
    port = houses.free_port()
    async with Proxy(port) as proxy, Desk(address(telegram), patience=PATIENCE) as desk:
        house = await opened(
            webhook_secret=SECRET, port=str(port), public_url=proxy.address, trusted_proxies="127.0.0.1/32"
        )
        assert telegram.world.state.settings["webhook"]["url"] == f"{proxy.address}/telegram/webhook"
        number = await buy(desk)
        counter = desk.person(SOKHA).chat(STAFF)
        claim = await counter.expect(number)
        refused = await counter.tap("Claim", on=claim)
        assert "That is for others to do" in refused.text
        await watched(house, proxy, lambda: desk.person(OWNER).chat(STAFF).tap("Claim", on=claim))
        await counter.expect("👤 Chan")
        await refuses_forged_updates(house)
        await knows_who_asks(port, proxy)
        assert list(telegram.world.findings) == []
        await back_behind_the_proxy(house, proxy, telegram, desk)
        assert house.rows("SELECT count(*) FROM orders") == [(1,)]
    await closed(house)


async def watched(house: House, proxy: Proxy, act: Callable[[], Awaitable[object]]) -> None:
    """The tracking page through the proxy: the card at once, and again as soon as somebody acts on it."""
    ((token,),) = house.rows("SELECT tracking_token FROM orders")
    async with aiohttp.ClientSession(f"{proxy.address}/") as http, asyncio.timeout(PATIENCE):
        async with http.get("") as front:
            assert f'href="{proxy.address}/' in await front.text()
        async with http.get(f"t/{token}/live?v=0") as live:
            await live.content.readuntil(b"\n\n")
            await act()
            assert b"data:" in await live.content.readuntil(b"\n\n")


async def knows_who_asks(port: int, proxy: Proxy) -> None:
    """The figures: for this machine; through the proxy for nobody else, whatever they say of themselves."""
    async with aiohttp.ClientSession() as http:
        for where, said, status in (
            (f"http://127.0.0.1:{port}", {}, 200), (proxy.address, {}, 404),
            (proxy.address, {"X-Forwarded-For": "127.0.0.1"}, 404), (proxy.address, {"X-Real-IP": "127.0.0.1"}, 404),
        ):  # fmt: skip
            async with http.get(f"{where}/metrics", headers=said) as answer:
                assert answer.status == status, (where, said)


async def back_behind_the_proxy(house: House, proxy: Proxy, telegram: Sandbox, desk: Desk) -> None:
    """Killed: the proxy says 502 and Telegram keeps what is written; back: answered, once, though brought twice."""
    dara = desk.person(DARA)
    await asyncio.to_thread(house.kill)
    async with aiohttp.ClientSession() as http, http.get(proxy.address) as away:
        assert away.status == 502
    before = await dara.newest()
    telegram.world.faults.add(Fault("*", "duplicate"))
    await dara.send("serum")
    await asyncio.to_thread(house.start)
    await dara.expect("🔎 serum", after=before + 1)
    await dara.send("mask")  # worked after what stands before it in this chat, so also after the second "serum"
    await dara.expect("🔎 mask", after=before + 1)
    said = [m.get("text") or m.get("caption") for m in telegram.world.state.chats[DARA].messages.values()]
    assert [said.count("🔎 serum"), said.count("🔎 mask")] == [1, 1], said[-6:]


async def refuses_forged_updates(house: House) -> None:
    """What Telegram did not bring: 403; what it brings but is no update: 400; what is too large: 413."""
    dara = {"id": DARA, "is_bot": False, "first_name": "Dara"}
    start = {"message_id": 1, "date": 1, "chat": {"id": DARA, "type": "private"}, "from": dara, "text": "/start"}
    forged = json.dumps({"update_id": 1, "message": start}).encode()
    header = "X-Telegram-Bot-Api-Secret-Token"
    async with aiohttp.ClientSession(f"{house.desk}/") as http:
        for secret, body, status in (
            ("", forged, 403), ("another", forged, 403), ("\u00e1\u00e1", forged, 403), (SECRET, b"[]", 400),
            (SECRET, b"{", 400), (SECRET, b'{"update_id": "1"}', 400), (SECRET, b'"' + b"a" * (2 << 20) + b'"', 413),
        ):  # fmt: skip
            async with http.post("telegram/webhook", data=io.BytesIO(body), headers={header: secret}) as answer:
                assert answer.status == status, (secret, body[:20])
        async with http.get("telegram/webhook", headers={header: SECRET}) as answer:
            assert answer.status in {404, 405}


def message(**content: Any) -> dict[str, Any]:
    """A message that Dara's Telegram could send."""
    dara = {"id": DARA, "is_bot": False, "first_name": "Dara", "language_code": "en"}
    return {"message_id": 900, "date": 1_700_000_000, "chat": {"id": DARA, "type": "private"}, "from": dara, **content}


OTHERS = {"phone_number": "+85512000009", "first_name": "X"}
PHOTO = {"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}
STICKER = PHOTO | {"type": "regular", "is_animated": False, "is_video": False}
ODD = {
    "a sticker": ("message", message(sticker=STICKER)),
    "a kind nobody knows": ("message", message(hologram={"depth": 3})),
    "ten thousand characters": ("message", message(text="a" * 10_000)),
    "two megabytes": ("message", message(text="ក" * 700_000)),
    "an edited message": ("edited_message", message(text="never mind", edit_date=1)),
    "another's contact": ("message", message(contact=OTHERS | {"user_id": 99})),
    "a contact without a person": ("message", message(contact=OTHERS)),
    "a poll": ("poll", {"id": "1", "question": "?"}),
    "a tap on no message": ("callback_query", {"id": "1", "from": message()["from"], "chat_instance": "1"}),
    "a place nowhere": ("message", message(location={"latitude": 999, "longitude": -999})),
    "another bot": ("message", message(text="hi") | {"from": {"id": 5, "is_bot": True, "first_name": "Robot"}}),
}


async def test_odd_updates_by_polling(telegram: Sandbox, opened: Opened) -> None:
    """Stickers, 10,000 characters, 2 MB, another's contact, updates of unknown kinds: none stops the next one."""
    house = await opened()
    async with Desk(address(telegram), patience=PATIENCE) as desk:
        dara = desk.person(DARA)
        await dara.start("p_1")
        await dara.tap("English")
        await dara.tap("Buy now")
        await dara.expect("phone number")
        for what, (kind, content) in ODD.items():
            before = await dara.newest()
            telegram.world.updates.add(kind, json.loads(json.dumps(content)))
            if kind == "message" and content["from"]["id"] == DARA:
                answer = await dara.expect("share your own number" if "contact" in what else "", after=before)
                assert "went wrong" not in answer.text, what
            telegram.clear_limits()
        await dara.share_contact()
        assert (await dara.expect("Choose the province")).buttons
        phones = house.rows("SELECT phone FROM people WHERE telegram_id = ?", DARA)
        assert phones == [("+85512000001",)]
    await closed(house)
    assert house.rows("SELECT count(*) FROM inbox WHERE state <> 'done'") == [(0,)]


async def test_a_wrong_token_is_a_sentence(telegram: Sandbox, tmp_path: Path) -> None:
    """A token Telegram refuses, one that is no token, and a Telegram that is not there: a sentence, exit code 1."""
    there = address(telegram)
    for token, api, words in (
        ("1000001:another-token-of-the-right-shape-000", there, "refuses the bot's token"),
        ("not a token", there, "HAANG_BOT_TOKEN"),
        (TOKEN, f"http://127.0.0.1:{houses.free_port()}", "Telegram cannot be reached"),
    ):
        done = await asyncio.to_thread(
            lambda t=token, a=api: houses.run(tmp_path, "serve", bot_token=t, telegram_api=a)
        )
        assert done.returncode == 1, done.stderr
        assert words in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert token not in done.stderr


async def test_a_webhook_without_an_address_is_a_sentence(telegram: Sandbox, tmp_path: Path) -> None:
    """A secret but no public address: which setting is missing is said."""
    done = await asyncio.to_thread(
        lambda: houses.run(tmp_path, "serve", bot_token=TOKEN, telegram_api=address(telegram), webhook_secret=SECRET)
    )
    assert done.returncode == 1
    assert "HAANG_PUBLIC_URL is not" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


async def test_the_sandbox_keeps_off_a_real_shops_data(opened: Opened, tmp_path: Path) -> None:
    """A database that ever met a real token is refused by the practice shop, and the other way round; both unharmed."""
    house = await opened()
    await closed(house)
    practice = tmp_path / "data" / "sandbox"
    practice.mkdir(exist_ok=True)
    (tmp_path / "data" / "haang.sqlite3").rename(practice / "haang.sqlite3")
    done = await asyncio.to_thread(lambda: houses.run(tmp_path, "sandbox", "--no-browser"))
    assert done.returncode == 1
    assert "belongs to another bot" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
