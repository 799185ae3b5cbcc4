"""What money that does not simply fit says: to staff its case, to the customer one sentence and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from core.cards.shared import both
from core.fulfilment.inbox import Seen
from core.i18n import Translator
from core.money import Currency, Money
from core.orders.rules import Order, PaymentStatus, Status
from core.payments.rules import MINIMUM
from core.settlements.rules import ELSEWHERE, WORDS, Act, Case, CaseKind, CaseState, Outcome, payable_rest, possible
from core.shop import Reader, Shop

TAIL = 8
"""As many characters of the bank's transaction tell it from others."""


@dataclass(frozen=True, slots=True)
class CaseCard:
    """One case of the payment inbox. ``about`` are lines of it, ``acts`` what its reader can do now."""

    case_id: int
    order_id: int
    number: str
    version: int
    kind: CaseKind
    title: str
    what: str
    figures: tuple[tuple[str, str], ...]
    customer: str
    opened_at: datetime
    opened: str
    about: tuple[str, ...]
    state: str
    acts: tuple[Act, ...]


def case_card(shop: Shop, seen: Seen, reader: Reader) -> CaseCard:
    """Decide a case's card. In a group everybody's buttons stand there: whoever taps one is asked for their rank."""
    t, case, order = reader.t, seen.case, seen.order
    everybody = reader.person.id == 0
    return CaseCard(
        case.id, order.id, order.number, case.version, case.kind, t(f"case.kind.{case.kind}"),
        t(f"case.what.{case.kind}"), _figures(seen, reader), seen.customer or t("order.forgotten"), case.opened_at,
        t.when(case.opened_at, shop.config.zone), _about(case, t), _state(seen, t),
        tuple(act for act in possible(case, order) if everybody or reader.person.rank >= act.rank),
    )  # fmt: skip


def _figures(seen: Seen, reader: Reader) -> tuple[tuple[str, str], ...]:
    """What came or goes back, what the order costs, and what lies between."""
    t, case, due, rate = reader.t, seen.case, seen.order.total, seen.order.riel_rate
    back = case.state in {CaseState.REFUND_DUE, CaseState.REFUND_SENT} or case.outcome is Outcome.REFUNDED
    rows = [(t("case.back" if back else "case.came"), _amount(case.amount, rate))] if case.amount.amount else []
    rows.append((t("case.due"), both(due, rate)))
    if not case.waits_with_money:
        return tuple(rows)
    if seen.beside:
        rows.append((t("case.beside"), " + ".join(map(str, seen.beside))))
    if all(money.currency is due.currency for money in (case.amount, *seen.beside)):
        gap = due.amount - sum(money.amount for money in (case.amount, *seen.beside))
        if gap:
            rows.append((t("case.missing" if gap > 0 else "case.over"), both(Money(abs(gap), due.currency), rate)))
    return tuple(rows)


def _amount(amount: Money, rate: int) -> str:
    return both(amount, rate) if amount.currency is Currency.USD else str(amount)


def _about(case: Case, t: Translator) -> tuple[str, ...]:
    """The bank's transaction, the picture, the note."""
    lines = [t("case.bank", hash=case.bank_hash[-TAIL:])] if case.bank_hash else []
    if case.kind is CaseKind.CLAIMED:
        lines.append(t("case.picture" if case.proof else "case.no_picture"))
        lines += [t("case.same_picture", numbers=", ".join(case.note.split()))] if case.note else []
    elif case.note:
        lines.append(t("case.unknown_currency", code=case.note))
    return tuple(lines)


def _state(seen: Seen, t: Translator) -> str:
    """Where it stands, by whose word, with which reference."""
    case = seen.case
    said = [t(f"case.outcome.{case.outcome}" if case.outcome else f"case.state.{case.state}")]
    said += [one for one in (seen.by, case.reference) if one]
    return " · ".join(said)


# ── the customer ─────────────────────────────────────────────────────────────────────────────────────────────────────
class Word(NamedTuple):
    """One thing said about the money; ``rest`` is what they can pay now, ``calm``: nobody need do anything."""

    text: str = ""
    rest: Money | None = None
    calm: bool = False


FIRST = (CaseKind.CLAIMED, CaseKind.UNDER, CaseKind.CURRENCY, CaseKind.OVER, CaseKind.LATE, CaseKind.DUPLICATE,
         CaseKind.CANCELLED, CaseKind.ACCOUNT, CaseKind.HASH, CaseKind.SILENT)  # fmt: skip
"""What of several open cases is told: what the customer waits for or can do comes first."""
SPECIAL = {CaseKind.OVER, CaseKind.LATE, CaseKind.DUPLICATE}


def word(order: Order, cases: Sequence[Case], t: Translator) -> Word:
    """Tell the customer what their money means to them, never two things at once; empty where there is nothing."""
    waiting = sorted((one for one in cases if one.state is CaseState.OPEN), key=lambda one: FIRST.index(one.kind))
    if waiting and order.payment_status is not PaymentStatus.PAID:
        return _looked_at(order, waiting, t)
    by_state = {state: [one for one in cases if one.state is state] for state in CaseState}
    if due := by_state[CaseState.REFUND_DUE]:
        kind = "unknown" if not due[0].amount.amount else due[0].kind if due[0].kind in SPECIAL else "other"
        return Word(t(f"money.back.{kind}", amount=due[0].amount))
    if sent := by_state[CaseState.REFUND_SENT]:
        last = sent[-1]
        return Word(t("money.sent", amount=_named(last, t), reference=last.reference), calm=True)
    arrived = [one for one in by_state[CaseState.DONE] if one.outcome is Outcome.REFUNDED]
    if arrived:
        last = arrived[-1]
        return Word(t("money.arrived", amount=_named(last, t), reference=last.reference), calm=True)
    if _turned_down(order, cases):
        return Word(t("money.not_found"))
    return Word()


def _turned_down(order: Order, cases: Sequence[Case]) -> bool:
    """Whether the last the customer said of their money was not found true, and the order still waits for it."""
    waits = order.status is Status.PENDING and order.payment_status is PaymentStatus.UNPAID
    said = [one for one in cases if one.kind is CaseKind.CLAIMED]
    return waits and bool(said) and said[-1].outcome is Outcome.REJECTED


def _named(case: Case, t: Translator) -> str:
    return str(case.amount) if case.amount.amount else t("money.your_money")


def _looked_at(order: Order, waiting: Sequence[Case], t: Translator) -> Word:
    """Say what of it is looked at, and what the customer can do meanwhile."""
    case, due = waiting[0], order.total
    if case.kind is CaseKind.UNDER:
        left = payable_rest(due, waiting)
        there = sum(one.amount.amount for one in waiting if one.amount.currency is due.currency)
        came = Money(there, due.currency)
        if left is not None and left.amount >= MINIMUM[left.currency]:
            return Word(t("money.short", came=came, rest=left), left)
        return Word(t("money.short_little", came=came, due=due))
    kind = CaseKind.LATE if case.kind in {CaseKind.DUPLICATE, CaseKind.CANCELLED} else case.kind
    if case.kind not in WORDS | ELSEWHERE and not case.amount.amount:
        kind = CaseKind.HASH
    return Word(t(f"money.{kind}", came=case.amount, due=due))
