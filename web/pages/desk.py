"""The counter's pages, for who works here only: coming in, and the labels and slips of all parcels that are ready.

They say where people live: never kept, here or by a browser, and for everybody else not there.
"""

import asyncio
import logging
from collections.abc import Callable

from aiohttp import web

from core.cards import parcel
from core.errors import NotAllowed
from core.logs import Sparing
from core.orders.rules import Order
from core.parcels import service as parcels
from core.parcels.rules import Paper
from core.people.rules import Person
from core.pictures.label import label
from core.pictures.paper import png
from core.pictures.slip import slip
from core.shop import Shop, reader
from web import language, login
from web.render import Frame
from web.site import SITE

security = Sparing(logging.getLogger("haang.security"))

HOME = "/desk/parcels"
NUMBERS = 15
"""As many digits has an order's id in an address, at most."""


async def door(request: web.Request) -> web.Response:
    """``/desk``: who opens it in Telegram is let in by the page's script; everybody else reads how."""
    return _page(request, "desk.html", "/desk", "site.desk.title")


async def enter_app(request: web.Request) -> web.Response:
    """Let somebody in by what their Mini App was opened with; the only thing that is posted here."""
    said = (await request.post()).get("init_data", "")
    return _let_in(request, lambda shop: login.by_app(str(said), shop.config.token, shop.clock.now()))


async def enter_link(request: web.Request) -> web.Response:
    """``/desk/login``: let somebody in by a login button's link; nothing but their own cookie changes."""
    query = request.rel_url.query.items()
    return _let_in(request, lambda shop: login.by_link(query, shop.config.token, shop.clock.now()))


def _let_in(request: web.Request, who: Callable[[Shop], int]) -> web.Response:
    site = request.app[SITE]
    try:
        telegram_id = who(site.shop)
    except NotAllowed:
        security.warning("a login to the counter's pages that Telegram did not sign, or long ago")
        return _page(request, "desk.html", "/desk", "site.desk.title", status=403, refused=True)
    response = web.Response(status=303, headers={"Location": HOME, "Cache-Control": "no-store"})
    login.let_in(response, telegram_id, site.shop.config.token, site.shop.clock.now(), secure=site.secure)
    return response


async def papers(request: web.Request) -> web.Response:
    """``/desk/parcels``: every parcel that is ready, a page of paper each: labels, or slips with ``?paper=s``."""
    person = await _staff(request)
    if person is None:
        return web.Response(status=303, headers={"Location": "/desk", "Cache-Control": "no-store"})
    paper = Paper.SLIP if request.query.get("paper") == Paper.SLIP else Paper.LABEL
    found = await parcels.ready(request.app[SITE].shop, person, _number(request.query.get("after", "0")))
    path, reads = HOME if paper is Paper.LABEL else f"{HOME}?paper={paper}", _reads(request, person)
    return _page(request, "parcels.html", path, "site.desk.parcels", reads=reads, found=found, paper=paper)


async def picture(request: web.Request) -> web.Response:
    """``/desk/parcels/<order>/<l or s>.png``: one label or slip, drawn beside the loop."""
    site = request.app[SITE]
    person = await login.staff(request, site.shop)
    order = await parcels.printed(site.shop, person, _number(request.match_info["order"]))
    draw = _drawer(request.match_info["paper"], site.shop, order, person, _reads(request, person))
    async with site.reducing:
        body = await asyncio.to_thread(draw)
    return web.Response(body=body, content_type="image/png", headers={"Cache-Control": "no-store"})


def _drawer(paper: str, shop: Shop, order: Order, person: Person, reads: str) -> Callable[[], bytes]:
    """Decide what is drawn here, and leave the drawing to a thread."""
    who = reader(person, reads)
    if paper == Paper.SLIP:
        written = parcel.slip(shop, order, who)
        return lambda: png(slip(written))
    sticker = parcel.label(shop, order, who)
    return lambda: png(label(sticker))


async def _staff(request: web.Request) -> Person | None:
    """Who looks; None for who is not let in, or not any more: they are asked to come in by Telegram again."""
    try:
        return await login.staff(request, request.app[SITE].shop)
    except NotAllowed:
        if login.COOKIE in request.cookies:
            security.warning("the counter's pages asked for by somebody who does not work here")
        return None


def _reads(request: web.Request, person: Person) -> str:
    """Which language somebody of the counter reads: chosen on the page, else theirs in the chat they came from."""
    return language.chosen(request) or person.language or language.of(request)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= NUMBERS else 0


def _page(
    request: web.Request, template: str, path: str, title: str, status: int = 200, reads: str = "", **values: object
) -> web.Response:
    """Draw a page that nobody keeps."""
    site, reads = request.app[SITE], reads or language.of(request)
    frame = Frame(path, site.words(reads)(title, shop=site.shop.policy.shop_name), index=False)
    body = site.renderer.page(template, reads, frame, **{"refused": False} | values)
    headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8", headers=headers)
