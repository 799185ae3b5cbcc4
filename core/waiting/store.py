"""SQL of the list for what is sold out. ``told_at`` is when the note about it went into the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, not_, select, text, update

from core.database.columns import insert_new
from core.database.tables import people, products, stock, variants, waitlist

_WAITING = text("waitlist.told_at IS NULL")
"""Written out as the partial index ``uq_waitlist_waiting`` is: SQLite finds it for no other wording."""
_ONE_EACH = ["variant_id", "person_id"]


@dataclass(frozen=True, slots=True)
class Wait:
    """One person on the list of one variant; ``chat_id`` is where they are told."""

    id: int
    variant_id: int
    chat_id: int


def add(tx: Connection, person_id: int, variant_id: int, now: datetime) -> bool:
    """Put somebody on a variant's list, at its end; False where they stand on it already."""
    return insert_new(
        tx, waitlist, _ONE_EACH, "told_at IS NULL", person_id=person_id, variant_id=variant_id, asked_at=now
    )


def remove(tx: Connection, person_id: int, variant_id: int) -> None:
    """Take somebody off a variant's list."""
    tx.execute(delete(waitlist).where(*_this(person_id, variant_id)))


def has(tx: Connection, person_id: int, variant_id: int) -> bool:
    """Tell whether somebody stands on a variant's list."""
    return tx.execute(select(waitlist.c.id).where(*_this(person_id, variant_id))).first() is not None


def counts(tx: Connection, variant_ids: Sequence[int]) -> dict[int, int]:
    """How many wait for each of some variants; those for which nobody does are left out."""
    query = select(waitlist.c.variant_id, func.count()).where(_WAITING, waitlist.c.variant_id.in_(variant_ids))
    return {row[0]: row[1] for row in tx.execute(query.group_by(waitlist.c.variant_id))}


def due(tx: Connection, most: int) -> list[Wait]:
    """Who is to be told next, in the order they asked: theirs is on sale and there, and they can be written to."""
    back = (
        select(stock.c.variant_id)
        .join(variants, variants.c.id == stock.c.variant_id)
        .join(products, products.c.id == variants.c.product_id)
        .where(stock.c.variant_id.in_(_awaited()), variants.c.active, products.c.active,
               stock.c.on_hand - stock.c.held - stock.c.allocated > 0)
    )  # fmt: skip
    there = list(tx.execute(back).scalars())
    if not there:
        return []
    query = (
        select(waitlist.c.id, waitlist.c.variant_id, people.c.telegram_id)
        .join(people, people.c.id == waitlist.c.person_id)
        .where(_WAITING, waitlist.c.variant_id.in_(there), people.c.telegram_id.is_not(None), not_(people.c.blocked))
    )
    return [Wait(*row) for row in tx.execute(query.order_by(waitlist.c.id).limit(most))]


def tell(tx: Connection, waits: Sequence[Wait], now: datetime) -> list[Wait]:
    """Take off the list who is told in this transaction; returns those that nobody else took meanwhile, in order."""
    mine = update(waitlist).where(waitlist.c.id.in_([wait.id for wait in waits]), _WAITING)
    taken = set(tx.execute(mine.values(told_at=now).returning(waitlist.c.id)).scalars())
    return [wait for wait in waits if wait.id in taken]


def put_back(tx: Connection, wait_id: int) -> None:
    """Put somebody back in their place on the list, whose note was not sent; who asked anew stands on it already."""
    told = delete(waitlist).where(waitlist.c.id == wait_id, waitlist.c.told_at.is_not(None))
    row = tx.execute(told.returning(waitlist.c.person_id, waitlist.c.variant_id, waitlist.c.asked_at)).one_or_none()
    if row is not None:
        insert_new(tx, waitlist, _ONE_EACH, "told_at IS NULL", id=wait_id, **row._asdict())


def _awaited() -> Select[tuple[int]]:
    """Select the variants that anybody waits for, from one to the next by the index: a step each, however many wait."""
    first = select(func.min(waitlist.c.variant_id).label("variant_id")).where(_WAITING)
    here = first.cte("awaited", recursive=True)
    after = first.where(waitlist.c.variant_id > here.c.variant_id).correlate(here).scalar_subquery()
    every = here.union_all(select(after).where(here.c.variant_id.is_not(None)))
    return select(every.c.variant_id).where(every.c.variant_id.is_not(None))


def _this(person_id: int, variant_id: int) -> tuple[Any, ...]:
    return waitlist.c.person_id == person_id, waitlist.c.variant_id == variant_id, _WAITING
