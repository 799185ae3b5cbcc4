"""The sandbox's bank refuses what the real one refuses, remembers, and can be paid right and wrong by hand."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox import practice
from bot.sandbox.bank import Bank, QrRefused, read_qr
from bot.sandbox.bank.qr import crc16
from tests.support.bank import EXPIRES, KHR_QR, MD5, STATIC_QR, TOKEN, USD_QR, Clock
from tests.support.patience import PATIENCE, until

MERCHANT_QR = (
    "00020101021230370011seller@devb01061234560208Dev Bank5204599953038405402105802KH5910Tonle Shop"
    "6010Phnom Penh62120108ORD-1003993400131735689600000011340709088000006304D4CD"
)


@dataclass(frozen=True, slots=True)
class Far:
    """The bank, its clock and its counter."""

    bank: Bank
    clock: Clock
    url: str
    http: aiohttp.ClientSession

    async def ask(self, method: str, body: object, token: str = TOKEN) -> tuple[int, dict[str, object]]:
        """Call the API: the status and the envelope."""
        headers = {"Authorization": f"Bearer {token}"}
        async with self.http.post(f"{self.url}/v1/{method}", json=body, headers=headers) as response:
            return response.status, await response.json()

    async def page(self, payload: str) -> tuple[str, str]:
        """Open the page of a QR: its address and its text."""
        url = f"{self.url}/pay/{self.bank.open_link(payload, 'Haang', 'https://example.com/back').id}"
        return url, await self.read(url)

    async def read(self, url: str, form: dict[str, str] | None = None) -> str:
        """Load a page, or send its form and follow."""
        async with self.http.request("POST" if form else "GET", url, data=form) as response:
            return await response.text()


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    """A bank mounted as the sandbox mounts it, five minutes before the QRs expire."""
    clock = Clock()
    bank = Bank(tokens={TOKEN}, emails={"owner@example.com"}, accounts={"seller@devb"}, clock=clock)
    root = web.Application()
    root.add_subapp("/bakong", bank.app)
    async with TestServer(root) as server, aiohttp.ClientSession() as http:
        yield Far(bank, clock, str(server.make_url("/bakong")), http)


def sealed(payload: str) -> str:
    """A changed payload with a checksum that fits again."""
    body = payload[:-4]
    return body + crc16(body.encode())


def test_reads_known_good_strings() -> None:
    """Every field of the SDK's own QRs, Khmer and merchant accounts too; lengths count characters."""
    usd, khr, merchant, static = map(read_qr, (USD_QR, KHR_QR, MERCHANT_QR, STATIC_QR))
    assert (usd.account, usd.merchant, usd.amount, usd.currency) == (
        "seller@devb",
        "Tonle Shop",
        Decimal("12.50"),
        "USD",
    )
    assert (usd.bill, usd.store, usd.created, usd.expires) == ("ORD-1001", "Tonle", 1_735_689_600.0, EXPIRES)
    assert (khr.amount, khr.currency, khr.merchant_km) == (Decimal(50_000), "KHR", "ហាងទន្លេ")
    assert (merchant.account, merchant.amount) == ("seller@devb", Decimal(10))
    assert (static.amount, static.expires) == (None, None)


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ("", "checksum"),
        ("hello", "checksum"),
        (USD_QR.replace("12.50", "10.50"), "checksum"),
        (USD_QR[:-4] + "daca", "checksum"),
        (sealed("6304AA70"), "not a KHQR"),
        (sealed(USD_QR.replace("2915", "2815", 1)), "not a KHQR"),
        (sealed(USD_QR.replace("seller@devb", "seller-devb")), "no account"),
        (sealed(USD_QR.replace("5303840", "5303764")), "currency"),
        (sealed(USD_QR.replace("540512.50", "540512.5x")), "not a number"),
        (sealed(USD_QR.replace("540512.50", "540500.00")), "out of range"),
        (sealed(USD_QR.replace("540512.50", "540512.5E")), "not a number"),
        (sealed(USD_QR.replace("540512.50", "54051.505")), "decimals"),
        (sealed(KHR_QR.replace("540550000", "540550.50")), "decimals"),
        (sealed(USD_QR.replace("540512.50", "")), "needs an amount"),
        (sealed(USD_QR.replace("5802KH", "5822KH")), "fields"),
        (sealed(USD_QR.replace("5802KH", "5202KH")), "fields"),
        (sealed(USD_QR.replace("1735689600000", "17356896000x0")), "times"),
    ],
)
def test_refuses_bad_qr(payload: str, sentence: str) -> None:
    """A QR that a bank's app would not pay is refused, each with its own sentence."""
    with pytest.raises(QrRefused, match=sentence):
        read_qr(payload)


@pytest.mark.parametrize(
    ("method", "body", "code"),
    [
        ("check_transaction_by_md5", {"md5": MD5}, 1),
        ("check_transaction_by_hash", {"hash": "0" * 64}, 1),
        ("check_transaction_by_short_hash", {"hash": "0" * 8, "amount": 1, "currency": "USD"}, 1),
        ("check_bakong_account", {"accountId": "nobody@devb"}, 11),
        ("renew_token", {"email": "stranger@example.com"}, 10),
    ],
)
async def test_refusals(far: Far, method: str, body: object, code: int) -> None:
    """What is not there is said in the envelope, with the bank's code and HTTP 200."""
    status, answer = await far.ask(method, body)
    assert (status, answer["responseCode"], answer["errorCode"], answer["data"]) == (200, 1, code, None)


@pytest.mark.parametrize("body", [{}, [], "text", {"md5": ""}, {"md5": 5}, {"hash": "x", "amount": "y"}, None])
@pytest.mark.parametrize(
    "method",
    ["check_transaction_by_md5", "check_transaction_by_short_hash", "check_bakong_account", "generate_deeplink_by_qr",
     "renew_token"],
)  # fmt: skip
async def test_missing_fields(far: Far, method: str, body: object) -> None:
    """A body without its fields: HTTP 400, errorCode 5."""
    status, answer = await far.ask(method, body)
    assert (status, answer["errorCode"]) == (400, 5)


async def test_tokens(far: Far) -> None:
    """No token, a wrong one and an old one are refused; a registered e-mail gets a new one that works."""
    body = {"md5": MD5}
    assert (await far.ask("check_transaction_by_md5", body, "wrong"))[0] == 401
    far.clock.now += 91 * 24 * 3600
    status, answer = await far.ask("check_transaction_by_md5", body)
    assert (status, answer["errorCode"]) == (401, 6)
    _, answer = await far.ask("renew_token", {"email": "owner@example.com"}, "")
    assert (await far.ask("check_transaction_by_md5", body, answer["data"]["token"]))[0] == 200


async def test_the_list_is_forbidden(far: Far) -> None:
    """Asking about many at once answers 403 as production does, with a page instead of an envelope."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with far.http.post(f"{far.url}/v1/check_transaction_by_md5_list", json=[MD5], headers=headers) as response:
        assert (response.status, response.content_type) == (403, "text/html")


async def test_found_three_ways(far: Far) -> None:
    """One payment, found by md5, by hash and by short hash with its amount; not with another amount."""
    paid = far.bank.pay(USD_QR)
    _, by_md5 = await far.ask("check_transaction_by_md5", {"md5": MD5})
    _, by_hash = await far.ask("check_transaction_by_hash", {"hash": paid})
    short = {"hash": paid[:8], "amount": 12.5, "currency": "USD"}
    _, by_short = await far.ask("check_transaction_by_short_hash", short)
    assert by_md5 == by_hash == by_short
    data = by_md5["data"]
    assert (data["hash"], data["toAccountId"], data["amount"]) == (paid, "seller@devb", 12.5)
    assert data["createdDateMs"] == far.clock.now * 1000
    assert (await far.ask("check_transaction_by_short_hash", short | {"amount": 12}))[1]["errorCode"] == 1


async def test_the_app_pays_no_expired_qr(far: Far) -> None:
    """Good to the last second, then refused; a transfer that was under way can be forced."""
    far.clock.now = EXPIRES
    far.bank.pay(USD_QR)
    far.clock.now = EXPIRES + 0.5
    with pytest.raises(QrRefused, match="QR expired"):
        far.bank.pay(KHR_QR)
    far.bank.pay(KHR_QR, force=True)
    assert [paid.at - EXPIRES for paid in far.bank.ledger.transactions] == [0, 0.5]


def test_the_app_refuses(tmp_path: Path) -> None:
    """No such account, another currency, no amount, an unknown md5, nothing at all: each a sentence, none a payment."""
    bank = Bank(accounts={"other@devb"}, clock=Clock(), folder=tmp_path)
    with pytest.raises(QrRefused, match="account does not exist"):
        bank.pay(USD_QR)
    bank = Bank(clock=Clock(), folder=tmp_path)
    for more, sentence in (({"currency": "THB"}, "USD and KHR"), ({"amount": "0"}, "range"), ({"times": 0}, "Nothing")):
        with pytest.raises(QrRefused, match=sentence):
            bank.pay(USD_QR, **more)
    with pytest.raises(QrRefused, match="amount is missing"):
        bank.pay(STATIC_QR)
    with pytest.raises(QrRefused, match="never seen"):
        bank.pay(MD5)
    assert bank.ledger.transactions == []


async def test_control(far: Far) -> None:
    """All of it by HTTP: pay by payload or md5, wrong and twice, fail, break, and a list; refusals are sentences."""

    async def control(path: str, body: object) -> dict[str, object]:
        async with far.http.post(f"{far.url}/control/{path}", json=body) as response:
            return await response.json()

    assert await control("pay", {"md5": MD5}) == {
        "error": "The bank has never seen a QR with this md5: send the payload"
    }
    far.bank.open_link(USD_QR)
    paid = await control("pay", {"md5": MD5, "amount": 5, "times": 2})
    await control("fail", {"payload": KHR_QR})
    for wrong in ({}, [], {"payload": 5}, {"payload": USD_QR, "times": "x"}, {"payload": USD_QR, "at": "noon"}):
        assert await control("pay", wrong) == {"error": "a field is missing or of the wrong kind"}
    async with far.http.get(f"{far.url}/control/transactions") as response:
        found = (await response.json())["transactions"]
    assert [(t["currency"], t["amount"], t["failed"]) for t in found] == [
        ("KHR", "50000", True), ("USD", "5", False), ("USD", "5", False),
    ]  # fmt: skip
    assert found[-1]["hash"] == paid["hash"]
    await control("faults", {"kind": "500", "times": None})
    assert [(await far.ask("check_transaction_by_md5", {"md5": MD5}))[0] for _ in range(3)] == [500] * 3
    await control("faults", {"kind": "none"})
    await control("expire_tokens", {})
    assert (await far.ask("check_transaction_by_md5", {"md5": MD5}))[0] == 401
    assert "error" in await control("faults", {"kind": "earthquake"})


async def test_the_pay_page(far: Far) -> None:
    """The page says who in Khmer, how much, for what and until when, and pays once for a form sent twice."""
    url, page = await far.page(KHR_QR)
    for words in (
        "ហាងទន្លេ",
        "Tonle Shop",
        "50,000៛",
        "ORD-1002",
        "seller@devb",
        "07:00:00",
        'data-testid="pay-button"',
    ):
        assert words in page
    for _ in range(2):
        page = await far.read(url, {"ticket": "0"})
    paid = far.bank.ledger.transactions
    assert len(paid) == 1
    assert 'data-testid="paid"' in page
    assert paid[0].hash[:8] in page
    assert "https://example.com/back" in page


async def test_the_pay_page_pays_wrong(far: Far) -> None:
    """Another amount in another currency, twice, and after expiry: as the form says."""
    url, _ = await far.page(USD_QR)
    far.clock.now = EXPIRES + 60
    page = await far.read(url)
    assert 'data-testid="expired"' in page
    assert 'data-testid="pay-button"' not in page
    assert "QR expired" in await far.read(url, {"ticket": "0"})
    wrong = {"ticket": "0", "amount": "4000", "currency": "KHR", "times": "2", "force": "1"}
    assert "Paid 2 times" in await far.read(url, wrong)
    assert [(paid.amount, paid.currency) for paid in far.bank.ledger.transactions] == [(4000, "KHR")] * 2


async def test_the_pay_page_of_a_static_qr(far: Far) -> None:
    """Where the QR names no sum the payer does, and nonsense is refused with a sentence."""
    url, page = await far.page(STATIC_QR)
    assert "Any amount" in page
    assert "not a number" in await far.read(url, {"ticket": "0", "amount": "12,5"})
    await far.read(url, {"ticket": "0", "amount": "3.20"})
    assert far.bank.ledger.transactions[0].amount == Decimal("3.20")


async def test_the_pay_page_trusts_nobody(far: Far) -> None:
    """A shop's name is text, not markup; a script is no way back; an unknown page is not found."""
    name = "<b>x</b>.."
    link = far.bank.open_link(sealed(USD_QR.replace("Tonle Shop", name)), "<i>", "javascript:alert(1)")
    await far.read(f"{far.url}/pay/{link.id}", {"ticket": "0"})
    page = await far.read(f"{far.url}/pay/{link.id}")
    assert "&lt;b&gt;x" in page
    assert name not in page
    assert "javascript" not in page
    async with far.http.get(f"{far.url}/pay/nothing") as response:
        assert response.status == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "bank.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Host": "["},
    ],
)
async def test_only_from_here(far: Far, headers: dict[str, str]) -> None:
    """Another host's name, or another site's form, pays nothing."""
    url, _ = await far.page(USD_QR)
    async with far.http.post(url, data={"ticket": "0"}, headers=headers) as response:
        assert response.status in {400, 403}
    assert far.bank.ledger.transactions == []


async def test_its_own_origin_is_welcome(far: Far) -> None:
    """A browser's own form names the bank's origin, and pays."""
    url, _ = await far.page(USD_QR)
    origin = far.url.removesuffix("/bakong")
    async with far.http.post(url, data={"ticket": "0"}, headers={"Origin": origin}) as response:
        assert response.status == 200
    assert len(far.bank.ledger.transactions) == 1


async def test_the_khmer_font(far: Far) -> None:
    """The page brings the Khmer font along, and its address is in the page."""
    _, page = await far.page(KHR_QR)
    assert 'url("/bakong/khmer.ttf")' in page
    async with far.http.get(f"{far.url}/khmer.ttf") as response:
        assert (await response.read())[:4] == b"\x00\x01\x00\x00"


KILLED = """
import os, signal, sys
from pathlib import Path
from bot.sandbox.bank import Bank
bank = Bank(folder=Path(sys.argv[1]))
bank.open_link(sys.argv[2], "Haang", "https://example.com")
print(bank.pay(sys.argv[2], times=3), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_payments_outlive_a_kill(tmp_path: Path) -> None:
    """A killed bank opens with every payment and link it made; a line cut short is dropped, the next is whole."""
    root = Path(__file__).parents[4]
    command = [sys.executable, "-c", KILLED, str(tmp_path), KHR_QR]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    ledger = tmp_path / "bank.jsonl"
    with ledger.open("a", encoding="utf-8") as file:
        file.write('{"transaction": {"hash": "cut')
    bank = Bank(folder=tmp_path)
    assert bank.ledger.transactions[0].hash == done.stdout.strip()
    bank.pay(read_qr(KHR_QR).md5)
    again = Bank(folder=tmp_path)
    assert again.ledger.transactions == bank.ledger.transactions
    assert len(again.ledger.transactions) == 4
    assert all(json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines())


async def test_stops_at_once() -> None:
    """A call that is kept waiting does not keep the server from stopping."""
    bank = Bank(tokens={TOKEN})
    bank.fault("timeout", seconds=3600)
    server = TestServer(bank.app)
    await server.start_server()
    async with aiohttp.ClientSession() as http:
        asked = asyncio.create_task(http.post(server.make_url("/v1/renew_token"), json={"email": "a@example.com"}))
        await until(lambda: bank.calls)
        async with asyncio.timeout(PATIENCE):
            await server.close()
        assert (await asked).status == 200


def test_the_practice_bank_pays_to_an_owners_own_account(tmp_path: Path) -> None:
    """An owner who tries the shop with their own account is paid there, not told that it does not exist."""
    bank = practice.open_bank(tmp_path)
    assert [bank.has_account(one) for one in (practice.ACCOUNT, "sok_san@aclb", "no account")] == [True, True, False]
