"""SQL of promo codes. A use is taken in the order's own transaction, guarded by the code's row."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from core.database.columns import insert_new
from core.database.tables import orders, promo_codes, promo_uses, promoters
from core.errors import Refused
from core.money import Money
from core.promotions.rules import Promo, PromoKind, Usage, Use


def by_code(tx: Connection, code: str) -> Promo | None:
    """The promo code as it is written (``rules.normalised``)."""
    row = tx.execute(select(promo_codes).where(promo_codes.c.code == code)).one_or_none()
    return _promo(row) if row is not None else None


def by_id(tx: Connection, promo_id: int) -> Promo | None:
    """One promo code."""
    row = tx.execute(select(promo_codes).where(promo_codes.c.id == promo_id)).one_or_none()
    return _promo(row) if row is not None else None


_STANDS = and_(promo_uses.c.promo_id == promo_codes.c.id, promo_uses.c.returned_at.is_(None))
_GIVEN = select(func.coalesce(func.sum(promo_uses.c.discount), 0)).where(_STANDS).scalar_subquery()
_LAST = select(func.max(promo_uses.c.used_at)).where(_STANDS).scalar_subquery()
_USAGE = select(promo_codes, promoters.c.name.label("promoter"), _GIVEN.label("given"), _LAST.label("last")).outerjoin(
    promoters, promoters.c.id == promo_codes.c.promoter_id
)


def usages(tx: Connection, first: int, most: int, promoter_id: int | None = None) -> list[Usage]:
    """Codes with what they did: those that are on first, the newest of them first; all, or a promoter's."""
    mine = [] if promoter_id is None else [promo_codes.c.promoter_id == promoter_id]
    query = _USAGE.where(*mine).order_by(promo_codes.c.active.desc(), promo_codes.c.id.desc())
    return [_usage(row) for row in tx.execute(query.offset(first).limit(most))]


def usage(tx: Connection, promo_id: int) -> Usage | None:
    """One code with what it did."""
    row = tx.execute(_USAGE.where(promo_codes.c.id == promo_id)).one_or_none()
    return _usage(row) if row is not None else None


def uses(tx: Connection, promo_id: int, most: int) -> list[Use]:
    """The newest orders that used a code."""
    query = select(promo_uses, orders.c.number).join(orders, orders.c.id == promo_uses.c.order_id)
    newest = query.where(promo_uses.c.promo_id == promo_id).order_by(promo_uses.c.id.desc()).limit(most)
    return [Use(row.order_id, row.number, row.discount, row.used_at, row.returned_at is not None)
            for row in tx.execute(newest)]  # fmt: skip


def was_used(tx: Connection, promo_id: int) -> bool:
    """Tell whether any order ever used a code."""
    return tx.execute(select(promo_uses.c.id).where(promo_uses.c.promo_id == promo_id).limit(1)).first() is not None


def keep(tx: Connection, promo_id: int) -> None:
    """Keep a code's row until the commit, against whoever changes it and whoever is about to count a use of it."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(promo_codes.c.id).where(promo_codes.c.id == promo_id).with_for_update(key_share=True))


def change(tx: Connection, promo_id: int, **values: Any) -> None:
    """Write fields of a code anew."""
    tx.execute(update(promo_codes).where(promo_codes.c.id == promo_id).values(**values))


def _usage(row: Row[Any]) -> Usage:
    return Usage(_promo(row), row.promoter or "", int(row.given), row.last)


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
    use_ = {"promo_id": promo.id, "person_id": person_id, "order_id": order_id, "discount": discount.amount}
    terms = {"kind": promo.kind, "value": promo.value, "cap": promo.cap, "minimum": promo.minimum}
    tx.execute(insert(promo_uses).values(**use_, **terms, used_at=now))


def as_used(tx: Connection, order_id: int) -> Promo | None:
    """The code of an order as it was when the order used it, whatever became of it since; None without one."""
    row = tx.execute(select(promo_uses).where(promo_uses.c.order_id == order_id)).one_or_none()
    promo = by_id(tx, row.promo_id) if row is not None else None
    if row is None or promo is None:
        return None
    return replace(promo, kind=PromoKind(row.kind), value=row.value, cap=row.cap, minimum=row.minimum)


def freeze(tx: Connection) -> None:
    """Let uses that were written without what their code was take what it is: those of an import."""
    same = promo_codes.c.id == promo_uses.c.promo_id
    terms = {name: select(promo_codes.c[name]).where(same).scalar_subquery()
             for name in ("kind", "value", "cap", "minimum")}  # fmt: skip
    tx.execute(update(promo_uses).where(promo_uses.c.kind.is_(None)).values(**terms))


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
        row.use_limit, row.person_limit, row.used, row.active, row.promoter_id, row.description_en, row.description_km,
    )  # fmt: skip
