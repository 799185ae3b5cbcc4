"""For those who look after the shop: is it well, and how busy is it."""

import asyncio

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from core.database import REFUSALS
from core.errors import NotFound
from core.settings import service as settings
from web import clients
from web.site import SITE

PATIENCE = 3.0
"""Seconds the database may take to say that it is there."""


async def health(request: web.Request) -> web.Response:
    """``/health``: 200 when the database answers, 503 when it does not."""
    shop = request.app[SITE].shop
    try:
        async with asyncio.timeout(PATIENCE):
            await settings.load(shop.db, shop.config)
    except (*REFUSALS, ValueError, TimeoutError):  # ValueError: aiosqlite's word for a closed connection
        return _say("database", 503)
    return _say("ok", 200)


async def metrics(request: web.Request) -> web.Response:
    """``/metrics`` in Prometheus' form, for this machine and the operator's networks; nobody else learns of it."""
    site = request.app[SITE]
    if not clients.is_local(request, site.shop.config.trusted_proxies):
        raise NotFound
    registry = CollectorRegistry(auto_describe=False)
    registry.register(site.measures)
    return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _say(status: str, code: int) -> web.Response:
    return web.json_response({"status": status}, status=code, headers={"Cache-Control": "no-store"})
