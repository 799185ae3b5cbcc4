"""What happens when a KHQR order's time runs out: it expires only on the bank's word (PRODUCT, "Hold and expiry")."""

from datetime import datetime

from sqlalchemy import Connection

from core.fulfilment import moves
from core.orders import notices, store
from core.orders.rules import NOTHING, Move, Order, PaymentMethod, PaymentStatus, Status
from core.payments import store as payments
from core.settings.rules import Policy
from core.settlements import store as settlements
from core.settlements.rules import CaseKind
from core.shop import Shop


async def expire_orders(shop: Shop) -> int:
    """Expire, or hand to the staff, the orders whose promise of stock has run out; returns how many changed."""
    await shop.refresh()
    now = shop.clock.now()
    changed = 0
    for order_id in await shop.db.read(payments.lapsing, now, shop.policy.khqr_silence):
        changed += await shop.db.write(_one, shop.policy, order_id, now)
    return changed


def _one(tx: Connection, policy: Policy, order_id: int, now: datetime) -> bool:
    before = moves.fresh(tx, order_id)
    return lapse(tx, policy, before, now).version != before.version


def lapse(tx: Connection, policy: Policy, order: Order, now: datetime) -> Order:
    """Expire an order whose time is over, once the bank has answered about every QR after that QR's own expiry.

    While the bank is silent the stock stays held; after the policy's patience the staff are asked to look.
    """
    if order.status is not Status.PENDING or order.payment_method is not PaymentMethod.KHQR:
        return order
    ends_at = order.expires_at or order.placed_at + policy.khqr_hold  # what was promised, whatever is set today
    if now < ends_at or order.payment_status not in {PaymentStatus.UNPAID, PaymentStatus.REVIEW}:
        return order
    if not payments.unanswered(tx, order.id) and not payments.money_seen(tx, order.id):
        return moves.by_system(tx, policy, order, Move.EXPIRE, now)
    if now >= ends_at + policy.khqr_silence and order.expires_at is not None:
        store.write_event(tx, order.id, "bank_silent", now)
        if order.payment_status is PaymentStatus.UNPAID:
            attempts = payments.of_order(tx, order.id)
            behind = attempts[0].id if attempts else None
            silent = settlements.open_case(tx, order.id, CaseKind.SILENT, NOTHING, now, attempt_id=behind)
            notices.case(tx, policy, silent.id, now)
        store.compare_and_set(tx, order, now, payment_status=PaymentStatus.REVIEW, expires_at=None)
        order = moves.fresh(tx, order.id)
        notices.announce(tx, policy, order, None, now)
    return order
