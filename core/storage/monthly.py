"""The month's storage report: owed to the admins on the 1st, drawn when it is sent."""

from datetime import datetime

from sqlalchemy import Connection

from core.messages import store as messages
from core.messages.rules import MessageKind
from core.people import store as people
from core.settings.rules import Policy
from core.shop import Shop


async def tell(shop: Shop) -> int:
    """The job: owe it to the admin chat or, where none is set, to each owner; returns to how many."""
    await shop.refresh()
    now = shop.clock.now()
    month = now.astimezone(shop.config.zone)
    return await shop.db.write(_owe, shop.policy, month.year * 100 + month.month, now)


def _owe(tx: Connection, policy: Policy, month: int, now: datetime) -> int:
    chats = people.admin_chats(tx, policy.admin_chat_id)
    for chat in chats:
        messages.owe(tx, chat, MessageKind.STORAGE_REPORT, month, now)
    return len(chats)
