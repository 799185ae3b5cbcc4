"""What the ancestor's words are here: statuses, payment, badges, provinces, and what an order cost. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from core.catalog.rules import Badge
from core.imports.rules import Row, Trouble, cents, line, switch, whole
from core.orders.rules import Line, Move, PaymentMethod, PaymentStatus, Status
from core.settlements.rules import Source
from core.shipping import rules as shipping
from core.stock.rules import HoldState
from core.suspicion.rules import Verdict

_OTHER_WORDS = {"ready": Status.READY, "out": Status.OUT, "processing": Status.PREPARING, "completed": Status.DELIVERED,
                "canceled": Status.CANCELLED}  # fmt: skip
STATUS: Mapping[str, Status] = {
    status.value: status for status in Status if status not in {Status.EXPIRED, Status.RETURNED}
} | _OTHER_WORDS
BADGE: Mapping[str, Badge] = {
    "new": Badge.NEW, "newarrival": Badge.NEW, "bestseller": Badge.BEST_SELLER, "bestselling": Badge.BEST_SELLER,
    "sale": Badge.SALE, "onsale": Badge.SALE, "limited": Badge.LIMITED, "limitededition": Badge.LIMITED,
}  # fmt: skip
HOLDS: Mapping[Status, tuple[HoldState, ...]] = {
    Status.PENDING: (HoldState.ACTIVE,),
    Status.CONFIRMED: (HoldState.ACTIVE, HoldState.COMMITTED),
    Status.PREPARING: (HoldState.ACTIVE, HoldState.COMMITTED),
    Status.READY: (HoldState.ACTIVE, HoldState.COMMITTED),
    Status.OUT: (HoldState.ACTIVE, HoldState.COMMITTED, HoldState.SHIPPED),
}
"""Which promises of stock an open order has been through; what is over has left the shelf long ago."""
CAME_BY: Mapping[Status, tuple[Move, Status]] = {
    Status.CONFIRMED: (Move.CONFIRM, Status.PENDING),
    Status.PREPARING: (Move.PREPARE, Status.CONFIRMED),
    Status.READY: (Move.READY, Status.PREPARING),
    Status.OUT: (Move.OUT, Status.READY),
    Status.DELIVERED: (Move.DELIVER, Status.OUT),
    Status.CANCELLED: (Move.CANCEL, Status.PENDING),
}
"""The move that leads to a status, for the one date that is known of it."""
BEFORE_DOOR = frozenset({Status.CONFIRMED, Status.PREPARING, Status.READY})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an order stands here: ``booked`` is whose word its money is in the ledger by, None for none.

    ``asked``: somebody must look whether it was paid. ``unseen``: it was called done without anybody having looked;
    ``kept``: it was paid and cancelled, and nothing tells whether the money went back.
    """

    status: Status
    payment: PaymentStatus
    booked: Source | None = None
    asked: bool = False
    unseen: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """What an order cost, in cents, so that it adds up; ``gap`` is by how much it did not, ``lines`` if they do not."""

    subtotal: int
    discount: int
    fee: int
    total: int
    gap: int
    lines: bool


def status(row: Row) -> Status:
    """Where an order stands; ``Trouble("status")`` for a word that means nothing here."""
    said = re.sub(r"[\s-]+", "_", line(row.fields, "status", 40).lower())
    if said not in STATUS:
        raise Trouble("status", said)
    return STATUS[said]


def method(row: Row) -> PaymentMethod:
    """How it was to be paid: everything but cash is a bank's QR here."""
    said = line(row.fields, "payment_method", 40).lower()
    if "cash" in said or said == "cod":
        return PaymentMethod.COD
    if any(word in said for word in ("khqr", "acleda", "wing", "aba", "bakong", "qr")):
        return PaymentMethod.KHQR
    raise Trouble("method", said)


def standing(at: Status, how: PaymentMethod, *, received: bool) -> Standing:
    """Decide where an order stands here. What nobody looked for is not paid by our word (reference, "Expect dirt").

    Paid by QR and pending is confirmed; confirmed and never looked up waits for a person, who approves and so confirms
    it; of what is over, and of what is out already, nothing is asked any more.
    """
    if at is Status.CANCELLED:
        paid = received and how is PaymentMethod.KHQR
        return Standing(at, PaymentStatus.PAID, Source.STAFF, kept=True) if paid else Standing(at, PaymentStatus.UNPAID)
    if how is PaymentMethod.COD:
        paid = received or at is Status.DELIVERED
        return Standing(at, PaymentStatus.PAID, Source.CASH) if paid else Standing(at, PaymentStatus.DUE)
    if received:
        return Standing(Status.CONFIRMED if at is Status.PENDING else at, PaymentStatus.PAID, Source.STAFF)
    if at in BEFORE_DOOR or at is Status.PENDING:
        return Standing(Status.PENDING, PaymentStatus.REVIEW, asked=True, unseen=at is not Status.PENDING)
    return Standing(at, PaymentStatus.UNPAID, unseen=True)


def figures(row: Row, goods: int) -> Figures:
    """Make an order's amounts add up to what was charged: too much is delivery, too little a discount.

    ``goods`` are its lines together. ``Trouble`` where it cost nothing, or less.
    """
    total = cents(row.fields, "total")
    fee, discount = cents(row.fields, "shipping_fee", 0), cents(row.fields, "discount_amount", 0)
    subtotal = cents(row.fields, "subtotal", goods) or goods
    if subtotal <= 0 or total < 0:
        raise Trouble("amount", "total" if total < 0 else "subtotal")
    gap = total - (subtotal - discount + fee)
    fee, discount = max(fee, 0), max(discount, 0)
    left = total - (subtotal - discount + fee)
    if left < 0:
        discount -= left
    else:
        back = min(discount, left)
        discount, fee = discount - back, fee + left - back
    return Figures(subtotal, discount, fee, total, gap, goods not in {0, subtotal})


def verdict(row: Row) -> Verdict | None:
    """What staff found of an order; None where nobody looked, and nothing was suspected."""
    said = line(row.fields, "verification_status", 40).lower()
    if said in set(Verdict):
        return Verdict(said)
    if switch(row.fields, "is_suspicious"):
        return Verdict.SUSPICIOUS
    return Verdict.VERIFIED if switch(row.fields, "is_verified") else None


@dataclass(frozen=True, slots=True)
class Item:
    """One line as it was: ``product`` is its key there, empty where it is gone."""

    product: str
    name: str
    price: int
    quantity: int


def item(row: Row, product: str) -> Item:
    """Read a line; ``Trouble`` where it has no price or no quantity."""
    price, quantity = cents(row.fields, "product_price"), whole(row.fields, "quantity")
    if price <= 0 or quantity <= 0:
        raise Trouble("line", "product_price" if price <= 0 else "quantity")
    return Item(product, line(row.fields, "product_name", 200) or "–", price, quantity)


def folded(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Put lines of one variant and one price together: an order has each variant once."""
    found: dict[int, Line] = {}
    for one in lines:
        there = found.get(one.variant_id)
        found[one.variant_id] = replace(there, quantity=there.quantity + one.quantity) if there else one
    return tuple(found.values())


def badge(row: Row) -> Badge | None:
    """The badge a free text means."""
    return BADGE.get(_plain(line(row.fields, "badge", 60)))


def shelf(row: Row) -> tuple[str, str]:
    """The shelf of a product, in both languages: what its badge says where that is no badge of ours; else "All"."""
    said = line(row.fields, "badge", 60)
    if not said or badge(row):
        return "All", "ទាំងអស់"
    return said, line(row.fields, "badge_kh", 60) or said


def slug(text: str, longest: int = 50) -> str:
    """Write a text as it stands in a link; empty where it has no Latin letter or digit."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:longest].strip("-")


def province(name: str) -> str:
    """The code of a province by its name in either language, in its usual spellings; empty where it is none."""
    return shipping.named(name)


def street(address: str, province_name: str) -> str:
    """An address without the province behind it, which is written there again."""
    cut = address.strip()
    end = province_name.strip()
    if end and cut.lower().endswith(end.lower()) and len(cut) > len(end):
        cut = cut[: -len(end)].rstrip(" ,·-")
    return cut


def _plain(text: str) -> str:
    """Fold a word for comparing: case, spaces and strokes are nothing."""
    return re.sub(r"[\s_'’.-]+|(?i:province|city)$", "", text.strip().lower())
