"""What an answer of the bank changes: attempt, order, stock and messages in one transaction (khqr.md, "decide")."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.fulfilment import expiry, money, moves
from core.orders import notices
from core.orders.rules import Order, PaymentStatus
from core.payments import rules, store
from core.payments.rules import Attempt, Decision, Effect, Observation, Received
from core.settings.rules import Policy
from core.settlements import store as settlements
from core.shop import Shop
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
    known = isinstance(observation, Received) and _known(tx, attempt, observation.hash)
    decision = rules.decide(attempt, observation, asked_at, order_open=order.open, already_paid=paid, hash_known=known)
    _write(tx, attempt, decision, observation, asked_at, known=known)
    if isinstance(observation, Received):
        return money.settle(tx, money.Came(policy, order, attempt, observation, known, asked_at))
    return _no_money(tx, policy, order, decision, asked_at)


def _known(tx: Connection, attempt: Attempt, bank_hash: str) -> bool:
    """Whether another attempt has this transaction already, as its own or as a second payment in the ledger."""
    booked = settlements.known(tx, bank_hash) if bank_hash != attempt.bank_hash else None
    elsewhere = booked is not None and booked.attempt_id != attempt.id
    return elsewhere or store.hash_known(tx, bank_hash, attempt.id)


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


def _no_money(tx: Connection, policy: Policy, order: Order, decision: Decision, now: datetime) -> Order:
    """Let the order follow an answer without money: it may be the last that an old QR still owed."""
    if decision.effect in {Effect.EXPIRED, Effect.CLOSED}:
        notices.announce(tx, policy, order, None, now)
    return expiry.lapse(tx, policy, order, now)
