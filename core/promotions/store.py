"""SQL of promo codes. A use is taken in the order's own transaction, guarded by the code's row."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from core.database.columns import insert_new
from core.database.tables import promo_codes, promo_uses
from core.errors import Refused
from core.money import Money
from core.promotions.rules import Promo, PromoKind


def by_code(tx: Connection, code: str) -> Promo | None:
    """The promo code as it is written (``rules.normalised``)."""
    row = tx.execute(select(promo_codes).where(promo_codes.c.code == code)).one_or_none()
    return _promo(row) if row is not None else None


def by_id(tx: Connection, promo_id: int) -> Promo | None:
    """One promo code."""
    row = tx.execute(select(promo_codes).where(promo_codes.c.id == promo_id)).one_or_none()
    return _promo(row) if row is not None else None


def used_by(tx: Connection, promo_id: int, person_id: int) -> int:
    """How many orders of this person hold a use of the code."""
    mine = (promo_uses.c.promo_id == promo_id, promo_uses.c.person_id == person_id, promo_uses.c.returned_at.is_(None))
    return int(tx.execute(select(func.count()).select_from(promo_uses).where(*mine)).scalar_one())


def add(tx: Connection, now: datetime, **values: Any) -> bool:
    """Write a new code; False where it stands already."""
    return insert_new(tx, promo_codes, ["code"], created_at=now, **values)


def use(tx: Connection, promo: Promo, person_id: int, order_id: int, discount: Money, now: datetime) -> None:
    """Take one use for an order; ``Refused`` where others took the last one, or the person had theirs.

    Counting locks the code's row until the commit, so the person's own uses are counted one order at a time.
    """
    left = or_(promo_codes.c.use_limit.is_(None), promo_codes.c.used < promo_codes.c.use_limit)
    counted = update(promo_codes).where(promo_codes.c.id == promo.id, promo_codes.c.active, left)
    if tx.execute(counted.values(used=promo_codes.c.used + 1)).rowcount != 1:
        raise Refused("promo_spent", code=promo.code)
    if promo.person_limit is not None and used_by(tx, promo.id, person_id) >= promo.person_limit:
        raise Refused("promo_used", code=promo.code)
    use_ = {"promo_id": promo.id, "person_id": person_id, "order_id": order_id}
    tx.execute(insert(promo_uses).values(**use_, discount=discount.amount, used_at=now))


def discounted(tx: Connection, order_id: int, discount: Money) -> None:
    """Write down that the code takes another amount off an order that was changed."""
    standing = (promo_uses.c.order_id == order_id, promo_uses.c.returned_at.is_(None))
    tx.execute(update(promo_uses).where(*standing).values(discount=discount.amount))


def hand_over(tx: Connection, from_id: int, to_id: int) -> None:
    """Make one person's uses another's, whose they were all along."""
    tx.execute(update(promo_uses).where(promo_uses.c.person_id == from_id).values(person_id=to_id))


def lock(tx: Connection, code: str) -> None:
    """Keep a code for this transaction where the engine locks rows."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(promo_codes.c.id).where(promo_codes.c.code == code).with_for_update(key_share=True))


def give_back(tx: Connection, order_id: int, now: datetime) -> None:
    """Return the use of an order that ended unsold; a second time nothing happens."""
    standing = (promo_uses.c.order_id == order_id, promo_uses.c.returned_at.is_(None))
    returned = update(promo_uses).where(*standing).values(returned_at=now).returning(promo_uses.c.promo_id)
    _count(tx, tx.execute(returned).scalar_one_or_none(), -1)


def take_again(tx: Connection, order_id: int) -> None:
    """Take the use of an expired order again, whose money came after all: it was paid for at that price."""
    gone = (promo_uses.c.order_id == order_id, promo_uses.c.returned_at.is_not(None))
    taken = update(promo_uses).where(*gone).values(returned_at=None).returning(promo_uses.c.promo_id)
    _count(tx, tx.execute(taken).scalar_one_or_none(), 1)


def _count(tx: Connection, promo_id: int | None, by: int) -> None:
    if promo_id is not None:
        tx.execute(update(promo_codes).where(promo_codes.c.id == promo_id).values(used=promo_codes.c.used + by))


def _promo(row: Row[Any]) -> Promo:
    return Promo(
        row.id, row.code, PromoKind(row.kind), row.value, row.cap, row.minimum, row.starts_at, row.ends_at,
        row.use_limit, row.person_limit, row.used, row.active,
    )  # fmt: skip
