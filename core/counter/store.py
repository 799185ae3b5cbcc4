"""SQL of the counter's card: notes, and who brings a parcel that the shop does not bring itself."""

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from core.counter.rules import Note
from core.database.tables import order_notes, people, shipments
from core.orders.carriers import Carrier
from core.people.rules import straight

_NOTES = select(order_notes, people.c.name).join_from(order_notes, people, people.c.id == order_notes.c.author_id)


def add_note(tx: Connection, order_id: int, author_id: int, text: str, now: datetime) -> None:
    """Write a note."""
    tx.execute(insert(order_notes).values(order_id=order_id, author_id=author_id, text=text, at=now))


def notes(tx: Connection, order_id: int, most: int | None = None) -> list[Note]:
    """The notes of an order, the oldest first; the last ``most`` of them."""
    query = _NOTES.where(order_notes.c.order_id == order_id).order_by(order_notes.c.id.desc()).limit(most)
    return [Note(straight(row.name), row.text, row.at) for row in tx.execute(query)][::-1]


def count_notes(tx: Connection, order_id: int) -> int:
    """How many notes an order has."""
    mine = select(func.count()).select_from(order_notes).where(order_notes.c.order_id == order_id)
    return int(tx.execute(mine).scalar_one())


def ship(tx: Connection, order_id: int, carrier: Carrier, number: str, by: int, now: datetime) -> None:
    """Write down, or write anew, which carrier brings a parcel and under which number."""
    values = {"carrier": carrier, "tracking_number": number, "by_id": by, "at": now}
    if not tx.execute(update(shipments).where(shipments.c.order_id == order_id).values(values)).rowcount:
        tx.execute(insert(shipments).values(order_id=order_id, **values))


def unship(tx: Connection, order_id: int) -> None:
    """Let no carrier bring it."""
    tx.execute(delete(shipments).where(shipments.c.order_id == order_id))
