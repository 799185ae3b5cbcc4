"""A machine's clock that jumps back leaves rows that are due hours from now; nothing of it may wait so long."""

import logging
from datetime import timedelta

from sqlalchemy import Connection

from core.messages import store as messages
from core.payments import store as payments
from core.shop import Shop

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""Longer than any claim on an update lasts."""


async def set_right(shop: Shop) -> int:
    """Make due what stands parked behind a clock that jumped back; returns how many rows that were."""

    def write(tx: Connection) -> int:
        now = shop.clock.now()
        return messages.set_right(tx, now, LEASE) + payments.set_right(tx, now)

    found = await shop.db.write(write)
    if found:
        log.warning("the clock jumped back: %d rows were parked behind it", found)
    return found
