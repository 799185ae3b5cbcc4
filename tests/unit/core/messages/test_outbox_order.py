"""What is owed comes in its order and in time: notes one by one, new facts at once, strange rows left alone."""

from datetime import timedelta

from sqlalchemy import Connection, select

from core.database.tables import outbox
from core.messages import store
from core.messages.rules import FLOOD, MessageKind, Owed
from core.shop import Shop
from tests.support import builders

CARD, PAID, OUT, DELIVERED = (
    MessageKind.ORDER_CARD, MessageKind.NOTE_PAID, MessageKind.NOTE_OUT, MessageKind.NOTE_DELIVERED,
)  # fmt: skip
MINUTE = timedelta(minutes=1)


async def _claim(shop: Shop) -> list[Owed]:
    return await shop.db.write(store.claim_owed, "me", shop.clock.now(), 20)


async def _owe(shop: Shop, kind: MessageKind = CARD, chat: int = 7, subject: int = 1) -> None:
    await shop.db.write(store.owe, chat, kind, subject, shop.clock.now())


async def test_a_row_of_another_version_stops_nobody(shop: Shop) -> None:
    """A kind that this version does not know is neither claimed nor waited for; what stands behind it is sent."""
    await _owe(shop)
    await shop.db.write(lambda tx: tx.execute(outbox.update().values(kind="hologram")))
    assert await shop.db.read(store.next_due) is None
    await _owe(shop)
    assert [owed.kind for owed in await _claim(shop)] == [CARD]
    assert await builders.count(shop, outbox, outbox.c.state == "pending") == 1


async def test_notes_come_in_their_order(shop: Shop) -> None:
    """While "paid" has to wait a minute, "on its way" waits behind it; other orders, chats and cards do not."""
    await _owe(shop, PAID)
    (paid,) = await _claim(shop)
    await _owe(shop, OUT)
    assert await _claim(shop) == []
    later = shop.clock.now() + MINUTE
    await shop.db.write(store.put_off, paid, later, "NetworkError")
    for more in ((OUT, 7, 2), (OUT, 8, 1), (CARD, 7, 1)):
        await _owe(shop, *more)
    assert [(owed.kind, owed.chat_id, owed.subject_id) for owed in await _claim(shop)] == [
        (OUT, 7, 2), (OUT, 8, 1), (CARD, 7, 1),
    ]  # fmt: skip
    assert await shop.db.read(store.next_due, (8,)) == shop.clock.now() + timedelta(seconds=45)
    shop.clock.move(MINUTE)
    (paid,) = [owed for owed in await _claim(shop) if owed.chat_id == 7 and owed.kind is PAID]
    await shop.db.write(store.sent, paid, shop.clock.now(), None)
    assert [owed.kind for owed in await _claim(shop)] == [OUT]


async def test_a_note_that_waits_wakes_nobody_in_vain(shop: Shop) -> None:
    """Only a note behind another is due now: the next time to look is when the first one is, not over and over."""
    await _owe(shop, PAID)
    (paid,) = await _claim(shop)
    await _owe(shop, DELIVERED)
    later = shop.clock.now() + MINUTE
    await shop.db.write(store.put_off, paid, later, "NetworkError")
    assert await shop.db.read(store.next_due) == later


async def test_a_new_fact_need_not_wait_for_an_old_failure(shop: Shop) -> None:
    """A card that was put off for minutes is due at once when there is news; not where Telegram said how long."""
    for chat, reason in ((7, "NetworkError"), (8, FLOOD)):
        await _owe(shop, chat=chat)
        (owed,) = await _claim(shop)
        await shop.db.write(store.put_off, owed, shop.clock.now() + 10 * MINUTE, reason)
    shop.clock.move(MINUTE)
    for chat in (7, 8):
        await _owe(shop, chat=chat)
    assert [owed.chat_id for owed in await _claim(shop)] == [7]
    assert await builders.count(shop, outbox) == 2


async def test_a_redraw_that_can_wait_delays_nothing(shop: Shop) -> None:
    """A card that is due now stays so when the next fact could wait two seconds."""
    await _owe(shop)
    now = shop.clock.now()
    await shop.db.write(lambda tx: store.owe(tx, 7, CARD, 1, now, due_at=now + MINUTE))
    assert len(await _claim(shop)) == 1


async def test_what_was_given_up_is_forgotten_too(shop: Shop) -> None:
    """After its time a failed row goes like a sent one; what still waits stays, however old."""
    for subject in (1, 2, 3):
        await _owe(shop, subject=subject)
    failed, waiting, sent = await _claim(shop)

    def end(tx: Connection) -> None:
        store.fail(tx, failed, "chat not found")
        store.put_off(tx, waiting, shop.clock.now(), "NetworkError")
        store.sent(tx, sent, shop.clock.now(), None)

    await shop.db.write(end)
    assert await shop.db.write(store.forget_sent, shop.clock.now()) == 0
    shop.clock.move(timedelta(days=30))
    assert await shop.db.write(store.forget_sent, shop.clock.now()) == 2
    assert await shop.db.read(lambda tx: list(tx.execute(select(outbox.c.state)).scalars())) == ["pending"]
