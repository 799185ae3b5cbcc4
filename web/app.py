"""The site as an aiohttp application: built from a shop, served by whoever holds it."""

import logging
from collections.abc import AsyncIterator

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from core.files import most_open
from core.shop import Shop
from core.storage.health import KEPT, Pulse
from web import edge
from web.live import HEARTBEAT, MOST, Moments
from web.render import Renderer
from web.routes import ROUTES
from web.site import SITE, BotLink, Site

GOODBYE = 3.0
"""Seconds that answers under way may still take when the process stops."""


def build(
    shop: Shop, bot_link: BotLink, *, heartbeat: float = HEARTBEAT, pulse: float = KEPT, watchers: int = MOST
) -> web.Application:
    """Build the site of a shop.

    ``bot_link(payload)`` gives the link that opens the bot with that start payload (``p_7``; empty: plainly), or None
    while its name is not known. ``heartbeat`` is how many seconds a live page stays silent, ``pulse`` how many
    an answer about health stands, ``watchers`` how many live pages are served at once.
    """
    app = web.Application(middlewares=[edge.edge])
    site = Site(shop, bot_link, Renderer(shop, bot_link), Moments(heartbeat, _room(watchers)), Pulse(shop, pulse))
    site.measures.gauges |= {
        "haang_web_pages_kept": ("Finished pages in memory", lambda: len(site.pages)),
        "haang_web_pages_bytes": ("Bytes of finished pages in memory", lambda: site.pages.size),
        "haang_web_watching": ("Open live tracking pages", lambda: site.moments.watching),
    }
    app[SITE] = site
    app.add_routes(ROUTES)
    app.cleanup_ctx.append(_listening)
    app.on_shutdown.append(_let_go)
    headers = edge.policy(sandbox=shop.config.sandbox)

    async def protect(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(headers)

    app.on_response_prepare.append(protect)
    return app


def _room(watchers: int) -> int:
    """Each live page holds a file open; a quarter of what the system allows stays for all the rest."""
    return min(watchers, most_open() * 3 // 4)


def runner(app: web.Application) -> web.AppRunner:
    """Run the site without aiohttp's own access log, which would write tracking links down; ``edge`` writes ours."""
    log = logging.getLogger("haang.web.http")
    log.addFilter(_no_rubbish)
    return web.AppRunner(app, access_log=None, logger=log, shutdown_timeout=GOODBYE)


def _no_rubbish(record: logging.LogRecord) -> bool:
    """Leave out what was no HTTP request: scanners send it all day, and the error repeats it."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


async def _listening(app: web.Application) -> AsyncIterator[None]:
    """Hear of changes as long as the site is up."""
    site = app[SITE]
    stops = [site.pages.listen(site.shop.changes), site.moments.listen(site.shop.changes)]
    yield
    for stop in stops:
        stop()
    site.journal.write()


async def _let_go(app: web.Application) -> None:
    app[SITE].moments.close()
