"""A basic group became a supergroup: its id is followed everywhere, at once, and a second time nothing happens."""

from typing import Any

from sqlalchemy import Connection, select

from core.boards import moving
from core.database.tables import audit, message_refs, outbox
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef
from core.orders.rules import Move
from core.shop import Shop
from core.topics import store as topics
from core.topics.rules import Topic
from tests.support import builders

OLD, NEW, OTHER = builders.STAFF_CHAT, -1009009009, -77


async def _owed(shop: Shop, *states: str) -> list[tuple[int, str, int, dict[str, Any]]]:
    def look(tx: Connection) -> list[tuple[int, str, int, dict[str, Any]]]:
        rows = tx.execute(select(outbox).where(outbox.c.state.in_(states)).order_by(outbox.c.id))
        return [(row.chat_id, row.kind, row.subject_id, row.data) for row in rows]

    return await shop.db.read(look)


async def test_everything_goes_along(shop: Shop) -> None:
    """Settings, what waits to be sent, topics; cards that are worked are owed anew, those that ended are not."""
    sokha, buyer, rose = await builders.worker(shop), await builders.customer(shop), await builders.product(shop)
    await builders.with_khqr(shop, staff_chat_id=OLD, admin_chat_id=OLD)
    await shop.refresh()
    made = [await builders.order(shop, buyer, rose) for _ in range(3)]
    now = shop.clock.now()
    for order in made[:2]:
        ref = MessageRef(OLD, order.id, has_photo=False)
        await shop.db.write(messages.remember, MessageKind.STAFF_CARD, order.id, ref, now)
    other = MessageRef(OTHER, 1, has_photo=False)
    await shop.db.write(messages.remember, MessageKind.STAFF_CARD, made[0].id, other, now)
    await builders.moved(shop, sokha, made[1], Move.CANCEL)
    await shop.db.write(lambda tx: tx.execute(outbox.delete()))
    await shop.db.write(messages.owe, OLD, MessageKind.ALERT, 5, now, data={"metric": "disk"})
    await shop.db.write(messages.owe, NEW, MessageKind.REVIEW, 6, now)
    await shop.db.write(messages.owe, OLD, MessageKind.REVIEW, 6, now)
    await shop.db.write(messages.owe, OTHER, MessageKind.REVIEW, 6, now)
    await shop.db.write(topics.remember, OLD, Topic.ORDERS, 7, now)

    for _ in range(2):
        await moving.follow(shop, OLD, NEW)
        await shop.refresh()
        assert (shop.policy.staff_chat_id, shop.policy.admin_chat_id) == (NEW, NEW)
        assert sorted((chat, kind, subject) for chat, kind, subject, _ in await _owed(shop, "pending")) == sorted([
            (NEW, "alert", 5), (NEW, "review", 6), (OTHER, "review", 6), (NEW, "staff_card", made[0].id),
            (NEW, "board", 0),
        ])  # fmt: skip
        left = await shop.db.read(lambda tx: [row.chat_id for row in tx.execute(select(message_refs))])
        assert left == [OTHER]
        assert await shop.db.read(topics.thread, OLD, Topic.ORDERS) is None
        assert await builders.count(shop, audit, audit.c.action == "setting", audit.c.actor_id.is_(None)) == 2
    assert {"metric": "disk"} in [data for _, _, _, data in await _owed(shop, "pending")]
    await moving.follow(shop, -5, -6)
    assert shop.policy.staff_chat_id == NEW
