"""Who leaves, and a shop that stops: what the outbox still brings, and that it lets go."""

import asyncio
from typing import Any

from bot.outbox import Outbox
from core.changes import Change
from core.database.tables import outbox
from core.messages import store
from core.messages.rules import MessageKind
from core.people import service as people_service
from core.people.rules import Role
from core.shop import Shop
from tests.support import builders
from tests.support.helping import by_bot
from tests.support.patience import PATIENCE
from tests.support.talk import BOPHA, DARA, SOKHA, Talk, said

CARD, STAFF_CARD, ALERT = MessageKind.ORDER_CARD, MessageKind.STAFF_CARD, MessageKind.ALERT


def _box(talk: Talk) -> Outbox:
    return Outbox(talk.shop, talk.show, "one", lambda _chat: 0.0)


async def _owe(shop: Shop, chat: int, kind: MessageKind, subject: int, data: dict[str, Any] | None = None) -> None:
    await shop.db.write(store.owe, chat, kind, subject, shop.clock.now(), data=data)


async def test_a_bell_in_the_instant_of_stopping(sqlite_talk: Talk) -> None:
    """Rung while it is being stopped, at whatever turn of the loop: it stops (Python 3.11's wait_for would go on)."""
    for turns in range(8):
        running = asyncio.create_task(_box(sqlite_talk).run())
        await asyncio.sleep(0.05)
        sqlite_talk.shop.changes.ring([Change("outbox")])
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running], timeout=PATIENCE)
        assert running.cancelled(), turns


async def test_who_left_is_told_no_more_of_the_counter(sqlite_talk: Talk) -> None:
    """Cards, figures, alerts owed to Sokha's own chat are not brought once she left; what must be seen the owner sees.

    What is hers as a customer still comes.
    """
    talk, shop = sqlite_talk, sqlite_talk.shop
    order = await builders.order(shop, await builders.customer(shop, DARA), await builders.product(shop))
    own = await builders.order(shop, await builders.customer(shop, SOKHA), order.lines[0].variant_id)
    await shop.db.write(lambda tx: tx.execute(outbox.delete()))
    await builders.worker(shop, Role.OWNER, BOPHA, "Bopha")
    await builders.worker(shop, Role.OWNER, SOKHA, "Sokha")
    alert = {"metric": "payment", "level": "warning", "number": order.number, "reason": "review"}
    await _owe(shop, SOKHA, STAFF_CARD, order.id)
    await _owe(shop, SOKHA, ALERT, 1, data=alert)
    await _owe(shop, SOKHA, MessageKind.DAY_REPORT, shop.clock.now().date().toordinal())
    await people_service.revoke(shop, SOKHA)
    await _owe(shop, SOKHA, CARD, own.id)
    for _ in range(3):
        await _box(talk).send_due()
    assert [own.number in said(one) for one in by_bot(talk, SOKHA)] == [True]
    assert any(order.number in said(one) for one in by_bot(talk, BOPHA))
