"""Style sheets, scripts, fonts and photos; kept in memory, with addresses that carry a version."""

import asyncio

from aiohttp import web

from core.errors import NotFound
from core.pictures.files import PictureRefused
from web import fonts, photos
from web.finished import FOR_EVER, NEVER_WITHOUT_ASKING, Finished, answer, finish
from web.memory import Made
from web.render import STATIC
from web.site import SITE

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
MONTH = "public, max-age=2592000"


async def static(request: web.Request) -> web.Response:
    """``/static/<name>?v=…``: what lies in ``web/static``."""
    site, path = request.app[SITE], STATIC / request.match_info["name"]
    if path.name not in site.renderer.static:
        raise NotFound
    cache = FOR_EVER if request.query.get("v") else NEVER_WITHOUT_ASKING

    async def make() -> Made[Finished]:
        return finish(path.read_bytes(), TYPES[path.suffix], cache=cache)

    return answer(request, await site.pictures.get((path.name, cache), make))


async def font(request: web.Request) -> web.Response:
    """``/static/fonts/<name>``: the fonts, cut to size at first use."""
    site, name = request.app[SITE], request.match_info["name"]
    if name not in fonts.FONTS:
        raise NotFound

    async def make() -> Made[Finished]:
        return finish(await asyncio.to_thread(fonts.cut, name), "font/ttf", cache=MONTH)

    return answer(request, await site.pictures.get(("font", name), make))


async def media(request: web.Request) -> web.Response:
    """``/media/<path>?w=640&v=…``: a public picture, as it is or as WebP at one of the offered widths."""
    site, name = request.app[SITE], request.match_info["path"]
    path, width = photos.find(site.shop.config.media_dir, name), _width(request)
    if path is None:
        raise NotFound
    stands = photos.version(path)
    versioned = request.query.get("v") == stands

    async def make() -> Made[Finished]:
        async with site.reducing:
            return await asyncio.to_thread(photos.make, path, width, versioned=versioned)

    try:
        found = await site.pictures.get((name, width, stands, versioned), make)
    except (PictureRefused, FileNotFoundError):
        raise NotFound from None
    return answer(request, found)


def _width(request: web.Request) -> int | None:
    wanted = request.query.get("w")
    if wanted is None:
        return None
    if wanted not in map(str, photos.WIDTHS):
        raise NotFound
    return int(wanted)
