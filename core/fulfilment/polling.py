"""Ask the bank about every QR that may have been paid, within its budget; on the server, whoever looks or not."""

import asyncio

from core.fulfilment import settle
from core.payments import store
from core.payments.rules import Attempt
from core.shop import Shop

AT_ONCE = 20


async def poll(shop: Shop) -> int:
    """Ask about the attempts that are due, ``bakong_per_second`` at most in each process; returns how many."""
    if not shop.bank.can_check:
        return 0
    await shop.refresh()
    now = shop.clock.now()
    most = max(1, int(shop.config.bakong_per_second))
    due = await shop.db.write(store.claim_due, now, now + store.CLAIM, most)
    together = asyncio.Semaphore(AT_ONCE)

    async def one(attempt: Attempt) -> None:
        async with together:
            await settle.ask(shop, attempt)

    await asyncio.gather(*(one(attempt) for attempt in due))
    return len(due)
