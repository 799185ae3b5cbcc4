"""SQL of favourites."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from core.database.columns import insert_new
from core.database.tables import favourites


def add(tx: Connection, person_id: int, product_id: int, now: datetime) -> None:
    """Keep a product among somebody's favourites; one that is kept already stays in its place."""
    insert_new(tx, favourites, ["person_id", "product_id"], person_id=person_id, product_id=product_id, at=now)


def remove(tx: Connection, person_id: int, product_id: int) -> None:
    """Keep it no more."""
    tx.execute(delete(favourites).where(*_this(person_id, product_id)))


def has(tx: Connection, person_id: int, product_id: int) -> bool:
    """Tell whether somebody keeps this product."""
    return tx.execute(select(favourites.c.at).where(*_this(person_id, product_id))).first() is not None


def of_person(tx: Connection, person_id: int) -> list[int]:
    """The products somebody keeps, the last marked first."""
    mine = select(favourites.c.product_id).where(favourites.c.person_id == person_id)
    return list(tx.execute(mine.order_by(favourites.c.at.desc(), favourites.c.product_id.desc())).scalars())


def _this(person_id: int, product_id: int) -> tuple[Any, ...]:
    return favourites.c.person_id == person_id, favourites.c.product_id == product_id
