"""Everything the bank can answer, by the emulator over real HTTP, and how our client reads it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox.bank import Bank
from bot.sandbox.bank.teller import FAULTS, WAYS
from core.payments.bakong import Bakong
from core.payments.rules import Failed, NotFound, Observation, Received, Unknown
from tests.support.bank import EXPIRES, MD5, TOKEN, USD_QR, Clock
from tests.support.patience import PATIENCE

NOW = EXPIRES - 300


class Far(NamedTuple):
    """The bank and our client; it has no e-mail, so that a refused token stays refused. ``hasty`` gives up at once.

    The other waits longer than the slowest answer, for a busy machine is no silence of the bank.
    """

    bank: Bank
    client: Bakong
    hasty: Bakong
    url: str


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    """Five minutes before the QR expires."""
    bank = Bank(tokens={TOKEN}, accounts={"seller@devb"}, clock=Clock())
    root = web.Application()
    root.add_subapp("/bakong", bank.app)
    async with TestServer(root) as server:
        url = str(server.make_url("/bakong"))
        client, hasty = Bakong(url, TOKEN, timeout=PATIENCE), Bakong(url, TOKEN, timeout=0.1)
        yield Far(bank, client, hasty, url)
        await client.close()
        await hasty.close()


def _paid(bank_hash: str, minor: int = 1250, currency: str = "USD", at: float = NOW, account: str = "") -> Received:
    return Received(bank_hash, account or "seller@devb", currency, minor, datetime.fromtimestamp(at, UTC))


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_to_pay(far: Far, way: str) -> None:
    """Right, short, over, in riel, after the expiry by the bank's clock: told as it was paid; twice: the first."""
    bank_hash = far.bank.pay_as(USD_QR, way)
    said = {
        "short": _paid(bank_hash, 1125), "over": _paid(bank_hash, 1375), "currency": _paid(bank_hash, 51_250, "KHR"),
        "late": _paid(bank_hash, at=EXPIRES + 60),
    }  # fmt: skip
    assert await far.client.check(MD5) == said.get(way, _paid(bank_hash))


async def test_paid_to_somebody_else(far: Far) -> None:
    """The account it went to is told, so that nobody takes it for the shop's money."""
    bank_hash = far.bank.pay(USD_QR, account="thief@devb")
    assert await far.client.check(MD5) == _paid(bank_hash, account="thief@devb")


FAULTY: dict[str, Observation] = {
    "401": Unknown("unauthorized"), "403": Unknown("unauthorized"), "429": Unknown("http 429"),
    "500": Unknown("http 500"), "slow": Unknown("timeout"), "timeout": Unknown("timeout"),
    "down": Unknown("unreachable"), "garbage": Unknown("unreadable answer"), "cannot_connect": Unknown("bank error 9"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FAULTS)
async def test_every_fault(far: Far, kind: str) -> None:
    """401 with code 6, 403, 429, 500, code 9, a cut line, a proxy's page, slow: silence, even about a paid QR."""
    far.bank.pay(USD_QR)
    hasty = FAULTY[kind] == Unknown("timeout")
    far.bank.fault(kind, None if hasty else 1)  # who gives up at once may do so before the bank has the question
    assert await (far.hasty if hasty else far.client).check(MD5) == FAULTY[kind]
    far.bank.clear_faults()
    assert isinstance(await far.client.check(MD5), Received)


async def test_every_code(far: Far) -> None:
    """1 not found and 3 failed are "no money"; 5 with HTTP 400, 6 with 401 say nothing; 11 is no such account."""
    assert await far.client.check(MD5) == NotFound()
    far.bank.fail(USD_QR)
    assert await far.client.check(MD5) == Failed()
    assert await far.client.check("") == Unknown("http 400")
    assert await far.client.check_account("nobody@devb") is False
    far.bank.expire_tokens()
    assert await far.client.check(MD5) == Unknown("unauthorized")
    assert await far.client.check_account("nobody@devb") is None


async def test_no_such_route(far: Far) -> None:
    """A 404 that is no word of the bank's is silence: the address is wrong, not the payment."""
    client = Bakong(f"{far.url}/elsewhere", TOKEN, timeout=PATIENCE)
    assert await client.check(MD5) == Unknown("http 404")
    await client.close()
