"""Use cases of nudges: the job that owes them, and what one says when it is sent (PRODUCT S11)."""

from sqlalchemy import Connection

from core.messages import store as messages
from core.messages.rules import MessageKind, Owed
from core.nudges import rules, store
from core.nudges.rules import Late, Stuck
from core.orders import notices
from core.orders import store as orders
from core.orders.rules import Status
from core.shop import Shop

MOST = 200
"""As many orders are named in one message; those behind them in the next minute's."""


async def nudge(shop: Shop) -> int:
    """The job: name to the counter what nobody claimed and what is stuck, all in one message; returns how many.

    Each order once for each time that it came to a status. What is named and the message that names it are one
    transaction, so that two processes, or one that is killed, name nothing twice.
    """
    await shop.refresh()
    now = shop.clock.now()
    if rules.silent(shop.policy, now.astimezone(shop.config.zone)):
        return 0
    limits = rules.limits(shop.policy)
    late = await shop.db.read(store.late, limits, now, MOST)
    return await shop.db.write(_name, shop, late) if late else 0


async def still(shop: Shop, owed: Owed) -> list[Stuck]:
    """Read those orders of a nudge that still stand where they stood, the longest wait first."""
    stood = {int(one): Status(status) for one, status in owed.data["orders"]}

    def read(tx: Connection) -> list[Stuck]:
        now, came = shop.clock.now(), store.since(tx, stood)
        found = [order for order in orders.by_ids(tx, list(stood)) if order.status is stood[order.id]]
        return sorted((Stuck(order, now - came[order.id]) for order in found), key=lambda one: -one.stands)

    return await shop.db.read(read)


def _name(tx: Connection, shop: Shop, late: list[Late]) -> int:
    now, chats = shop.clock.now(), notices.staff_chats(tx, shop.policy)
    named = [one for one in late if store.claim(tx, one, now)] if any(chats) else []
    if named:
        run = orders.next_number(tx, "nudge")
        data = {"orders": [(one.order_id, one.status) for one in named]}
        for chat in chats:
            messages.owe(tx, chat, MessageKind.NUDGE, run, now, data=data)
    return len(named)
