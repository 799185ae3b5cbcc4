"""SQL of promoters. What an order owes them is frozen on the order itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from core.database.tables import audit, orders, people, promo_codes, promo_uses, promoters
from core.people.rules import straight
from core.promoters.rules import Promoter

_CODES = select(func.count()).where(promo_codes.c.promoter_id == promoters.c.id).scalar_subquery()
_BY_THEM = promo_codes.join(promo_uses, promo_uses.c.promo_id == promo_codes.c.id)
_ORDERS = (
    select(func.count()).select_from(_BY_THEM)
    .where(promo_codes.c.promoter_id == promoters.c.id, promo_uses.c.returned_at.is_(None)).scalar_subquery()
)  # fmt: skip


def terms(tx: Connection, promoter_id: int | None, *, whoever: bool = False) -> dict[str, Any]:
    """What an order keeps of who brought its customer: their id and rate of this day, as columns of ``orders``.

    Who is off earns nothing by new orders; ``whoever`` asks for one of long ago.
    """
    mine = [promoters.c.id == promoter_id, *([] if whoever else [promoters.c.active])]
    found = tx.execute(select(promoters.c.rate).where(*mine)).scalar_one_or_none() if promoter_id else None
    return {} if found is None else {"promoter_id": promoter_id, "commission_rate": found}


def frozen(tx: Connection, order_id: int) -> tuple[int | None, int]:
    """Who brought an order's customer, and their rate as it was placed; (None, 0) for nobody."""
    row = tx.execute(select(orders.c.promoter_id, orders.c.commission_rate).where(orders.c.id == order_id)).one()
    return row.promoter_id, row.commission_rate


def _all() -> Select[Any]:
    return select(promoters, _CODES.label("codes"), _ORDERS.label("orders"))


def listed(tx: Connection, most: int, *, active: bool = False) -> list[Promoter]:
    """All of them by name, those who are off last; or only who is on."""
    query = _all().where(promoters.c.active) if active else _all()
    ordered = query.order_by(promoters.c.active.desc(), func.lower(promoters.c.name), promoters.c.id)
    return [_promoter(row) for row in tx.execute(ordered.limit(most))]


def by_id(tx: Connection, promoter_id: int) -> Promoter | None:
    """One of them, with what they bring by now."""
    row = tx.execute(_all().where(promoters.c.id == promoter_id)).one_or_none()
    return _promoter(row) if row is not None else None


def lock(tx: Connection, promoter_id: int) -> None:
    """Keep one for this transaction where the engine locks rows."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(promoters.c.id).where(promoters.c.id == promoter_id).with_for_update(key_share=True))


def add(tx: Connection, now: datetime, **values: Any) -> int:
    """Write a new one; returns their id."""
    return int(tx.execute(insert(promoters).values(created_at=now, **values).returning(promoters.c.id)).scalar_one())


def change(tx: Connection, promoter_id: int, **values: Any) -> None:
    """Write fields anew."""
    tx.execute(update(promoters).where(promoters.c.id == promoter_id).values(**values))


def last_change(tx: Connection, subject: str, subject_id: int | None) -> tuple[int | None, str]:
    """Who changed last what the audit names so: their id and name; (None, "") for the shop itself."""
    query = select(audit.c.actor_id, people.c.name).outerjoin(people, people.c.id == audit.c.actor_id)
    mine = query.where(audit.c.subject == subject, audit.c.subject_id == subject_id)
    row = tx.execute(mine.order_by(audit.c.id.desc()).limit(1)).one_or_none()
    return (row.actor_id, straight(row.name or "")) if row else (None, "")


def _promoter(row: Row[Any]) -> Promoter:
    return Promoter(row.id, row.name, row.rate, row.phone, row.note, row.active, row.codes, row.orders)
