"""The rules of one attempt: every row of the table, and no sequence of answers that loses money or gives it twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.money import Currency
from core.payments.rules import (
    MINIMUM,
    STEPS,
    VALID_FOR,
    WITHOUT_MONEY,
    Attempt,
    AttemptState,
    Decision,
    Effect,
    Failed,
    Mismatch,
    NotFound,
    Observation,
    Received,
    Step,
    Unknown,
    after,
    asked_since,
    decide,
    next_check,
)

S = AttemptState
MADE = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
EXPIRY = MADE + VALID_FOR
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
WITH_MONEY = [state for state in S if state not in WITHOUT_MONEY]


def attempt(state: S = S.PENDING, **more: object) -> Attempt:
    """An attempt at $12.50 made at 03:00."""
    made = Attempt(
        id=1, order_id=7, state=state, currency=Currency.USD, amount_minor=1250, account="shop@devb", md5="0" * 32,
        bill_number="MD00007-1", payload="", created_at=MADE, expires_at=EXPIRY,
    )  # fmt: skip
    return replace(made, **more)


def received(**more: object) -> Received:
    """Exactly the money asked for, a minute after the QR was made."""
    return replace(Received("h1", "shop@devb", "USD", 1250, MADE + MINUTE), **more)


def decided(
    state: S, observation: Observation, now: datetime, *, order_open: bool = True, already_paid: bool = False
) -> Decision:
    """Decide with the usual circumstances."""
    return decide(attempt(state), observation, now, order_open=order_open, already_paid=already_paid)


NO_MONEY = [
    # state, after the making → state, effect, asked again after
    (S.NEW, 0 * SECOND, S.NEW, Effect.NONE, 3 * SECOND),
    (S.PENDING, 59 * SECOND, S.PENDING, Effect.NONE, 3 * SECOND),
    (S.PENDING, MINUTE, S.PENDING, Effect.NONE, 5 * SECOND),
    (S.PENDING, 298 * SECOND, S.PENDING, Effect.NONE, 2 * SECOND),
    (S.PENDING, 5 * MINUTE, S.EXPIRED, Effect.EXPIRED, 15 * SECOND),
    (S.NEW, 5 * MINUTE, S.EXPIRED, Effect.EXPIRED, 15 * SECOND),
    (S.PENDING, 48 * HOUR, S.EXPIRED, Effect.EXPIRED, HOUR),
    (S.EXPIRED, 6 * MINUTE, S.EXPIRED, Effect.NONE, 15 * SECOND),
    (S.EXPIRED, 15 * MINUTE, S.EXPIRED, Effect.NONE, HOUR),
    (S.EXPIRED, 24 * HOUR, S.EXPIRED, Effect.NONE, 5 * MINUTE),
    (S.EXPIRED, 24 * HOUR + 5 * MINUTE, S.CLOSED, Effect.CLOSED, None),
    (S.SUPERSEDED, 2 * MINUTE, S.SUPERSEDED, Effect.NONE, 5 * SECOND),
    (S.SUPERSEDED, 6 * MINUTE, S.SUPERSEDED, Effect.NONE, 15 * SECOND),
    (S.SUPERSEDED, 25 * HOUR, S.CLOSED, Effect.CLOSED, None),
    (S.CLAIMED, 6 * MINUTE, S.CLAIMED, Effect.NONE, 15 * SECOND),
    (S.CLAIMED, 25 * HOUR, S.CLAIMED, Effect.NONE, None),
    (S.REJECTED, 6 * MINUTE, S.REJECTED, Effect.NONE, 15 * SECOND),
    (S.REJECTED, 25 * HOUR, S.REJECTED, Effect.NONE, None),
    (S.CLOSED, 26 * HOUR, S.CLOSED, Effect.NONE, None),
]


@pytest.mark.parametrize("answer", [NotFound(), Failed()])
@pytest.mark.parametrize(("state", "age", "then", "effect", "again"), NO_MONEY)
def test_no_money(
    answer: Observation, state: S, age: timedelta, then: S, effect: Effect, again: timedelta | None
) -> None:
    """Not found, or tried and failed: a QR expires to the second, is asked about less and less, and closes in a day."""
    now = MADE + age
    assert decided(state, answer, now) == Decision(then, now + again if again else None, effect)


@pytest.mark.parametrize("age", [SECOND, 5 * MINUTE, 16 * MINUTE, 23 * HOUR, 90 * HOUR])
@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("order_open", [True, False])
def test_unknown_changes_nothing(state: S, age: timedelta, *, order_open: bool) -> None:
    """Whatever the bank does not say, in any state, at any time: the state stays and there is nothing to do."""
    decision = decided(state, Unknown("http 429"), MADE + age, order_open=order_open)
    assert (decision.state, decision.effect, decision.reason) == (state, Effect.NONE, None)


@pytest.mark.parametrize("state", sorted(WITHOUT_MONEY - {S.CLOSED}))
def test_a_silent_bank_is_asked_for_ever(state: S) -> None:
    """After days of silence every open attempt is still asked about, hourly: nothing closes unanswered."""
    now = MADE + 90 * HOUR
    assert decided(state, Unknown("timeout"), now).next_check_at == now + HOUR


RECEIVED = [
    # what came, the order open, the order paid → state, effect, reason
    ({}, True, False, S.PAID, Effect.PAID, None),
    ({"account": " Shop@DEVB"}, True, False, S.PAID, Effect.PAID, None),
    ({"paid_at": EXPIRY}, True, False, S.PAID, Effect.PAID, None),
    ({"paid_at": EXPIRY + SECOND}, True, False, S.LATE, Effect.LATE, None),
    ({"paid_at": EXPIRY + SECOND}, False, False, S.REFUND_DUE, Effect.LATE, None),
    ({}, False, False, S.REFUND_DUE, Effect.LATE, None),
    ({}, True, True, S.DUPLICATE, Effect.DUPLICATE, None),
    ({}, False, True, S.DUPLICATE, Effect.DUPLICATE, None),
    ({"amount_minor": 900}, True, True, S.DUPLICATE, Effect.DUPLICATE, None),
    ({"paid_at": EXPIRY + HOUR}, True, True, S.DUPLICATE, Effect.DUPLICATE, None),
    ({"amount_minor": 1249}, True, False, S.REVIEW, Effect.REVIEW, Mismatch.UNDER),
    ({"amount_minor": 1249, "exact": False}, True, False, S.REVIEW, Effect.REVIEW, Mismatch.UNDER),
    ({"amount_minor": 1251}, True, False, S.REVIEW, Effect.REVIEW, Mismatch.OVER),
    ({"exact": False}, True, False, S.REVIEW, Effect.REVIEW, Mismatch.OVER),
    ({"currency": "KHR"}, True, False, S.REVIEW, Effect.REVIEW, Mismatch.CURRENCY),
    ({"currency": "THB"}, True, False, S.REVIEW, Effect.REVIEW, Mismatch.CURRENCY),
    ({"account": "thief@devb"}, True, False, S.REVIEW, Effect.REVIEW, Mismatch.ACCOUNT),
    ({"account": "thief@devb"}, True, True, S.REVIEW, Effect.REVIEW, Mismatch.ACCOUNT),
    ({"amount_minor": 1249}, False, False, S.REVIEW, Effect.REVIEW, Mismatch.UNDER),
]


@pytest.mark.parametrize("state", sorted(WITHOUT_MONEY))
@pytest.mark.parametrize("row", RECEIVED)
def test_money(state: S, row: tuple[dict[str, object], bool, bool, S, Effect, Mismatch | None]) -> None:
    """First money, in every state without money and however late it is noticed: by the bank's clock and the figures."""
    came, order_open, already_paid, then, effect, reason = row
    for noticed in (MADE + 2 * MINUTE, EXPIRY + 20 * HOUR):
        decision = decided(state, received(**came), noticed, order_open=order_open, already_paid=already_paid)
        assert decision == Decision(then, None, effect, reason)


def test_a_hash_counts_once() -> None:
    """A bank hash that another attempt holds pays nothing here: a person looks at it."""
    decision = decide(
        attempt(), received(), MADE + MINUTE, order_open=True, already_paid=False, hash_known=True
    )  # fmt: skip
    assert decision == Decision(S.REVIEW, None, Effect.REVIEW, Mismatch.HASH)


@pytest.mark.parametrize("state", WITH_MONEY)
def test_more_money(state: S) -> None:
    """The same hash again is no news; a second payment of one QR is owed back, and the first keeps its state."""
    has = attempt(state, bank_hash="h1")
    again = decide(has, received(), EXPIRY, order_open=True, already_paid=True)
    second = decide(has, received(hash="h2"), EXPIRY, order_open=True, already_paid=True)
    assert again == Decision(state, None)
    assert second == Decision(state, None, Effect.DUPLICATE)


def test_the_bank_confirms_what_staff_approved() -> None:
    """Money found for an attempt the staff approved is the same money; other figures go before a person."""
    approved = attempt(S.PAID)
    same = decide(approved, received(), EXPIRY, order_open=True, already_paid=True)
    less = decide(approved, received(amount_minor=100), EXPIRY, order_open=True, already_paid=True)
    assert same == Decision(S.PAID, None)
    assert less == Decision(S.PAID, None, Effect.REVIEW, Mismatch.UNDER)


@pytest.mark.parametrize("state", WITH_MONEY)
def test_nothing_takes_money_away(state: S) -> None:
    """Once money was seen, "not found" (a bank that forgets) changes nothing."""
    assert decided(state, NotFound(), MADE + 25 * HOUR) == Decision(state, None)


def test_the_cadence() -> None:
    """An abandoned QR costs 20 + 48 questions while it lives, 40 after it, then one an hour for a day."""
    now, ages = MADE, []
    pending = attempt(S.EXPIRED, answered_at=EXPIRY)
    while (again := next_check(pending, now)) is not None:
        now = again
        ages.append((now - MADE) / SECOND)
    assert ages[:2] == [3, 6]
    assert 300 in ages
    assert ages[-1] == (24 * HOUR + VALID_FOR) / SECOND
    assert [sum(low < age <= high for age in ages) for low, high in ((0, 60), (60, 300), (300, 900))] == [20, 48, 40]
    assert sum(age > 900 for age in ages) == 24


@pytest.mark.parametrize("answered_at", [None, EXPIRY - SECOND])
def test_an_outage_is_not_slept_through(answered_at: datetime | None) -> None:
    """Nothing said since the expiry: asked every five minutes for two hours, then hourly; a "no" makes it hourly."""
    open_still = attempt(answered_at=answered_at)
    for age, step in ((16 * MINUTE, 5 * MINUTE), (124 * MINUTE, 5 * MINUTE), (125 * MINUTE, HOUR)):
        now = MADE + age
        said = [decide(open_still, it, now, order_open=True, already_paid=False) for it in (Unknown(""), NotFound())]
        assert [decision.next_check_at for decision in said] == [now + step, now + HOUR]
        asked = replace(open_still, next_check_at=now + step)
        assert [asked_since(asked, now - 2 * SECOND), asked_since(asked, now)] == [True, False]


def test_steps_lose_no_money() -> None:
    """People cannot put money out of sight: from a state with money, every step leads to another one."""
    for sources, target in STEPS.values():
        assert target not in WITHOUT_MONEY or sources <= WITHOUT_MONEY
    assert after(S.REFUND_DUE, Step.SEND_REFUND) is S.REFUND_SENT
    assert after(S.PENDING, Step.SEND_REFUND) is None
    assert after(S.PAID, Step.REJECT) is None


def test_the_least() -> None:
    """The smallest KHQR is ten cents or 400 riel, asked by currency or by its code."""
    assert (MINIMUM[Currency.USD], MINIMUM["KHR"]) == (10, 400)


def test_a_moment_without_zone_is_refused() -> None:
    """A naive moment is a mistake of ours, and is not compared."""
    with pytest.raises(TypeError):
        next_check(attempt(), MADE.replace(tzinfo=None))


class Shop(RuleBasedStateMachine):
    """One order, its QRs, a customer who pays right or wrong or twice, and a bank that is sometimes silent."""

    def __init__(self) -> None:
        super().__init__()
        self.now = MADE
        self.attempts: list[Attempt] = []
        self.money: dict[str, Received] = {}  # md5 → what the bank holds
        self.seen: dict[str, Effect] = {}  # hash → what the shop made of it
        self.silent = False
        self.order_open = True
        self.fulfilled = 0

    @property
    def paid(self) -> bool:
        """Whether the order counts as paid."""
        return any(tried.state is S.PAID for tried in self.attempts)

    @rule()
    def new_qr(self) -> None:
        """Show a QR; the ones before are superseded."""
        for tried in self.attempts:
            self.step(tried, Step.SUPERSEDE)
        number = len(self.attempts)
        made = attempt(
            id=number, md5=f"{number:032}", created_at=self.now, expires_at=self.now + VALID_FOR, next_check_at=self.now
        )
        self.attempts.append(made)

    @precondition(lambda self: self.attempts)
    @rule(
        data=st.data(), amount=st.sampled_from([1250, 1250, 1250, 900, 5000]), currency=st.sampled_from(["USD", "KHR"])
    )
    def pay(self, data: st.DataObject, amount: int, currency: str) -> None:
        """Pay one of the QRs, at the latest when a slow transfer lands."""
        tried = data.draw(st.sampled_from(self.attempts))
        if tried.md5 not in self.money and self.now < tried.expires_at + 9 * MINUTE:
            self.money[tried.md5] = received(
                hash=f"h{tried.id}", amount_minor=amount, currency=currency, paid_at=self.now
            )  # fmt: skip

    @precondition(lambda self: self.attempts)
    @rule(data=st.data(), step=st.sampled_from([Step.CLAIM, Step.REJECT]))
    def people(self, data: st.DataObject, step: Step) -> None:
        """The customer says paid, or the staff say no."""
        tried = data.draw(st.sampled_from(self.attempts))
        self.step(tried, step)

    @rule()
    def cancel(self) -> None:
        """The order can take no more money."""
        self.order_open = False

    @rule(silent=st.booleans())
    def mood(self, *, silent: bool) -> None:
        """The bank falls silent, or speaks again."""
        self.silent = silent

    @rule(seconds=st.sampled_from([1, 30, 240, 301, 1200, 40_000, 90_000]), stock=st.booleans())
    def wait(self, seconds: int, *, stock: bool) -> None:
        """Time passes and the poller asks whatever is due, in order."""
        until = self.now + seconds * SECOND
        while due := [t for t in self.attempts if t.next_check_at and t.next_check_at <= until]:
            tried = min(due, key=lambda t: (t.next_check_at, t.id))
            self.now = max(self.now, tried.next_check_at or self.now)
            self.ask(tried, stock=stock)
        self.now = until

    def ask(self, tried: Attempt, *, stock: bool) -> None:
        """Ask the bank, decide, and do what the service does with the effect."""
        answer: Observation = Unknown("timeout") if self.silent else self.money.get(tried.md5, NotFound())
        decision = decide(tried, answer, self.now, order_open=self.order_open, already_paid=self.paid)
        if self.silent:
            assert decision.state is tried.state
        if isinstance(answer, Received):
            assert answer.hash not in self.seen, "one payment is noticed once"
            self.seen[answer.hash] = decision.effect
        if decision.effect is Effect.PAID or (decision.state is S.LATE and stock and not self.paid):
            self.fulfil(answer)
            decision = replace(decision, state=S.PAID)
        elif decision.state in {S.LATE, S.DUPLICATE}:
            decision = replace(decision, state=after(decision.state, Step.OWE_REFUND))
        self.attempts[tried.id] = replace(tried, state=decision.state, next_check_at=decision.next_check_at)

    def fulfil(self, answer: Observation) -> None:
        """Only the full sum in the right currency, once, for an open order, is good for goods."""
        assert isinstance(answer, Received)
        assert (answer.amount_minor, answer.currency) == (1250, "USD")
        assert self.order_open
        self.fulfilled += 1

    def step(self, tried: Attempt, step: Step) -> None:
        """Do what people do, where it is allowed; the next question stays."""
        self.attempts[tried.id] = replace(tried, state=after(tried.state, step) or tried.state)

    @invariant()
    def pays_once(self) -> None:
        """One order is fulfilled once at most."""
        assert self.fulfilled <= 1

    def teardown(self) -> None:
        """The bank speaks again and a day passes: every payment was noticed, and sits in a state that says so."""
        self.silent = False
        self.wait(27 * 3600, stock=True)
        for tried in self.attempts:
            if tried.md5 in self.money:
                assert self.seen[self.money[tried.md5].hash] in {
                    Effect.PAID, Effect.REVIEW, Effect.LATE, Effect.DUPLICATE
                }  # fmt: skip
                assert tried.state not in WITHOUT_MONEY


TestShop = Shop.TestCase
TestShop.settings = settings(max_examples=80, stateful_step_count=25)


@pytest.mark.parametrize("asked", [0, 61, 200, 400, 1000])
def test_what_was_asked_lately_is_known_by_the_next_question(asked: int) -> None:
    """In every pace of asking, and while somebody asks: the last two seconds are told from before them."""
    made = attempt()
    moment = MADE + asked * SECOND
    once = replace(made, next_check_at=next_check(made, moment))
    assert not asked_since(replace(made, next_check_at=MADE), moment - 2 * SECOND)
    assert [asked_since(once, moment + later * SECOND - 2 * SECOND) for later in (0, 1, 2, 3)] == [
        True, True, False, False,
    ]  # fmt: skip
    if asked < 900:
        assert asked_since(replace(made, next_check_at=moment + 30 * SECOND), moment + 8 * SECOND)
