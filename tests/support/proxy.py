"""A reverse proxy of the tests' own: says of a request what nginx and Caddy say, and hands answers on unbuffered.

It stands where docs/deploy/proxy.md puts one. ``sees`` is the address its visitors seem to come from, for on one
machine everybody comes from 127.0.0.1.
"""

from contextlib import suppress
from typing import Self

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

LARGEST = 1 << 20
"""Bytes of a body it takes: ``client_max_body_size 1m``."""
OWN = frozenset({"connection", "content-length", "host", "keep-alive", "transfer-encoding"})
"""Headers that belong to one connection."""


class Proxy:
    """``address`` is what the world knows; everything goes on to 127.0.0.1:``port``; 502 while nobody is there."""

    def __init__(self, port: int, sees: str = "203.0.113.9") -> None:
        self.port, self.sees, self.address = port, sees, ""

    async def __aenter__(self) -> Self:
        """Listen on a free port of this machine."""
        self._http = aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())
        app = web.Application(client_max_size=LARGEST)
        app.router.add_route("*", "/{any:.*}", self._pass)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        await self._http.close()
        await self._runner.cleanup()

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        """Send one request on with what a proxy adds, its answer back as it comes."""
        there = f"http://127.0.0.1:{self.port}{request.raw_path}"
        chain = ", ".join([*request.headers.getall("X-Forwarded-For", ()), self.sees])
        headers = {name: value for name, value in request.headers.items() if name.lower() not in OWN}
        headers |= {"Host": request.host, "X-Forwarded-For": chain, "X-Forwarded-Proto": "https"}
        try:
            asked = self._http.request(
                request.method, there, headers=headers, data=await request.read() or None, allow_redirects=False
            )
            async with asked as answer:
                return await _carry(request, answer)
        except aiohttp.ClientConnectionError:
            return web.Response(status=502, text="Bad Gateway")


async def _carry(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    """Hand an answer on, each piece when it is there."""
    kept = CIMultiDict((name, value) for name, value in answer.headers.items() if name.lower() not in OWN)
    response = web.StreamResponse(status=answer.status, headers=kept)
    await response.prepare(request)
    with suppress(aiohttp.ClientPayloadError):  # who answered was killed in the middle of it
        async for piece in answer.content.iter_any():
            await response.write(piece)
        await response.write_eof()
    return response
