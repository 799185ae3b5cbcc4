"""What money that does not fit says to its customer: one thing, in both languages, and what there is to do."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core import cards
from core.cards.money import word
from core.fulfilment.inbox import Seen
from core.i18n import LANGUAGES, translator
from core.money import Currency, Money, usd
from core.orders.rules import Order, PaymentMethod, PaymentStatus, Status
from core.people.rules import Person, Rank, Role
from core.settlements.rules import Act, Case, CaseKind, CaseState, Outcome, payable_rest, possible
from core.shop import Reader, Shop
from tests.support import builders

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
OPEN, DUE, SENT, DONE = CaseState
REVIEW, PAID = PaymentStatus.REVIEW, PaymentStatus.PAID
EN = translator("en")


def _case(kind: CaseKind, state: CaseState = OPEN, cents: int = 1000, **more: object) -> Case:
    case = Case(1, 1, 1, kind, state, usd(cents), 1, NOW)
    return replace(case, **more)


@pytest.fixture
async def order(sqlite_shop: Shop) -> Order:
    """Dara's order of $13.50, whose money is looked at."""
    dara = await builders.customer(sqlite_shop)
    made = await builders.order(sqlite_shop, dara, await builders.product(sqlite_shop))
    return replace(made, payment_method=PaymentMethod.KHQR, payment_status=REVIEW)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_case_says_something(order: Order, language: str) -> None:
    """Each kind in each state, in both languages, with every gap filled; what is done and kept says nothing."""
    t = translator(language)
    for kind in CaseKind:
        for state in (OPEN, DUE, SENT):
            said = word(order, [_case(kind, state, reference="R-1")], t).text
            assert said, (kind, state)
            assert not {"{", "}"} & set(said), (kind, state)
            assert ("R-1" in said) == (state is SENT)
        for outcome in Outcome:
            ended = word(order, [_case(kind, DONE, outcome=outcome, reference="R-1")], t)
            assert bool(ended.text) == ended.calm == (outcome is Outcome.REFUNDED)


SAID = [
    ([_case(CaseKind.UNDER)], REVIEW, "We received $10.00; $3.50 is still to pay."),
    ([_case(CaseKind.UNDER), _case(CaseKind.UNDER, cents=300)], REVIEW, "We received $13.00; $0.50 is still to pay."),
    ([_case(CaseKind.UNDER, cents=1345)], REVIEW, "We received $13.45 of $13.50."),
    ([_case(CaseKind.UNDER), _case(CaseKind.CLAIMED, cents=0)], REVIEW, "You told us that you paid."),
    ([_case(CaseKind.OVER, cents=2000)], REVIEW, "We received $20.00, more than $13.50."),
    (
        [_case(CaseKind.CURRENCY, amount=Money(55_400, Currency.KHR))],
        REVIEW,
        "We received 55,400៛, but the order costs",
    ),
    ([_case(CaseKind.CURRENCY, cents=0)], REVIEW, "The shop is comparing your payment"),
    ([_case(CaseKind.SILENT, cents=0)], REVIEW, "The bank has not answered for a long time"),
    ([_case(CaseKind.LATE, DUE)], PaymentStatus.REFUND_DUE, "Your payment of $10.00 came too late"),
    ([_case(CaseKind.DUPLICATE, DUE)], PAID, "You paid twice: the second payment of $10.00"),
    ([_case(CaseKind.CANCELLED, DUE)], PaymentStatus.REFUND_DUE, "$10.00 comes back to you."),
    ([_case(CaseKind.CURRENCY, DUE, cents=0)], PaymentStatus.REFUND_DUE, "Your money comes back to you."),
    ([_case(CaseKind.OVER, SENT, reference="R-1"), _case(CaseKind.DUPLICATE, DUE)], PAID, "You paid twice"),
    ([_case(CaseKind.HASH)], PAID, ""),
]


@pytest.mark.parametrize(("cases", "status", "said"), SAID)
async def test_what_is_said(order: Order, cases: list[Case], status: PaymentStatus, said: str) -> None:
    """The first thing that matters to the customer, with the very amounts; never two at once."""
    text = word(replace(order, payment_status=status), cases, EN).text
    assert text.startswith(said)
    assert bool(text) == bool(said)


async def test_what_can_still_be_paid(sqlite_shop: Shop, order: Order) -> None:
    """The rest, and only where nothing else is looked at; otherwise no QR is offered, whatever the clock says."""
    dara = Reader(await builders.customer(sqlite_shop), EN)
    shop = sqlite_shop
    assert payable_rest(order.total, [_case(CaseKind.UNDER)]) == usd(350)
    for beside in set(CaseKind) - {CaseKind.UNDER}:
        assert payable_rest(order.total, [_case(CaseKind.UNDER), _case(beside, cents=100)]) is None
    card = cards.order_card(shop, order, dara, None, [_case(CaseKind.UNDER)])
    assert (card.rest, card.money) == ("$3.50 / 14,400៛", "")
    assert cards.order_card(shop, order, dara, None, [_case(CaseKind.OVER)]).rest == ""


async def test_the_cases_say_it_instead(sqlite_shop: Shop, order: Order) -> None:
    """The customer's card says the case's sentence and nothing general beside it; arrived money is no problem."""
    dara = Reader(await builders.customer(sqlite_shop), EN)
    card = cards.order_card(sqlite_shop, order, dara, None, [_case(CaseKind.OVER, cents=2000)])
    assert card.problem == word(order, [_case(CaseKind.OVER, cents=2000)], EN).text
    back = replace(order, status=Status.CANCELLED, payment_status=PaymentStatus.REFUNDED)
    ended = [_case(CaseKind.CANCELLED, DONE, outcome=Outcome.REFUNDED, reference="R-1")]
    card = cards.order_card(sqlite_shop, back, dara, None, ended)
    assert (card.problem, card.money) == ("", "$10.00 came back to you. Reference: R-1")
    assert EN("outcome.refunded") not in card.outcome
    assert EN("outcome.refunded") in cards.order_card(sqlite_shop, back, dara).outcome


async def test_whose_buttons(sqlite_shop: Shop, order: Order) -> None:
    """What can be done follows from the case and its order; in a group all of it stands, in private what a rank may."""
    assert possible(_case(CaseKind.UNDER), order) == (Act.APPROVE, Act.REFUND)
    assert possible(_case(CaseKind.CLAIMED, cents=0), order) == (Act.APPROVE, Act.REJECT)
    assert possible(_case(CaseKind.HASH), replace(order, payment_status=PAID)) == (Act.REJECT,)
    assert possible(_case(CaseKind.OVER), replace(order, status=Status.CANCELLED)) == (Act.REFUND,)
    assert possible(_case(CaseKind.OVER, DONE), order) == ()
    seen = Seen(_case(CaseKind.OVER, DUE), order)
    for role, number, acts in ((Role.STAFF, 0, (Act.SEND,)), (Role.STAFF, 5, ()), (Role.ADMIN, 5, (Act.SEND,))):
        who = Person(number, None, "", role=role)
        assert cards.case_card(sqlite_shop, seen, Reader(who, EN)).acts == acts
    assert {act.rank for act in Act} == {Rank.STAFF, Rank.ADMIN}


async def test_a_claim_that_was_not_found_is_said(order: Order) -> None:
    """While the order still waits for its money the customer reads so; once it is paid, or claimed anew, no more."""
    t, turned = translator("en"), _case(CaseKind.CLAIMED, DONE, cents=0, outcome=Outcome.REJECTED)
    unpaid = replace(order, status=Status.PENDING, payment_status=PaymentStatus.UNPAID)
    assert word(unpaid, [turned], t).text.startswith("We did not find your payment.")
    assert word(replace(unpaid, payment_status=PaymentStatus.PAID), [turned], t).text == ""
    assert "looking" in word(replace(unpaid, payment_status=REVIEW), [turned, _case(CaseKind.CLAIMED, cents=0)], t).text
