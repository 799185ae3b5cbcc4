"""A sign of life for somebody outside: one question every five minutes, while the shop is well and its jobs run.

Whoever is asked (healthchecks.io, Uptime Kuma, a cron monitor of one's own) sounds the alarm when it stays away: also
when this machine, its disk or its network are gone, which the shop's own watch could tell nobody.
"""

import asyncio
import logging
from datetime import timedelta

import aiohttp

from core.scheduler import store
from core.shop import Shop
from core.storage import health
from core.storage.health import Health

log = logging.getLogger(__name__)

EVERY = 300.0
"""Seconds between two beats."""
PATIENCE = 10.0
"""Seconds that the other side may take."""
LOOK = "storage_look"
"""The job that is due most often of those that run once for all processes."""
JOBS_RAN = timedelta(minutes=16)
"""How long ago the watch may have looked last: three looks, and a minute."""


class Heartbeat:
    """Beats at ``HAANG_HEARTBEAT_URL``; its address is a secret, so that neither it nor its answer is ever logged."""

    def __init__(self, shop: Shop, url: str) -> None:
        self._shop, self._url = shop, url

    async def run(self) -> None:
        """Beat for ever."""
        while True:
            await self.beat()
            await asyncio.sleep(EVERY)

    async def beat(self) -> bool:
        """Beat once, if all is well; tells whether somebody heard it."""
        if await health.look(self._shop) is not Health.OK or not await self._jobs_run():
            log.warning("no heartbeat: the shop is not well")
            return False
        try:
            timeout = aiohttp.ClientTimeout(total=PATIENCE)
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(self._url) as answer:
                heard = answer.ok
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.warning("the heartbeat did not get through: %s", type(error).__name__)
            return False
        if not heard:
            log.warning("the heartbeat was answered with %d", answer.status)
        return heard

    async def _jobs_run(self) -> bool:
        """Whether the watch looked lately; a shop that has just begun has time until its first look."""
        last = await self._shop.db.read(store.last_done, LOOK)
        return last is not None and self._shop.clock.now() - last < JOBS_RAN
