"""The site while the shop stands aside: one sentence for every address, 503, and the page comes back by itself."""

from base64 import b64encode
from hashlib import sha256
from html import escape

from aiohttp import web

from core.i18n import translator
from web import edge, language

AGAIN = 15
"""Seconds after which a browser, and Telegram with an update, tries again."""

STYLE = (
    ":root{color-scheme:light dark}body{margin:0;min-height:90vh;display:grid;place-items:center;text-align:center;"
    "font:1.05rem/1.8 system-ui,sans-serif;background:light-dark(#fbf5f2,#181012);color:light-dark(#2b1720,#f4e8ec)}"
    "main{padding:2rem;max-width:28rem}h1{font-size:1.5rem;color:light-dark(#a8224f,#ee7fa6)}"
)
"""The house's colours, in the page itself, for no other address answers; the policy names its digest."""


def build(*, sandbox: bool) -> web.Application:
    """Build a site that knows no database."""
    app = web.Application()
    headers = edge.policy(sandbox=sandbox) | {"Retry-After": str(AGAIN), "Cache-Control": "no-store"}
    digest = b64encode(sha256(STYLE.encode()).digest()).decode()
    content = headers["Content-Security-Policy"].replace("style-src 'self'", f"style-src 'sha256-{digest}'")
    headers["Content-Security-Policy"] = content

    async def closed(request: web.Request) -> web.Response:
        spoken = language.of(request)
        page = {"Refresh": str(AGAIN)} if request.method == "GET" else {}
        return web.Response(text=_page(spoken), content_type="text/html", status=503, headers=headers | page)

    app.router.add_route("*", "/{any:.*}", closed)
    return app


def _page(spoken: str) -> str:
    t = translator(spoken)
    title, text = escape(t("closed.title")), escape(t("closed.page"))
    return (
        f'<!doctype html><html lang="{spoken}"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1"><title>{title}</title><style>{STYLE}</style>'
        f"<main><h1>{title}</h1><p>{text}</p></main></html>"
    )
