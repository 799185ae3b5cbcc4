"""SQL of what buyers say: one row for each delivered line that was judged."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, text, update

from core import changes
from core.database.columns import insert_new
from core.database.tables import order_lines, orders, people, reviews, variants
from core.orders.rules import Status
from core.people.rules import straight
from core.reviews.rules import PAGE, Delivered, Judged, Opinion, OpinionPage

_SHOWN = text("NOT reviews.hidden")
"""Written out as the partial index ``ix_reviews_shown`` is: SQLite finds it for no other wording."""
_OPINION = (
    select(
        reviews, people.c.name, people.c.username, orders.c.number,
        order_lines.c.name_en, order_lines.c.name_km, order_lines.c.variant_en, order_lines.c.variant_km,
    )
    .join(people, people.c.id == reviews.c.person_id)
    .join(order_lines, order_lines.c.id == reviews.c.order_line_id)
    .join(orders, orders.c.id == order_lines.c.order_id)
)  # fmt: skip
_LINES = (
    select(
        orders.c.id.label("order_id"), orders.c.number, orders.c.person_id, orders.c.delivered_at,
        order_lines.c.id.label("line_id"), order_lines.c.variant_id, variants.c.product_id,
        order_lines.c.name_en, order_lines.c.name_km, order_lines.c.variant_en, order_lines.c.variant_km,
        reviews.c.stars, reviews.c.text,
    )
    .join(order_lines, order_lines.c.order_id == orders.c.id)
    .join(variants, variants.c.id == order_lines.c.variant_id)
    .outerjoin(reviews, reviews.c.order_line_id == order_lines.c.id)
    .order_by(order_lines.c.position)
)  # fmt: skip


def delivered(tx: Connection, order_id: int, person_id: int) -> Delivered | None:
    """A delivered order of this person with what they said of its lines; None for any other."""
    mine = (orders.c.id == order_id, orders.c.person_id == person_id, orders.c.status == Status.DELIVERED)
    rows = tx.execute(_LINES.where(*mine, orders.c.delivered_at.is_not(None))).all()
    if not rows:
        return None
    first = rows[0]
    return Delivered(
        first.order_id, first.number, first.person_id, first.delivered_at, tuple(_judged(row) for row in rows)
    )


def _judged(row: Any) -> Judged:
    return Judged(
        row.line_id, row.variant_id, row.product_id, row.name_en, row.name_km, row.variant_en, row.variant_km,
        row.stars or 0, row.text or "",
    )  # fmt: skip


def rate(tx: Connection, line: Judged, person_id: int, stars: int, now: datetime) -> None:
    """Write the stars of a line, new or changed; its words stay."""
    new: dict[str, Any] = {"product_id": line.product_id, "person_id": person_id, "created_at": now, "updated_at": now}
    if not insert_new(tx, reviews, ["order_line_id"], order_line_id=line.line_id, stars=stars, **new):
        _write(tx, line, stars=stars, updated_at=now)
    changes.note(tx, "product", line.product_id)


def say(tx: Connection, line: Judged, words: str, now: datetime) -> int | None:
    """Write the words of a line that has its stars; returns the opinion's id, None where it has none."""
    changes.note(tx, "product", line.product_id)
    return _write(tx, line, text=words, updated_at=now)


def _write(tx: Connection, line: Judged, **values: Any) -> int | None:
    changed = update(reviews).where(reviews.c.order_line_id == line.line_id).values(**values)
    return tx.execute(changed.returning(reviews.c.id)).scalar_one_or_none()


def hide(tx: Connection, opinion: Opinion, now: datetime, *, hidden: bool) -> bool:
    """Take an opinion out of sight or bring it back; False where it is so already."""
    other = (reviews.c.id == opinion.id, reviews.c.hidden != hidden)
    changed = tx.execute(update(reviews).where(*other).values(hidden=hidden, updated_at=now)).rowcount == 1
    if changed:
        changes.note(tx, "product", opinion.product_id)
    return changed


def by_id(tx: Connection, opinion_id: int) -> Opinion | None:
    """One opinion, hidden or not."""
    return next(iter(_opinions(tx, _OPINION.where(reviews.c.id == opinion_id))), None)


def page(tx: Connection, product_id: int, number: int) -> OpinionPage:
    """One page of what is said of a product; a number out of range gives the nearest page."""
    of = (reviews.c.product_id == product_id, _SHOWN)
    count = tx.execute(select(func.count()).select_from(reviews).where(*of)).scalar_one()
    pages = max(1, -(-int(count) // PAGE))
    number = min(max(number, 0), pages - 1)
    return OpinionPage(newest(tx, product_id, PAGE, number * PAGE), number, pages)


def newest(tx: Connection, product_id: int, most: int, past: int = 0) -> list[Opinion]:
    """Give what is said of a product and not hidden, the newest first, ``past`` so many."""
    of = _OPINION.where(reviews.c.product_id == product_id, _SHOWN)
    return _opinions(tx, of.order_by(reviews.c.id.desc()).limit(most).offset(past))


def _opinions(tx: Connection, query: Select[Any]) -> list[Opinion]:
    return [
        Opinion(
            r.id, r.product_id, r.stars, r.text, r.hidden, r.created_at, straight(r.name), r.username, r.number,
            r.name_en, r.name_km, r.variant_en, r.variant_km,
        )
        for r in tx.execute(query)
    ]  # fmt: skip
