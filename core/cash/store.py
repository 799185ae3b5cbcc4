"""SQL of cash: what was taken for which parcel, and what was handed in."""

from datetime import datetime

from sqlalchemy import Connection, insert

from core.cash.rules import Cash
from core.database.tables import cash_collections
from core.money import Money


def collect(tx: Connection, order_id: int, courier_id: int, due: Money, taken: Cash, now: datetime) -> None:
    """Write down what was taken for a parcel; a second time for one parcel is an integrity error."""
    values = {"cents": taken.cents, "riel": taken.riel, "note": taken.note, "collected_at": now}
    tx.execute(insert(cash_collections).values(order_id=order_id, courier_id=courier_id, expected=due.amount, **values))
