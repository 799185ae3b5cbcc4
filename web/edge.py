"""What happens around every request: language chosen, errors shown, answers counted and logged, headers set."""

import logging
import time
import traceback
from collections.abc import Awaitable, Callable

from aiohttp import web

from core.database import is_away
from core.errors import NotAllowed, NotFound, ShopError
from web import language
from web.pages.serving import wrong
from web.site import SITE, Site

log = logging.getLogger("haang.web")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BAD_REQUEST, MISSING, BROKEN = 400, 404, 500


@web.middleware
async def edge(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every request, also where a page fails; write the route and never the path, for it can hold a token."""
    started, route, site = time.perf_counter(), _route(request), request.app[SITE]
    site.shop.db.overhear()  # a kept page may show what a command changed since
    try:
        switched = language.switch(request, secure=site.secure) if route != "-" else None
        response = switched or await handler(request)
    except web.HTTPException as error:
        response = error if error.status < BAD_REQUEST else await _refused(request, error)
    except (NotFound, NotAllowed):
        response = await wrong(request, MISSING)
    except ShopError as error:
        log.warning("%s refused: %s", route, error.key)
        response = await wrong(request, BAD_REQUEST)
    except Exception as error:  # noqa: BLE001 - the edge of one request
        _write_down(site, route, error)
        response = await wrong(request, BROKEN)
    seconds = time.perf_counter() - started
    site.measures.saw(route, response.status, seconds)
    site.journal.saw(request.method, route, response.status, seconds)
    return response


def policy(*, sandbox: bool) -> dict[str, str]:
    """Give the headers of every answer. Only the sandbox's page, on this machine, may show the site in a frame."""
    frames = "http://localhost:* http://127.0.0.1:*" if sandbox else "'none'"
    content = {
        "default-src": "'none'", "img-src": "'self' data:", "style-src": "'self'", "script-src": "'self'",
        "font-src": "'self'", "connect-src": "'self'", "base-uri": "'none'", "form-action": "'self'",
        "frame-ancestors": frames,
    }  # fmt: skip
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in content.items()),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Server": "Haang",
    }
    return headers if sandbox else headers | {"X-Frame-Options": "DENY"}


def _route(request: web.Request) -> str:
    """Name the pattern that matched, ``/t/{token}``; ``-`` for none."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "-"


async def _refused(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    response = await wrong(request, error.status)
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


def _write_down(site: Site, route: str, error: Exception) -> None:
    """Log where it broke but not what the error says: a database error repeats the values it was given.

    Where the database does not answer one line a minute says it, which every page meets.
    """
    if is_away(error):
        site.sparing.error(f"{route} failed: {type(error).__qualname__}")
        return
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed: %s\n%s", route, type(error).__qualname__, where)
