"""The sandbox as one object: build it, add sub-applications to `app`, start it, point a bot at its address."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.sandbox import desk
from bot.sandbox import refusals as no
from bot.sandbox.api import BotApi
from bot.sandbox.client import Desk
from bot.sandbox.control import Control
from bot.sandbox.people import People
from bot.sandbox.state import GroupSeed, PersonSeed
from bot.sandbox.world import World

__all__ = ["GroupSeed", "PersonSeed", "Sandbox"]

_LARGEST_REQUEST = 51 << 20  # bytes: Telegram takes documents of up to 50 MB, and a form around them
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PATIENCE = 1.0  # seconds that requests under way get when the sandbox stops


class Sandbox:
    """A local Telegram for one bot.

    `folder` keeps everything across a killed process, None keeps it in memory; `clock` gives epoch seconds and `sleep`
    makes the waits that are asked for; `limits` are Telegram's on sending; `links` is handed to the chat page as it is;
    `webhook_delay` is the first back-off in seconds. `inline` is whether the
    bot answers inline queries, `inline_feedback` whether it hears which result was chosen; `web_app` is the address
    its main Mini App opens at (`t.me/<bot>?startapp`); with `privacy` the bot hears only what is meant for it in groups
    it does not lead. A bot's base URLs are `<address>/bot` and `<address>/file/bot`.
    """

    def __init__(
        self,
        *,
        token: str,
        people: Sequence[PersonSeed] = (),
        groups: Sequence[GroupSeed] = (),
        folder: Path | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
        limits: bool = True,
        links: Mapping[str, Any] | None = None,
        name: str = "Sandbox bot",
        username: str = "sandbox_bot",
        webhook_delay: float = 1.0,
        privacy: bool = False,
        inline: bool = True,
        inline_feedback: bool = True,
        web_app: str | None = None,
    ) -> None:
        self.world = World(
            token=token,
            people=people,
            groups=groups,
            folder=folder,
            clock=clock,
            sleep=sleep,
            limits=limits,
            links=links,
            name=name,
            username=username,
            privacy=privacy,
            inline=inline,
            inline_feedback=inline_feedback,
            web_app=web_app,
        )
        self.people = People(self.world)
        self._api = BotApi(self.world, webhook_delay=webhook_delay)
        self.app = web.Application(middlewares=[desk.guard], client_max_size=_LARGEST_REQUEST)
        self._api.add_routes(self.app.router)
        Control(self.world).add_routes(self.app.router)
        desk.add_routes(self.app.router)
        self._runner: web.AppRunner | None = None
        self._desk: Desk | None = None

    async def __aenter__(self) -> Desk:
        """Start on any free port; return the desk, where people are: `desk.person("Dara")`."""
        self._desk = Desk(await self.start())
        return await self._desk.__aenter__()

    async def __aexit__(self, *raised: object) -> None:
        if self._desk:
            await self._desk.__aexit__(*raised)
        await self.stop()

    @property
    def links(self) -> dict[str, Any]:
        """Addresses the chat page shows beside the chats; may be changed at any time."""
        return self.world.links

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> str:
        """Listen; return the address, e.g. http://127.0.0.1:40123. Raise ValueError off loopback, OSError if busy."""
        if host not in _LOOPBACK:
            raise ValueError("the sandbox listens on this machine only")
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=_PATIENCE)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self._runner.cleanup()
            self._runner = None
            raise
        self._api.webhook.start()
        address = self._runner.addresses[0]
        return f"http://{host}:{address[1]}"

    async def stop(self) -> None:
        """Send waiting requests away, stop listening, close the journal."""
        self.world.updates.abort(no.RESTART.error())
        self.world.events.close()
        await self._api.webhook.close()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None
        self.world.journal.close()

    def clear_limits(self) -> None:
        """Forget what was sent so far, as if a quiet minute had passed."""
        self.world.limits.clear()

    def reset(self) -> None:
        """Begin again with the seeds; numbers go on, webhook and commands stay."""
        self.world.reset()
