"""Money that came, by the bank's word: booked once, kept where it pays the order, owed back or looked at otherwise."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from core.errors import Refused
from core.fulfilment import moves, owing, rewards
from core.money import Currency, Money
from core.orders import notices
from core.orders import store as orders
from core.orders.rules import Move, Order, PaymentStatus, Status
from core.payments import store as payments
from core.payments.rules import Attempt, AttemptState, Mismatch, Received, compare
from core.settings.rules import Policy
from core.settlements import store
from core.settlements.rules import WORDS, Case, CaseKind, CaseState, Kind, Outcome, Settlement, Source, Verdict, weigh
from core.stock import store as stock
from core.stock.rules import HoldState
from core.storage.alerts import owe_alert

WANTED = frozenset({PaymentStatus.UNPAID, PaymentStatus.REVIEW})


class Came(NamedTuple):
    """Money that the bank saw, with the order and the ``attempt`` as they were before.

    ``known``: another attempt holds the bank's transaction.
    """

    policy: Policy
    order: Order
    attempt: Attempt
    received: Received
    known: bool
    now: datetime

    @property
    def wrong(self) -> Mismatch | None:
        """What is wrong with it by itself, beside what its QR asked for."""
        return compare(self.attempt, self.received)

    @property
    def amount(self) -> Money:
        """How much; nothing of the order's currency where the bank names a currency we do not know."""
        if self.received.currency not in Currency.__members__:
            return Money(0, self.order.total.currency)
        return Money(self.received.amount_minor, Currency(self.received.currency))


def settle(tx: Connection, came: Came) -> Order:
    """Settle money that came; the same transaction again changes nothing."""
    if came.attempt.bank_hash == came.received.hash:
        return came.order
    approved = store.approved(tx, came.order.id, came.attempt.id)
    if came.known or came.wrong is Mismatch.ACCOUNT:
        return _look_once(tx, came, CaseKind.ACCOUNT if came.wrong is Mismatch.ACCOUNT else CaseKind.HASH)
    asked = Money(came.attempt.amount_minor, came.attempt.currency)  # of before a change, it is other money
    if approved and (approved.attempt_id == came.attempt.id or (came.order.paid.amount and asked == approved.amount)):
        return _confirm(tx, came, approved)
    if not came.amount.amount:  # less than the smallest coin, or a currency we do not know
        return _look_once(tx, came, CaseKind.CURRENCY)
    more = {"attempt_id": came.attempt.id, "bank_hash": came.received.hash}
    if store.book(tx, came.order.id, Kind.RECEIVED, Source.BANK, came.amount, came.now, **more):
        return _use(tx, came)
    return came.order


def _use(tx: Connection, came: Came) -> Order:
    """Pay the order with it, alone or with what waits; else owe it back, or put it before a person."""
    order = came.order
    if not order.open or order.payment_status not in WANTED:
        return _back(tx, came, CaseKind.LATE if order.payment_status is PaymentStatus.UNPAID else CaseKind.DUPLICATE)
    waiting = [case for case in store.cases(tx, order.id) if case.waits_with_money]
    verdict = weigh(order.total, came.amount, [case.amount for case in waiting])
    if verdict is Verdict.NEITHER or not came.received.exact:
        return _look(tx, came, _why(came, waiting))
    if not pays(tx, came.policy, order, came.now):
        return _back(tx, came, CaseKind.LATE)
    payments.write(tx, came.attempt, state=AttemptState.PAID)
    for case in waiting:
        if verdict is Verdict.TOGETHER:
            owing.approve(tx, case, came.now, Outcome.TOGETHER)
        else:
            owing.owe_case(tx, case, came.now)
            _tell(tx, came, case.id, "earlier")
        notices.case(tx, came.policy, case.id, came.now)
    return moves.fresh(tx, order.id)


def _why(came: Came, waiting: list[Case]) -> CaseKind:
    """Say what is wrong with money that does not pay the order, alone or with what waits."""
    if came.amount.currency is not came.order.total.currency:
        return CaseKind.CURRENCY
    if came.wrong is Mismatch.OVER:
        return CaseKind.OVER
    there = sum(case.amount.amount for case in waiting if case.amount.currency is came.amount.currency)
    return CaseKind.UNDER if there + came.amount.amount < came.order.total.amount else CaseKind.OVER


def pays(tx: Connection, policy: Policy, order: Order, now: datetime) -> bool:
    """Confirm the order; where its stock was let go, hold it again. False where that fails, with nothing changed."""
    if order.status is Status.EXPIRED:
        rewards.keep(tx, order)
        nested = tx.begin_nested()
        try:
            stock.turn(tx, order.id, HoldState.ACTIVE, now)
            nested.commit()
        except Refused:
            nested.rollback()
            return False
    moves.by_system(tx, policy, order, Move.REVIVE if order.status is Status.EXPIRED else Move.CONFIRM, now)
    for case in store.cases(tx, order.id):
        if case.state is CaseState.OPEN and case.kind in WORDS:
            owing.approve(tx, case, now, Outcome.ANSWERED)
            notices.case(tx, policy, case.id, now)
    return True


def _confirm(tx: Connection, came: Came, approved: Settlement) -> Order:
    """The bank speaks of what staff approved by hand: the same money gets its transaction.

    Of another sum the bank's stands in the ledger, what it differs by is waived in the name of who approved, and a
    person decides. It may have come by an older QR than staff looked at: then theirs is asked about once more.
    """
    if approved.attempt_id != came.attempt.id:
        payments.write(tx, came.attempt, state=AttemptState.PAID)
        theirs = payments.by_id(tx, approved.attempt_id or 0)
        if theirs is not None and theirs.bank_hash is None:
            payments.write(tx, theirs, next_check_at=came.now)
    same = came.amount == approved.amount
    store.confirm(tx, approved.id, came.received.hash, None if same or not came.amount.amount else came.amount)
    if same:
        return came.order
    if not came.amount.amount:
        return _look_once(tx, came, CaseKind.HASH)
    if came.order.payment_status is PaymentStatus.DUE:
        return _rest_follows(tx, came, approved)
    if came.order.payment_status is not PaymentStatus.PAID:
        return _goes_back(tx, came, approved)
    who = {"actor_id": approved.actor_id, "reference": approved.reference}
    owing.waive(tx, came.order.id, came.order.total, came.now, Source.STAFF, **who)
    return _look(tx, came, _unlike(came.amount, approved.amount))


def _rest_follows(tx: Connection, came: Came, approved: Settlement) -> Order:
    """Let what is due at the door of an order that was made dearer follow the bank's word: what came is what was paid.

    All of it: it is paid, what is over goes back. Riel, and less than was owed back since, are let pass for what staff
    took them for, in the name of who approved. Either way the admins hear of it.
    """
    order, due = came.order, came.order.total
    left = owing.over(tx, order) + due
    same = came.amount.currency is due.currency
    there = min(left, due) if same and left.amount > 0 else order.prepaid
    paid = {"prepaid": 0, "payment_status": PaymentStatus.PAID} if there == due else {"prepaid": there.amount}
    orders.compare_and_set(tx, order, came.now, **paid)
    case = owing.owe(tx, order, CaseKind.OVER, left - due, came.now) if same and left > due else None
    who = {"actor_id": approved.actor_id, "reference": approved.reference}
    owing.waive(tx, order.id, there, came.now, Source.STAFF, **who)
    orders.write_event(
        tx, order.id, "payment_review", came.now, detail={"reason": _unlike(came.amount, approved.amount)}
    )
    data = {"metric": "payment", "level": "warning", "number": order.number, "reason": "review"}
    owe_alert(tx, came.policy, f"attempt {came.attempt.id} review", data, came.now)
    if case is not None:
        return announced(tx, came.policy, case, came.now)
    after = moves.fresh(tx, order.id)
    notices.announce(tx, came.policy, after, None, came.now)
    return after


def _goes_back(tx: Connection, came: Came, approved: Settlement) -> Order:
    """Let what goes back of an order that ended meanwhile follow the bank's word: no more than came, no less.

    What was sent back already cannot be less: that is waived in the name of who approved, and a person looks at it.
    """
    case = owing.promised(tx, came.order, approved.amount, came.amount, came.now)
    if case is None:
        who = {"actor_id": approved.actor_id, "reference": approved.reference}
        owing.waive(tx, came.order.id, Money(0, came.amount.currency), came.now, Source.STAFF, **who)
        return _look_once(tx, came, CaseKind.HASH)
    after = owing.payment_after(tx, came.order)
    orders.compare_and_set(tx, came.order, came.now, payment_status=after)
    _tell(tx, came, case.id, "refund")
    return announced(tx, came.policy, case, came.now)


def _unlike(came: Money, approved: Money) -> CaseKind:
    """Say how what came differs from what was approved."""
    if came.currency is not approved.currency:
        return CaseKind.CURRENCY
    return CaseKind.UNDER if came.amount < approved.amount else CaseKind.OVER


def _look_once(tx: Connection, came: Came, kind: CaseKind) -> Order:
    """Put money that is not booked before a person, once a transaction."""
    same = (came.attempt.id, kind, came.received.hash)
    if any((case.attempt_id, case.kind, case.bank_hash) == same for case in store.cases(tx, came.order.id)):
        return came.order
    return _look(tx, came, kind)


def _look(tx: Connection, came: Came, kind: CaseKind) -> Order:
    """Put the order before the staff: money came, but not what was asked."""
    order, now = came.order, came.now
    note = "" if came.received.currency in Currency.__members__ else came.received.currency[:40]
    case = store.open_case(
        tx, order.id, kind, came.amount, now, attempt_id=came.attempt.id, bank_hash=came.received.hash, note=note
    )
    orders.write_event(tx, order.id, "payment_review", now, detail={"case": case.id, "reason": kind})
    if order.payment_status is PaymentStatus.UNPAID:  # the staff's now: no clock ends what has money in it
        orders.compare_and_set(tx, order, now, payment_status=PaymentStatus.REVIEW, expires_at=None)
    elif order.payment_status is not PaymentStatus.REVIEW:
        _tell(tx, came, case.id, "review")
    return announced(tx, came.policy, case, now)


def _back(tx: Connection, came: Came, kind: CaseKind) -> Order:
    """Remember that this money must go back: a second payment, or one that came too late."""
    if came.attempt.bank_hash is None:  # a second payment of one QR leaves the attempt as its first one made it
        payments.write(tx, came.attempt, state=AttemptState.REFUND_DUE)
    behind = {"attempt_id": came.attempt.id, "bank_hash": came.received.hash}
    case = owing.owe(tx, came.order, kind, came.amount, came.now, behind)
    if came.order.payment_status is PaymentStatus.UNPAID:
        orders.compare_and_set(tx, came.order, came.now, payment_status=PaymentStatus.REFUND_DUE)
    else:
        _tell(tx, came, case.id, "refund")
    return announced(tx, came.policy, case, came.now)


def announced(tx: Connection, policy: Policy, case: Case, now: datetime) -> Order:
    """Owe everybody what became of a case and of its order, and read the order again."""
    after = moves.fresh(tx, case.order_id)
    notices.announce(tx, policy, after, None, now)
    notices.case(tx, policy, case.id, now)
    return after


def _tell(tx: Connection, came: Came, case_id: int, reason: str) -> None:
    """Tell the admins of money that the order's payment status does not speak of; ``reason`` is under alert.reason."""
    data = {"metric": "payment", "level": "warning", "number": came.order.number, "reason": reason}
    owe_alert(tx, came.policy, f"case {case_id} {reason}", data, came.now)
