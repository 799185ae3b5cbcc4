"""The client against the bank's emulator, over real HTTP: what is an answer, what is none, and what never leaks."""

import asyncio
import base64
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.sandbox.bank import Bank, read_qr
from bot.sandbox.bank.teller import jwt
from core.payments.bakong import Bakong, ManualBank
from core.payments.rules import Failed, NotFound, PaymentBank, Received, Unknown
from tests.support.patience import PATIENCE

TOKEN = "made-up-token-0001"
EMAIL = "owner@example.com"
# Known-good strings of the official SDK: USD 12.50 for ORD-1001, KHR 50000 for ORD-1002, both until 2099.
USD_QR = (
    "00020101021229150011seller@devb520459995303840540512.505802KH5910Tonle Shop6010Phnom Penh"
    "62290108ORD-10010305Tonle0704TG-1993400131735689600000011340709088000006304DACA"
)
KHR_QR = (
    "00020101021229150011seller@devb5204599953031165405500005802KH5910Tonle Shop6010Phnom Penh"
    "62120108ORD-100264290002km0108ហាងទន្លេ0207ភ្នំពេញ9934001317356896000000113407090880000063048D79"
)
USD_MD5, KHR_MD5 = read_qr(USD_QR).md5, read_qr(KHR_QR).md5
NOON = 1_795_000_000.25
_client = partial(Bakong, timeout=PATIENCE)
"""Waits longer than a good answer ever takes: a busy machine is no silence of the bank."""


@dataclass(frozen=True, slots=True)
class Far:
    """The bank's side and ours."""

    bank: Bank
    client: Bakong
    url: str


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    """An emulator mounted as the sandbox mounts it, and a client that may renew its token."""
    bank = Bank(tokens={TOKEN}, emails={EMAIL}, clock=lambda: NOON, accounts={"seller@devb"})
    root = web.Application()
    root.add_subapp("/bakong", bank.app)
    async with TestServer(root) as server:
        url = str(server.make_url("/bakong"))
        client = _client(url, SecretStr(TOKEN), email=EMAIL)
        yield Far(bank, client, url)
        await client.close()


async def _serve(handler: web.RequestHandler) -> TestServer:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    server = TestServer(app)
    await server.start_server()
    return server


async def test_paid_in_dollars(far: Far) -> None:
    """A paid QR: cents as an integer, the receiving account, the bank's own clock."""
    bank_hash = far.bank.pay(USD_QR)
    paid_at = datetime.fromtimestamp(NOON, UTC)
    assert await far.client.check(USD_MD5) == Received(bank_hash, "seller@devb", "USD", 1250, paid_at)


async def test_paid_in_riel(far: Far) -> None:
    """Riel are whole, though the bank writes 50000.0."""
    far.bank.pay(KHR_QR)
    assert await far.client.check(KHR_MD5) == Received(
        far.bank.ledger.transactions[0].hash, "seller@devb", "KHR", 50_000, datetime.fromtimestamp(NOON, UTC)
    )


async def test_paid_otherwise(far: Far) -> None:
    """What was paid is reported, not what was asked: amount, currency, account and moment."""
    far.bank.pay(USD_QR, amount="8.15", currency="USD", account="other@devb", at=NOON - 60)
    found = await far.client.check(USD_MD5)
    assert isinstance(found, Received)
    assert (found.account, found.amount_minor, found.paid_at.timestamp()) == ("other@devb", 815, NOON - 60)


async def test_every_cent_survives(far: Far) -> None:
    """The bank's JSON floats come back as the same cents, for every amount from 0.10 to 30.00."""
    for cents in range(10, 3001, 17):
        far.bank.ledger.transactions.clear()
        far.bank.pay(USD_QR, amount=f"{cents // 100}.{cents % 100:02}")
        found = await far.client.check(USD_MD5)
        assert isinstance(found, Received)
        assert (found.amount_minor, found.exact) == (cents, True)


async def test_not_found_and_failed(far: Far) -> None:
    """The two answers that mean "no money": none such, and tried in vain; a later good payment wins."""
    assert await far.client.check(USD_MD5) == NotFound()
    far.bank.fail(USD_QR)
    assert await far.client.check(USD_MD5) == Failed()
    far.bank.pay(USD_QR)
    assert isinstance(await far.client.check(USD_MD5), Received)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("403", "unauthorized"),
        ("429", "http 429"),
        ("500", "http 500"),
        ("garbage", "unreadable answer"),
        ("cannot_connect", "bank error 9"),
        ("down", "unreachable"),
    ],
)
async def test_faults_are_unknown(far: Far, kind: str, reason: str) -> None:
    """Whatever goes wrong is unknown, even for a paid QR, and the next question is answered."""
    far.bank.pay(USD_QR)
    far.bank.fault(kind)
    assert await far.client.check(USD_MD5) == Unknown(reason)
    assert isinstance(await far.client.check(USD_MD5), Received)


async def test_timeout_is_unknown(far: Far) -> None:
    """A bank that keeps us waiting is given up on in time."""
    far.bank.fault("timeout")
    client = Bakong(far.url, TOKEN, timeout=0.05)
    assert await client.check(USD_MD5) == Unknown("timeout")
    await client.close()


async def test_nobody_there_is_unknown() -> None:
    """No server, no route, no valid address: unknown."""
    with socket.socket() as held:  # so that nobody else serves there meanwhile
        held.bind(("127.0.0.1", 0))
        for url in (f"http://127.0.0.1:{held.getsockname()[1]}", "http://", "not an address"):
            client = _client(url, TOKEN)
            assert await client.check(USD_MD5) == Unknown("unreachable")
            await client.close()


async def test_a_token_no_header_can_carry_is_unknown(far: Far) -> None:
    """A token with a line break inside is refused before it leaves; one at its end is dropped."""
    broken, sloppy = _client(far.url, "two\nlines"), _client(far.url, f"{TOKEN}\n")
    assert await broken.check(USD_MD5) == Unknown("unreachable")
    assert await sloppy.check(USD_MD5) == NotFound()
    await broken.close()
    await sloppy.close()


async def test_401_renews_once_for_all(far: Far) -> None:
    """Ten questions refused together cost one renewal, and all are answered."""
    far.bank.expire_tokens()
    found = await asyncio.gather(*(far.client.check(USD_MD5) for _ in range(10)))
    assert found == [NotFound()] * 10
    assert far.bank.calls == 10 + 1 + 10


async def test_401_without_email(far: Far) -> None:
    """Without the registered e-mail the token is not renewed: unknown, and nothing else is asked."""
    client = _client(far.url, "another-token")
    assert await client.check(USD_MD5) == Unknown("unauthorized")
    assert far.bank.calls == 1
    await client.close()


async def test_401_for_good(far: Far) -> None:
    """A bank that will not renew is not asked to again and again."""
    client = _client(far.url, "another-token", email="stranger@example.com")
    assert [await client.check(USD_MD5) for _ in range(3)] == [Unknown("unauthorized")] * 3
    assert far.bank.calls == 3 + 1
    await client.close()


async def test_a_renewed_token_that_is_refused(far: Far) -> None:
    """A new token that is refused too is unknown: renewing does not go in circles."""
    far.bank.fault("401")
    far.bank.expire_tokens()
    assert await far.client.check(USD_MD5) == NotFound()
    far.bank.fault("401", 2)
    assert await far.client.check(USD_MD5) == Unknown("unauthorized")


async def test_renew_by_hand(far: Far) -> None:
    """An owner can ask for a new token; a bank that is away gives none."""
    assert await far.client.renew()
    assert await far.client.check(USD_MD5) == NotFound()
    far.bank.fault("down")
    assert not await far.client.renew()


DAY = 24 * 3600


@pytest.mark.parametrize(("days", "renewals"), [(8, 0), (7, 1), (0.01, 1)])
async def test_a_token_is_renewed_before_it_ends(far: Far, days: float, renewals: int) -> None:
    """In the last week of the 90 days ten questions at once renew it once, all are answered; then not for 83 days."""
    now = [NOON]
    old = jwt(NOON + days * DAY)
    far.bank.admit(old)
    client = _client(far.url, old, email=EMAIL, clock=lambda: now[0])
    assert await asyncio.gather(*(client.check(USD_MD5) for _ in range(10))) == [NotFound()] * 10
    assert far.bank.calls == 10 + renewals
    now[0] += 82 * DAY if renewals else 0
    await client.check(USD_MD5)
    assert far.bank.calls == 11 + renewals
    await client.close()


async def test_a_renewal_that_fails_costs_no_answer(far: Far) -> None:
    """No new token for the asking: the old one answers on, and the next try comes an hour later."""
    now = [NOON]
    old = jwt(NOON + DAY)
    far.bank.admit(old)
    client = _client(far.url, old, email="stranger@example.com", clock=lambda: now[0])
    assert [await client.check(USD_MD5) for _ in range(3)] == [NotFound()] * 3
    assert far.bank.calls == 3 + 1
    now[0] += 3600
    await client.check(USD_MD5)
    assert far.bank.calls == 4 + 2
    await client.close()
    silent = _client(far.url, old, clock=lambda: now[0])  # nobody to ask for one
    await silent.check(USD_MD5)
    assert far.bank.calls == 7
    await silent.close()


def _claims(text: str) -> str:
    return f"head.{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}.signature"


@pytest.mark.parametrize(
    "token",
    ["practice", "a.b", "a.b.c", "a.%%%.c", "..", _claims("[]"), _claims("{}"), _claims('{"exp": "soon"}'),
     _claims('{"exp": 1e400}'), _claims('{"exp": NaN}'), _claims('{"exp": null}'), _claims("[" * 3000)],
    ids=range(12),
)  # fmt: skip
async def test_a_token_that_does_not_say_when_it_ends(far: Far, token: str) -> None:
    """Whatever stands in it, it is used as it is: nothing is renewed before the bank refuses it."""
    far.bank.admit(token)
    client = _client(far.url, token, email=EMAIL, clock=lambda: NOON)
    await client.check(USD_MD5)
    assert far.bank.calls == 1
    await client.close()


async def test_deeplink(far: Far) -> None:
    """The link is absolute and leads to the page that pays this QR; without one there is None, never an error."""
    link = await far.client.deeplink(USD_QR, "Haang", "https://example.com/icon.png", "https://example.com")
    assert link == f"{far.url}/pay/{USD_MD5[:16]}"
    for kind in ("403", "500", "garbage", "down", "cannot_connect"):
        far.bank.fault(kind)
        assert await far.client.deeplink(USD_QR, "Haang", "i", "c") is None
    assert await far.client.deeplink(USD_QR.replace("12.50", "10.50"), "Haang", "i", "c") is None


async def test_check_account(far: Far) -> None:
    """There, not there, or not known."""
    assert await far.client.check_account("seller@devb") is True
    assert await far.client.check_account("nobody@devb") is False
    far.bank.fault("500")
    assert await far.client.check_account("seller@devb") is None


GOOD = '"hash": "h", "toAccountId": "a@b", "currency": "%s", "amount": %s, "createdDateMs": %s'


@pytest.mark.parametrize(
    ("currency", "amount", "minor", "exact"),
    [
        ("USD", "12.505", 1250, False),
        ("USD", "12.5", 1250, True),
        ("USD", "0.29", 29, True),
        ("USD", "1e1", 1000, True),
        ("KHR", "400.5", 400, False),
        ("KHR", "400.0", 400, True),
        ("THB", "35.25", 3525, True),
    ],
)
async def test_odd_amounts(currency: str, amount: str, minor: int, *, exact: bool) -> None:
    """An amount that is no whole number of cents or riel is rounded down and says so; none is lost or made up."""
    body = f'{{"responseCode": 0, "errorCode": null, "data": {{{GOOD % (currency, amount, 1)}}}}}'
    found = await _checked(200, body)
    assert isinstance(found, Received)
    assert (found.amount_minor, found.exact) == (minor, exact)


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, "", "unreadable answer"),
        (200, "[]", "unreadable answer"),
        (200, "[" * 100_000, "unreadable answer"),
        (200, '{"responseCode": []}', "unreadable answer"),
        (200, '{"responseCode": 2}', "unreadable answer"),
        (200, '{"responseCode": 1}', "error without a code"),
        (200, '{"responseCode": 1, "errorCode": 5}', "bank error 5"),
        (200, '{"responseCode": 1, "errorCode": 6}', "unauthorized"),
        (200, '{"responseCode": 0, "data": null}', "unreadable payment"),
        (200, f'{{"responseCode": 0, "data": {{{GOOD % ("USD", "-1", 1)}}}}}', "unreadable payment"),
        (200, f'{{"responseCode": 0, "data": {{{GOOD % ("USD", "0", 1)}}}}}', "unreadable payment"),
        (200, f'{{"responseCode": 0, "data": {{{GOOD % ("USD", "NaN", 1)}}}}}', "unreadable payment"),
        (200, f'{{"responseCode": 0, "data": {{{GOOD % ("USD", "1e999999", 1)}}}}}', "unreadable payment"),
        (200, f'{{"responseCode": 0, "data": {{{GOOD % ("USD", "true", 1)}}}}}', "unreadable payment"),
        (200, f'{{"responseCode": 0, "data": {{{GOOD % ("USD", "1", "null")}}}}}', "unreadable payment"),
        (200, f'{{"responseCode": 0, "data": {{{GOOD % ("USD", "1", "true")}}}}}', "unreadable payment"),
        (200, f'{{"responseCode": 0, "data": {{{GOOD % ("USD", "1", 10**30)}}}}}', "unreadable payment"),
        (200, f'{{"responseCode": 0, "data": {{{GOOD % ("", "1", 1)}}}}}', "unreadable payment"),
        (404, "not here", "http 404"),
        (404, f'{{"responseCode": 0, "data": {{{GOOD % ("USD", "1", 1)}}}}}', "http 404"),
        (500, '{"responseCode": 1, "errorCode": 1}', "http 500"),
        (503, "", "http 503"),
        (302, "", "http 302"),
    ],
)
async def test_no_clear_answer(status: int, body: str, reason: str) -> None:
    """Nothing but a clear answer counts as one: nonsense, half a payment or a proxy's page is unknown."""
    assert await _checked(status, body) == Unknown(reason)


async def test_404_with_the_banks_word() -> None:
    """A 404 that carries the bank's own "not found" is an answer."""
    assert await _checked(404, '{"responseCode": 1, "errorCode": 1}') == NotFound()


async def _checked(status: int, body: str) -> object:
    """Check against a server that answers this."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, headers={"Location": "/elsewhere"} if status == 302 else None)

    server = await _serve(answer)
    client = _client(str(server.make_url("/")), TOKEN)
    try:
        return await client.check(USD_MD5)
    finally:
        await client.close()
        await server.close()


async def test_the_token_follows_no_redirect(far: Far) -> None:
    """A redirect to another host takes the token nowhere."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": f"{far.url}/v1/check_transaction_by_md5"})

    server = await _serve(answer)
    client = _client(str(server.make_url("/")), TOKEN)
    assert await client.check(USD_MD5) == Unknown("http 307")
    assert far.bank.calls == 0
    await client.close()
    await server.close()


async def test_no_secret_leaks(far: Far, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the token nor the e-mail is in a log line, a reason or the client's own description."""
    caplog.set_level(logging.DEBUG)
    seen = [repr(far.client), str(far.client), repr(vars(far.client))]
    for kind in ("401", "403", "429", "500", "garbage", "down", "cannot_connect"):
        far.bank.fault(kind, 2)
        seen += [str(await far.client.check(USD_MD5)), str(await far.client.check(USD_MD5))]
    stranger = _client(far.url, "refused-made-up-token", email=EMAIL.upper())
    seen.append(str(await stranger.check(USD_MD5)))
    await stranger.close()
    everything = "\n".join([*seen, caplog.text])
    assert "The bank did not renew the token." in everything
    assert not [secret for secret in (TOKEN, EMAIL, EMAIL.upper(), "refused-made-up-token") if secret in everything]


async def test_a_lent_session_stays_open(far: Far) -> None:
    """A session that was passed in is the caller's to close."""
    async with aiohttp.ClientSession() as session:
        client = _client(far.url, TOKEN, session=session)
        assert await client.check(USD_MD5) == NotFound()
        await client.close()
        assert not session.closed


async def test_without_a_token() -> None:
    """The manual bank never answers, so that people do; both banks are what the rules call one."""
    banks: list[PaymentBank] = [ManualBank(), Bakong("http://127.0.0.1", TOKEN)]
    assert await banks[0].check(USD_MD5) == Unknown("no token")
    assert await banks[0].deeplink(USD_QR, "Haang", "", "") is None
    assert [bank.can_check for bank in banks] == [False, True]
    for bank in banks:
        await bank.close()
