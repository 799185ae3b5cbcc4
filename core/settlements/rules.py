"""The ledger of money and its cases: what money means beside what waits already, and what must add up. Pure.

A *settlement* is one amount in the ledger: received, owed back, refunded, or waived (the difference between what was
due and what was kept, where a person took it as good). A *case* is money, or somebody's word about money, that a person
must see to (PRODUCT S13): open → done, or open → refund due → refund sent → done.
Amounts are minor units of their currency, cents or whole riel.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from core.money import Currency, Money
from core.orders.rules import MOVES, Move, Order, PaymentStatus, Status
from core.people.rules import Rank


class Kind(StrEnum):
    """What an amount in the ledger is."""

    RECEIVED = "received"
    OWED = "owed"
    REFUNDED = "refunded"
    WAIVED = "waived"


class Source(StrEnum):
    """Whose word an amount stands on: the bank's, the staff's, the courier's cash, the shop's own rules."""

    BANK = "bank"
    STAFF = "staff"
    CASH = "cash"
    SHOP = "shop"


class CaseKind(StrEnum):
    """Why a person must look.

    The money is too little, too much, of another currency, for another account, a bank transaction seen before, too
    late, a second payment, for an order that was cancelled; or the customer says paid, or the bank says nothing.
    """

    UNDER = "under"
    OVER = "over"
    CURRENCY = "currency"
    ACCOUNT = "account"
    HASH = "hash"
    LATE = "late"
    DUPLICATE = "duplicate"
    CANCELLED = "cancelled"
    CLAIMED = "claimed"
    SILENT = "silent"


WORDS = frozenset({CaseKind.CLAIMED, CaseKind.SILENT})
"""Cases about a word; no money has been seen."""
ELSEWHERE = frozenset({CaseKind.ACCOUNT, CaseKind.HASH})
"""Cases about money that is not in the shop's account, or is counted already."""


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    REFUND_DUE = "refund_due"
    REFUND_SENT = "refund_sent"
    DONE = "done"


class Outcome(StrEnum):
    """How a case ended.

    Taken as good, made whole together with other money, given back, refused, or the bank spoke after all.
    """

    APPROVED = "approved"
    TOGETHER = "together"
    REFUNDED = "refunded"
    REJECTED = "rejected"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Settlement:
    """One amount in the ledger; ``amount`` is negative only where more was kept than was due (waived)."""

    id: int
    order_id: int
    kind: Kind
    source: Source
    amount: Money
    at: datetime
    attempt_id: int | None = None
    case_id: int | None = None
    bank_hash: str | None = None
    reference: str = ""
    actor_id: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the payment inbox; ``proof`` names the picture that came with a claim."""

    id: int
    order_id: int
    attempt_id: int | None
    kind: CaseKind
    state: CaseState
    amount: Money
    version: int
    opened_at: datetime
    outcome: Outcome | None = None
    bank_hash: str = ""
    proof: str = ""
    reference: str = ""
    note: str = ""
    closed_at: datetime | None = None
    closed_by: int | None = None

    @property
    def waits_with_money(self) -> bool:
        """Whether money of ours lies in it undecided."""
        return self.state is CaseState.OPEN and self.kind not in WORDS | ELSEWHERE


class Act(StrEnum):
    """What a person does about a case: keep it, give it back, say it never came, send it back, see it there."""

    APPROVE = "approve"
    REFUND = "refund"
    REJECT = "reject"
    SEND = "send"
    FINISH = "finish"

    @property
    def rank(self) -> Rank:
        """How far a role must reach: what leaves the shop is the admins'."""
        return Rank.ADMIN if self in {Act.SEND, Act.FINISH} else Rank.STAFF


def possible(case: Case, order: Order) -> tuple[Act, ...]:
    """What can be done about a case now; nothing is taken as good for an order that needs no money any more.

    Money of a paid order is what staff approved before the bank named another sum: let pass, or given back, where that
    is too little by cancelling the order.
    """
    if case.state is CaseState.REFUND_DUE:
        return (Act.SEND,)
    if case.state is CaseState.REFUND_SENT:
        return (Act.FINISH,)
    if case.state is CaseState.DONE:
        return ()
    if order.payment_status is PaymentStatus.PAID and case.waits_with_money:
        back = case.kind is CaseKind.OVER or any(
            (step.move, step.source) == (Move.CANCEL, order.status) for step in MOVES
        )
        return (Act.APPROVE, Act.REFUND) if back else (Act.APPROVE,)
    good = (Act.APPROVE,) if order.open and order.payment_status is not PaymentStatus.PAID else ()
    return (*good, Act.REFUND if case.waits_with_money else Act.REJECT)


def payable_rest(due: Money, cases: Iterable[Case]) -> Money | None:
    """Tell what the customer can still pay where too little came; None where a person looks at something else first."""
    waiting = [case for case in cases if case.state is CaseState.OPEN]
    if not waiting or any(case.kind is not CaseKind.UNDER for case in waiting):
        return None
    left = rest(due, [case.amount for case in waiting])
    return left if left.amount else None


class Verdict(StrEnum):
    """What money that came makes of an order: whole by itself, whole together with what waits, or neither."""

    ALONE = "alone"
    TOGETHER = "together"
    NEITHER = "neither"


def weigh(due: Money, came: Money, waiting: Sequence[Money]) -> Verdict:
    """Weigh what ``came`` beside what waits undecided, against what is ``due``. Another currency never counts."""
    if came == due:
        return Verdict.ALONE
    pool = [came, *waiting]
    if any(money.currency is not due.currency for money in pool):
        return Verdict.NEITHER
    return Verdict.TOGETHER if sum(money.amount for money in pool) == due.amount else Verdict.NEITHER


def rest(due: Money, waiting: Iterable[Money]) -> Money:
    """Tell what is still to pay beside what waits in the order's currency; never less than nothing."""
    there = sum(money.amount for money in waiting if money.currency is due.currency)
    return Money(max(due.amount - there, 0), due.currency)


Balance = Mapping[tuple[Kind, Currency], int]


def balance(rows: Iterable[Settlement]) -> Balance:
    """Add up the ledger of one order by kind and currency."""
    sums: Counter[tuple[Kind, Currency]] = Counter()
    for row in rows:
        sums[row.kind, row.amount.currency] += row.amount.amount
    return MappingProxyType(sums)


def kept(sums: Balance, currency: Currency) -> int:
    """Received and not owed back."""
    return sums.get((Kind.RECEIVED, currency), 0) - sums.get((Kind.OWED, currency), 0)


def outstanding(sums: Balance, currency: Currency) -> int:
    """Owed back and not refunded yet."""
    return sums.get((Kind.OWED, currency), 0) - sums.get((Kind.REFUNDED, currency), 0)


def waived(due: Money, there: Mapping[Currency, int]) -> list[Money]:
    """Tell what must be waived so that what is ``there`` settles what is ``due``: nothing where it is the very sum.

    Riel that were taken for dollars are two amounts: the riel let go, the dollars let pass.
    """
    wanted = {currency: due.amount if currency is due.currency else 0 for currency in Currency}
    gaps = (Money(wanted[currency] - there.get(currency, 0), currency) for currency in Currency)
    return [gap for gap in gaps if gap.amount]


class Difference(StrEnum):
    """What does not add up."""

    NOT_THE_TOTAL = "not_the_total"
    UNPAID_BUT_KEPT = "unpaid_but_kept"
    OWED_BUT_SETTLED = "owed_but_settled"
    SETTLED_BUT_OWED = "settled_but_owed"
    NOBODY_LOOKS = "nobody_looks"
    REFUNDED_TOO_MUCH = "refunded_too_much"
    CASH_NOT_BOOKED = "cash_not_booked"
    CASH_DIFFERS = "cash_differs"
    HAND_IN_DIFFERS = "hand_in_differs"
    BANK_NOT_BOOKED = "bank_not_booked"


def differences(order: Order, rows: Sequence[Settlement], cases: Sequence[Case]) -> tuple[Difference, ...]:
    """Hold an order beside its ledger and its cases; an empty tuple means that every amount is explained.

    A paid order keeps its total, with what was waived, one whose rest is due in cash what was paid before; one that is
    not paid keeps nothing but what lies in open cases.
    What lies in an open case of a paid order is in its total, or waived already.
    """
    sums, status, due = balance(rows), order.payment_status, order.total
    waiting: Counter[Currency] = Counter()
    for case in cases:
        if case.waits_with_money and status is not PaymentStatus.PAID:
            waiting[case.amount.currency] += case.amount.amount
    owed = {c: outstanding(sums, c) for c in Currency}
    free = {c: kept(sums, c) - waiting[c] for c in Currency}
    found = []
    there = {c: free[c] + sums.get((Kind.WAIVED, c), 0) for c in Currency}
    if status is PaymentStatus.PAID and waived(due, there):
        found.append(Difference.NOT_THE_TOTAL)
    if (status is PaymentStatus.DUE and waived(order.prepaid, there)) or (
        status in {PaymentStatus.UNPAID, PaymentStatus.REFUNDED} and any(there.values())
    ):
        found.append(Difference.UNPAID_BUT_KEPT)
    on_its_way = any(
        case.state is CaseState.REFUND_SENT or (case.state is CaseState.REFUND_DUE and not case.amount.amount)
        for case in cases
    )
    if status is PaymentStatus.REFUND_DUE and not any(owed.values()) and not on_its_way:
        found.append(Difference.OWED_BUT_SETTLED)
    if any(owed.values()) and not any(case.state is CaseState.REFUND_DUE for case in cases):
        found.append(Difference.SETTLED_BUT_OWED)
    if status is PaymentStatus.REVIEW and all(case.state is CaseState.DONE for case in cases):
        found.append(Difference.NOBODY_LOOKS)
    if any(amount < 0 for amount in owed.values()):
        found.append(Difference.REFUNDED_TOO_MUCH)
    if _cash_missing(order, rows):
        found.append(Difference.CASH_NOT_BOOKED)
    return tuple(found)


def _cash_missing(order: Order, rows: Sequence[Settlement]) -> bool:
    """Whether a parcel paid in cash was delivered and no cash stands in the ledger."""
    delivered = order.by_cash and order.status is Status.DELIVERED and order.to_collect.amount > 0
    return delivered and order.payment_status is PaymentStatus.PAID and not any(r.source is Source.CASH for r in rows)
