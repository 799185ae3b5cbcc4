"""A shop looked at from outside, over real HTTP: what Telegram, the site and the bank say of it, and nothing taken."""

import asyncio
import fcntl
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from bot import checking
from bot.checking import Patience
from bot.greeting import hello
from bot.sandbox import GroupSeed, PersonSeed, Sandbox
from bot.sandbox.bank import Bank
from bot.sandbox.state import chat_entry
from core.clock import SteppedClock
from core.config import Config
from core.database import aside
from core.doctor import opening
from core.doctor.rules import Finding, State
from core.errors import StartRefused
from core.settings import service as settings
from core.shop import Shop
from core.storage.alerts import owe_alert
from tests.conftest import OpenShop
from tests.support.patience import PATIENCE, until
from web.app import build, runner

TOKEN, BOT = "1000001:made-up-token-of-thirty-and-more", 1000001
BOPHA, STAFF, ADMINS = 1002, -100200300, -100200399
SECRET = SecretStr("made-up-webhook-secret")
BANK, ACCOUNT = "made-up-bank-token", "pepper@bank"
AT_ONCE = Patience(answer=PATIENCE, poller=0, between=0.1)
Open = Callable[..., Awaitable[Shop]]


class OwnServer(TestServer):
    """A loopback server that runs the site as ``run.py`` does."""

    async def _make_runner(self, **_kwargs: object) -> web.AppRunner:
        return runner(self.app)


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    """A Telegram with a bank beside it; two groups, in the first of which the bot leads."""
    groups = [GroupSeed(STAFF, "Staff & Co", (BOPHA,)), GroupSeed(ADMINS, "Admins", (BOPHA,))]
    sandbox = Sandbox(token=TOKEN, people=[PersonSeed(BOPHA, "Bopha")], groups=groups, limits=False, privacy=True)
    sandbox.app.add_subapp("/bakong", Bank(tokens={BANK}, accounts={ACCOUNT}).app)
    place(sandbox, STAFF, forum=True, can_pin_messages=True, can_manage_topics=True)
    yield sandbox
    await sandbox.stop()


@pytest.fixture
def opened(sqlite_config: Config, open_shop: OpenShop, telegram: Sandbox) -> Open:
    """A way to open the shop on that Telegram and bank, its groups linked."""

    async def open_one(**more: Any) -> Shop:
        address = await telegram.start()
        given = {"bot_token": SecretStr(TOKEN), "telegram_api": address, "bakong_url": f"{address}/bakong",
                 "bakong_token": SecretStr(BANK)}  # fmt: skip
        shop = await open_shop(sqlite_config.model_copy(update=given | more))
        for key, value in {"staff_chat_id": STAFF, "admin_chat_id": ADMINS, "khqr_account": ACCOUNT}.items():
            await settings.change(shop.db, shop.clock, key, value, None)
        await shop.refresh()
        return shop

    return open_one


def place(sandbox: Sandbox, group: int, *, forum: bool = False, **rights: bool) -> None:
    """Make the bot an administrator with these rights in a group; a forum where it is one."""
    chat = sandbox.world.state.chats[group]
    chat.members[BOT], chat.details[BOT], chat.forum = "administrator", rights, forum
    sandbox.world.commit(chat_entry(chat))


async def looked(shop: Shop, *, patience: Patience = AT_ONCE) -> dict[str, Finding]:
    """Look, and give each finding by its line."""

    async def look(shop: Shop, served: bool) -> Any:  # noqa: FBT001 - opening.Look
        return await checking.look(shop, served, patience=patience)

    return {one.line: one for one in await opening.examine(shop, look)}


def said(found: dict[str, Finding]) -> dict[str, str]:
    """What was found on each line."""
    return {line: one.said for line, one in found.items()}


def asked(sandbox: Sandbox, method: str) -> list[Any]:
    """The calls of a method."""
    calls = sandbox.world.calls
    return [calls.whole(call["n"]) for call in calls if call["method"] == method]


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    """A certificate of this machine's own for twenty days, that nobody trusts; it lies in ``ca.pem``."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=20, minutes=5))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "key.pem").write_bytes(key.private_bytes(*form))
    (tmp_path / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "ca.pem", tmp_path / "key.pem")
    return context


@asynccontextmanager
async def secure(server: TestServer, tls: ssl.SSLContext) -> AsyncIterator[str]:
    """Serve over HTTPS; gives the address."""
    await server.start_server(ssl=tls)
    yield f"https://127.0.0.1:{server.port}"
    await server.close()


async def test_a_shop_that_is_ready(
    opened: Open, telegram: Sandbox, tls: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bot, groups, its own site over HTTPS and the bank: every line of it ok; and Telegram has no complaint."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    place(telegram, ADMINS, can_pin_messages=True)
    shop = await opened()
    async with secure(OwnServer(build(shop, lambda _payload: None)), tls) as address:
        shop.config = shop.config.model_copy(update={"public_url": address})
        found = await looked(shop)
    lines = ["bot", "hook", "poller", "privacy", "joining", "inline", "staff_group", "admin_chat", "world_clock",
             "site", "certificate", "bank_answer", "address"]  # fmt: skip
    assert {line: found[line].state for line in lines} == dict.fromkeys(lines, State.OK)
    assert [found[line].said for line in ("hook", "poller", "staff_group")] == ["none", "nobody", "topics"]
    assert found["certificate"].values == {"days": 20}
    assert telegram.world.findings == {}


async def test_what_is_wrong_is_found(opened: Open, telegram: Sandbox, tls: ssl.SSLContext) -> None:
    """A webhook elsewhere, the bot put out, not heard, a clock ten minutes off, a page that is another's, a bank."""

    async def late(_request: object, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)

    telegram.app.on_response_prepare.append(late)
    telegram.world.state.chats[STAFF].members[BOT] = "kicked"
    plain = telegram.world.state.chats[ADMINS]
    plain.members[BOT], plain.permissions = "member", {"can_send_messages": True, "can_pin_messages": True}
    shop = await opened(bakong_token=SecretStr("another"))
    await call(shop, "setWebhook", url="https://evil.example/hook")
    async with secure(TestServer(web.Application()), tls) as address:
        shop.config = shop.config.model_copy(update={"public_url": address})
        found = await looked(shop)
    wrong = {"hook": "elsewhere", "staff_group": "out", "world_clock": "apart", "certificate": "bad",
             "bank_answer": "refused", "site": "unreached"}  # fmt: skip
    assert {line: one.said for line, one in found.items() if line in wrong} == wrong
    assert {found[line].state for line in wrong} == {State.FAILED}
    assert found["hook"].values["host"] == "evil.example"
    assert ("poller" in found, asked(telegram, "getUpdates")) == (False, [])
    assert found["admin_chat"].said == "lack_hear"  # a plain member in privacy mode
    assert "self" in str(found["certificate"].values["why"])


async def test_an_answer_that_says_no_time(opened: Open, telegram: Sandbox) -> None:
    """A server without a clock is one line that says so; all others are told as ever."""

    async def timeless(_request: object, response: web.StreamResponse) -> None:
        del response.headers["Date"]

    telegram.app.on_response_prepare.append(timeless)
    found = await looked(await opened())
    assert (found["world_clock"].state, found["world_clock"].words) == (State.FAILED, "network")
    assert found["bot"].state is State.OK


async def call(shop: Shop, method: str, **given: object) -> Any:
    """Call Telegram as the holder of the token may."""
    address = f"{shop.config.telegram_api}/bot{TOKEN}/{method}"
    async with aiohttp.ClientSession() as http, http.post(address, json=given) as answer:
        return (await answer.json()).get("result")


async def test_a_webhook_as_it_should_be_and_not(opened: Open, telegram: Sandbox) -> None:
    """Closed it is set later; open it must be ours, and what Telegram could not bring is told with its words."""
    shop = await opened(webhook_secret=SECRET, public_url="http://127.0.0.1:1")
    assert said(await looked(shop))["hook"] == "later"
    with (shop.config.data_dir / ".lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert said(await looked(shop))["hook"] == "unset"
        await call(shop, "setWebhook", url="https://evil.example/hook")
        assert said(await looked(shop))["hook"] == "other"
        await call(shop, "setWebhook", url="http://127.0.0.1:1/telegram/webhook")
        telegram.people.write(BOPHA, BOPHA, "/start")
        async with asyncio.timeout(PATIENCE):
            while "last_error_message" not in await call(shop, "getWebhookInfo"):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.02)
        found = await looked(shop)
    assert (found["hook"].said, found["hook"].values["error"]) == ("failing", "Connection refused")
    assert "poller" not in found
    assert (found["site"].said, found["updates"].said) == ("nobody", "nowhere")


async def test_another_program_that_fetches(opened: Open, telegram: Sandbox) -> None:
    """It loses one wait, comes back and throws us out: found. Whatever was written meanwhile it gets, all of it."""
    shop, got = await opened(), list[str]()

    async def other() -> None:
        offset = 0
        while not got:
            for update in await call(shop, "getUpdates", timeout=1, offset=offset) or ():
                offset = update["update_id"] + 1
                got.append(update["message"]["text"])

    fetching = asyncio.create_task(other())
    await until(lambda: telegram.world.updates._waiter)
    found = await looked(shop, patience=replace(AT_ONCE, poller=PATIENCE))  # the other is back in a second
    telegram.people.write(BOPHA, BOPHA, "after")
    await asyncio.wait_for(fetching, PATIENCE)
    assert (found["poller"].said, found["poller"].state, got) == ("other", State.FAILED, ["after"])


@pytest.mark.parametrize("taken", [False, True])
async def test_what_waits_already_is_left_there(opened: Open, telegram: Sandbox, *, taken: bool) -> None:
    """An update waits: asked for twice, still there, so nobody fetches; gone meanwhile, so somebody does."""
    shop = await opened()
    telegram.people.write(BOPHA, BOPHA, "hello")
    looking = asyncio.create_task(looked(shop))
    if taken:
        await until(lambda: asked(telegram, "getUpdates"))
        telegram.world.updates.drop_all()
    assert (await looking)["poller"].said == ("other" if taken else "nobody")
    assert len(telegram.world.state.updates) == (not taken)
    assert all({"offset", "allowed_updates"}.isdisjoint(one["arguments"]) for one in asked(telegram, "getUpdates"))


async def test_a_shop_that_is_open_is_not_asked_for_updates(
    opened: Open, telegram: Sandbox, clock: SteppedClock
) -> None:
    """Its place says so: no getUpdates that would throw it out. Whom it met within two hours is a failure."""
    shop = await opened()
    async with aside.serving(shop.config):
        assert said(await looked(shop))["poller"] == "ours"
        met = {"metric": "polled_elsewhere"}
        await shop.db.write(owe_alert, shop.policy, met["metric"], met, shop.clock.now(), apart=timedelta(hours=1))
        assert said(await looked(shop))["poller"] == "met"
        clock.move(timedelta(hours=3))
        assert said(await looked(shop))["poller"] == "ours"
    assert asked(telegram, "getUpdates") == []


async def test_a_void_token_says_it_all(opened: Open) -> None:
    """Of Telegram nothing more is said, and the token stands nowhere; site and bank are told of as ever."""
    shop = await opened(bot_token=SecretStr("1000001:another-token-of-thirty-and-more"))
    found = await looked(shop)
    assert found["bot"].said == "void"
    assert {"hook", "poller", "privacy", "staff_group"}.isdisjoint(found)
    assert {"world_clock", "bank_answer"} <= set(found)


async def test_a_page_in_telegrams_place(opened: Open, caplog: pytest.LogCaptureFixture) -> None:
    """A proxy's 403 is no void token: a finding of its own, a sentence where the token is asked about, no traceback."""

    async def denied(_request: web.Request) -> web.Response:
        return web.Response(status=403, text="<h1>Access denied</h1>", content_type="text/html")

    proxy = web.Application()
    proxy.router.add_route("*", "/{tail:.*}", denied)
    async with TestServer(proxy) as server:
        address = str(server.make_url("")).rstrip("/")
        found = await looked(await opened(telegram_api=address))
        with pytest.raises(StartRefused, match="not Telegram: a proxy"):
            await hello(address, TOKEN)
    assert (found["bot"].said, found["bot"].state) == ("stranger", State.FAILED)
    assert {"hook", "poller", "privacy", "staff_group"}.isdisjoint(found)
    assert "Traceback" not in caplog.text


async def test_the_account_that_the_bank_does_not_know(opened: Open) -> None:
    """The token is good, the account has a typing mistake: no customer finds it first."""
    shop = await opened()
    await settings.change(shop.db, shop.clock, "khqr_account", "peper@bank", None)
    assert said(await looked(shop))["bank_answer"] == "no_account"


@pytest.mark.parametrize("silent", [False, True], ids=["nobody there", "no answer"])
async def test_no_network(opened: Open, *, silent: bool) -> None:
    """Nobody listens, or somebody never answers: each line that needs the network says so, and nothing hangs."""
    over = asyncio.Event()

    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    hanging = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = hanging.sockets[0].getsockname()[1] if silent else 1
    away = f"127.0.0.1:{port}"
    shop = await opened(telegram_api=f"http://{away}", public_url=f"https://{away}", bakong_url=f"http://{away}")
    async with asyncio.timeout(PATIENCE):
        found = await looked(shop, patience=replace(AT_ONCE, answer=0.5 if silent else PATIENCE))
    over.set()
    hanging.close()
    await asyncio.sleep(0)  # each hears it and closes
    lines = {"bot", "hook", "poller", "staff_group", "admin_chat", "world_clock", "site", "certificate", "bank_answer"}
    assert {line: found[line].state for line in lines} == dict.fromkeys(lines, State.FAILED)
    assert {found[line].words for line in lines} == {"network"}
    assert {found[line].said for line in lines - {"bank_answer"}} == {"late" if silent else "nobody"}
