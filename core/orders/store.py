"""SQL of orders. A status changes only by compare-and-set on (status, version)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    case,
    delete,
    false,
    func,
    insert,
    null,
    select,
    tuple_,
    update,
)

from core import changes
from core.database.columns import insert_new
from core.database.tables import counters, order_events, order_lines, orders, payment_cases, people, shipments
from core.money import Currency, Money
from core.orders.carriers import Carrier, Shipment
from core.orders.rules import (
    CARRIED,
    CancelReason,
    Destination,
    Event,
    Line,
    Move,
    Order,
    PaymentMethod,
    PaymentStatus,
    ReturnReason,
    Status,
)
from core.people.rules import straight

Reason = TypeVar("Reason", CancelReason, ReturnReason)
SETTLED = "done"
"""The state of a payment case whose money waits for nobody any more."""

_WAITING = (
    select(func.count())  # an EXISTS PostgreSQL would answer for a list by reading every case there is
    .where(payment_cases.c.order_id == orders.c.id, payment_cases.c.state != SETTLED)
    .scalar_subquery()
) > 0
_CANCELLED, _RETURNED = (
    select(order_events.c.detail)
    .where(order_events.c.order_id == orders.c.id, order_events.c.kind == move)
    .order_by(order_events.c.id.desc())
    .limit(1)
    .scalar_subquery()
    for move in (Move.CANCEL, Move.RETURN)
)
"""Why it ended as it did, by its last move there."""
SHIPPED = ("carrier", "tracking_number", "shipped_at")
_CARRIER, _CLERK = people.alias("carrier"), people.alias("clerk")
_ORDER = select(
    orders,
    people.c.name.label("holder_name"),
    _CARRIER.c.name.label("courier_name"),
    _CLERK.c.name.label("entered_name"),
    _WAITING.label("money_waiting"),
    *(shipments.c[name] for name in SHIPPED[:2]),
    shipments.c.at.label("shipped_at"),
    case((orders.c.status == Status.CANCELLED, _CANCELLED), (orders.c.status == Status.RETURNED, _RETURNED)).label(
        "why"
    ),
).select_from(
    orders.outerjoin(people, people.c.id == orders.c.holder_id)
    .outerjoin(_CARRIER, _CARRIER.c.id == orders.c.courier_id)
    .outerjoin(_CLERK, _CLERK.c.id == orders.c.entered_by)
    .outerjoin(shipments, shipments.c.order_id == orders.c.id)
)

_BY_ID = _ORDER.where(orders.c.id == bindparam("order"))
_LINES = (
    select(order_lines)
    .where(order_lines.c.order_id.in_(bindparam("orders", expanding=True)))
    .order_by(order_lines.c.order_id, order_lines.c.position)
)
_COUNT = (
    update(counters)
    .where(counters.c.name == bindparam("counter"))
    .values(value=counters.c.value + 1)
    .returning(counters.c.value)
)

_ADD = insert(orders).returning(
    *orders.c,
    *(null().label(name) for name in ("holder_name", "courier_name", "entered_name", "why", *SHIPPED)),
    false().label("money_waiting"),
)
"""What is just written nobody holds, and nothing happened to it: it is not read again."""


def next_number(tx: Connection, name: str = "order") -> int:
    """Count one on; gaps are fine, the same number twice is not."""
    value = tx.execute(_COUNT, {"counter": name}).scalar()
    if value is None and not insert_new(tx, counters, ["name"], name=name, value=1):  # the very first, and a second
        value = tx.execute(_COUNT, {"counter": name}).scalar_one()
    return value or 1


def add(tx: Connection, lines: tuple[Line, ...], destination: Destination, **values: Any) -> Order:
    """Write a new order with its snapshots; returns it. A second order of one cart is an integrity error."""
    where = asdict(destination)
    recipient, phone = where.pop("recipient"), where.pop("phone")
    row = {"recipient": recipient, "phone": phone, "address": where, **values}
    order = _order(tx.execute(_ADD, row).one(), lines)
    tx.execute(insert(order_lines), [_line_values(order.id, i, line) for i, line in enumerate(lines)])
    changes.note(tx, "order", order.id)
    return order


def _line_values(order_id: int, position: int, line: Line) -> dict[str, Any]:
    values = {name: getattr(line, name) for name in ("variant_id", "sku", "name_en", "name_km", "quantity")}
    names = {"variant_en": line.variant_en, "variant_km": line.variant_km, "unit_price": line.unit_price.amount}
    return {"order_id": order_id, "position": position, **values, **names}


def change_lines(tx: Connection, order_id: int, lines: tuple[Line, ...]) -> None:
    """Let an order have these lines instead; those that stay keep their row and their place."""
    standing = {row.variant_id: row.position for row in tx.execute(_LINES, {"orders": [order_id]})}
    there = order_lines.c.order_id == order_id
    tx.execute(delete(order_lines).where(there, order_lines.c.variant_id.not_in([one.variant_id for one in lines])))
    behind = max(standing.values()) + 1
    for line in lines:
        if line.variant_id in standing:
            mine = update(order_lines).where(there, order_lines.c.variant_id == line.variant_id)
            tx.execute(mine.values(quantity=line.quantity))
        else:
            tx.execute(insert(order_lines), _line_values(order_id, behind, line))
            behind += 1


def by_id(tx: Connection, order_id: int) -> Order | None:
    """One order by id, for those whose role or ownership was checked."""
    return next(iter(_many(tx, _BY_ID, {"order": order_id})), None)


def by_ids(tx: Connection, ids: Sequence[int]) -> list[Order]:
    """Some orders, by their ids."""
    return _many(tx, _ORDER.where(orders.c.id.in_(ids)).order_by(orders.c.id))


def lock(tx: Connection, order_id: int) -> None:
    """Keep an order for this transaction where the engine locks rows: order first, then attempts, then stock."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(orders.c.id).where(orders.c.id == order_id).with_for_update())


def ids_of(tx: Connection, person_id: int) -> list[int]:
    """Every order of a person, by id."""
    return list(tx.execute(select(orders.c.id).where(orders.c.person_id == person_id).order_by(orders.c.id)).scalars())


def hand_over(tx: Connection, from_id: int, to_id: int) -> list[int]:
    """Make all orders of one person another's; returns their ids. Who holds an old button is not bothered by it."""
    mine = ids_of(tx, from_id)
    tx.execute(update(orders).where(orders.c.person_id == from_id).values(person_id=to_id))
    for order_id in mine:
        changes.note(tx, "order", order_id)
    return mine


def delivered(tx: Connection, person_id: int, *, but: int) -> bool:
    """Tell whether an order of this person, other than ``but``, was ever delivered."""
    mine = (orders.c.person_id == person_id, orders.c.status == Status.DELIVERED, orders.c.id != but)
    return tx.execute(select(orders.c.id).where(*mine).limit(1)).first() is not None


def by_cart(tx: Connection, cart_id: int) -> Order | None:
    """The order a cart became."""
    return _one(tx, orders.c.cart_id == cart_id)


def by_tracking(tx: Connection, token: str) -> Order | None:
    """The order a tracking link shows."""
    return _one(tx, orders.c.tracking_token == token)


def by_parcel(tx: Connection, token: str) -> Order | None:
    """The order whose parcel has this code."""
    return _one(tx, orders.c.parcel_token == token)


def by_number(tx: Connection, number: str) -> Order | None:
    """The order with this number, for staff."""
    return _one(tx, orders.c.number == number.upper())


def _one(tx: Connection, where: Any) -> Order | None:
    return next(iter(_many(tx, _ORDER.where(where))), None)


def _many(tx: Connection, query: Select[Any], values: dict[str, int] | None = None) -> list[Order]:
    """Read orders as ``query`` has them and, however many, all their lines in one statement."""
    rows = tx.execute(query, values).all()
    if not rows:
        return []
    lines: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for line in tx.execute(_LINES, {"orders": [row.id for row in rows]}):
        lines[line.order_id].append(line)
    return [_order(row, tuple(_line(line, Currency(row.currency)) for line in lines[row.id])) for row in rows]


def _line(row: Row[Any], currency: Currency) -> Line:
    return Line(
        row.variant_id, row.sku, row.name_en, row.name_km, row.variant_en, row.variant_km,
        Money(row.unit_price, currency), row.quantity,
    )  # fmt: skip


def _order(row: Row[Any], lines: tuple[Line, ...]) -> Order:
    currency = Currency(row.currency)
    destination = Destination(straight(row.recipient), row.phone, **row.address)
    return Order(
        row.id, row.number, row.cart_id, row.person_id, row.tracking_token, row.parcel_token, Status(row.status),
        PaymentMethod(row.payment_method), PaymentStatus(row.payment_status), Money(row.subtotal, currency),
        Money(row.discount, currency), Money(row.delivery_fee, currency), Money(row.total, currency), row.riel_rate,
        row.language, destination, row.expires_at, row.holder_id, straight(row.holder_name or ""), row.version,
        row.placed_at, row.updated_at, lines, bool(row.money_waiting), row.promo_code,
        row.points_used, Money(row.points_discount, currency), row.note, _reason(row.why, CancelReason),
        row.received_at, row.delivered_at, _reason(row.why, ReturnReason),
        courier_id=row.courier_id, courier_name=straight(row.courier_name or ""),
        prepaid=Money(row.prepaid, currency), entered_by=row.entered_by, entered_name=straight(row.entered_name or ""),
        held_at=row.held_at, shipment=_shipment(row),
    )  # fmt: skip


def _shipment(row: Row[Any]) -> Shipment | None:
    return Shipment(Carrier(row.carrier), row.tracking_number, row.shipped_at) if row.carrier else None


def _reason(detail: Any, kind: type[Reason]) -> Reason | None:
    """Read why an order was cancelled or came back; None for what is no reason, or none of today's."""
    said = detail.get("reason") if isinstance(detail, dict) else None
    return next((reason for reason in kind if reason == said), None)


def compare_and_set(tx: Connection, order: Order, now: datetime, **values: Any) -> bool:
    """Change an order only if it still is what was read; False when somebody was faster."""
    same = (orders.c.id == order.id, orders.c.version == order.version, orders.c.status == order.status)
    changed = tx.execute(update(orders).where(*same).values(version=order.version + 1, updated_at=now, **values))
    changes.note(tx, "order", order.id)
    return changed.rowcount == 1


def receive(tx: Connection, order_id: int, now: datetime) -> bool:
    """Write down that the customer has it; False where that was said before, or the order is not on its way.

    Nothing the counter decides by changes, so its buttons stay good: the version is left alone.
    """
    on_its_way = (orders.c.id == order_id, orders.c.status == Status.OUT, orders.c.received_at.is_(None))
    changes.note(tx, "order", order_id)
    return tx.execute(update(orders).where(*on_its_way).values(received_at=now)).rowcount == 1


def write_event(
    tx: Connection, order_id: int, kind: str, now: datetime, *, actor_id: int | None = None, actor_name: str = "",
    source: str | None = None, to: str | None = None, detail: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Write down who did what; ``actor_id`` None is the shop itself."""
    row = {"order_id": order_id, "kind": kind, "from_status": source, "to_status": to, "actor_id": actor_id,
           "actor_name": actor_name, "detail": detail, "at": now}  # fmt: skip
    tx.execute(insert(order_events), row)


def events(tx: Connection, order_id: int) -> list[Event]:
    """Everything that happened to an order, in its order."""
    query = select(order_events).where(order_events.c.order_id == order_id).order_by(order_events.c.id)
    return [
        Event(r.kind, r.from_status, r.to_status, r.actor_id, straight(r.actor_name), r.at, r.detail)
        for r in tx.execute(query)
    ]


def of_person(
    tx: Connection, person_id: int, most: int = 10, edge: int | None = None, *, newer: bool = False
) -> list[Order]:
    """A person's orders, the newest first; those just older, or just ``newer``, than their order ``edge``.

    By (placed, id), so that what arrives meanwhile, or is imported later from before, moves no page.
    """
    place = tuple_(orders.c.placed_at, orders.c.id)
    query = _ORDER.where(orders.c.person_id == person_id)
    if edge is not None:
        theirs = (orders.c.id == edge, orders.c.person_id == person_id)
        at = tuple_(select(orders.c.placed_at).where(*theirs).correlate(None).scalar_subquery(), edge)
        query = query.where(place > at if newer else place < at)
    if newer:
        return _many(tx, query.order_by(orders.c.placed_at, orders.c.id).limit(most))[::-1]
    return _many(tx, query.order_by(orders.c.placed_at.desc(), orders.c.id.desc()).limit(most))


def delivered_before(tx: Connection, order: Order) -> bool:
    """Tell whether anything was delivered to an order's customer before it."""
    others = (orders.c.person_id == order.person_id, orders.c.id != order.id)
    earlier = orders.c.delivered_at <= (order.delivered_at or order.updated_at)
    return tx.execute(select(orders.c.id).where(*others, earlier).limit(1)).first() is not None


def carried(tx: Connection, courier_id: int, most: int = 10, skipped: int = 0) -> list[Order]:
    """What somebody carries, then what is ready for them, the oldest first; without the first ``skipped``."""
    theirs = (orders.c.courier_id == courier_id, orders.c.status.in_(sorted(CARRIED)))
    by_age = (orders.c.status, orders.c.placed_at, orders.c.id)  # "out…" before "ready…"
    return _many(tx, _ORDER.where(*theirs).order_by(*by_age).limit(most).offset(skipped))


def in_status(tx: Connection, status: Status, most: int = 10, after: int = 0) -> list[Order]:
    """Orders that stand at ``status``, the oldest first, from the one after the order ``after``."""
    query = _ORDER.where(orders.c.status == status)
    if after:
        edge = select(orders.c.placed_at).where(orders.c.id == after).correlate(None).scalar_subquery()
        query = query.where(tuple_(orders.c.placed_at, orders.c.id) > tuple_(edge, after))
    return _many(tx, query.order_by(orders.c.placed_at, orders.c.id).limit(most))
