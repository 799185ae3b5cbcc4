"""What an answer of the bank changes: attempt, order, stock and messages in one transaction (khqr.md, "decide")."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.errors import Refused
from core.fulfilment import expiry, moves, rewards
from core.orders import notices
from core.orders import store as orders
from core.orders.rules import Move, Order, PaymentStatus, Status
from core.payments import rules, store
from core.payments.rules import Attempt, AttemptState, Decision, Effect, Observation, Received
from core.settings.rules import Policy
from core.shop import Shop
from core.stock import store as stock
from core.stock.rules import HoldState
from core.storage.alerts import owe_alert

TELL_AGAIN = timedelta(days=1)
"""How long the admins have to see to a token that the bank refuses before they hear of it again."""


async def ask(shop: Shop, attempt: Attempt) -> Order:
    """Ask the bank about one attempt and settle what it says; silence changes nothing but when to ask again."""
    asked_at = shop.clock.now()
    observation = await shop.bank.check(attempt.md5)
    if observation == rules.Unknown(rules.UNAUTHORIZED):
        data = {"metric": "bank_token", "level": "critical"}
        await shop.db.write(owe_alert, shop.policy, "bank token", data, asked_at, apart=TELL_AGAIN)
    return await shop.db.write(settle, shop.policy, attempt.order_id, attempt.id, observation, asked_at)


def settle(
    tx: Connection, policy: Policy, order_id: int, attempt_id: int, observation: Observation, asked_at: datetime
) -> Order:
    """Apply one observation; the same one again changes nothing more."""
    order = moves.fresh(tx, order_id)
    attempt = store.by_id(tx, attempt_id)
    if attempt is None:  # pragma: no cover - attempts are never removed
        raise LookupError
    paid = order.payment_status in {PaymentStatus.PAID, PaymentStatus.REFUND_DUE, PaymentStatus.REFUNDED}
    known = isinstance(observation, Received) and store.hash_known(tx, observation.hash, attempt.id)
    decision = rules.decide(attempt, observation, asked_at, order_open=order.open, already_paid=paid, hash_known=known)
    _write(tx, attempt, decision, observation, asked_at, known=known)
    if isinstance(observation, Received) and attempt.bank_hash not in {None, observation.hash}:
        return _second_payment(tx, policy, order, attempt, observation.hash, asked_at)
    return _follow(tx, policy, order, attempt, decision, asked_at)


def _write(
    tx: Connection, attempt: Attempt, decision: Decision, observation: Observation, asked_at: datetime, *, known: bool
) -> None:
    """Write the attempt's side: state, next question, and the bank's transaction where it is this attempt's."""
    values: dict[str, object] = {
        "state": decision.state, "next_check_at": decision.next_check_at, "checks": attempt.checks + 1,
        "note": decision.reason or attempt.note,
    }  # fmt: skip
    if not isinstance(observation, rules.Unknown):
        values["answered_at"] = asked_at
    if isinstance(observation, Received) and not known and attempt.bank_hash is None:
        values |= {"bank_hash": observation.hash, "paid_at": observation.paid_at}
    store.write(tx, attempt, **values)


def _follow(tx: Connection, policy: Policy, order: Order, attempt: Attempt, decision: Decision, now: datetime) -> Order:
    """Make the order follow the attempt."""
    match decision.effect:
        case Effect.PAID | Effect.LATE if order.open and decision.state is not AttemptState.REFUND_DUE:
            return _good_money(tx, policy, order, attempt, now)
        case Effect.LATE | Effect.DUPLICATE:
            return _owed_back(tx, policy, order, attempt, now)
        case Effect.REVIEW if attempt.state is not AttemptState.REVIEW:
            return _review(tx, policy, order, attempt, decision, now)
        case Effect.EXPIRED | Effect.CLOSED:
            notices.announce(tx, policy, order, None, now)
            return expiry.lapse(tx, policy, order, now)
        case _:
            return expiry.lapse(tx, policy, order, now)  # it may be the last answer that an old QR still owed


def _good_money(tx: Connection, policy: Policy, order: Order, attempt: Attempt, now: datetime) -> Order:
    """Confirm a paid order. Where its stock was let go, hold it again; where that fails, the money is owed back."""
    if order.status is Status.EXPIRED:
        rewards.keep(tx, order)
        nested = tx.begin_nested()
        try:
            stock.turn(tx, order.id, HoldState.ACTIVE, now)
            nested.commit()
        except Refused:
            nested.rollback()
            return _owed_back(tx, policy, order, attempt, now)
    store.write(tx, attempt, state=AttemptState.PAID)
    move = Move.REVIVE if order.status is Status.EXPIRED else Move.CONFIRM
    paid = moves.by_system(tx, policy, order, move, now)
    if paid.money_waiting:
        _tell(tx, policy, paid, attempt, "earlier", now)
    return paid


def _owed_back(tx: Connection, policy: Policy, order: Order, attempt: Attempt, now: datetime) -> Order:
    """Remember that this money must go back: a second payment, or one that came too late."""
    store.write(tx, attempt, state=AttemptState.REFUND_DUE)
    orders.write_event(tx, order.id, "refund_due", now, detail={"attempt": attempt.id})
    if order.payment_status is PaymentStatus.UNPAID:
        orders.compare_and_set(tx, order, now, payment_status=PaymentStatus.REFUND_DUE)
    else:
        _tell(tx, policy, order, attempt, "refund", now)
    after = moves.fresh(tx, order.id)
    notices.announce(tx, policy, after, None, now)
    return after


def _second_payment(
    tx: Connection, policy: Policy, order: Order, attempt: Attempt, bank_hash: str, now: datetime
) -> Order:
    """One QR paid twice: the attempt keeps its first money, the second is noted on it and owed back, once."""
    if bank_hash in attempt.note:
        return order
    store.write(tx, attempt, note=f"{attempt.note} {orders.SECOND_PAYMENT} {bank_hash}".strip()[-300:])
    orders.write_event(tx, order.id, "refund_due", now, detail={"attempt": attempt.id, "hash": bank_hash})
    _tell(tx, policy, order, attempt, "refund", now)
    after = moves.fresh(tx, order.id)
    notices.announce(tx, policy, after, None, now)
    return after


def _review(tx: Connection, policy: Policy, order: Order, attempt: Attempt, decision: Decision, now: datetime) -> Order:
    """Put the order before the staff: money came, but not what was asked."""
    orders.write_event(tx, order.id, "payment_review", now, detail={"reason": decision.reason})
    if order.payment_status is PaymentStatus.UNPAID:  # the staff's now: no clock ends what has money in it
        orders.compare_and_set(tx, order, now, payment_status=PaymentStatus.REVIEW, expires_at=None)
    else:
        _tell(tx, policy, order, attempt, "review", now)
    after = moves.fresh(tx, order.id)
    notices.announce(tx, policy, after, None, now)
    return after


def _tell(tx: Connection, policy: Policy, order: Order, attempt: Attempt, reason: str, now: datetime) -> None:
    """Tell the admins of money that the order's payment status does not speak of; ``reason`` is under alert.reason."""
    data = {"metric": "payment", "level": "warning", "number": order.number, "reason": reason}
    owe_alert(tx, policy, f"payment {attempt.id} {reason}", data, now)
