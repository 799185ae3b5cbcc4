"""What may be printed for a parcel, and what its code shows to whom: pure."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from core.errors import Refused
from core.orders.rules import WORKED, Order
from core.people.rules import Person, Rank

GUESSES, SILENCE = 20, timedelta(hours=1)
"""So many codes of nothing within so long, and nobody who does not work here is answered for so long."""
MOST = 200
"""As many parcels are printed in one file."""


class Paper(StrEnum):
    """What is printed for a parcel."""

    LABEL = "l"
    SLIP = "s"


class View(StrEnum):
    """What a parcel's code opens: its customer's own card, the counter's card with its moves, or where it stands."""

    OWN = "own"
    COUNTER = "counter"
    TRACKING = "tracking"


@dataclass(frozen=True, slots=True)
class Batch:
    """Parcels that are ready, the oldest first.

    ``left_out`` are numbers and why, as keys of the errors; ``after`` is behind which order more begin, 0 for no more.
    """

    orders: tuple[Order, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    after: int = 0


def refusal(order: Order) -> str:
    """Why nothing is printed for an order, as a key of the errors; empty where it can be."""
    if order.forgotten:
        return "parcel_forgotten"
    return "" if order.status in WORKED else "parcel_none"


def must_print(order: Order) -> None:
    """Refuse to print what :func:`refusal` says."""
    if why := refusal(order):
        raise Refused(why, number=order.number)


def batch(found: list[Order], most: int = MOST) -> Batch:
    """Take as many as one file holds, those aside for which nothing can be printed."""
    page = found[:most]
    left_out = tuple((order.number, why) for order in page if (why := refusal(order)))
    after = page[-1].id if len(found) > most else 0
    return Batch(tuple(order for order in page if not refusal(order)), left_out, after)


def view(order: Order, person: Person) -> View:
    """Decide what the code of an order's parcel shows to who opened it; a token identifies, only a role authorises."""
    if order.person_id == person.id:
        return View.OWN
    return View.COUNTER if person.rank >= Rank.COURIER else View.TRACKING


def silenced(guesses: int) -> bool:
    """Tell whether so many guesses within :data:`SILENCE` are too many."""
    return guesses >= GUESSES
