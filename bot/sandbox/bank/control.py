"""What only a sandbox has: paying, failing and breaking by HTTP, for tests and for the sandbox's pages.

Every route takes and gives JSON; a refusal is ``{"error": sentence}`` with 400. A QR is named by ``payload`` or, once
the bank has seen it, by ``md5``.

| Route | Body | Answer |
|---|---|---|
| ``GET /control/qrs`` | | ``{"qrs": […], "now"}``: every QR seen, newest first, with its payments and its page |
| ``POST /control/open`` | ``payload`` | ``{"id", "md5", "page"}``: the bank has seen it now |
| ``POST /control/pay`` | the QR, ``way`` (exact, short, over, currency, late, twice) | ``{"hash"}`` |
| | or the QR, ``amount``, ``currency``, ``account``, ``at`` (epoch seconds), ``times``, ``force`` (expired too) | |
| ``POST /control/fail`` | the QR | ``{"hash"}``: tried, and refused by the payer's bank |
| ``GET /control/faults`` | | ``{"faults": [{"n", "kind", "times", "seconds"}], "kinds"}`` |
| ``POST /control/faults`` | ``kind``, ``times`` (null: until called off), ``seconds`` | the same, with its ``n`` |
| | or ``clear``: true for all, a number for one; or ``kind`` "none" | |
| ``POST /control/expire_tokens`` | | every token is refused from now on |
| ``GET /control/transactions`` | | ``{"transactions": […]}``, newest first |
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from bot.sandbox.bank.api import TELLER
from bot.sandbox.bank.ledger import Link, Transaction
from bot.sandbox.bank.qr import QrRefused, read_qr
from bot.sandbox.bank.teller import FAULTS, Teller

PAY = {"amount", "currency", "account", "at", "times", "force"}

Json = dict[str, Any]


def routes() -> list[web.RouteDef]:
    """Give the control routes."""
    return [
        web.get("/control/qrs", _qrs),
        web.post("/control/open", _open),
        web.post("/control/pay", _control(_pay)),
        web.post("/control/fail", _control(_fail)),
        web.get("/control/faults", _waiting),
        web.post("/control/faults", _control(_faults)),
        web.post("/control/expire_tokens", _control(_expire_tokens)),
        web.get("/control/transactions", _transactions),
    ]


def _control(act: Callable[[Teller, Any], Json]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        try:
            return web.json_response(act(request.app[TELLER], await request.json()))
        except QrRefused as refusal:
            return web.json_response({"error": str(refusal)}, status=400)
        except (ValueError, KeyError, TypeError, AttributeError):
            return web.json_response({"error": "a field is missing or of the wrong kind"}, status=400)

    return handler


def _pay(teller: Teller, body: Any) -> Json:
    wanted = body.get("payload") or body["md5"]
    if body.get("way") is not None:
        return {"hash": teller.pay_as(wanted, body["way"])}
    more = {name: value for name, value in body.items() if name in PAY and value is not None}
    return {"hash": teller.pay(wanted, **more)}


def _fail(teller: Teller, body: Any) -> Json:
    return {"hash": teller.fail(body.get("payload") or body["md5"])}


def _faults(teller: Teller, body: Any) -> Json:
    clear = body.get("clear")
    if clear is True or body.get("kind") == "none":
        teller.clear_faults()
    elif clear:
        teller.drop_fault(int(clear))
    else:
        seconds = body.get("seconds")
        number = teller.fault(body["kind"], body.get("times", 1), seconds=None if seconds is None else float(seconds))
        return {"n": number, **_shown(teller)}
    return _shown(teller)


def _shown(teller: Teller) -> Json:
    return {"faults": [asdict(fault) for fault in teller.faults], "kinds": FAULTS}


async def _waiting(request: web.Request) -> web.Response:
    return web.json_response(_shown(request.app[TELLER]))


def _expire_tokens(teller: Teller, _body: Any) -> Json:
    teller.expire_tokens()
    return {}


async def _open(request: web.Request) -> web.Response:
    """Let the bank see a QR, as a phone that scans it does."""

    def open_one(teller: Teller, body: Any) -> Json:
        link = teller.open_link(str(body["payload"]).strip())
        return {"id": link.id, "md5": read_qr(link.payload).md5, "page": _page(request, link)}

    return await _control(open_one)(request)


async def _qrs(request: web.Request) -> web.Response:
    teller = request.app[TELLER]
    found = [_qr(request, teller, link) for link in reversed(teller.ledger.links.values())]
    return web.json_response({"qrs": found[:100], "now": teller.clock()})


def _qr(request: web.Request, teller: Teller, link: Link) -> Json:
    qr = read_qr(link.payload)
    tries = [found for found in teller.ledger.transactions if found.md5 == qr.md5]
    return {
        "id": link.id,
        "md5": qr.md5,
        "page": _page(request, link),
        "merchant": qr.merchant,
        "merchant_km": qr.merchant_km,
        "account": qr.account,
        "bill": qr.bill,
        "currency": qr.currency,
        "amount": None if qr.amount is None else str(qr.amount),
        "expires": qr.expires,
        "payments": [_transaction(found) for found in tries],
    }


def _page(request: web.Request, link: Link) -> str:
    return str(request.app.router["pay"].url_for(id=link.id))


async def _transactions(request: web.Request) -> web.Response:
    found = [_transaction(one) for one in reversed(request.app[TELLER].ledger.transactions)]
    return web.json_response({"transactions": found})


def _transaction(found: Transaction) -> Json:
    return {
        "hash": found.hash,
        "md5": found.md5,
        "account": found.account,
        "currency": found.currency,
        "amount": str(found.amount),
        "at": found.at,
        "bill": found.bill,
        "failed": found.failed,
    }
