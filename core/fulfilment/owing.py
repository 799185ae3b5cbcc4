"""What the shop owes back, and what it no longer waits for: the ledger's side of a move, in the move's transaction."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from core.money import Currency, Money
from core.orders import store as orders
from core.orders.rules import Move, Order, PaymentStatus
from core.payments import store as payments
from core.payments.rules import Step, after
from core.settlements import store
from core.settlements.rules import (
    ELSEWHERE,
    WORDS,
    Case,
    CaseKind,
    CaseState,
    Kind,
    Outcome,
    Source,
    balance,
    kept,
    outstanding,
    waived,
)

NOTHING: Mapping[str, Any] = MappingProxyType({})


def owe(
    tx: Connection, order: Order, kind: CaseKind, amount: Money, now: datetime, behind: Mapping[str, Any] = NOTHING, *,
    actor: int | None = None,
) -> Case:  # fmt: skip
    """Write down that ``amount`` goes back, as a case that waits for its refund; ``behind``: the attempt, the hash."""
    case = store.open_case(tx, order.id, kind, amount, now, CaseState.REFUND_DUE, **behind)
    store.book(tx, order.id, Kind.OWED, Source.SHOP, amount, now, case_id=case.id, actor_id=actor)
    orders.write_event(tx, order.id, "refund_due", now, detail={"case": case.id})
    return case


def owe_case(
    tx: Connection, case: Case, now: datetime, *, amount: Money | None = None, actor: int | None = None,
    reference: str = "",
) -> None:  # fmt: skip
    """Decide that the money of an open case, or ``amount`` of it, goes back; ``reference``: what was looked at."""
    back = amount or case.amount
    store.turn(tx, case, now, CaseState.REFUND_DUE, amount=back.amount)
    more = {"case_id": case.id, "actor_id": actor, "reference": reference}
    store.book(tx, case.order_id, Kind.OWED, Source.SHOP, back, now, **more)
    orders.write_event(tx, case.order_id, "refund_due", now, detail={"case": case.id})
    take_along(tx, case, Step.OWE_REFUND)


def promised(tx: Connection, order: Order, approved: Money, came: Money, now: datetime) -> Case | None:
    """Owe back what ``came`` in place of what staff ``approved``, where the order was cancelled on their word.

    A refund that is still due becomes the bank's sum; one that was sent is topped up. None where more was sent back
    than came.
    """
    due = [case for case in store.cases(tx, order.id) if case.state is CaseState.REFUND_DUE]
    case = next((one for one in due if one.kind is CaseKind.CANCELLED and one.amount == approved), None)
    if case is not None:
        store.turn(tx, case, now, CaseState.REFUND_DUE, amount=came.amount, currency=came.currency)
        store.owe_instead(tx, case.id, came)
        orders.write_event(tx, order.id, "refund_due", now, detail={"case": case.id})
        return store.case(tx, case.id)
    left = kept(balance(store.of_order(tx, order.id)), came.currency)
    return owe(tx, order, CaseKind.CANCELLED, Money(left, came.currency), now) if left > 0 else None


def approve(tx: Connection, case: Case, now: datetime, outcome: Outcome, **values: Any) -> None:
    """Close a case whose money is kept, or whose word is settled."""
    store.turn(tx, case, now, CaseState.DONE, outcome=outcome, **values)
    take_along(tx, case, Step.APPROVE)


def take_along(tx: Connection, case: Case, what: Step) -> None:
    """Take the attempt behind a case along, where its state allows."""
    attempt = payments.by_id(tx, case.attempt_id) if case.attempt_id else None
    state = after(attempt.state, what) if attempt else None
    if attempt is not None and state is not None:
        payments.write(tx, attempt, state=state, next_check_at=None)


def follow(tx: Connection, order: Order, move: Move, now: datetime, actor: int | None) -> None:
    """Follow a cancel or an expiry: ``order`` as it was before it.

    Cancelled: all that was kept or waits goes back. Either way nobody waits for a word any more.
    """
    for case in store.cases(tx, order.id):
        if case.state is CaseState.OPEN and case.kind in WORDS:
            store.turn(tx, case, now, CaseState.DONE, outcome=Outcome.ANSWERED)
        elif case.waits_with_money and move is Move.CANCEL:
            left = kept(balance(store.of_order(tx, order.id)), case.amount.currency)  # a change may have owed some back
            owe_case(tx, case, now, amount=min(case.amount, Money(max(left, 0), case.amount.currency)), actor=actor)
    if move is Move.CANCEL:
        sums = balance(store.of_order(tx, order.id))
        for currency in Currency:
            if (left := kept(sums, currency)) > 0:
                owe(tx, order, CaseKind.CANCELLED, Money(left, currency), now, actor=actor)
        waive(tx, order.id, Money(0, order.total.currency), now, Source.SHOP, actor_id=actor)


def due_back(tx: Connection, order_id: int) -> list[int]:
    """The cases of an order whose money waits to be sent back."""
    return [case.id for case in store.cases(tx, order_id) if case.state is CaseState.REFUND_DUE]


def payment_after(tx: Connection, order: Order) -> PaymentStatus:
    """Tell where an order's money stands once it was cancelled or its refunds moved on."""
    cases = store.cases(tx, order.id)
    sums = balance(store.of_order(tx, order.id))
    if any(case.state is CaseState.OPEN and case.kind in ELSEWHERE for case in cases):
        return PaymentStatus.REVIEW
    if any(outstanding(sums, currency) for currency in Currency) or any(
        case.state in {CaseState.REFUND_DUE, CaseState.REFUND_SENT} for case in cases
    ):
        return PaymentStatus.REFUND_DUE
    back = any(case.outcome is Outcome.REFUNDED for case in cases)
    return PaymentStatus.REFUNDED if back else PaymentStatus.UNPAID


def waive(tx: Connection, order_id: int, due: Money, now: datetime, source: Source, **who: Any) -> None:
    """Book what must be waived so that what is kept settles what is ``due``; nothing is due of an order not kept."""
    sums = balance(store.of_order(tx, order_id))
    there = {currency: kept(sums, currency) + sums.get((Kind.WAIVED, currency), 0) for currency in Currency}
    for gap in waived(due, there):
        store.book(tx, order_id, Kind.WAIVED, source, gap, now, **who)


def over(tx: Connection, order: Order) -> Money:
    """Tell by how much what is kept is more than the order costs; negative where it is less."""
    there = kept(balance(store.of_order(tx, order.id)), order.total.currency)
    return Money(there, order.total.currency) - order.total


def collect(tx: Connection, order: Order, taken: tuple[Money, ...], now: datetime, actor: int, note: str = "") -> None:
    """Book the cash taken for a parcel; what it differs from the total by is waived, in the name of who took it."""
    for amount in taken:
        if amount.amount:
            store.book(tx, order.id, Kind.RECEIVED, Source.CASH, amount, now, actor_id=actor, reference=note[:120])
    waive(tx, order.id, order.total, now, Source.STAFF, actor_id=actor, reference=note[:120])
