"""What is kept of a person, what of it they get, what stands in the way of forgetting them: pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from core.errors import Refused
from core.money import Money
from core.orders.rules import Order, PaymentStatus, Status

APART = timedelta(days=1)
"""A person's data are written into a file once in so long."""
WATCHED = timedelta(days=1)
"""So long after a QR is over money for it may still come (``payments.rules``): until then its order is not done."""
VALID = timedelta(minutes=10)
"""How long the last button before everything goes is worth pressing."""
DONE = frozenset({Status.DELIVERED, Status.CANCELLED, Status.EXPIRED})
OWED = frozenset({PaymentStatus.DUE, PaymentStatus.REVIEW, PaymentStatus.REFUND_DUE})

EXPORTED = frozenset({
    "people", "roles", "addresses", "questions", "favourites", "waitlist", "carts", "cart_lines", "orders",
    "order_lines", "order_events", "payment_attempts", "payment_cases", "settlements", "point_entries", "promo_uses",
    "reviews", "help_threads", "help_messages", "shipments", "subscribers",
})  # fmt: skip
"""The tables of which a person gets what is theirs; of questions not what they are asked at the counter."""
KEPT_BACK: Mapping[str, str] = {
    "inbox": "what they wrote and tapped, as it came: it stands in their own chat, and goes after a week",
    "outbox": "what they were sent: it stands in their own chat, and goes after a month",
    "message_refs": "in which message of their own chat an order's card stands",
    "audit": "who changed what at the counter; of a customer's doings the orders' events tell",
    "stock_movements": "units of goods; who moved them is told by the orders' events",
    "holds": "units of goods kept for an order: the same as the order's lines",
    "cash_collections": "the shop's books of which courier carried how much cash, until it was counted",
    "cash_hand_ins": "the shop's books of the cash that couriers handed in, and of who counted it",
    "order_notes": "what staff tell each other about an order; emptied when its customer is forgotten",
    "nudges": "of which orders staff were reminded",
    "order_checks": "the shop's own suspicion of an order, and who decided; emptied when its customer is forgotten",
    "broadcasts": "what the shop wrote to many, and who of the staff wrote it",
    "broadcast_sends": "which news of the shop came to them: they stand in their own chat",
    "goods_receipts": "goods that came in, and who of the staff noted it",
    "import_files": "lists that somebody of the staff brought in",
    "invitations": "who of the staff invited whom",
    "topics": "where in the staff's group the shop writes what",
    "tombstones": "only of people who are not there any more",
}
"""The tables that say something of people and of which nothing is given, each with its reason."""


class Hindrance(StrEnum):
    """Why an order keeps the shop from forgetting its customer."""

    UNDER_WAY = "under_way"
    MONEY = "money"
    QR = "qr"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An order that is not done with, and why."""

    order_id: int
    number: str
    why: Hindrance


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Somebody who was forgotten: which row was emptied, since when it stood, and their fingerprint."""

    person_id: int
    joined_at: datetime
    person_hash: str
    at: datetime


def hindrance(order: Order, *, asked: bool) -> Hindrance | None:
    """Tell why an order is not done with; ``asked``: the bank is still asked about one of its QRs."""
    if order.status not in DONE:
        return Hindrance.UNDER_WAY
    if order.payment_status in OWED or order.money_waiting:
        return Hindrance.MONEY
    return Hindrance.QR if asked else None


def must_be_due(last: datetime | None, now: datetime) -> None:
    """Refuse a second file within a day with ``Refused("export_daily")``; a clock that jumped back bars nobody."""
    if last is not None and last <= now < last + APART:
        raise Refused("export_daily")


def must_be_asked(asked_at: int, now: datetime) -> None:
    """Refuse a last button that is not of these minutes (or forged) with ``Refused("delete_ask_again")``."""
    if not 0 <= now.timestamp() - asked_at <= VALID.total_seconds():
        raise Refused("delete_ask_again")


def readable(kept: Mapping[str, Any], zone: ZoneInfo) -> bytes:
    """Write it as JSON for people to read: Khmer as it is, moments in the shop's zone, money with its currency."""
    return (json.dumps(_plain(kept, zone), ensure_ascii=False, indent=2) + "\n").encode()


def file_name(day: date) -> str:
    """Name the file: ``my_data_20261121.json``."""
    return f"my_data_{day:%Y%m%d}.json"


def _plain(value: Any, zone: ZoneInfo) -> Any:
    plain = value
    match value:
        case Money():
            plain = f"{value.major:,.{value.currency.decimals}f} {value.currency}"
        case datetime():
            plain = value.astimezone(zone).isoformat(timespec="seconds")
        case Mapping():
            plain = {key: _plain(one, zone) for key, one in value.items()}
        case list():
            plain = [_plain(one, zone) for one in value]
    return plain
