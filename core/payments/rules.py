"""The life of a payment attempt: what the bank's answers change, and when to ask again. Pure.

An attempt is one QR for one order. Only :func:`decide` turns an answer of the bank into a state, and only
:data:`STEPS` says what people and the shop itself may do to one (``reference/khqr.md``, "A payment attempt")::

    new → pending → expired → superseded → closed          no money was seen
              └──→ claimed → rejected                      the customer says paid, the staff look
    any of these → paid | review | late | duplicate | refund_due      the bank says money came
    review | late | duplicate → refund_due → refund_sent → refunded   and how it goes back

Money is integer minor units (cents, whole riel). Moments are aware UTC; a naive one raises ``TypeError``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from core.money import Currency

MINIMUM: Mapping[str, int] = MappingProxyType({Currency.USD: 10, Currency.KHR: 400})
"""The least a KHQR may ask for, in minor units (PRODUCT, "KHQR")."""

VALID_FOR = timedelta(minutes=5)
"""How long a QR can be paid."""

_EAGER = timedelta(minutes=1)  # the customer is looking at the QR
AFTERCARE = timedelta(minutes=10)  # after expiry: a transfer under way may still land
HOURLY = timedelta(hours=1)
_CLOSES = timedelta(hours=24)  # after expiry: nothing comes any more
_SILENT = timedelta(minutes=5)  # between questions that a bank leaves open: it may be back, and goods are held for it
_SILENT_FOR = timedelta(hours=2)  # after expiry: by then people look at the account


class AttemptState(StrEnum):
    """Where an attempt stands; the values are the table's."""

    NEW = "new"
    PENDING = "pending"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    PAID = "paid"
    REVIEW = "review"
    LATE = "late"
    DUPLICATE = "duplicate"
    REFUND_DUE = "refund_due"
    REFUND_SENT = "refund_sent"
    REFUNDED = "refunded"
    CLAIMED = "claimed"
    REJECTED = "rejected"
    CLOSED = "closed"


S = AttemptState

WITHOUT_MONEY = frozenset({S.NEW, S.PENDING, S.EXPIRED, S.SUPERSEDED, S.CLAIMED, S.REJECTED, S.CLOSED})
"""States in which no money has been seen: the only ones an answer of the bank can move."""


class Effect(StrEnum):
    """What the observation asks the service to do, in the same transaction."""

    NONE = "none"
    PAID = "paid"
    REVIEW = "review"
    LATE = "late"
    DUPLICATE = "duplicate"
    EXPIRED = "expired"
    CLOSED = "closed"


class Mismatch(StrEnum):
    """Why money that came needs a person's eye."""

    UNDER = "under"
    OVER = "over"
    CURRENCY = "currency"
    ACCOUNT = "account"
    HASH = "hash"


class Step(StrEnum):
    """What people, or the shop itself, do to an attempt without the bank's word."""

    SHOW = "show"
    SUPERSEDE = "supersede"
    CLAIM = "claim"
    APPROVE = "approve"
    REJECT = "reject"
    OWE_REFUND = "owe_refund"
    SEND_REFUND = "send_refund"
    CONFIRM_REFUND = "confirm_refund"


STEPS: Mapping[Step, tuple[frozenset[AttemptState], AttemptState]] = MappingProxyType(
    {
        Step.SHOW: (frozenset({S.NEW}), S.PENDING),
        Step.SUPERSEDE: (frozenset({S.NEW, S.PENDING, S.EXPIRED}), S.SUPERSEDED),
        Step.CLAIM: (frozenset({S.PENDING, S.EXPIRED, S.SUPERSEDED}), S.CLAIMED),
        Step.APPROVE: (WITHOUT_MONEY - {S.NEW} | {S.REVIEW, S.LATE}, S.PAID),
        Step.REJECT: (frozenset({S.CLAIMED}), S.REJECTED),
        Step.OWE_REFUND: (frozenset({S.PAID, S.REVIEW, S.LATE, S.DUPLICATE}), S.REFUND_DUE),
        Step.SEND_REFUND: (frozenset({S.REFUND_DUE}), S.REFUND_SENT),
        Step.CONFIRM_REFUND: (frozenset({S.REFUND_SENT}), S.REFUNDED),
    }
)
"""Step → (from which states, to which)."""


def after(state: AttemptState, step: Step) -> AttemptState | None:
    """Tell the state that ``step`` leads to, or None where it is not allowed."""
    sources, target = STEPS[step]
    return target if state in sources else None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at paying one order; ``amount_minor`` of ``currency`` into ``account`` (``name@bank``)."""

    id: int
    order_id: int
    state: AttemptState
    currency: Currency
    amount_minor: int
    account: str
    md5: str
    bill_number: str
    payload: str
    created_at: datetime
    expires_at: datetime
    next_check_at: datetime | None = None
    checks: int = 0
    bank_hash: str | None = None
    paid_at: datetime | None = None
    deeplink: str | None = None
    note: str = ""
    answered_at: datetime | None = None


UNAUTHORIZED = "unauthorized"
"""Why a bank says nothing that refuses our token: no waiting mends that."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The bank did not say: silence, refusal or nonsense. ``reason`` is short and free of secrets."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """The bank has no payment for this QR."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A payment was tried and the bank refused it: no money moved."""


@dataclass(frozen=True, slots=True)
class Received:
    """Money came into ``account``. ``paid_at`` is the bank's clock.

    ``exact`` is False where the bank's amount is no whole number of minor units; ``amount_minor`` is then rounded down.
    """

    hash: str
    account: str
    currency: str
    amount_minor: int
    paid_at: datetime
    exact: bool = True


Observation = Unknown | NotFound | Failed | Received


@dataclass(frozen=True, slots=True)
class Decision:
    """The attempt's next ``state``, when to ask again (None: no more), and what the service must do about it."""

    state: AttemptState
    next_check_at: datetime | None
    effect: Effect = Effect.NONE
    reason: Mismatch | None = None


class PaymentBank(Protocol):
    """A bank that can be asked about an attempt. No method raises for what the bank does or fails to do."""

    @property
    def can_check(self) -> bool:
        """Whether asking can ever bring an answer; where it cannot, people approve payments."""
        ...

    async def check(self, md5: str) -> Observation:
        """Ask about the QR whose payload has this md5."""
        ...

    async def deeplink(self, payload: str, app_name: str, icon_url: str, callback: str) -> str | None:
        """Make a link that opens the bank's app on this QR; None where there is none."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def decide(
    attempt: Attempt,
    observation: Observation,
    now: datetime,
    *,
    order_open: bool,
    already_paid: bool,
    hash_known: bool = False,
) -> Decision:
    """Say what one answer of the bank changes.

    ``now`` is when the bank was *asked*, so that an answer which crosses the expiry on its way does not expire the QR.
    ``order_open``: the order can still take money (pending, or expired and perhaps revived; not cancelled, not final).
    ``already_paid``: another attempt of the order, or the staff, has paid it. ``hash_known``: another attempt holds
    this bank hash, and this row cannot hold it too. An effect may come again with a repeated answer; the unique bank
    hash makes it count once.
    """
    match observation:
        case Unknown():
            return Decision(attempt.state, next_check(attempt, now) or _patience(attempt, now))
        case Received() if attempt.state in WITHOUT_MONEY:
            return _money(attempt, observation, order_open=order_open, already_paid=already_paid, hash_known=hash_known)
        case Received():
            return _more_money(attempt, observation)
        case _:
            return _no_money(attempt, now)


def next_check(attempt: Attempt, now: datetime) -> datetime | None:
    """When to ask next: 3 s in the first minute, 5 s to expiry, 15 s for 10 min, hourly to 24 h after expiry, never.

    A QR about which the bank has said nothing since its expiry is asked about every 5 min for the first two hours, so
    that all are settled soon after an outage. The steps stop at the expiry and at the closing to the second, so that
    both are asked about when they happen.
    """
    if attempt.state not in WITHOUT_MONEY or attempt.state is S.CLOSED:
        return None
    closes_at = attempt.expires_at + _CLOSES
    if now < attempt.expires_at:
        step = timedelta(seconds=3 if now - attempt.created_at < _EAGER else 5)
        return min(now + step, attempt.expires_at)
    if now < attempt.expires_at + AFTERCARE:
        return now + timedelta(seconds=15)
    answered = attempt.answered_at is not None and attempt.answered_at >= attempt.expires_at
    step = HOURLY if answered or now >= attempt.expires_at + _SILENT_FOR else _SILENT
    return min(now + step, closes_at) if now < closes_at else None


def asked_since(attempt: Attempt, moment: datetime) -> bool:
    """Tell whether the bank was asked after ``moment``, or somebody is asking: then the next question stands later."""
    due = next_check(attempt, moment)
    return due is not None and attempt.next_check_at is not None and attempt.next_check_at > due


def _patience(attempt: Attempt, now: datetime) -> datetime | None:
    """Ask hourly after a day of silence: a bank that says nothing closes nothing, not even what the staff rejected."""
    return now + HOURLY if attempt.state in WITHOUT_MONEY - {S.CLOSED} else None


def _no_money(attempt: Attempt, now: datetime) -> Decision:
    """Take the bank's word that nothing came: past its time a QR expires, and a day later it is closed."""
    again = next_check(replace(attempt, answered_at=now), now)
    if attempt.state in {S.NEW, S.PENDING} and now >= attempt.expires_at:
        return Decision(S.EXPIRED, again or now + HOURLY, Effect.EXPIRED)
    if attempt.state in {S.EXPIRED, S.SUPERSEDED} and again is None:
        return Decision(S.CLOSED, None, Effect.CLOSED)
    return Decision(attempt.state, again)


def _money(attempt: Attempt, received: Received, *, order_open: bool, already_paid: bool, hash_known: bool) -> Decision:
    """First money for this attempt: good, good but late, a second payment, or one for a person to look at."""
    mismatch = compare(attempt, received)
    if hash_known or mismatch is Mismatch.ACCOUNT:
        return Decision(S.REVIEW, None, Effect.REVIEW, mismatch or Mismatch.HASH)
    if already_paid:
        return Decision(S.DUPLICATE, None, Effect.DUPLICATE)
    if mismatch:
        return Decision(S.REVIEW, None, Effect.REVIEW, mismatch)
    if not order_open:
        return Decision(S.REFUND_DUE, None, Effect.LATE)
    if received.paid_at > attempt.expires_at:
        return Decision(S.LATE, None, Effect.LATE)
    return Decision(S.PAID, None, Effect.PAID)


def _more_money(attempt: Attempt, received: Received) -> Decision:
    """Money for an attempt that has some: the same again, or a second payment of one QR.

    A second payment leaves the state as it is; its effect tells the service to owe that hash back. What the staff
    approved has no hash yet: the bank's word is taken for the same money, and looked at again where it differs.
    """
    if attempt.bank_hash == received.hash:
        return Decision(attempt.state, None)
    if attempt.bank_hash is not None:
        return Decision(attempt.state, None, Effect.DUPLICATE)
    mismatch = compare(attempt, received)
    return Decision(attempt.state, None, Effect.REVIEW if mismatch else Effect.NONE, mismatch)


def compare(attempt: Attempt, received: Received) -> Mismatch | None:
    """Compare account, currency and amount, in this order."""
    if received.account.strip().casefold() != attempt.account.strip().casefold():
        return Mismatch.ACCOUNT
    if received.currency != attempt.currency:
        return Mismatch.CURRENCY
    if received.amount_minor < attempt.amount_minor:
        return Mismatch.UNDER
    if received.amount_minor > attempt.amount_minor or not received.exact:
        return Mismatch.OVER
    return None
