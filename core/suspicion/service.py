"""Look at an order as it is placed, inside its transaction; read what was found. Verdicts stand in ``fulfilment``."""

from datetime import datetime

from sqlalchemy import Connection

from core.money import Money
from core.orders import store as orders
from core.orders.rules import Order
from core.people.rules import Person, Rank
from core.settings.rules import Policy
from core.shop import Shop
from core.suspicion import rules, store
from core.suspicion.rules import FLAGGED, Check, Facts, Flag


def look(
    tx: Connection, name: str, phone: str, person_id: int, total: Money, policy: Policy, now: datetime
) -> tuple[Flag, ...]:
    """Judge an order that is about to be written: two questions by index, however many orders there are."""
    others = store.names(tx, phone, now)
    known = bool(others) or store.ordered_before(tx, person_id)
    return rules.judge(Facts(name, total, policy.riel_rate, others, known), policy)


def note(tx: Connection, order_id: int, flags: tuple[Flag, ...], now: datetime) -> None:
    """Write down what was found of an order that is written now; nothing where nothing was."""
    if flags:
        store.add(tx, order_id, flags, now)
        orders.write_event(tx, order_id, FLAGGED, now, detail={"flags": rules.written(flags)})


async def of_order(shop: Shop, order: Order, reader: Person) -> Check | None:
    """Read what staff are to see of an order; None for any other reader."""
    return await shop.db.read(store.check, order.id) if reader.rank >= Rank.STAFF else None
