"""What goes first into a group that cannot take everything at once, and when new orders are named together: pure.

A group takes 20 messages a minute (https://core.telegram.org/bots/faq), a good day brings more. New orders come first:
one by one while they are few, named together in a digest when they are many. Their own cards follow when there is room.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.messages.rules import MessageKind
from core.orders.rules import Order

FOLD = 10
"""As many new cards may wait; more are named in a digest."""
MOST_NAMED = 20
"""As many orders one digest names: each has a line and a button."""
SEEN_WITHIN = timedelta(seconds=60)
"""No new order waits longer unnamed."""
FILLED_FOR = timedelta(seconds=60)
"""A digest with room left takes in more so long after it was drawn; later nobody would look up to it."""
NAMING = timedelta(minutes=2)
"""An order is held to be named so long after its digest was owed; where none came by then it is named again."""
EDIT_AFTER = timedelta(minutes=2)
"""So much younger a new order may be and still come before the redraw of a card that stands."""
AGED = timedelta(minutes=10)
"""What waits longer goes with the money and the talks, the oldest first: no card is out of date for an hour."""
CALM = {
    MessageKind.STAFF_CARD: timedelta(),
    MessageKind.BOARD: timedelta(minutes=1),
    MessageKind.BROADCAST: timedelta(minutes=1),
    MessageKind.REVIEW: timedelta(minutes=5),
    MessageKind.NUDGE: timedelta(minutes=5),
    MessageKind.LOW_STOCK: timedelta(minutes=5),
    MessageKind.DAY_REPORT: timedelta(minutes=5),
    MessageKind.STORAGE_REPORT: timedelta(minutes=5),
}
"""What may wait behind people and money, and how much younger a new order is that still comes before it.

Everything else that is owed to a group is about people or money.
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message that a group is owed, as its row says: ``since`` when it was first owed.

    ``standing``: its card stands there and only has to be edited. ``named_in``: the message of the digest that names
    the order, 0 for none; ``named``: it is named there, or in one that is on its way. ``urgent``: somebody opened it,
    or it is a digest that names an order for the first time.
    """

    id: int
    kind: MessageKind
    subject_id: int
    since: datetime
    standing: bool = False
    named: bool = False
    named_in: int = 0
    urgent: bool = False

    @property
    def is_new(self) -> bool:
        """Whether it is the card of an order that the group has not heard of."""
        return self.kind is MessageKind.STAFF_CARD and not (self.standing or self.named or self.urgent)

    @property
    def is_spare(self) -> bool:
        """Whether nobody misses it: the order is named already, or the digest is only counted anew."""
        if self.urgent or (self.standing and self.kind is not MessageKind.ORDER_DIGEST):
            return False
        return self.named or self.kind is MessageKind.ORDER_DIGEST


@dataclass(frozen=True, slots=True)
class NamedOrder:
    """An order in a digest; ``stands``: its own card is in the group too."""

    order: Order
    stands: bool


@dataclass(frozen=True, slots=True)
class Digest:
    """What a digest says: its orders, the oldest first, and how many cards the group still waits for in all."""

    orders: tuple[NamedOrder, ...]
    waiting: int


def to_name(waiting: Iterable[Waiting], now: datetime) -> list[Waiting]:
    """Choose the orders that a digest must name now, the oldest first; none while their cards can go one by one."""
    new = sorted((one for one in waiting if one.is_new), key=_age)
    many = len(new) > FOLD or (len(new) > 1 and now - new[0].since > SEEN_WITHIN)
    return new[:MOST_NAMED] if many else []


def first(waiting: Iterable[Waiting], now: datetime, room: int) -> list[Waiting]:
    """Choose what goes now where there is room for so many messages."""
    return sorted(waiting, key=lambda one: _turn(one, now))[: max(room, 0)]


def _turn(one: Waiting, now: datetime) -> tuple[int, datetime, int]:
    """Say whose turn it is: a smaller one comes first."""
    waited = now - one.since
    if one.urgent and one.kind is MessageKind.ORDER_DIGEST:
        return 0, *_age(one)
    if one.is_new and waited > SEEN_WITHIN:
        return 1, *_age(one)
    if one.is_spare:
        return 4, *_age(one)
    if one.urgent or one.kind not in CALM or waited > AGED:
        return 2, *_age(one)
    is_edit = one.standing and one.kind is MessageKind.STAFF_CARD
    return 3, one.since + (EDIT_AFTER if is_edit else CALM[one.kind]), one.id


def _age(one: Waiting) -> tuple[datetime, int]:
    return one.since, one.id


def finished(waiting: Iterable[Waiting], going: Sequence[Waiting]) -> set[int]:
    """Name the digests of which the last card goes now, by their message."""
    ids = {one.id for one in going}
    left = {one.named_in for one in waiting if not one.standing and one.id not in ids}
    return {one.named_in for one in going if one.named_in and not one.standing} - left
