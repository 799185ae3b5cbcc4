"""The life of a promise of stock: pure.

::

    active ──commit──▶ committed ──ship──▶ shipped
       └────release──▶ released ◀──release──┘   (from committed too; from shipped the goods came back)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class HoldState(StrEnum):
    """Where a hold stands."""

    ACTIVE = "active"
    COMMITTED = "committed"
    SHIPPED = "shipped"
    RELEASED = "released"


class MovementKind(StrEnum):
    """Why a figure of stock changed."""

    RECEIVED = "received"
    HELD = "held"
    COMMITTED = "committed"
    SHIPPED = "shipped"
    RELEASED = "released"
    RETURNED = "returned"
    ADJUSTED = "adjusted"


@dataclass(frozen=True, slots=True)
class Hold:
    """``quantity`` units of one variant promised to one order."""

    variant_id: int
    quantity: int
    state: HoldState


@dataclass(frozen=True, slots=True)
class Change:
    """What one unit of a hold does to the three figures of its variant's stock."""

    kind: MovementKind
    on_hand: int
    held: int
    allocated: int


@dataclass(frozen=True, slots=True)
class Low:
    """A variant of which little can still be promised: ``left`` units.

    ``receipt`` is its last receipt or correction, 0 for none: who counts on top of what they saw names it. ``on_sale``
    is False where its product is hidden.
    """

    variant_id: int
    product_id: int
    sku: str
    name_en: str
    name_km: str
    variant_en: str
    variant_km: str
    left: int
    receipt: int
    on_sale: bool


CHANGES: Mapping[tuple[HoldState | None, HoldState], Change] = {
    (None, HoldState.ACTIVE): Change(MovementKind.HELD, 0, 1, 0),
    (HoldState.RELEASED, HoldState.ACTIVE): Change(MovementKind.HELD, 0, 1, 0),
    (HoldState.ACTIVE, HoldState.COMMITTED): Change(MovementKind.COMMITTED, 0, -1, 1),
    (HoldState.COMMITTED, HoldState.SHIPPED): Change(MovementKind.SHIPPED, -1, 0, -1),
    (HoldState.ACTIVE, HoldState.RELEASED): Change(MovementKind.RELEASED, 0, -1, 0),
    (HoldState.COMMITTED, HoldState.RELEASED): Change(MovementKind.RELEASED, 0, 0, -1),
    (HoldState.SHIPPED, HoldState.RELEASED): Change(MovementKind.RETURNED, 1, 0, 0),
}


BACK: Mapping[tuple[HoldState | None, HoldState], Change] = {
    (HoldState.COMMITTED, HoldState.ACTIVE): Change(MovementKind.HELD, 0, 1, -1),
    (HoldState.SHIPPED, HoldState.COMMITTED): Change(MovementKind.COMMITTED, 1, 0, 1),
}
"""The way back of what was taken back within its minute; nothing else goes it."""


def wanted(lines: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Add up (variant id, units) into units by variant, in variant order: the order in which rows are locked."""
    total: dict[int, int] = {}
    for variant_id, quantity in lines:
        total[variant_id] = total.get(variant_id, 0) + quantity
    return dict(sorted(total.items()))
