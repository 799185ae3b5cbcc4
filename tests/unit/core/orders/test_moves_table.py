"""The life of an order as PRODUCT tells it, written down here again by hand, against ``MOVES``: every cell is tried."""

import base64
from datetime import UTC, datetime
from itertools import product

import pytest

from core.errors import NotAllowed, OutOfDate
from core.money import Currency, Money, usd
from core.orders import rules
from core.orders.rules import (
    MOVES,
    SYSTEM,
    Destination,
    Line,
    Move,
    Order,
    PaymentMethod,
    PaymentStatus,
    Status,
    possible,
    step_for,
)
from core.people.rules import Person, Rank, Role

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
COD, KHQR = PaymentMethod.COD, PaymentMethod.KHQR
STAFF, COURIER, ADMIN = "staff", "courier", "admin"
LADDER = {"courier": 1, "staff": 2, "admin": 3, "owner": 4}

ALLOWED = {
    (Status.PENDING, Move.CONFIRM, COD): STAFF,
    (Status.PENDING, Move.CONFIRM, KHQR): "system",
    (Status.PENDING, Move.CANCEL, None): "customer",
    (Status.PENDING, Move.EXPIRE, KHQR): "system",
    (Status.EXPIRED, Move.REVIVE, KHQR): "system",
    (Status.CONFIRMED, Move.PREPARE, None): STAFF,
    (Status.CONFIRMED, Move.CANCEL, None): STAFF,
    (Status.PREPARING, Move.READY, None): STAFF,
    (Status.PREPARING, Move.CANCEL, None): STAFF,
    (Status.READY, Move.OUT, None): COURIER,
    (Status.READY, Move.CANCEL, None): ADMIN,
    (Status.OUT, Move.DELIVER, None): COURIER,
    (Status.OUT, Move.RETURN, None): COURIER,
    (Status.RETURNED, Move.OUT, None): STAFF,
    (Status.RETURNED, Move.CANCEL, None): ADMIN,
}
"""Who makes which move from where; "customer" is the order's own, and staff for them, but no courier."""


def order(status: Status, method: PaymentMethod = COD, person_id: int = 7, **more: object) -> Order:
    """An order that stands at ``status``, of customer 7."""
    values = {
        "id": 1, "number": "MD00001", "cart_id": 1, "person_id": person_id, "tracking_token": "t", "parcel_token": "p",
        "status": status, "payment_method": method, "payment_status": PaymentStatus.DUE, "subtotal": usd(1200),
        "discount": usd(0), "delivery_fee": usd(150), "total": usd(1350), "riel_rate": 4100, "language": "en",
        "destination": Destination("Dara", "+85512000001", "12", "", "", "", ""), "expires_at": None, "holder_id": None,
        "holder_name": "Sokha", "version": 3, "placed_at": NOW, "updated_at": NOW, "lines": (),
    }  # fmt: skip
    return Order(**(values | more))


def _person(who: str) -> Person:
    role = Role(who) if who in LADDER else None
    return Person({"own": 7, "stranger": 8}.get(who, 9), 1, who, role=role)


def _may(who: str, needed: str) -> bool:
    if needed == "system":
        return False
    if needed == "customer":
        return who == "own" or LADDER.get(who, 0) >= LADDER["staff"]
    return LADDER.get(who, 0) >= LADDER[needed]


WHO = ("own", "stranger", "courier", "staff", "admin", "owner")


@pytest.mark.parametrize(("status", "method"), list(product(Status, PaymentMethod)))
def test_every_move_for_everybody(status: Status, method: PaymentMethod) -> None:
    """For each status, method, move and person: made where the table says, refused everywhere else, buttons alike."""
    for move, who in product(Move, WHO):
        needed = ALLOWED.get((status, move, None)) or ALLOWED.get((status, move, method))
        person, at = _person(who), order(status, method)
        own = person.id == at.person_id
        allowed = needed is not None and _may(who, needed)
        assert (move in possible(at, person)) is allowed, (move, who)
        if allowed:
            assert step_for(at, move, person.rank, own=own).source is status
            continue
        with pytest.raises(OutOfDate if needed is None else NotAllowed):
            step_for(at, move, person.rank, own=own)


def test_the_shop_itself_confirms_expires_and_revives_khqr_orders_only() -> None:
    """Only the system makes these moves, and only on orders paid by KHQR."""
    for status, move in ((Status.PENDING, Move.CONFIRM), (Status.PENDING, Move.EXPIRE), (Status.EXPIRED, Move.REVIVE)):
        assert step_for(order(status, KHQR), move, SYSTEM).move is move
    for status, move in ((Status.PENDING, Move.EXPIRE), (Status.EXPIRED, Move.REVIVE)):
        with pytest.raises(OutOfDate):
            step_for(order(status, COD), move, SYSTEM)


def test_the_table_holds_nothing_else() -> None:
    """Each way of ``MOVES`` is one of the table here, and delivered and cancelled lead nowhere."""
    assert {(step.source, step.move, step.only) for step in MOVES} == set(ALLOWED)
    assert len(MOVES) == len(ALLOWED)
    assert not {step.source for step in MOVES} & {Status.DELIVERED, Status.CANCELLED}


def test_a_refused_move_names_the_holder() -> None:
    """An order that moved on says who has it."""
    with pytest.raises(OutOfDate) as refused:
        step_for(order(Status.OUT), Move.PREPARE, Rank.OWNER)
    assert refused.value.values == {"name": "Sokha"}


def test_what_moves_do_to_the_money() -> None:
    """Delivered cash is paid, a confirmed QR is; every other move that goes on leaves the money as it is."""
    due, paid, unpaid = PaymentStatus.DUE, PaymentStatus.PAID, PaymentStatus.UNPAID
    for method, before, move, after in (
        (COD, due, Move.DELIVER, paid), (COD, due, Move.CONFIRM, due), (COD, due, Move.RETURN, due),
        (KHQR, unpaid, Move.CONFIRM, paid), (KHQR, unpaid, Move.REVIVE, paid), (KHQR, paid, Move.DELIVER, paid),
    ):  # fmt: skip
        assert rules.payment_after(order(Status.PENDING, method, payment_status=before), move) is after, (before, move)


def test_a_total_adds_up() -> None:
    """Lines, discount and fee make what is charged; a discount takes off no more than the goods; dollars only."""
    line = Line(1, "S", "A", "ក", "", "", usd(333), 3)

    def fee(goods: Money) -> Money:
        return usd(150) if goods < usd(1000) else usd(0)

    assert rules.total([line], usd(99), fee) == rules.Total(usd(999), usd(99), usd(150), usd(1050))
    assert rules.total([line, line], usd(0), fee) == rules.Total(usd(1998), usd(0), usd(0), usd(1998))
    assert rules.total([line], usd(5000), fee) == rules.Total(usd(999), usd(999), usd(150), usd(150))
    assert rules.total([], usd(0), lambda _goods: usd(0)).charged == usd(0)
    with pytest.raises(ValueError, match="not of one kind"):
        rules.total([line], Money(100, Currency.KHR), fee)


def test_numbers_are_padded_but_never_cut() -> None:
    """``MD00042``; after a hundred thousand orders the number grows."""
    assert rules.number("MD", 42) == "MD00042"
    assert rules.number("MD", 123_456) == "MD123456"


def test_tokens_hold_128_bits() -> None:
    """A thousand tokens differ, need no escaping in a link, and decode to 16 bytes."""
    tokens = {rules.new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert {len(base64.urlsafe_b64decode(token + "==")) for token in tokens} == {16}
