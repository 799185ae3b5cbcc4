"""How a page is served: from memory when it is there, else made, kept and sent."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import replace

from aiohttp import web

from web import language
from web.finished import Finished, answer, finish
from web.memory import Made
from web.render import Frame
from web.site import SITE, Site

Make = Callable[[Site, str], Awaitable[Made[Finished]]]


async def serve(request: web.Request, about: Hashable, make: Make) -> web.Response:
    """Serve the page ``about`` something in the visitor's language; ``make(site, language)`` draws it when needed.

    One that was drawn of what was known last, while the database was away, is drawn anew for whoever asks next.
    """
    site = request.app[SITE]
    reads = language.of(request)
    key = (about, reads, site.bot_link(""))
    found = site.pages.find(key)
    if found is None:

        async def made() -> Made[Finished]:
            lapses = site.lapses
            with site.last_known():
                await site.shop.refresh()
            page = await make(site, reads)
            return page if site.lapses == lapses else replace(page, lasting=False)

        found = await site.pages.get(key, made)
    return answer(request, found)


async def wrong(request: web.Request, status: int) -> web.Response:
    """Serve the page that says what went wrong, without asking the database anything."""
    site = request.app[SITE]
    reads = language.of(request)
    key = "went_wrong" if status >= web.HTTPInternalServerError.status_code else "not_found"

    async def made() -> Made[Finished]:
        frame = Frame("/", site.words(reads)(f"site.error.{key}"), index=False)
        page = site.renderer.page("error.html", reads, frame, key=key)
        return finish(page, "text/html; charset=utf-8", cache="no-store", index=False)

    found = await site.pages.get((key, reads, site.bot_link("")), made)
    return answer(request, found, status)
