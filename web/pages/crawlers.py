"""For search engines: what to read and what to leave alone."""

from aiohttp import web

from core.errors import NotFound
from web.finished import Finished, finish
from web.memory import Made
from web.pages.catalog import ANY_PRODUCT
from web.pages.serving import serve
from web.site import SITE, Site

MOST = 50_000
"""Addresses one sitemap may hold (sitemaps.org, "Sitemap file limits")."""


async def robots(request: web.Request) -> web.Response:
    """``/robots.txt``: everything but the tracking pages."""
    url = request.app[SITE].shop.config.public_url
    sitemap = f"Sitemap: {url}/sitemap.xml\n" if url else ""
    return web.Response(text=f"User-agent: *\nDisallow: /t/\nDisallow: /metrics\n{sitemap}")


async def sitemap(request: web.Request) -> web.Response:
    """``/sitemap.xml``: every category and product in both languages; a 404 while no public address is set."""
    if not request.app[SITE].shop.config.public_url:
        raise NotFound
    return await serve(request, "sitemap", _sitemap)


async def _sitemap(site: Site, language: str) -> Made[Finished]:
    catalogue = await site.catalogue()
    paths = ["/", *(f"/c/{shelf.slug}" for shelf in catalogue.categories.values())]
    paths += [f"/p/{item.slug}" for item in catalogue.products.values()]
    text = site.renderer.fragment("sitemap.xml", language, paths=paths[:MOST])
    return finish(text.encode(), "application/xml; charset=utf-8", shows=ANY_PRODUCT)
