"""Where is my order: ``/t/<token>`` and its live card. Whoever has the link sees it; it says nothing personal."""

import re
from contextlib import suppress

from aiohttp import web

from core.cards import OrderCard, order_card
from core.changes import Change
from core.errors import NotFound
from core.orders import service as orders
from core.orders.rules import Order, Status
from web import language
from web.finished import Finished, finish
from web.live import Moment, message
from web.memory import Made
from web.pages.serving import serve
from web.render import Frame
from web.site import SITE, Site

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
FINAL = frozenset({Status.DELIVERED, Status.CANCELLED})


async def page(request: web.Request) -> web.Response:
    """``/t/<token>``: how far the order is, what is in it, how it is paid."""
    token = _token(request)

    async def make(site: Site, reads: str) -> Made[Finished]:
        order, card = await _read(site, reads, token)
        title = site.words(reads)("site.tracking.title", number=order.number, shop=site.shop.policy.shop_name)
        html = site.renderer.page(
            "tracking.html", reads, Frame(f"/t/{token}", title, index=False), card=card,
            watched=order.status not in FINAL,
        )  # fmt: skip
        return finish(html, "text/html; charset=utf-8", shows=_shows(order), index=False)

    return await serve(request, ("order", token), make)


async def live(request: web.Request) -> web.StreamResponse:
    """``/t/<token>/live?v=<version>``: the card as server-sent events whenever it is another than that version."""
    token, site, reads = _token(request), request.app[SITE], language.of(request)

    async def look() -> Moment:
        return await site.moments.memory.get((token, reads), lambda: _moment(site, reads, token))

    first = await look()
    if site.moments.full(first.order_id):
        headers = {"Retry-After": "30", "Cache-Control": "no-store"}
        return web.Response(text=site.words(reads)("site.tracking.live_full"), status=503, headers=headers)
    response = web.StreamResponse(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
    response.content_type = "text/event-stream"
    seen = request.headers.get("Last-Event-ID") or request.query.get("v", "")
    with suppress(ConnectionResetError):  # left before the first byte, or any time after
        await response.prepare(request)
        await site.moments.follow(response, first.order_id, look, seen)
    return response


async def _moment(site: Site, reads: str, token: str) -> Made[Moment]:
    order, card = await _read(site, reads, token)
    event = message(order.version, site.renderer.fragment("_order_card.html", reads, card=card))
    return Made(Moment(order.id, order.version, order.status in FINAL, event), len(event), _shows(order))


async def _read(site: Site, reads: str, token: str) -> tuple[Order, OrderCard]:
    order = await orders.tracked(site.shop, token)
    return order, order_card(site.shop, order, site.reader(reads))


def _shows(order: Order) -> frozenset[Change]:
    return frozenset({Change("order", order.id)})


def _token(request: web.Request) -> str:
    """Take the token of the address; one that was never ours and one that opens nothing are the same 404."""
    token = request.match_info["token"]
    if not _TOKEN.fullmatch(token):
        raise NotFound
    return token
