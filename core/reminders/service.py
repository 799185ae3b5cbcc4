"""Use cases of reminders: the job that owes them, and the last look before one is sent."""

from sqlalchemy import Connection

from core.messages import store as messages
from core.messages.rules import MessageKind, Owed
from core.reminders import rules, store
from core.settings.hours import quiet_until
from core.shop import Shop

AT_ONCE = 100


async def remind(shop: Shop) -> int:
    """The job: owe the one reminder of each basket that was left; returns how many.

    Nobody is written to at night: what became due then is found in the morning. The mark and the message are one
    transaction, and a mark is set once, whatever the number of processes.
    """
    await shop.refresh()
    if quiet_until(shop.policy, shop.clock.now().astimezone(shop.config.zone)):
        return 0
    reminded = 0
    while taken := await shop.db.write(_take, shop, reminded):
        reminded += taken
    return reminded


async def still_wanted(shop: Shop, owed: Owed) -> bool:
    """Tell whether a reminder is still to be sent: the basket is there, untouched, and they bought nothing since."""
    window = rules.window(shop.policy, shop.clock.now())
    return window is not None and await shop.db.read(store.still_left, owed.subject_id, owed.chat_id, window)


def _take(tx: Connection, shop: Shop, before: int) -> int:
    now = shop.clock.now()
    window = rules.window(shop.policy, now)
    if window is None:
        return 0
    left = [one for one in store.due(tx, window, AT_ONCE) if store.mark(tx, one.cart_id, now)]
    for place, one in enumerate(left, before):
        due_at = now + place * rules.APART
        messages.owe(tx, one.chat_id, MessageKind.CART_REMINDER, one.cart_id, now, due_at=due_at)
    return len(left)
