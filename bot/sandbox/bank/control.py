"""What only a sandbox has: paying, failing and breaking by HTTP, for tests and for the sandbox's pages."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.sandbox.bank.api import TELLER
from bot.sandbox.bank.qr import QrRefused
from bot.sandbox.bank.teller import FAULTS, Teller

PAY = {"amount", "currency", "account", "at", "times", "force"}


def routes() -> list[web.RouteDef]:
    """Give the control routes; each POST takes and gives JSON, and refuses with ``{"error": sentence}`` and 400."""
    return [
        web.post("/control/pay", _control(_pay)),
        web.post("/control/fail", _control(_fail)),
        web.post("/control/faults", _control(_faults)),
        web.post("/control/expire_tokens", _control(_expire_tokens)),
        web.get("/control/transactions", _transactions),
    ]


def _control(act: Callable[[Teller, Any], dict[str, Any]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        try:
            return web.json_response(act(request.app[TELLER], await request.json()))
        except QrRefused as refusal:
            return web.json_response({"error": str(refusal)}, status=400)
        except (ValueError, KeyError, TypeError, AttributeError):
            return web.json_response({"error": "a field is missing or of the wrong kind"}, status=400)

    return handler


def _pay(teller: Teller, body: Any) -> dict[str, Any]:
    """``{"payload" | "md5", amount?, currency?, account?, at?, times?, force?}`` → ``{"hash"}``."""
    more = {name: value for name, value in body.items() if name in PAY and value is not None}
    return {"hash": teller.pay(body.get("payload") or body["md5"], **more)}


def _fail(teller: Teller, body: Any) -> dict[str, Any]:
    """``{"payload" | "md5"}`` → ``{"hash"}``: tried, and failed."""
    return {"hash": teller.fail(body.get("payload") or body["md5"])}


def _faults(teller: Teller, body: Any) -> dict[str, Any]:
    """``{"kind", "times"?, "seconds"?}``; times null: until ``{"kind": "none"}`` clears them all."""
    if body["kind"] == "none":
        teller.clear_faults()
    else:
        teller.fault(body["kind"], body.get("times", 1), seconds=float(body.get("seconds", 30)))
    return {"kinds": FAULTS}


def _expire_tokens(teller: Teller, _body: Any) -> dict[str, Any]:
    teller.expire_tokens()
    return {}


async def _transactions(request: web.Request) -> web.Response:
    """Every transfer, newest first."""
    found = [
        {"hash": t.hash, "md5": t.md5, "account": t.account, "currency": t.currency, "amount": str(t.amount),
         "at": t.at, "bill": t.bill, "failed": t.failed}
        for t in reversed(request.app[TELLER].ledger.transactions)
    ]  # fmt: skip
    return web.json_response({"transactions": found})
