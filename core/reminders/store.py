"""SQL of reminders. ``carts.reminded_at`` is when the one reminder of a basket went into the outbox."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, select, text, update

from core.database.tables import cart_lines, carts, orders, people, products, stock, variants
from core.reminders.rules import Window

_WAITING = text("carts.state = 'open' AND carts.kind = 'basket' AND carts.reminded_at IS NULL")
"""Written out as the partial index ``ix_carts_waiting`` is: SQLite finds it for no other wording."""
_OPEN = text("carts.state = 'open' AND carts.kind = 'basket'")
_WANTED = (people.c.wants_reminders, ~people.c.blocked, people.c.telegram_id.is_not(None))
_ORDERED = exists().where(orders.c.person_id == carts.c.person_id, orders.c.placed_at > carts.c.updated_at)
"""They bought something since: whatever they left, they know the way."""
_BUYABLE = (
    select(cart_lines.c.cart_id)
    .join(variants, variants.c.id == cart_lines.c.variant_id)
    .join(products, products.c.id == variants.c.product_id)
    .join(stock, stock.c.variant_id == variants.c.id)
    .where(cart_lines.c.cart_id == carts.c.id, variants.c.active, products.c.active,
           stock.c.on_hand - stock.c.held - stock.c.allocated > 0)
    .exists()
)  # fmt: skip
"""At least one line can still be bought."""


@dataclass(frozen=True, slots=True)
class Left:
    """A basket that was left, and the chat of whose it is."""

    cart_id: int
    chat_id: int


def due(tx: Connection, window: Window, most: int) -> list[Left]:
    """Baskets to remind of, locked; those that somebody touches at this moment are left out."""
    query = select(carts.c.id, people.c.telegram_id).join(people, people.c.id == carts.c.person_id)
    query = query.where(_WAITING, *_in(window), *_WANTED, ~_ORDERED, _BUYABLE).order_by(carts.c.updated_at).limit(most)
    rows = tx.execute(query.with_for_update(of=carts, skip_locked=True))
    return [Left(row.id, row.telegram_id) for row in rows]


def mark(tx: Connection, cart_id: int, now: datetime) -> bool:
    """Take a basket's one reminder; False where it was taken before, or the basket was ordered."""
    return tx.execute(update(carts).where(carts.c.id == cart_id, _WAITING).values(reminded_at=now)).rowcount == 1


def still_left(tx: Connection, cart_id: int, chat_id: int, window: Window) -> bool:
    """Look once more before a reminder is sent; False where there is nothing to remind this chat of any more."""
    query = select(carts.c.id).join(people, people.c.id == carts.c.person_id)
    query = query.where(carts.c.id == cart_id, people.c.telegram_id == chat_id, _OPEN, *_in(window))
    return tx.execute(query.where(*_WANTED, ~_ORDERED, _BUYABLE)).first() is not None


def _in(window: Window) -> tuple[ColumnElement[bool], ...]:
    return carts.c.updated_at >= window.since, carts.c.updated_at <= window.until
