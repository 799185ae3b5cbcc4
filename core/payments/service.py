"""Make the QR of an order, inside the transaction that needs it. What the bank's answers change: core/fulfilment."""

from datetime import datetime

from sqlalchemy import Connection

from core.errors import Refused
from core.money import Money
from core.orders.rules import Order
from core.payments import khqr, store
from core.payments.khqr import KhqrError
from core.payments.rules import MINIMUM, VALID_FOR, Attempt, AttemptState, Step, after
from core.settings.rules import Policy
from core.settlements import store as settlements
from core.settlements.rules import rest


def offered(policy: Policy) -> bool:
    """Whether the shop has an account that KHQR can be paid into."""
    return bool(policy.khqr_account)


def present(tx: Connection, policy: Policy, order: Order, now: datetime) -> Attempt:
    """Write a new QR for what is still to pay, superseding the one before; ``Refused`` below the bank's minimum.

    Money that came and was too little lies in the payment inbox: the QR asks for the rest.
    """
    if not offered(policy):
        raise Refused("khqr_not_offered")
    due = rest(order.total, [case.amount for case in settlements.cases(tx, order.id) if case.waits_with_money])
    if due.amount < MINIMUM[due.currency]:
        raise Refused("khqr_too_little")
    before = store.of_order(tx, order.id)
    for attempt in before:
        state = after(attempt.state, Step.SUPERSEDE)
        if state:
            store.write(tx, attempt, state=state)
    bill = f"{order.number}-{len(before) + 1}"
    made = _payload(policy, due, bill, now)
    return store.add(
        tx, order_id=order.id, state=AttemptState.PENDING, currency=due.currency, amount=due.amount,
        account=policy.khqr_account, bill_number=bill, payload=made.payload, md5=made.md5, created_at=now,
        expires_at=now + VALID_FOR, next_check_at=now,
    )  # fmt: skip


def _payload(policy: Policy, due: Money, bill: str, now: datetime) -> khqr.Khqr:
    try:
        return khqr.build(
            khqr.PaymentRequest(
                khqr.Individual(policy.khqr_account), policy.khqr_name, policy.khqr_city, due.currency,
                due.amount, bill, created_at=now, expires_at=now + VALID_FOR,
            )
        )  # fmt: skip
    except KhqrError as error:
        raise Refused("khqr_settings", field=error.field) from error
