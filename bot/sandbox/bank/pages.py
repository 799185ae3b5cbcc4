"""The bank's app as a page: what a QR asks, a button that pays it, and ways to pay it wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import fontpkg
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.sandbox.bank.api import TELLER
from bot.sandbox.bank.ledger import Link, Transaction
from bot.sandbox.bank.qr import Qr, QrRefused, read_qr
from bot.sandbox.bank.teller import Teller
from bot.sandbox.bank.words import LANGUAGES, language, say

CAMBODIA = timezone(timedelta(hours=7))
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; font-src 'self'; form-action 'self'; "
    "frame-ancestors http://localhost:* http://127.0.0.1:*; base-uri 'none'",
    "Referrer-Policy": "same-origin",  # with no-referrer a browser posts the form with "Origin: null"
    "Cache-Control": "no-store",
}

WAYS = [
    ("short", "Too little"),
    ("over", "Too much"),
    ("currency", "Other currency"),
    ("late", "Late"),
    ("twice", "Twice"),
    ("reject", "Let it be refused"),
]

_pages = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)


@dataclass(frozen=True, slots=True)
class View:
    """What the page shows; texts are as they will be read."""

    qr: Qr
    amount: str
    expires: str
    left: int  # seconds; 0: expired
    life: int  # seconds from making to expiry
    payments: list[tuple[str, str, str]]  # amount, time, hash
    ticket: int
    back: str
    app: str
    error: str
    refused: bool  # the last try was, and none was good
    lang: str
    say: Callable[..., str]
    others: list[tuple[str, str]]  # addresses and names of the other languages
    ways: list[tuple[str, str]]


def routes() -> list[web.RouteDef]:
    """Give the routes of the pages."""
    return [
        web.get("/pay/{id}", _show, name="pay"),
        web.post("/pay/{id}", _pay),
        web.get("/khmer.ttf", _font, name="font"),
    ]


def money(amount: Decimal, currency: str) -> str:
    """Write ``$12.50`` or ``50,000៛``."""
    return f"{amount:,.0f}៛" if currency == "KHR" else f"${amount:,.2f}"


async def _show(request: web.Request) -> web.Response:
    return _draw(request, _link(request))


async def _pay(request: web.Request) -> web.Response:
    """Pay as the form says. The ticket counts the payments so far: the same form sent twice pays once."""
    teller, link, form = request.app[TELLER], _link(request), await request.post()
    fields = {name: str(value).strip() for name, value in form.items()}
    if fields.get("ticket") == str(len(teller.ledger.payments(read_qr(link.payload).md5))):
        try:
            _pay_form(teller, link, fields)
        except QrRefused as refusal:
            return _draw(request, link, str(refusal))
    raise web.HTTPSeeOther(request.path_qs)


def _pay_form(teller: Teller, link: Link, fields: dict[str, str]) -> None:
    way = fields.get("way")
    if way == "reject":
        teller.fail(link.payload)
        return
    if way in {name for name, _ in WAYS}:
        teller.pay_as(link.payload, way)
        return
    teller.pay(
        link.payload,
        amount=fields.get("amount"),
        currency=fields.get("currency"),
        times=2 if fields.get("times") == "2" else 1,
        force="force" in fields,
    )


async def _font(_request: web.Request) -> web.FileResponse:
    """Serve the Khmer font, for machines that have none."""
    return web.FileResponse(fontpkg.path("Noto Sans Khmer"), headers={"Cache-Control": "max-age=86400"})


def _link(request: web.Request) -> Link:
    link = request.app[TELLER].ledger.links.get(request.match_info["id"])
    if link is None:
        raise web.HTTPNotFound(text="The bank knows no such QR.")
    return link


def _draw(request: web.Request, link: Link, error: str = "") -> web.Response:
    teller, qr = request.app[TELLER], read_qr(link.payload)
    now, payments, answer = teller.clock(), teller.ledger.payments(qr.md5), teller.ledger.answer(qr.md5)
    lang = language(request)
    words = partial(say, lang)
    view = View(
        qr=qr,
        amount="" if qr.amount is None else money(qr.amount, qr.currency),
        expires=_time(qr.expires) if qr.expires else "",
        left=max(0, round(qr.expires - now)) if qr.expires else 0,
        life=max(1, round((qr.expires or 0) - (qr.created or now))),
        payments=[_receipt(payment) for payment in payments],
        ticket=len(payments),
        back=link.callback if urlsplit(link.callback).scheme in {"http", "https", "tg"} else "",
        app=link.app,
        error=words(error) if error else "",
        refused=answer is not None and answer.failed,
        lang=lang,
        say=words,
        others=[(f"?lang={code}", name) for code, name in LANGUAGES.items() if code != lang],
        ways=WAYS,
    )
    text = _pages.get_template("pay.html").render(view=view, font=request.app.router["font"].url_for())
    return web.Response(text=text, content_type="text/html", headers=HEADERS, status=422 if error else 200)


def _receipt(payment: Transaction) -> tuple[str, str, str]:
    return money(payment.amount, payment.currency), _time(payment.at), payment.hash[:8]


def _time(at: float) -> str:
    """Write a moment as a clock in Cambodia shows it."""
    return datetime.fromtimestamp(at, UTC).astimezone(CAMBODIA).strftime("%H:%M:%S")
