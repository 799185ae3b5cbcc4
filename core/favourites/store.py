"""SQL of favourites."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from core.database.columns import insert_new
from core.database.tables import favourites

_THIS = (favourites.c.person_id == bindparam("person"), favourites.c.product_id == bindparam("product"))
_KEPT, _UNKEPT = select(favourites.c.at).where(*_THIS), delete(favourites).where(*_THIS)
"""Built once: every product that is looked at asks."""


def add(tx: Connection, person_id: int, product_id: int, now: datetime) -> None:
    """Keep a product among somebody's favourites; one that is kept already stays in its place."""
    insert_new(tx, favourites, ["person_id", "product_id"], person_id=person_id, product_id=product_id, at=now)


def remove(tx: Connection, person_id: int, product_id: int) -> None:
    """Keep it no more."""
    tx.execute(_UNKEPT, {"person": person_id, "product": product_id})


def has(tx: Connection, person_id: int, product_id: int) -> bool:
    """Tell whether somebody keeps this product."""
    return tx.execute(_KEPT, {"person": person_id, "product": product_id}).first() is not None


def of_person(tx: Connection, person_id: int) -> list[int]:
    """The products somebody keeps, the last marked first."""
    mine = select(favourites.c.product_id).where(favourites.c.person_id == person_id)
    return list(tx.execute(mine.order_by(favourites.c.at.desc(), favourites.c.product_id.desc())).scalars())
