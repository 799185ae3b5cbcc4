"""The references of ``orders.py``: the same order written with plain SQLAlchemy Core and as few statements as it takes.

`bare` is what a tutorial's shop writes: a number, the guarded stock, the order and its three lines. `whole` writes
every row the shop's own checkout writes (it closes the cart, reads prices and address, keeps holds, movements, the
event, where the card stands, and owes two messages), and decides nothing. Both are generators of statements, so that
one text of them runs in one hop (``db.write``) and statement by statement through SQLAlchemy's async engine.
"""

import itertools
import secrets
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, case, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.database.tables import (
    addresses,
    cart_lines,
    carts,
    counters,
    holds,
    message_refs,
    order_events,
    order_lines,
    orders,
    outbox,
    products,
    stock,
    stock_movements,
    variants,
)

Steps = Generator[tuple[Any, Any], Any, None]
QUANTITY, PRICE, LINES, CHAT = 1, 1200, 3, 4242
MESSAGES = itertools.count(1)
PAST = 10**7


def in_one_hop(tx: Connection, steps: Steps) -> None:
    """Run the statements on a connection of the database's own thread."""
    try:
        statement = next(steps)
        while True:
            statement = steps.send(tx.execute(*statement))
    except StopIteration:
        return


async def one_by_one(tx: AsyncConnection, steps: Steps) -> None:
    """Run the statements one after the other, each awaited."""
    try:
        statement = next(steps)
        while True:
            statement = steps.send(await tx.execute(*statement))
    except StopIteration:
        return


def _number(next_number: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "number": f"MD{next_number:05d}", "tracking_token": secrets.token_urlsafe(16), "discount": 0,
        "parcel_token": secrets.token_urlsafe(16), "status": "pending", "payment_method": "cod", "currency": "USD",
        "payment_status": "due", "subtotal": LINES * PRICE, "delivery_fee": 150, "total": LINES * PRICE + 150,
        "riel_rate": 4100, "language": "en", "placed_at": now, "updated_at": now,
    }  # fmt: skip


def _take(dialect: str, ids: list[int]) -> Steps:
    """Promise a unit of each: rows locked in their order, one guarded update."""
    if dialect == "postgresql":
        yield (
            select(stock.c.variant_id)
            .where(stock.c.variant_id.in_(ids))
            .order_by(stock.c.variant_id)
            .with_for_update(),
            None,
        )
    amount = case(*[(stock.c.variant_id == i, QUANTITY) for i in ids], else_=0)
    fits = stock.c.on_hand - stock.c.held - stock.c.allocated >= amount
    done = yield update(stock).where(stock.c.variant_id.in_(ids), fits).values(held=stock.c.held + amount), None
    assert done.rowcount == len(ids)


def _line(order_id: int, position: int, variant_id: int) -> dict[str, Any]:
    return {"order_id": order_id, "position": position, "variant_id": variant_id, "sku": f"S-{variant_id}",
            "unit_price": PRICE, "quantity": QUANTITY}  # fmt: skip


def bare(dialect: str, person: int, cart_id: int, ids: list[int]) -> Steps:
    """Write a number, the guarded stock, the order and its lines."""
    counted = update(counters).where(counters.c.name == "order").values(value=counters.c.value + 1)
    number = (yield counted.returning(counters.c.value), None).scalar_one()
    yield from _take(dialect, ids)
    values = {"cart_id": cart_id, "person_id": person, "recipient": "Buyer", "phone": "+85512000001", "address": {}}
    made = yield insert(orders).values(**values, **_number(number)).returning(orders.c.id), None
    order_id = made.scalar_one()
    yield insert(order_lines), [_line(order_id, i, variant) for i, variant in enumerate(ids)]


def whole(dialect: str, person: int, cart_id: int, _ids: list[int]) -> Steps:
    """Write every row that the shop's checkout writes."""
    now = datetime.now(UTC)
    here = (carts.c.id == cart_id, carts.c.person_id == person, carts.c.state == "open")
    done = yield update(carts).where(*here).values(state="ordered", updated_at=now), None
    assert done.rowcount == 1
    priced = (
        select(cart_lines, variants, products, stock)
        .join(variants, variants.c.id == cart_lines.c.variant_id)
        .join(products, products.c.id == variants.c.product_id)
        .join(stock, stock.c.variant_id == variants.c.id)
        .where(cart_lines.c.cart_id == cart_id)
    )
    ids = sorted(row.variant_id for row in (yield priced, None).all())
    mine = select(addresses).where(addresses.c.person_id == person, addresses.c.active)
    to = (yield mine.order_by(addresses.c.used_at.desc()).limit(1), None).one()
    counted = update(counters).where(counters.c.name == "order").values(value=counters.c.value + 1)
    number = (yield counted.returning(counters.c.value), None).scalar_one()
    values = {"cart_id": cart_id, "person_id": person, "recipient": to.recipient, "phone": to.phone,
              "address": {"street": to.street, "province_code": to.province_code}}  # fmt: skip
    made = yield insert(orders).values(**values, **_number(number)).returning(orders.c.id), None
    order_id = made.scalar_one()
    yield insert(order_lines), [_line(order_id, i, variant) for i, variant in enumerate(ids)]
    yield from _take(dialect, ids)
    yield (
        insert(stock_movements),
        [{"variant_id": i, "kind": "held", "held": QUANTITY, "order_id": order_id, "at": now} for i in ids],
    )
    yield insert(holds), [{"order_id": order_id, "variant_id": i, "quantity": QUANTITY, "state": "active"} for i in ids]
    yield (
        insert(order_events).values(order_id=order_id, kind="placed", to_status="pending", actor_id=person, at=now),
        None,
    )
    yield update(addresses).where(addresses.c.id == to.id).values(used_at=now), None
    card = {"chat_id": CHAT, "kind": "order_card", "subject_id": order_id, "has_photo": True, "updated_at": now}
    yield insert(message_refs).values(**card, message_id=next(MESSAGES)), None
    owed = {"subject_id": order_id, "data": {}, "state": "pending", "due_at": now, "created_at": now}
    yield insert(outbox), [owed | {"chat_id": CHAT, "kind": kind} for kind in ("order_card", "staff_card")]


def past(person: int, cart_id: int) -> dict[str, Any]:
    """Describe an order delivered long ago; its id is its cart's, far from all others'."""
    number = PAST + cart_id
    to = {"recipient": "Buyer", "phone": "+85512000001", "address": {}}
    ended = _number(number) | {"status": "delivered", "payment_status": "paid"}
    return {"id": number, "cart_id": cart_id, "person_id": person} | to | ended


def past_lines(cart_id: int, ids: list[int]) -> list[dict[str, Any]]:
    """Describe its lines."""
    return [_line(PAST + cart_id, i, variant) for i, variant in enumerate(ids)]
