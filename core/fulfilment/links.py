"""The bank's link that opens its app on a QR: asked for after the QR was shown, so that nobody's tap waits for it."""

import asyncio

from sqlalchemy import Connection

from core.messages import store as messages
from core.messages.rules import MessageKind
from core.orders import store as orders
from core.orders.notices import REDRAW_AFTER
from core.payments import store
from core.payments.rules import Attempt
from core.people import store as people
from core.shop import Shop

AT_ONCE = 20
PATIENCE = 3.0
"""Seconds the bank has for a link; the picture is enough without one."""


async def ask_links(shop: Shop) -> int:
    """Ask for the link of each QR that has none yet, once; returns how many were asked for."""
    now = shop.clock.now()
    if not shop.bank.can_check or not await shop.db.read(store.unlinked, now):
        return 0
    await shop.refresh()
    claimed = await shop.db.write(store.claim_unlinked, now, AT_ONCE)
    await asyncio.gather(*(_ask(shop, attempt) for attempt in claimed))
    return len(claimed)


async def _ask(shop: Shop, attempt: Attempt) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            found = await shop.bank.deeplink(attempt.payload, shop.policy.shop_name, "", shop.config.public_url or "")
    except TimeoutError:
        return
    if found:
        await shop.db.write(_write, shop, attempt, found)


def _write(tx: Connection, shop: Shop, attempt: Attempt, link: str) -> None:
    """Keep the link, and owe the customer's card its button: after the tap that shows the QR has drawn it."""
    store.write(tx, attempt, deeplink=link)
    order = orders.by_id(tx, attempt.order_id)
    customer = people.by_id(tx, order.person_id) if order else None
    if customer is not None and customer.telegram_id and not customer.blocked:
        now = shop.clock.now()
        due = now + REDRAW_AFTER
        messages.owe(tx, customer.telegram_id, MessageKind.ORDER_CARD, attempt.order_id, now, due_at=due)
