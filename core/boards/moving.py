"""A group became a supergroup: what was said in it stays behind, what is worked in it goes along.

The supergroup numbers its messages anew (Telegram keeps the old ones in the old chat, where a bot cannot edit them): a
card that was remembered by its number would be drawn over another. So nothing stands there yet, and every card that
somebody still works with is owed once more.
"""

from sqlalchemy import Connection

from core import changes
from core.boards import store
from core.messages import store as messages
from core.messages.rules import MessageKind, Owed
from core.settings import store as settings
from core.shop import Shop
from core.storage import alerts
from core.topics import store as topics

KEYS = ("staff_chat_id", "admin_chat_id")


async def follow(shop: Shop, old: int, new: int, owed: Owed | None = None) -> None:
    """Go along with a group to its new id, all in one transaction; a second time there is nothing left to do.

    ``owed`` is the message by which it was noticed, if it was one of ours.
    """
    now = shop.clock.now()

    def write(tx: Connection) -> None:
        saved = settings.load(tx)
        ours = [key for key in KEYS if saved.get(key, getattr(shop.policy, key)) == old]
        for key in ours:
            settings.save(tx, key, new, now)
            settings.write_audit(tx, now, None, "setting", key, detail={"from": old, "to": new})
        if ours:
            changes.note(tx, "settings")
        if owed is not None:
            messages.readdress(tx, owed, new, now)
        for kind, subject, data, due in store.waiting(tx, old):
            messages.owe(tx, new, kind, subject, now, due_at=due, data=data)
        topics.forget_all(tx, old)
        for kind, subject in store.leave(tx, old):
            messages.owe(tx, new, kind, subject, now)
        if "admin_chat_id" in ours:
            alerts.anew(tx, new, now)
        if "staff_chat_id" in ours:
            messages.owe(tx, new, MessageKind.BOARD, 0, now)

    await shop.db.write(write)
