"""An order and its life: pure. ``MOVES`` is read by buttons, guards, docs and tests alike.

Fulfilment (``Status``) and payment (``PaymentStatus``) are separate: an order can be delivered and unpaid, or paid and
cancelled. A token identifies an order; only a role authorises.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.errors import NotAllowed, OutOfDate, Refused
from core.money import Currency, Money
from core.orders.carriers import Shipment
from core.orders.reasons import CUSTOMERS_REASONS as CUSTOMERS_REASONS  # noqa: PLC0414 - of the rules, on a page of its own
from core.orders.reasons import STAFFS_REASONS as STAFFS_REASONS  # noqa: PLC0414 - of the rules, on a page of its own
from core.orders.reasons import CancelReason as CancelReason  # noqa: PLC0414 - of the rules, on a page of its own
from core.orders.reasons import ReturnReason as ReturnReason  # noqa: PLC0414 - of the rules, on a page of its own
from core.people.rules import Person, Rank, Role
from core.stock.rules import HoldState


class Status(StrEnum):
    """Where an order stands on its way."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    PREPARING = "preparing"
    READY = "ready_for_delivery"
    OUT = "out_for_delivery"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class PaymentMethod(StrEnum):
    """How the customer chose to pay."""

    KHQR = "khqr"
    COD = "cod"


class PaymentStatus(StrEnum):
    """Where the money stands. ``due`` is cash that the courier collects; ``review`` waits in the payment inbox."""

    UNPAID = "unpaid"
    DUE = "due"
    PAID = "paid"
    REVIEW = "review"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"


class Move(StrEnum):
    """What can be done with an order."""

    CONFIRM = "confirm"
    PREPARE = "prepare"
    READY = "ready"
    OUT = "out"
    DELIVER = "deliver"
    RETURN = "return"
    CANCEL = "cancel"
    EXPIRE = "expire"
    REVIVE = "revive"


class Turn(StrEnum):
    """Which way a list of orders is turned."""

    OLDER = "older"
    NEWER = "newer"


SYSTEM = 9
"""Above every person's rank: only the shop itself makes such a move."""


@dataclass(frozen=True, slots=True)
class Step:
    """One way of making a move: from where to where, how far a role must reach, what becomes of the stock promised."""

    move: Move
    source: Status
    to: Status
    rank: int
    holds: HoldState | None = None
    only: PaymentMethod | None = None


MOVES: tuple[Step, ...] = (
    Step(Move.CONFIRM, Status.PENDING, Status.CONFIRMED, Rank.STAFF, HoldState.COMMITTED, PaymentMethod.COD),
    Step(Move.CONFIRM, Status.PENDING, Status.CONFIRMED, SYSTEM, HoldState.COMMITTED, PaymentMethod.KHQR),
    Step(Move.PREPARE, Status.CONFIRMED, Status.PREPARING, Rank.STAFF),
    Step(Move.READY, Status.PREPARING, Status.READY, Rank.STAFF),
    Step(Move.OUT, Status.READY, Status.OUT, Rank.COURIER, HoldState.SHIPPED),
    Step(Move.OUT, Status.RETURNED, Status.OUT, Rank.STAFF),
    Step(Move.DELIVER, Status.OUT, Status.DELIVERED, Rank.COURIER),
    Step(Move.RETURN, Status.OUT, Status.RETURNED, Rank.COURIER),
    Step(Move.CANCEL, Status.PENDING, Status.CANCELLED, Rank.CUSTOMER, HoldState.RELEASED),
    Step(Move.CANCEL, Status.CONFIRMED, Status.CANCELLED, Rank.STAFF, HoldState.RELEASED),
    Step(Move.CANCEL, Status.PREPARING, Status.CANCELLED, Rank.STAFF, HoldState.RELEASED),
    Step(Move.CANCEL, Status.READY, Status.CANCELLED, Rank.ADMIN, HoldState.RELEASED),
    Step(Move.CANCEL, Status.RETURNED, Status.CANCELLED, Rank.ADMIN, HoldState.RELEASED),
    Step(Move.EXPIRE, Status.PENDING, Status.EXPIRED, SYSTEM, HoldState.RELEASED, PaymentMethod.KHQR),
    Step(Move.REVIVE, Status.EXPIRED, Status.CONFIRMED, SYSTEM, HoldState.COMMITTED, PaymentMethod.KHQR),
)
"""The whole life of an order (PRODUCT, "Order"). Delivered and cancelled lead nowhere."""

ENDED = frozenset({Status.DELIVERED, Status.CANCELLED, Status.EXPIRED, Status.RETURNED})
"""Where the customer waits for nothing more, and may want the same again."""

WORKED = frozenset({Status.CONFIRMED, Status.PREPARING, Status.READY, Status.OUT, Status.RETURNED})
"""Where somebody's hands are on an order: there is a parcel, or soon will be."""

PATH = (Status.PENDING, Status.CONFIRMED, Status.PREPARING, Status.OUT, Status.DELIVERED)
"""The way a customer is shown; ready for delivery is still preparing to them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was sold; names in both languages and the unit price are snapshots."""

    variant_id: int
    sku: str
    name_en: str
    name_km: str
    variant_en: str
    variant_km: str
    unit_price: Money
    quantity: int

    @property
    def total(self) -> Money:
        """What the line costs."""
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the parcel goes, as it was when the order was placed."""

    recipient: str
    phone: str
    province_code: str
    district_code: str
    street: str
    written_en: str
    written_km: str
    latitude: float | None = None
    longitude: float | None = None
    commune_code: str = ""


NOTHING = Money(0, Currency.USD)


@dataclass(frozen=True, slots=True)
class Order:
    """An order with its lines. ``version`` grows with every change; ``riel_rate`` is riel for one dollar, frozen.

    ``discount`` is what ``promo_code`` and ``points_used`` took off, the points ``points_discount`` of it.
    ``note`` is what the customer wants the shop to know. ``money_waiting``: money came for it that a person must look
    at or send back, whatever ``payment_status`` says. ``cancel_reason`` is why it was cancelled, ``return_reason`` why
    it came back, ``received_at`` when the customer said that it came. ``courier_id``: who carries the parcel, or is to.
    ``held_at``: since when its holder has it; ``shipment`` who brings it where that is not the shop.
    ``prepaid`` is what was paid by KHQR before a change made it dearer; ``entered_by`` who wrote it down for somebody
    who phoned.
    """

    id: int
    number: str
    cart_id: int
    person_id: int
    tracking_token: str
    parcel_token: str
    status: Status
    payment_method: PaymentMethod
    payment_status: PaymentStatus
    subtotal: Money
    discount: Money
    delivery_fee: Money
    total: Money
    riel_rate: int
    language: str
    destination: Destination
    expires_at: datetime | None
    holder_id: int | None
    holder_name: str
    version: int
    placed_at: datetime
    updated_at: datetime
    lines: tuple[Line, ...]
    money_waiting: bool = False
    promo_code: str = ""
    points_used: int = 0
    points_discount: Money = NOTHING
    note: str = ""
    cancel_reason: CancelReason | None = None
    received_at: datetime | None = None
    delivered_at: datetime | None = None
    return_reason: ReturnReason | None = None
    courier_id: int | None = None
    courier_name: str = ""
    prepaid: Money = NOTHING
    entered_by: int | None = None
    entered_name: str = ""
    held_at: datetime | None = None
    shipment: Shipment | None = None

    @property
    def paid(self) -> Money:
        """What of it is settled before the parcel is handed over."""
        return self.total if self.payment_status is PaymentStatus.PAID else self.prepaid

    @property
    def by_cash(self) -> bool:
        """Whether anything of it is paid at the door."""
        return self.payment_method is PaymentMethod.COD or self.prepaid.amount > 0

    @property
    def to_collect(self) -> Money:
        """What the courier takes at the door where cash is due: all of it, or what a change added to what was paid."""
        return self.total - self.prepaid

    @property
    def forgotten(self) -> bool:
        """Whether its customer asked to be forgotten: it stands for the books, without them."""
        return not (self.destination.recipient or self.destination.phone)

    @property
    def standing(self) -> str:
        """Where it stands as people are told: the status, and for one that waits, for what; under ``status.``."""
        if self.status is not Status.PENDING:
            return self.status
        review = self.payment_status is PaymentStatus.REVIEW
        return f"{self.status}_{'review' if review else self.payment_method}"

    @property
    def open(self) -> bool:
        """Whether money for it can still make it a confirmed order."""
        return self.status in {Status.PENDING, Status.EXPIRED}


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One page of a person's orders, the newest first; whether there are ``newer`` and ``older`` ones beside it."""

    orders: tuple[Order, ...]
    newer: bool = False
    older: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to an order: who (None: the shop itself), what, when, and what belongs to it."""

    kind: str
    from_status: str | None
    to_status: str | None
    actor_id: int | None
    actor_name: str
    at: datetime
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """What an order costs: ``charged`` is goods less discount, with delivery."""

    goods: Money
    discount: Money
    delivery: Money
    charged: Money


def new_token() -> str:
    """Make an unguessable 128-bit token, written as 22 characters that need no escaping in a link."""
    return secrets.token_urlsafe(16)


def number(prefix: str, counter: int) -> str:
    """Write an order number: ``MD00042``."""
    return f"{prefix}{counter:05d}"


def step_for(order: Order, move: Move, rank: int, *, own: bool = False) -> Step:
    """Find how ``move`` is made from where the order stands.

    ``own``: the actor is the customer. ``OutOfDate`` where it cannot be made from here; ``NotAllowed`` where the role
    does not reach; a customer cancels only their own order, and only while it is pending.
    """
    steps = [s for s in MOVES if s.move is move and s.source is order.status and s.only in (None, order.payment_method)]
    if not steps:
        raise OutOfDate("moved_on", name=order.holder_name)
    if not _reaches(steps[0], rank, own=own):
        raise NotAllowed
    return steps[0]


def _reaches(step: Step, rank: int, *, own: bool) -> bool:
    """Tell whether a role reaches: what customers do, they do to their own orders, and staff (no courier) for them."""
    return own or rank >= Rank.STAFF if step.rank == Rank.CUSTOMER else rank >= step.rank


def must_be_anothers(order: Order, person: Person) -> None:
    """Refuse to judge one's own order, or its money; an owner may."""
    if order.person_id == person.id and person.role is not Role.OWNER:
        raise Refused("check_own")


def possible(order: Order, person: Person) -> list[Move]:
    """What this person could do with the order now, in the order of ``MOVES``."""
    own = person.id == order.person_id
    found = []
    for step in MOVES:
        fits = step.source is order.status and step.only in (None, order.payment_method)
        if fits and _reaches(step, person.rank, own=own) and can_carry(order, person, step.move):
            found.append(step.move)
    return found


CARRIED = frozenset({Status.READY, Status.OUT})
"""Where a parcel is in somebody's hands, or ready for them."""
AT_THE_DOOR = frozenset({Move.DELIVER, Move.RETURN})
"""What is done by whoever carries the parcel; staff may do it for them."""


def can_carry(order: Order, person: Person, move: Move) -> bool:
    """Tell whether the parcel is theirs to make ``move`` with: a courier ends no way that somebody else goes."""
    others = order.courier_id not in {None, person.id}
    return not (others and move in AT_THE_DOOR and person.rank < Rank.STAFF)


def may_give(
    order: Order, person: Person, move: Move = Move.CANCEL
) -> tuple[CancelReason, ...] | tuple[ReturnReason, ...]:
    """The reasons this person can give for a move that has some.

    Cancelling: a customer's, staff's, or both for staff who ordered it; for a parcel that comes back, its carrier's.
    """
    if move is not Move.CANCEL:
        return tuple(ReturnReason) if move is Move.RETURN else ()
    own = CUSTOMERS_REASONS if person.id == order.person_id else ()
    return own + (STAFFS_REASONS if person.rank >= Rank.STAFF else ())


def can_receive(order: Order, person: Person) -> bool:
    """Tell whether this person can say now that the order came."""
    return order.person_id == person.id and order.status is Status.OUT and order.received_at is None


def payment_after(order: Order, move: Move) -> PaymentStatus:
    """What a move that goes on does to the money: delivered cash is collected; the ledger says what an end does."""
    if move is Move.DELIVER and order.payment_status is PaymentStatus.DUE:
        return PaymentStatus.PAID
    if move in {Move.CONFIRM, Move.REVIVE} and order.payment_method is PaymentMethod.KHQR:
        return PaymentStatus.PAID
    return order.payment_status


def total(lines: Iterable[Line], discount: Money, fee: Callable[[Money], Money]) -> Total:
    """Add up what is charged: a discount takes off no more than the goods cost, ``fee`` tells delivery for them."""
    cost = goods(lines)
    off = min(discount, cost)
    delivery = fee(cost)
    return Total(cost, off, delivery, cost - off + delivery)


def goods(lines: Iterable[Line]) -> Money:
    """Add up what the lines cost."""
    return sum((line.total for line in lines), Money(0, Currency.USD))
