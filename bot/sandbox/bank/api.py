"""The Open API's counters, ``/v1/…``: envelopes, refusals and faults as the bank's.

Source: ``reference/khqr.md``, "Bakong Open API" (errorCode 1 not found, 3 failed, 5 missing fields, 6 unauthorized,
9 cannot connect, 11 account not found).
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.sandbox.bank.ledger import Transaction
from bot.sandbox.bank.qr import QrRefused
from bot.sandbox.bank.teller import Fault, Teller

TELLER = web.AppKey("teller", Teller)
CLOSING = web.AppKey("closing", asyncio.Event)

Counter = Callable[[web.Request, Teller, Any], Awaitable[web.Response]]


def routes() -> list[web.RouteDef]:
    """Give the API's routes."""
    return [
        web.post("/v1/check_transaction_by_md5", _counter(_by_md5)),
        web.post("/v1/check_transaction_by_hash", _counter(_by_hash)),
        web.post("/v1/check_transaction_by_short_hash", _counter(_by_short_hash)),
        web.post("/v1/check_transaction_by_md5_list", _counter(_by_md5_list)),
        web.post("/v1/check_bakong_account", _counter(_account)),
        web.post("/v1/generate_deeplink_by_qr", _counter(_deeplink)),
        web.post("/v1/renew_token", _counter(_renew, open_to_all=True)),
    ]


def _counter(serve: Counter, *, open_to_all: bool = False) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Wrap a counter: what goes wrong today, then the token, then the body's fields."""

    async def handler(request: web.Request) -> web.Response:
        teller = request.app[TELLER]
        fault = teller.take_fault()
        if fault and (broken := await _break(request, fault)):
            return broken
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not open_to_all and not (scheme == "Bearer" and teller.knows(token)):
            return _unauthorized()
        try:
            return await serve(request, teller, await request.json())
        except (ValueError, KeyError, TypeError, AttributeError):
            return _refusal(5, "Missing required fields", status=400)

    return handler


async def _by_md5(_request: web.Request, teller: Teller, body: Any) -> web.Response:
    return _transaction(teller.ledger.answer(_text(body["md5"])))


async def _by_hash(_request: web.Request, teller: Teller, body: Any) -> web.Response:
    wanted = _text(body["hash"])
    return _transaction(next((found for found in teller.ledger.transactions if found.hash == wanted), None))


async def _by_short_hash(_request: web.Request, teller: Teller, body: Any) -> web.Response:
    wanted = _text(body["hash"]), float(body["amount"]), _text(body["currency"])
    found = (t for t in teller.ledger.transactions if (t.hash[:8], float(t.amount), t.currency) == wanted)
    return _transaction(next(found, None))


async def _by_md5_list(_request: web.Request, _teller: Teller, _body: Any) -> web.Response:
    """Refuse, as production is reported to do."""
    return _page(403, "Forbidden")


async def _account(_request: web.Request, teller: Teller, body: Any) -> web.Response:
    if teller.has_account(_text(body["accountId"])):
        return _envelope(0, "Account ID exists", None, None)
    return _refusal(11, "Account ID not found")


async def _deeplink(request: web.Request, teller: Teller, body: Any) -> web.Response:
    source = body.get("sourceInfo")
    names = ("appName", "appIconUrl", "appDeepLinkCallback")
    app, _, callback = ("", "", "") if source is None else (_text(source[name]) for name in names)
    try:
        link = teller.open_link(_text(body["qr"]), app, callback)
    except QrRefused as refusal:
        return _refusal(5, str(refusal), status=400)
    path = request.app.router["pay"].url_for(id=link.id)
    return _envelope(0, "Getting deep link successfully", None, {"shortLink": str(request.url.join(path))})


async def _renew(_request: web.Request, teller: Teller, body: Any) -> web.Response:
    token = teller.issue_token(_text(body["email"]))
    if token is None:
        return _refusal(10, "Not registered yet")
    return _envelope(0, "Token has been issued", None, {"token": token})


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _transaction(found: Transaction | None) -> web.Response:
    """Answer about one transaction; amounts are JSON numbers, as the bank's are."""
    if found is None:
        return _refusal(1, "Transaction could not be found. Please check and try again.")
    if found.failed:
        return _refusal(3, "Transaction failed.")
    data = {
        "hash": found.hash,
        "fromAccountId": "payer@sandbox",
        "toAccountId": found.account,
        "currency": found.currency,
        "amount": float(found.amount),
        "description": found.bill,
        "createdDateMs": round(found.at * 1000),
        "acknowledgedDateMs": round(found.at * 1000) + 400,
        "trackingStatus": None,
        "receiverBank": None,
        "receiverBankAccount": None,
        "instructionRef": None,
        "externalRef": "",
    }
    return _envelope(0, "Success", None, data)


async def _break(request: web.Request, fault: Fault) -> web.Response | None:
    """Do what a fault does; its answer, if it has one. A lost or late one is worked out all the same."""
    if fault.kind == "down" and request.transport:
        request.transport.abort()
    elif fault.kind in {"slow", "timeout"}:
        await _until(request.app[CLOSING], fault.seconds)
    elif fault.kind in _ANSWERS:
        return _ANSWERS[fault.kind]()
    return None


async def _until(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


def _unauthorized() -> web.Response:
    return _refusal(6, "Unauthorized, not yet requested for token or code invalid", status=401)


def _refusal(code: int, message: str, *, status: int = 200) -> web.Response:
    return _envelope(1, message, code, None, status=status)


def _envelope(response: int, message: str, error: int | None, data: object, *, status: int = 200) -> web.Response:
    found = {"responseCode": response, "responseMessage": message, "errorCode": error, "data": data}
    return web.json_response(text=json.dumps(found, ensure_ascii=False), status=status)


def _page(status: int, title: str) -> web.Response:
    """Answer with a proxy's page, where the bank's front door speaks for it."""
    return web.Response(status=status, text=f"<html><h1>{status} {title}</h1></html>", content_type="text/html")


_ANSWERS: dict[str, Callable[[], web.Response]] = {
    "401": _unauthorized,
    "403": lambda: _page(403, "Forbidden"),
    "429": lambda: _page(429, "Too Many Requests"),
    "500": lambda: _envelope(1, "Internal server error", None, None, status=500),
    "garbage": lambda: _page(200, "Scheduled maintenance"),
    "cannot_connect": lambda: _refusal(9, "Cannot connect to server"),
}
"""What the faults that answer answer."""
