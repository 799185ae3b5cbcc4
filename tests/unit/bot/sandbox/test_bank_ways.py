"""The bank by hand: every way to pay wrongly, every bad day called off again, and a pay page in two languages."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox.bank import Bank, QrRefused
from bot.sandbox.bank.qr import crc16
from tests.support.bank import EXPIRES, KHR_QR, MD5, STATIC_QR, TOKEN, USD_QR, Clock
from tests.support.patience import PATIENCE


@dataclass(frozen=True, slots=True)
class Hall:
    """The bank with a customer before its counters."""

    bank: Bank
    clock: Clock
    url: str
    http: aiohttp.ClientSession

    async def control(self, path: str, **body: Any) -> dict[str, Any]:
        """Use a control route; without a body, look."""
        method = "POST" if body else "GET"
        async with self.http.request(method, f"{self.url}/control/{path}", json=body or None) as response:
            found: dict[str, Any] = await response.json()
            assert response.status == (400 if "error" in found else 200)
            return found

    async def check(self) -> tuple[int, Any]:
        """Ask the API about the dollar QR."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        body = {"md5": MD5}
        async with self.http.post(f"{self.url}/v1/check_transaction_by_md5", json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None) if response.status != 403 else None

    async def page(self, path: str, lang: str = "", **form: str) -> str:
        """Load a page, or send its form and follow."""
        headers = {"Accept-Language": lang} if lang else {}
        method = "POST" if form else "GET"
        async with self.http.request(method, f"{self.url}{path}", data=form or None, headers=headers) as response:
            return await response.text()


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    """A bank mounted as the sandbox mounts it, five minutes before its QRs end."""
    clock = Clock()
    bank = Bank(tokens={TOKEN}, accounts={"seller@devb"}, clock=clock)
    root = web.Application()
    root.add_subapp("/bakong", bank.app)
    async with TestServer(root) as server, aiohttp.ClientSession() as http:
        yield Hall(bank, clock, str(server.make_url("/bakong")), http)


@pytest.mark.parametrize(
    ("payload", "way", "paid"),
    [
        (USD_QR, "exact", [("USD", "12.5", -300)]),
        (USD_QR, "short", [("USD", "11.25", -300)]),
        (USD_QR, "over", [("USD", "13.75", -300)]),
        (USD_QR, "currency", [("KHR", "51250", -300)]),
        (USD_QR, "late", [("USD", "12.5", 60)]),
        (USD_QR, "twice", [("USD", "12.5", -300)] * 2),
        (KHR_QR, "short", [("KHR", "45000", -300)]),
        (KHR_QR, "over", [("KHR", "55000", -300)]),
        (KHR_QR, "currency", [("USD", "12.2", -300)]),
    ],
)
async def test_ways_to_pay(hall: Hall, payload: str, way: str, paid: list[tuple[str, str, int]]) -> None:
    """Each way by HTTP: this currency, this amount, so long before or after the QR's end, that often."""
    answer = await hall.control("pay", payload=payload, way=way)
    made = hall.bank.ledger.transactions
    assert [(t.currency, str(t.amount.normalize() + 0), t.at - EXPIRES) for t in made] == [
        (currency, str(Decimal(amount).normalize() + 0), at) for currency, amount, at in paid
    ]
    assert answer["hash"] == made[0].hash


async def test_ways_that_are_none(hall: Hall) -> None:
    """A cent cannot be short, a QR without amount or end cannot be over or late, an expired one is not paid in time."""
    body = USD_QR.replace("540512.50", "54040.01")[:-4]
    cent = body + crc16(body.encode())
    for payload, way, sentence in (
        (cent, "short", "out of range"),
        (STATIC_QR, "over", "names no amount"),
        (STATIC_QR, "late", "no end"),
        (STATIC_QR, "exact", "amount is missing"),
        (USD_QR, "generously", "wrong kind"),
    ):
        assert sentence in (await hall.control("pay", payload=payload, way=way))["error"]
    hall.clock.now = EXPIRES + 1
    assert (await hall.control("pay", payload=USD_QR, way="exact"))["error"] == "QR expired"
    assert hall.bank.ledger.transactions == []
    await hall.control("pay", payload=USD_QR, way="late")
    hall.clock.now = EXPIRES + 3600
    await hall.control("pay", payload=USD_QR, way="late")
    assert [t.at - EXPIRES for t in hall.bank.ledger.transactions] == [60, 3600]


async def test_qrs_are_listed(hall: Hall) -> None:
    """Every QR the bank has seen, newest first: what it asks, until when, its page, and each try to pay it."""
    opened = await hall.control("open", payload=f" {USD_QR}\n")
    await hall.control("open", payload=KHR_QR)
    await hall.control("fail", md5=MD5)
    await hall.control("pay", md5=MD5, way="short")
    listed = await hall.control("qrs")
    khr, usd = listed["qrs"]
    assert (khr["amount"], khr["currency"], khr["merchant_km"], khr["bill"]) == ("50000", "KHR", "ហាងទន្លេ", "ORD-1002")
    assert (usd["md5"], usd["expires"], usd["page"], khr["payments"]) == (MD5, EXPIRES, opened["page"], [])
    assert [(t["amount"], t["failed"]) for t in usd["payments"]] == [("12.50", True), ("11.25", False)]
    assert listed["now"] == hall.clock.now
    assert "Tonle Shop" in await hall.page(usd["page"].removeprefix("/bakong"))
    assert "checksum" in (await hall.control("open", payload="hello"))["error"]


async def test_faults_wait_and_are_called_off(hall: Hall) -> None:
    """What waits is listed with its number; one is called off, then all; what is left happens in its order."""
    first = (await hall.control("faults", kind="403"))["n"]
    second = await hall.control("faults", kind="500", times=2)
    await hall.control("faults", kind="slow", seconds=0.01, times=None)
    assert [(one["kind"], one["times"]) for one in (await hall.control("faults"))["faults"]] == [
        ("403", 1), ("500", 2), ("slow", None),
    ]  # fmt: skip
    await hall.control("faults", clear=first)
    assert [(await hall.check())[0] for _ in range(4)] == [500, 500, 200, 200]
    left = await hall.control("faults", clear=second["n"])
    assert [one["kind"] for one in left["faults"]] == ["slow"]
    assert (await hall.control("faults", clear=True))["faults"] == []


async def test_slow_is_late_but_true(hall: Hall) -> None:
    """A slow bank answers after its seconds and answers what is so; five of them where nobody says otherwise."""
    hall.bank.pay(USD_QR)
    assert (await hall.control("faults", kind="slow"))["faults"][0]["seconds"] == 5
    assert (await hall.control("faults", kind="timeout"))["faults"][1]["seconds"] == 30
    await hall.control("faults", clear=True)
    await hall.control("faults", kind="slow", seconds=0.05)
    begun = asyncio.get_running_loop().time()
    status, answer = await hall.check()
    assert asyncio.get_running_loop().time() - begun >= 0.05
    assert (status, answer["data"]["amount"]) == (200, 12.5)


@pytest.mark.parametrize(
    ("way", "amounts"),
    [("short", [11.25]), ("over", [13.75]), ("currency", [51250]), ("twice", [12.5, 12.5]), ("late", [12.5])],
)
async def test_the_page_pays_each_way(hall: Hall, way: str, amounts: list[float]) -> None:
    """The buttons of the pay page pay as they say; the same form sent twice pays once."""
    path = f"/pay/{hall.bank.open_link(USD_QR).id}"
    assert f'value="{way}"' in await hall.page(path)
    for _ in range(2):
        page = await hall.page(path, ticket="0", way=way)
    assert [float(t.amount) for t in hall.bank.ledger.transactions] == amounts
    assert 'data-testid="paid"' in page


async def test_the_page_lets_it_be_refused(hall: Hall) -> None:
    """A try that the payer's bank refuses is said, the API says failed, and the QR can still be paid."""
    path = f"/pay/{hall.bank.open_link(USD_QR).id}"
    page = await hall.page(path, ticket="0", way="reject")
    assert 'data-testid="refused"' in page
    assert (await hall.check())[1]["errorCode"] == 3
    page = await hall.page(path, ticket="0")
    assert 'data-testid="refused"' not in page
    assert (await hall.check())[1]["data"]["amount"] == 12.5


async def test_the_page_speaks_both_languages(hall: Hall) -> None:
    """Khmer by the browser or by the address, which stays through paying; refusals too, nothing English left over."""
    path = f"/pay/{hall.bank.open_link(KHR_QR).id}"
    english, khmer = await hall.page(path, "en-GB,km"), await hall.page(path, "km-KH,en")
    assert '<html lang="en">' in english
    assert "Pay 50,000៛" in english
    assert '<html lang="km">' in khmer
    assert "បង់ប្រាក់ 50,000៛" in khmer
    assert await hall.page(f"{path}?lang=km", "en") == khmer
    assert await hall.page(f"{path}?lang=tlh") == english
    refused = await hall.page(f"{path}?lang=km", "en", ticket="0", amount="x")
    assert "ចំនួនទឹកប្រាក់មិនមែនជាលេខ" in refused
    paid = await hall.page(f"{path}?lang=km", "en", ticket="0", way="twice")
    assert "បានបង់ប្រាក់ 2 ដង" in paid
    for page in (khmer, refused, paid):
        words = re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL)
        assert set(re.findall(r"[A-Za-z]{3,}", words)) <= {
            "Tonle", "Shop", "Phnom", "Penh", "KHQR", "seller", "devb", "payer", "sandbox", "ORD", "English",
            "USD", "KHR", *re.findall(r"[a-f]{3,}", words),
        }  # fmt: skip


async def test_it_runs_alone() -> None:
    """Without the sandbox the bank serves by itself: a token as given, refusals as the API's, gone when it is told."""
    root = Path(__file__).parents[4]
    words = (sys.executable, "-m", "bot.sandbox.bank", "--port", "0", "--token", TOKEN, "--account", "a@b")
    running = await asyncio.create_subprocess_exec(*words, cwd=root, stderr=asyncio.subprocess.PIPE)
    assert running.stderr is not None
    try:
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as http:
            (site,) = re.findall(r"http://127\.0\.0\.1:\d+", (await running.stderr.readline()).decode())
            headers = {"Authorization": f"Bearer {TOKEN}"}
            address = f"{site}/v1/check_bakong_account"
            codes = []
            for account in ("a@b", "c@d"):
                async with http.post(address, json={"accountId": account}, headers=headers) as response:
                    codes.append((await response.json())["errorCode"])
            assert codes == [None, 11]
    finally:
        running.terminate()
        await running.communicate()


def test_md5_of_a_stranger() -> None:
    """A QR the bank has never seen is not paid by its md5 alone, whatever the way."""
    with pytest.raises(QrRefused, match="never seen"):
        Bank(clock=Clock()).pay_as(MD5, "short")
