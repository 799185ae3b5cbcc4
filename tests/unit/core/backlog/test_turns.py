"""What goes first into a group that cannot take everything: the rule, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from core.backlog.rules import AGED, MOST_NAMED, SEEN_WITHIN, Waiting, finished, first, to_name
from core.messages.rules import MessageKind

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
CARD, CASE, DIGEST = MessageKind.STAFF_CARD, MessageKind.PAYMENT_CASE, MessageKind.ORDER_DIGEST


def _one(number: int, kind: MessageKind = CARD, ago: float = 0, **more: bool | int) -> Waiting:
    """A message that was first owed ``ago`` seconds before now."""
    return Waiting(number, kind, number, NOW - timedelta(seconds=ago), **more)


@pytest.mark.parametrize(("rows", "order"), [
    ([_one(1), _one(2, CASE)], [2, 1]),
    ([_one(1, standing=True, ago=30), _one(2)], [2, 1]),
    ([_one(1, standing=True, ago=130), _one(2)], [1, 2]),
    ([_one(1, MessageKind.REVIEW, ago=100), _one(2, standing=True, ago=10)], [2, 1]),
    ([_one(1, CASE, ago=500), _one(2, DIGEST, urgent=True)], [2, 1]),
    ([_one(1, CASE, ago=5), _one(2, named=True, urgent=True, ago=9), _one(3, ago=30)], [2, 1, 3]),
    ([_one(1, named=True, urgent=True, ago=500), _one(2, DIGEST, urgent=True)], [2, 1]),
    ([_one(1, CASE), _one(2, ago=SEEN_WITHIN.total_seconds() + 1)], [2, 1]),
    ([_one(1, named=True, ago=9000), _one(2)], [2, 1]),
    ([_one(1, DIGEST, standing=True, ago=9000), _one(2, standing=True)], [2, 1]),
    ([_one(1, CASE), _one(2, standing=True, ago=AGED.total_seconds() + 1)], [2, 1]),
    ([_one(2, MessageKind.HELP_ASKED, ago=1), _one(1, CASE, ago=2)], [1, 2]),
    ([_one(1, named=True, standing=True, ago=130), _one(2)], [1, 2]),
], ids=[
    "money before a new order", "a new order before a fresh redraw", "a redraw of two minutes before a new order",
    "an opinion after a redraw", "a digest before money", "what somebody called up goes with the money",
    "news before what somebody called up",
    "one that nobody heard of for a minute before money", "what is named already comes with room only",
    "a digest counted anew too", "no card out of date for an hour", "the older of equals",
    "a named order whose card stands is a card",
])  # fmt: skip
def test_who_comes_first(rows: list[Waiting], order: list[int]) -> None:
    """The order in which two messages go."""
    assert [one.id for one in first(rows, NOW, 5)] == order
    assert [one.id for one in first(rows, NOW, 1)] == order[:1]
    assert first(rows, NOW, -1) == []


@pytest.mark.parametrize("kind", list(MessageKind))
def test_every_kind_has_its_turn(kind: MessageKind) -> None:
    """Whatever is owed to a group comes at last before the cards of orders that are named already."""
    rows = [_one(1, kind), _one(2, named=True)]
    assert [one.id for one in first(rows, NOW, 2)] == [1, 2]


def test_few_new_orders_come_by_themselves() -> None:
    """Ten may wait for a minute; one more, or a longer wait, and the oldest twenty are named; never one alone."""
    few = [_one(i, ago=59) for i in range(10)]
    assert to_name(few, NOW) == []
    assert to_name([*few, _one(99)], NOW) == [*few, _one(99)]
    assert to_name([_one(1, ago=61), _one(2)], NOW) == [_one(1, ago=61), _one(2)]
    assert to_name([_one(1, ago=500)], NOW) == []
    many = [_one(i, ago=100 - i) for i in range(30)]
    assert to_name(reversed(many), NOW) == many[:MOST_NAMED]


def test_what_the_group_knows_is_not_named() -> None:
    """A card that stands, an order that is named, money: none of them is news."""
    known = [_one(1, ago=99, standing=True), _one(2, ago=99, named=True), _one(3, CASE, ago=99), _one(4, DIGEST)] * 9
    assert to_name(known, NOW) == []


def test_a_digest_is_finished_with_its_last_card() -> None:
    """Counted anew when nothing of it waits any more, and not before."""
    rows = [_one(1, named=True, named_in=7), _one(2, named=True, named_in=7), _one(3, named=True, named_in=8)]
    assert finished(rows, rows[:1]) == set()
    assert finished(rows, rows[:2]) == {7}
    assert finished(rows, [rows[0], rows[2]]) == {8}
    assert finished([_one(4, standing=True, named_in=9)], [_one(4, standing=True, named_in=9)]) == set()
