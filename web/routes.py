"""The site's table of contents: every address, and the page that answers it. No GET changes anything."""

from aiohttp import web

from web.pages import catalog, crawlers, desk, files, operations, tracking

ROUTES = (
    # The shop window
    web.get("/", catalog.home),
    web.get("/c/{slug}", catalog.category),
    web.get("/p/{slug}", catalog.product),
    # An order, for whoever has its link
    web.get("/t/{token}", tracking.page),
    web.get("/t/{token}/live", tracking.live, allow_head=False),
    # The counter, for who works here
    web.get("/desk", desk.door),
    web.post("/desk/login", desk.enter_app),
    web.get("/desk/login", desk.enter_link, allow_head=False),
    web.get("/desk/parcels", desk.papers, allow_head=False),
    web.get("/desk/parcels/{order:[0-9]+}/{paper:[ls]}.png", desk.picture, allow_head=False),
    # Files
    web.get("/static/{name}", files.static),
    web.get("/static/fonts/{name}", files.font),
    web.get("/media/{path:.+}", files.media),
    # Search engines
    web.get("/robots.txt", crawlers.robots),
    web.get("/sitemap.xml", crawlers.sitemap),
    # The operator
    web.get("/health", operations.health),
    web.get("/health/full", operations.examined),
    web.get("/metrics", operations.metrics),
)
