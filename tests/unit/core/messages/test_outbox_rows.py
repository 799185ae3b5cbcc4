"""Messages owed: written with the fact, waiting once, told to those who should know and to nobody else."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from core.carts import service as carts
from core.checkout import service as checkout
from core.checkout.service import Wish
from core.config import Config
from core.database.tables import outbox
from core.messages import store
from core.messages.rules import MessageKind, MessageRef, Owed, wait
from core.orders.rules import Move, PaymentMethod
from core.people import service as people
from core.people.rules import Role
from core.settings import service as settings
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.databases import beside

CARD, STAFF_CARD = MessageKind.ORDER_CARD, MessageKind.STAFF_CARD


async def _claim(shop: Shop, most: int = 20) -> list[Owed]:
    return await shop.db.write(store.claim_owed, "me", shop.clock.now(), most)


async def _owe(shop: Shop, chat: int = 7, subject: int = 1) -> None:
    await shop.db.write(store.owe, chat, CARD, subject, shop.clock.now())


async def test_what_rolls_back_is_not_owed(shop: Shop) -> None:
    """A transaction that fails after owing a message owes nothing (hole 20)."""

    def fail(tx: Connection) -> None:
        store.owe(tx, 7, CARD, 1, shop.clock.now())
        raise LookupError

    with pytest.raises(LookupError):
        await shop.db.write(fail)
    assert await builders.owed(shop) == []


async def test_one_waiting_message_is_enough(shop: Shop) -> None:
    """Ten changes of one order before anything was sent: one card; other chats, kinds and orders have their own."""
    for _ in range(10):
        await _owe(shop)
    await _owe(shop, subject=2)
    await _owe(shop, chat=8)
    assert len(await builders.owed(shop)) == 3
    assert len(await _claim(shop)) == 3
    await _owe(shop)
    assert len(await builders.owed(shop)) == 4


async def test_a_card_is_not_sent_before_what_it_says_is_true(postgres_config: Config, open_shop: OpenShop) -> None:
    """While a transaction that changes an order has not committed, no worker takes the card that waits for it."""
    shop = await open_shop(postgres_config)
    await _owe(shop)
    async with beside(postgres_config) as tx:
        await tx.run_sync(store.owe, 7, CARD, 1, shop.clock.now())
        assert await _claim(shop) == []
    assert len(await _claim(shop)) == 1


async def test_two_workers_take_each_message_once(shop: Shop) -> None:
    """A claimed message is taken by nobody else for two minutes; then its worker is held for dead."""
    await _owe(shop)
    (mine,) = await _claim(shop)
    assert (mine.attempts, mine.chat_id, mine.kind) == (1, 7, CARD)
    assert await _claim(shop) == []
    shop.clock.move(timedelta(minutes=2))
    (again,) = await _claim(shop)
    assert (again.id, again.attempts) == (mine.id, 2)


async def test_a_restart_frees_what_it_was_sending(shop: Shop) -> None:
    """The same worker after a restart need not wait; another worker's messages stay its own."""
    await _owe(shop)
    await shop.db.write(store.claim_owed, "box:1", shop.clock.now())
    await shop.db.write(store.release_owed, "other:", shop.clock.now())
    assert await _claim(shop) == []
    await shop.db.write(store.release_owed, "box:", shop.clock.now())
    assert len(await _claim(shop)) == 1


async def test_sent_is_remembered_and_forgotten_later(shop: Shop) -> None:
    """Where the card stands is kept; the row itself goes after its time, and what still waits never does."""
    await _owe(shop)
    (owed,) = await _claim(shop)
    await shop.db.write(store.sent, owed, shop.clock.now(), MessageRef(7, 55, has_photo=False))
    await _owe(shop, subject=2)
    assert await shop.db.read(store.ref, 7, CARD, 1) == MessageRef(7, 55, has_photo=False)
    assert await shop.db.write(store.forget_sent, shop.clock.now()) == 0
    shop.clock.move(timedelta(days=30))
    assert await shop.db.write(store.forget_sent, shop.clock.now()) == 1
    assert await shop.db.read(store.ref, 7, CARD, 1) is not None
    assert len(await _claim(shop)) == 1


async def test_what_was_asked_of_one_goes_along(sqlite_shop: Shop) -> None:
    """A card called up in a topic is put off while a newer one waits: that one goes there, with what is its own."""
    shop, now = sqlite_shop, sqlite_shop.clock.now()
    await shop.db.write(store.owe, 7, STAFF_CARD, 1, now, data={"thread": 5, "opened": True})
    (owed,) = await _claim(shop)
    await shop.db.write(store.owe, 7, STAFF_CARD, 1, now, data={"naming": "now"})
    await shop.db.write(store.put_off, owed, now + timedelta(minutes=1), "flood")
    (newer,) = await _claim(shop)
    assert newer.data == {"thread": 5, "opened": True, "naming": "now"}


async def test_put_off_gives_way_to_a_newer_one(shop: Shop) -> None:
    """A message to try again waits its time; where a newer says the same, the older is given up."""
    await _owe(shop)
    (owed,) = await _claim(shop)
    later = shop.clock.now() + timedelta(minutes=1)
    await shop.db.write(store.put_off, owed, later, "flood")
    assert await shop.db.read(store.next_due) == later
    assert await _claim(shop) == []
    shop.clock.move(timedelta(minutes=1))
    (owed,) = await _claim(shop)
    await _owe(shop)
    await shop.db.write(store.put_off, owed, later, "flood")
    states = await shop.db.read(lambda tx: list(tx.execute(select(outbox.c.state).order_by(outbox.c.id)).scalars()))
    assert states == ["failed", "pending"]


def test_patience_grows() -> None:
    """One second, doubling, to ten minutes at most."""
    assert [wait(n).total_seconds() for n in (0, 1, 2, 3, 10, 11, 50)] == [1, 1, 2, 4, 512, 600, 600]


async def test_staff_are_told_by_default(sqlite_shop: Shop) -> None:
    """The staff group; without one the admin chat; without that every owner (hole 8)."""
    shop = sqlite_shop
    for telegram_id in (3001, 3002):
        await builders.worker(shop, Role.OWNER, telegram_id, "Owner")
    dara, rose = await builders.customer(shop), await builders.product(shop)
    for key, chat, told in ((None, 0, {3001, 3002}), ("admin_chat_id", -5, {-5}), ("staff_chat_id", -6, {-6})):
        if key:
            await settings.change(shop.db, shop.clock, key, chat, None)
        order = await builders.order(shop, dara, rose)
        rows = await shop.db.read(lambda tx: tx.execute(select(outbox).where(outbox.c.kind == STAFF_CARD)).all())
        assert {row.chat_id for row in rows if row.subject_id == order.id} == told


async def test_who_blocked_the_bot_is_owed_nothing(shop: Shop) -> None:
    """Nothing is written for a customer who blocked the bot; once they write again, it is."""
    dara, rose = await builders.customer(shop), await builders.product(shop)
    await people.blocked(shop, 1001)
    order = await builders.order(shop, dara, rose)
    assert await builders.owed(shop, CARD) == []
    await people.arrive(shop, 1001, "Dara")
    await builders.moved(shop, await builders.worker(shop), order, Move.CONFIRM)
    assert await builders.owed(shop, CARD) == [(1001, CARD)]


async def test_unpaid_khqr_orders_are_nobodys_work(sqlite_shop: Shop) -> None:
    """Staff hear of a KHQR order when it is paid, not when it is placed or given up."""
    shop = sqlite_shop
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    order, _ = await builders.khqr_order(shop)
    await builders.moved(shop, await builders.customer(shop), order, Move.CANCEL)
    assert await builders.owed(shop, STAFF_CARD) == []


async def test_the_chat_that_was_tapped_is_redrawn_a_little_later(shop: Shop) -> None:
    """``shown_in`` delays that chat's card by two seconds, for the tap redraws it itself; others are due at once."""
    await settings.change(shop.db, shop.clock, "staff_chat_id", builders.STAFF_CHAT, None)
    dara, rose = await builders.customer(shop), await builders.product(shop)
    cart = await carts.buy_now(shop, dara, rose)
    await checkout.place(shop, dara, Wish(cart.id, PaymentMethod.COD, 1350, MessageRef(1001, 9, has_photo=False)))
    rows = await shop.db.read(lambda tx: {row.chat_id: row.due_at for row in tx.execute(select(outbox))})
    now = shop.clock.now()
    assert rows == {1001: now + timedelta(seconds=2), builders.STAFF_CHAT: now}
    assert [owed.chat_id for owed in await _claim(shop)] == [builders.STAFF_CHAT]


async def test_pictures_are_remembered_by_bot(shop: Shop) -> None:
    """A file id is one bot's; a new upload takes the place of the old."""
    now = shop.clock.now()
    for bot, file_id in ((1, "a"), (1, "b"), (2, "c")):
        await shop.db.write(store.save_upload, bot, "rose.webp", file_id, now)
    assert await shop.db.read(store.uploaded, 1) == {"rose.webp": "b"}
    assert await shop.db.read(store.uploaded, 2) == {"rose.webp": "c"}
