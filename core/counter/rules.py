"""What the counter's card of an order has beside the order: notes, the last tap, what happened. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.errors import OutOfDate
from core.orders.rules import WORKED, Event, Order
from core.orders.undoing import Undoing
from core.people.rules import Person, Rank

LONGEST = 500
SHOWN = 3
"""As many notes stand on the card, the last ones."""


@dataclass(frozen=True, slots=True)
class Note:
    """What one of the staff wrote about an order, for the others; its customer never sees it."""

    author: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """What the counter's card has beside the order: the last notes, how many came before, the tap to take back."""

    notes: tuple[Note, ...] = ()
    earlier: int = 0
    undoing: Undoing | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Everything that happened to an order, the oldest first: its events, and between them the notes.

    ``names`` are those of the people to whom its parcel was given, by id.
    """

    order: Order
    lines: tuple[Event | Note, ...]
    names: Mapping[int, str] = field(default_factory=dict)


def can_take_over(order: Order, person: Person) -> bool:
    """Tell whether another holds it and this person can take it; the group (person 0) reads it as somebody else."""
    others = order.holder_id is not None and order.holder_id != person.id
    return others and order.status in WORKED and person.rank >= Rank.STAFF


def must_be_held(order: Order, person: Person) -> None:
    """Refuse with ``OutOfDate`` to take over what nobody holds, what is over, and what is one's own already."""
    if order.status not in WORKED:
        raise OutOfDate("moved_on")
    if order.holder_id is None:
        raise OutOfDate("nobody_holds")
    if order.holder_id == person.id:
        raise OutOfDate("done_already")


def can_ship(order: Order, person: Person) -> bool:
    """Tell whether this person can say now which carrier brings it."""
    return order.status in WORKED and person.rank >= Rank.STAFF


def together(events: Iterable[Event], notes: Iterable[Note]) -> tuple[Event | Note, ...]:
    """Put notes between the events by their time; what happened at one moment stays in its order, notes last."""
    return tuple(sorted([*events, *notes], key=lambda one: one.at))
