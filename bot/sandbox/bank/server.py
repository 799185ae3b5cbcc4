"""The bank as an aiohttp application: API, pages and control under one root, for people on this machine only."""

import asyncio
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.bank import api, control, pages
from bot.sandbox.bank.teller import Teller

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Bank(Teller):
    """A bank to mount or to run: ``.app`` is ready; everything of :class:`~bot.sandbox.bank.teller.Teller` works on it.

    ``parent.add_subapp("/bakong", bank.app)`` mounts it; the shop's bank address is then ``http://127.0.0.1:…/bakong``.
    """

    def __init__(
        self,
        *,
        tokens: Iterable[str] = (),
        emails: Iterable[str] = (),
        accounts: Iterable[str] | None = None,
        clock: Callable[[], float] = time.time,
        folder: Path | None = None,
    ) -> None:
        super().__init__(tokens=tokens, clock=clock, emails=emails, accounts=accounts, folder=folder)
        self.app = web.Application(middlewares=[_only_from_here])
        self.app[api.TELLER] = self
        self.app[api.CLOSING] = asyncio.Event()
        self.app.on_shutdown.append(_let_go)
        self.app.add_routes([*api.routes(), *pages.routes(), *control.routes()])


@web.middleware
async def _only_from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse another host's name (DNS rebinding) and another site's form: this bank pays without asking who you are."""
    here = request.url
    if here.host not in LOOPBACK or request.headers.get("Origin") not in {None, str(here.origin())}:
        raise web.HTTPForbidden(text="The sandbox's bank serves this machine only.")
    return await handler(request)


async def _let_go(app: web.Application) -> None:
    """End the calls that are being kept waiting, so that the server stops at once."""
    app[api.CLOSING].set()
