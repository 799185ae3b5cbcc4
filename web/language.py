"""Which language a visitor reads: chosen with ``?lang=`` (kept in a cookie), else what their browser asks for."""

import re
from functools import lru_cache

from aiohttp import web

from core.i18n import LANGUAGES

COOKIE = "lang"
YEAR = 365 * 24 * 3600
_CHOSEN = re.compile(rf"(?:^|;\s*){COOKIE}=({'|'.join(LANGUAGES)})(?:;|$)")
_LONGEST_HEADER = 200


def of(request: web.Request) -> str:
    """Tell the language of this visitor: cookie, then Accept-Language, then English."""
    return chosen(request) or _accepted(request.headers.get("Accept-Language", "")[:_LONGEST_HEADER])


def chosen(request: web.Request) -> str:
    """Tell the language this visitor chose on the site; empty where they chose none."""
    found = _CHOSEN.search(request.headers.get("Cookie", ""))
    return found[1] if found else ""


def switch(request: web.Request, *, secure: bool) -> web.Response | None:
    """Answer ``?lang=``: keep the choice and lead to the same page without it. None when nothing is being chosen.

    Only the path is taken from the address, never a host, so it leads nowhere but here.
    """
    if "lang=" not in request.rel_url.raw_query_string or "lang" not in request.rel_url.query:
        return None
    clean = request.rel_url.without_query_params("lang")
    path = "/" + clean.raw_path.lstrip("/\\")
    there = f"{path}?{clean.raw_query_string}" if clean.raw_query_string else path
    response = web.Response(status=303, headers={"Location": there, "Cache-Control": "no-store"})
    wanted = request.rel_url.query["lang"]
    if wanted in LANGUAGES:
        response.set_cookie(COOKIE, wanted, max_age=YEAR, httponly=True, samesite="Lax", secure=secure, path="/")
    return response


@lru_cache(maxsize=512)
def _accepted(header: str) -> str:
    """Find the best of our languages in an Accept-Language header (RFC 9110, 12.5.4)."""
    best, weight = LANGUAGES[0], 0.0
    for part in header.split(","):
        tag, _, parameter = part.strip().partition(";")
        language = tag.split("-")[0].lower()
        quality = _quality(parameter)
        if language in LANGUAGES and quality > weight:
            best, weight = language, quality
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
