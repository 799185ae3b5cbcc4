"""What can be taken back of an order's life, within a minute: pure. ``UNDO`` stands beside ``MOVES``.

Delivered and cancelled are final (PRODUCT, "Order"): there goods and money changed hands, and nothing takes them back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.orders.rules import Event, Move, Order, PaymentMethod, Status, Step
from core.people.rules import Person, Rank
from core.stock.rules import HoldState

UNDO: tuple[Step, ...] = (
    Step(Move.CONFIRM, Status.CONFIRMED, Status.PENDING, Rank.STAFF, HoldState.ACTIVE, PaymentMethod.COD),
    Step(Move.PREPARE, Status.PREPARING, Status.CONFIRMED, Rank.STAFF),
    Step(Move.READY, Status.READY, Status.PREPARING, Rank.STAFF),
    Step(Move.OUT, Status.OUT, Status.READY, Rank.COURIER, HoldState.COMMITTED),
    Step(Move.OUT, Status.OUT, Status.RETURNED, Rank.STAFF),
    Step(Move.RETURN, Status.RETURNED, Status.OUT, Rank.COURIER),
)
"""The way back of each move that has one: from where it led, to where it came from."""

WINDOW = timedelta(seconds=60)
KEPT = ("holder_id", "held_at", "courier_id")
"""What a move may write beside the status; as it was before, it stands in the move's event."""
BESIDE = frozenset({"shipment", "checked"})
"""What can happen to an order without anything changing that a move decided."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """The last tap on an order: ``steps`` lead back, the last move's first; ``before`` is what they overwrote."""

    steps: tuple[Step, ...]
    actor_id: int
    actor_name: str
    at: datetime
    before: Mapping[str, Any]

    def in_time(self, now: datetime) -> bool:
        """Tell whether it is less than a minute ago; a clock that jumped back opens no longer time."""
        return abs(now - self.at) < WINDOW

    def theirs(self, person: Person) -> bool:
        """Tell whether this person can take it back: who did it, as far as their role still reaches, or an admin."""
        return person.rank >= Rank.ADMIN or (person.id == self.actor_id and person.rank >= self.steps[0].rank)


def remembered(order: Order, written: Iterable[str]) -> dict[str, Any]:
    """Write down, for the event of a move, how the order was that it changes."""
    found = {name: getattr(order, name) for name in KEPT if name in written}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in found.items()}


def last(events: Iterable[Event], order: Order) -> Undoing | None:
    """Find what the last tap on an order did; None where it leads nowhere back, or something happened since.

    Claiming a new order confirms and prepares it by one tap, and is taken back as one.
    """
    lasting = [event for event in events if event.kind not in BESIDE]
    steps: list[Step] = []
    before: dict[str, Any] = {}
    newest = lasting[-1] if lasting else None
    here = order.status
    for event in reversed(lasting):
        step = _back(event, order)
        if step is None or step.source is not here:
            return None
        steps.append(step)
        here, detail = step.to, event.detail or {}
        before |= detail.get("before", {})
        if not detail.get("with"):
            break
    if newest is None or newest.actor_id is None or not steps:
        return None
    return Undoing(tuple(steps), newest.actor_id, newest.actor_name, newest.at, _read(before))


def _back(event: Event, order: Order) -> Step | None:
    """Find the way back of what an event tells."""
    fits = (
        step for step in UNDO
        if (step.move, step.source, step.to) == (event.kind, event.to_status, event.from_status)
        and step.only in (None, order.payment_method)
    )  # fmt: skip
    return next(fits, None)


def _read(before: Mapping[str, Any]) -> dict[str, Any]:
    return {name: datetime.fromisoformat(value) if name == "held_at" and value else value
            for name, value in before.items()}  # fmt: skip
