"""Make the QR of an order, inside the transaction that needs it. What the bank's answers change: core/fulfilment."""

from datetime import datetime

from sqlalchemy import Connection

from core.errors import Refused
from core.orders.rules import Order
from core.payments import khqr, store
from core.payments.khqr import KhqrError
from core.payments.rules import MINIMUM, VALID_FOR, Attempt, AttemptState, Step, after
from core.settings.rules import Policy


def offered(policy: Policy) -> bool:
    """Whether the shop has an account that KHQR can be paid into."""
    return bool(policy.khqr_account)


def present(tx: Connection, policy: Policy, order: Order, now: datetime) -> Attempt:
    """Write a new QR for what the order costs, superseding the one before; ``Refused`` below the bank's minimum."""
    if not offered(policy):
        raise Refused("khqr_not_offered")
    if order.total.amount < MINIMUM[order.total.currency]:
        raise Refused("khqr_too_little")
    before = store.of_order(tx, order.id)
    for attempt in before:
        state = after(attempt.state, Step.SUPERSEDE)
        if state:
            store.write(tx, attempt, state=state)
    bill = f"{order.number}-{len(before) + 1}"
    made = _payload(policy, order, bill, now)
    return store.add(
        tx, order_id=order.id, state=AttemptState.PENDING, currency=order.total.currency, amount=order.total.amount,
        account=policy.khqr_account, bill_number=bill, payload=made.payload, md5=made.md5, created_at=now,
        expires_at=now + VALID_FOR, next_check_at=now,
    )  # fmt: skip


def _payload(policy: Policy, order: Order, bill: str, now: datetime) -> khqr.Khqr:
    try:
        return khqr.build(
            khqr.PaymentRequest(
                khqr.Individual(policy.khqr_account), policy.khqr_name, policy.khqr_city, order.total.currency,
                order.total.amount, bill, created_at=now, expires_at=now + VALID_FOR,
            )
        )  # fmt: skip
    except KhqrError as error:
        raise Refused("khqr_settings", field=error.field) from error
