"""SQL of carts."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from core.carts.rules import Cart, CartKind, CartLine, CartState
from core.database.columns import insert_new
from core.database.columns import put as put_row
from core.database.tables import cart_lines, carts
from core.errors import Refused
from core.people import store as people

_MINE = select(carts).where(carts.c.id == bindparam("cart"), carts.c.person_id == bindparam("person"))
_LINES = select(cart_lines).where(cart_lines.c.cart_id == bindparam("cart")).order_by(cart_lines.c.variant_id)
_STANDING = (
    select(carts)
    .where(carts.c.person_id == bindparam("person"), carts.c.kind == bindparam("kind"), carts.c.state == CartState.OPEN)
    .with_for_update()
)
_TOUCH = update(carts).where(carts.c.id == bindparam("cart"), carts.c.state == CartState.OPEN)
_UNITS = (
    select(func.coalesce(func.sum(cart_lines.c.quantity), 0))
    .join(carts, carts.c.id == cart_lines.c.cart_id)
    .where(carts.c.person_id == bindparam("person"), carts.c.kind == CartKind.BASKET, carts.c.state == CartState.OPEN)
)
_CLOSE = (
    update(carts)
    .where(carts.c.id == bindparam("cart"), carts.c.person_id == bindparam("person"), carts.c.state == CartState.OPEN)
    .values(state=bindparam("to"), updated_at=bindparam("now"))
)
_TAKE = _CLOSE.returning(carts)
"""Built once: SQLAlchemy takes as long to build and to recognise a statement as SQLite to answer it."""


def cart(tx: Connection, cart_id: int, person_id: int) -> Cart | None:
    """One cart with its lines, only if it is this person's."""
    row = tx.execute(_MINE, {"cart": cart_id, "person": person_id}).one_or_none()
    return _cart(tx, row) if row is not None else None


def _cart(tx: Connection, row: Row[Any]) -> Cart:
    kind, state = CartKind(row.kind), CartState(row.state)
    return Cart(
        row.id,
        row.person_id,
        kind,
        state,
        row.address_id,
        row.updated_at,
        lines(tx, row.id),
        row.promo_id,
        row.with_points,
        row.last_update,
        row.note,
    )


def lock(tx: Connection, cart_id: int) -> None:
    """Keep a cart for this transaction where the engine locks rows: what is added to it is first read."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(carts.c.id).where(carts.c.id == cart_id).with_for_update())


def lines(tx: Connection, cart_id: int) -> tuple[CartLine, ...]:
    """The lines of a cart in variant order."""
    rows = tx.execute(_LINES, {"cart": cart_id})
    return tuple(CartLine(r.variant_id, r.quantity, r.seen_price) for r in rows)


def open_cart(tx: Connection, person_id: int, kind: CartKind, now: datetime) -> Cart:
    """Find or make the person's open cart of a kind, locked; two at once get the same one."""
    theirs = {"person": person_id, "kind": kind}
    row = tx.execute(_STANDING, theirs).one_or_none()
    if row is None:
        insert_new(
            tx, carts, ["person_id", "kind"], "state = 'open'",
            person_id=person_id, kind=kind, state=CartState.OPEN, created_at=now, updated_at=now,
        )  # fmt: skip
        row = tx.execute(_STANDING, theirs).one()
    return _cart(tx, row)


def found_open(tx: Connection, person_id: int, kind: CartKind) -> int | None:
    """The id of the person's open cart of a kind, if there is one."""
    query = select(carts.c.id).where(carts.c.person_id == person_id, carts.c.kind == kind)
    return tx.execute(query.where(carts.c.state == CartState.OPEN)).scalar_one_or_none()


def put(tx: Connection, cart_id: int, line: CartLine, now: datetime, **more: Any) -> None:
    """Set the quantity of one line of an open cart; 0 takes it out. ``Refused`` where it was ordered meanwhile.

    ``more`` is written on the cart itself.
    """
    if tx.execute(_TOUCH, {"cart": cart_id, "updated_at": now, **more}).rowcount != 1:
        raise Refused("cart_closed")
    if line.quantity < 1:
        here = (cart_lines.c.cart_id == cart_id, cart_lines.c.variant_id == line.variant_id)
        tx.execute(delete(cart_lines).where(*here))
    else:
        key = {"cart_id": cart_id, "variant_id": line.variant_id}
        put_row(tx, cart_lines, key, {"quantity": line.quantity, "seen_price": line.seen_price}, added_at=now)


def clear(tx: Connection, cart_id: int) -> None:
    """Take every line out."""
    tx.execute(delete(cart_lines).where(cart_lines.c.cart_id == cart_id))


def units(tx: Connection, person_id: int) -> int:
    """How many units the person's basket holds."""
    return int(tx.execute(_UNITS, {"person": person_id}).scalar_one())


def send_to(tx: Connection, cart_id: int, address_id: int, now: datetime) -> None:
    """Choose the address of an open cart."""
    tx.execute(_TOUCH, {"cart": cart_id, "address_id": address_id, "updated_at": now})


def price(tx: Connection, cart_id: int, now: datetime, **values: Any) -> None:
    """Keep ``promo_id``, ``with_points`` or ``note`` with an open cart; ``Refused`` where it was ordered meanwhile."""
    if tx.execute(_TOUCH, {"cart": cart_id, "updated_at": now, **values}).rowcount != 1:
        raise Refused("cart_closed")


def close(tx: Connection, cart_id: int, person_id: int, state: CartState, now: datetime) -> bool:
    """Close a person's open cart; False when it was not open any more (somebody was faster), or is not theirs."""
    return tx.execute(_CLOSE, {"cart": cart_id, "person": person_id, "to": state, "now": now}).rowcount == 1


def take(tx: Connection, cart_id: int, person_id: int, now: datetime) -> Cart | None:
    """Close a person's open cart for its order and read it then: until it is closed a line could still be put in.

    None where :func:`close` says False.
    """
    values = {"cart": cart_id, "person": person_id, "to": CartState.ORDERED, "now": now}
    row = tx.execute(_TAKE, values).one_or_none()
    return _cart(tx, row) if row is not None else None


def open_again(tx: Connection, person_id: int, wanted: list[CartLine], now: datetime) -> int:
    """Start a fresh "buy now" cart with these lines, dropping the one before. Returns its id.

    The person is locked: two taps at once would both find the old one open.
    """
    people.lock(tx, person_id)
    old = found_open(tx, person_id, CartKind.BUY_NOW)
    if old is not None:
        close(tx, old, person_id, CartState.DROPPED, now)
    made = insert(carts).values(
        person_id=person_id, kind=CartKind.BUY_NOW, state=CartState.OPEN, created_at=now, updated_at=now
    )
    cart_id = int(tx.execute(made.returning(carts.c.id)).scalar_one())
    for line in wanted:
        put(tx, cart_id, line, now)
    return cart_id
