"""Money that goes back is seen at the counter, with the reference that was typed for what was kept of it."""

from core.fulfilment import cases, settle
from core.messages.rules import MessageKind
from core.orders.rules import Move, Order
from core.payments.rules import Attempt
from core.settlements import store
from core.shop import Shop
from tests.support import builders

CARD = (builders.STAFF_CHAT, MessageKind.PAYMENT_CASE)


async def _paid(shop: Shop, **changes: object) -> tuple[Order, Attempt]:
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    await shop.refresh()
    order, attempt = await builders.khqr_order(shop)
    money, now = builders.money(attempt, shop.clock.now(), **changes), shop.clock.now()
    return await shop.db.write(settle.settle, shop.policy, order.id, attempt.id, money, now), attempt


async def test_a_cancelled_paid_order_has_its_card(sqlite_shop: Shop) -> None:
    """Staff cancel what was paid: the refund that is due stands in the group, not only in the list."""
    order, _ = await _paid(sqlite_shop)
    assert CARD not in await builders.owed(sqlite_shop)
    await builders.moved(sqlite_shop, await builders.worker(sqlite_shop), order, Move.CANCEL)
    assert CARD in await builders.owed(sqlite_shop)


async def test_the_reference_of_too_much_is_kept(sqlite_shop: Shop) -> None:
    """What somebody looked at before they took too much as good stands in the ledger beside what goes back."""
    order, _ = await _paid(sqlite_shop, amount_minor=2000)
    (case,) = await sqlite_shop.db.read(store.cases, order.id)
    await cases.approve(sqlite_shop, await builders.worker(sqlite_shop), case.id, case.version, "ABA 12:04")
    rows = await sqlite_shop.db.read(store.of_order, order.id)
    assert "ABA 12:04" in [row.reference for row in rows]
