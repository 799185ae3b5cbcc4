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
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; frame-src 'self' http://localhost:* http://127.0.0.1:*; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'self'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a Host that is not this machine (a rebound name) and a POST that another site's page sends."""
    if _host(request.host) not in _LOOPBACK:
        raise web.HTTPForbidden(text="The sandbox answers on this machine only.")
    origin = request.headers.get("Origin")
    if origin is not None and request.method not in _SAFE and urlsplit(origin).netloc != request.host:
        raise web.HTTPForbidden(text="The sandbox takes no requests from other sites.")
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
