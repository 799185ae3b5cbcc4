"""A finished answer: body packed once, with its ETag and headers, ready to be sent any number of times."""

import gzip
import hashlib
import re
from dataclasses import dataclass

from aiohttp import web
from multidict import CIMultiDict

from core.changes import Change
from web.memory import Made

NEVER_WITHOUT_ASKING = "private, no-cache"
"""Browsers keep the page and ask each time whether it is still true; 304 answers cost no body."""
FOR_EVER = "public, max-age=31536000, immutable"
"""For addresses that carry a version."""
_REFUSES_GZIP = re.compile(r"gzip\s*;\s*q=0(?:\.0*)?\s*(?:,|$)")
"""RFC 9110, 12.4.2: a weight of nought means "not this"."""
PACKED = ("text/", "application/json", "application/xml", "image/svg", "font/ttf")


@dataclass(frozen=True, slots=True)
class Finished:
    """``body`` is gzipped when ``packed``; ``headers`` include the ETag."""

    body: bytes
    packed: bool
    etag: str
    headers: CIMultiDict[str]


def finish(
    body: bytes, content_type: str, *, cache: str = NEVER_WITHOUT_ASKING, shows: frozenset[Change] = frozenset(),
    index: bool = True,
) -> Made[Finished]:  # fmt: skip
    """Pack a body. ``shows`` are the rows it tells of; without ``index`` search engines are asked to stay away."""
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    packed = content_type.startswith(PACKED)
    headers = CIMultiDict({"Content-Type": content_type, "ETag": etag, "Cache-Control": cache})
    if content_type.startswith("text/html"):
        headers["Vary"] = "Accept-Encoding, Accept-Language, Cookie"
    elif packed:
        headers["Vary"] = "Accept-Encoding"
    if not index:
        headers["X-Robots-Tag"] = "noindex, nofollow"
    content = gzip.compress(body, 6, mtime=0) if packed else body
    return Made(Finished(content, packed, etag, headers), len(content), shows)


def answer(request: web.Request, finished: Finished, status: int = 200) -> web.Response:
    """Send it as the browser wants it: nothing new (304), gzipped, or plain."""
    asked = request.headers
    if status == web.HTTPOk.status_code and finished.etag in asked.get("If-None-Match", ""):
        return web.Response(status=web.HTTPNotModified.status_code, headers=finished.headers)
    response = web.Response(status=status, headers=finished.headers)
    if not finished.packed:
        response.body = finished.body
    elif _takes_gzip(asked.get("Accept-Encoding", "")):
        response.headers["Content-Encoding"] = "gzip"
        response.body = finished.body
    else:
        response.body = gzip.decompress(finished.body)
    return response


def _takes_gzip(accepted: str) -> bool:
    return "gzip" in accepted and not _REFUSES_GZIP.search(accepted)
