"""The chat page's files, and the guard before every route: the sandbox serves the desk it stands on, nobody else."""

import importlib.util
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

_PAGE = Path(__file__).with_name("page")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS = ("/sandbox/", "/bot", "/file/", "/page/")
_OTHER_SITES = frozenset({"cross-site", "same-site"})  # https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
_NOT_FROM_THERE = "The sandbox takes no requests from other sites."
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob: http://localhost:* http://127.0.0.1:*; "
    "frame-src 'self' http://localhost:* http://127.0.0.1:*; base-uri 'none'; object-src 'none'; frame-ancestors 'self'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a Host that is not this machine (a rebound name) and whatever another site's page asks for.

    A site on another port of this machine is another site too. Following a link to the chat page is allowed; what is
    mounted beside it guards itself.
    """
    if _host(request.host) not in _LOOPBACK:
        raise web.HTTPForbidden(text="The sandbox answers on this machine only.")
    origin = request.headers.get("Origin")
    if origin is not None and request.method not in _SAFE and urlsplit(origin).netloc != request.host:
        raise web.HTTPForbidden(text=_NOT_FROM_THERE)
    if request.headers.get("Sec-Fetch-Site") in _OTHER_SITES:
        followed = request.headers.get("Sec-Fetch-Dest") == "document" and request.path == "/"
        if request.path.startswith(_OURS) or (request.path == "/" and not followed):
            raise web.HTTPForbidden(text=_NOT_FROM_THERE)
    return await handler(request)


def add_routes(router: web.UrlDispatcher) -> None:
    """Add the page at "/" and its files under "/page/"."""
    router.add_get("/", _index)
    router.add_get("/page/fonts/NotoSansKhmer.ttf", _font)
    router.add_get("/page/{path:.+}", _file)


async def _index(_request: web.Request) -> web.StreamResponse:
    return _found(_PAGE / "index.html")


async def _file(request: web.Request) -> web.StreamResponse:
    path = (_PAGE / request.match_info["path"]).resolve()
    if not path.is_relative_to(_PAGE.resolve()):
        raise web.HTTPNotFound
    return _found(path)


async def _font(_request: web.Request) -> web.StreamResponse:
    path = _khmer_font()
    if path is None:
        raise web.HTTPNotFound
    return _found(path)


def _found(path: Path) -> web.StreamResponse:
    if not path.is_file():
        raise web.HTTPNotFound(text="There is no such page in the sandbox.")
    return web.FileResponse(path, headers=_HEADERS)


@cache
def _khmer_font() -> Path | None:
    """Return Noto Sans Khmer from the PyPI package fontpkg-noto-sans-khmer, if it is installed."""
    spec = importlib.util.find_spec("fontpkg_noto_sans_khmer")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        return next(Path(folder).rglob("NotoSansKhmer*.ttf"), None)
    return None


def _host(netloc: str) -> str | None:
    try:
        return urlsplit(f"//{netloc}").hostname
    except ValueError:
        return None
