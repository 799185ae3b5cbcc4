"""In whose hands a parcel is: who may end its way, who has it once it is taken out. Pure."""

from core.errors import NotAllowed
from core.orders.rules import Move, Order, Status, Step, can_carry
from core.people.rules import Person, Rank


def must_carry(order: Order, person: Person, move: Move) -> None:
    """Refuse with ``NotAllowed``, which names the carrier, what :func:`can_carry` says is not theirs to do."""
    if not can_carry(order, person, move):
        raise NotAllowed("carried_by", name=order.courier_name)


def carrier_after(order: Order, step: Step, by: Person) -> int:
    """Tell who carries a parcel that ``by`` takes out: they do, but what staff hand over stays whose it was given."""
    given = order.courier_id if step.source is Status.READY and by.rank >= Rank.STAFF else None
    return given or by.id
