"""SQL of a day's report: a handful of questions, each by an index, none that grows with the shop's age."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, case, distinct, func, select, text, update

from core.cash.rules import Cash
from core.database.columns import insert_new
from core.database.tables import counters, order_lines, orders, payment_cases, settlements, stock, variants
from core.money import Currency
from core.orders.rules import PaymentMethod, PaymentStatus, Status
from core.reports.rules import TOP, UNSOLD, Sold, Span, Taken
from core.settlements.rules import Kind

TOLD = "day_report"
"""The counter that holds the last day that was told of, as ``date.toordinal``."""


def claim(tx: Connection, day: int) -> bool:
    """Take the right to tell of a day; False where it was told, or at the shop's first look, which owes nothing."""
    if insert_new(tx, counters, ["name"], name=TOLD, value=day):
        return False
    mine = (counters.c.name == TOLD, counters.c.value < day)
    return tx.execute(update(counters).where(*mine).values(value=day)).rowcount == 1


def told(tx: Connection) -> int | None:
    """The last day that was told of; None where none ever was."""
    return tx.execute(select(counters.c.value).where(counters.c.name == TOLD)).scalar()


def _placed_in(span: Span) -> tuple[Any, ...]:
    """Orders of a day, worded so that the index over status and time finds them."""
    return orders.c.status.in_(list(Status)), orders.c.placed_at >= span.start, orders.c.placed_at < span.end


def placed(tx: Connection, span: Span) -> dict[Status, tuple[int, int]]:
    """How many orders of the day stand at each status, and the cents they cost."""
    query = select(orders.c.status, func.count().label("many"), func.sum(orders.c.total).label("cents"))
    rows = tx.execute(query.where(*_placed_in(span)).group_by(orders.c.status))
    return {Status(row.status): (row.many, int(row.cents)) for row in rows}


def taken(tx: Connection, span: Span) -> list[Taken]:
    """What was earned: money that came on the day for orders that are paid and sold, less what of it goes back."""
    sign = case((settlements.c.kind == Kind.OWED, -1), else_=1)
    query = select(
        orders.c.payment_method, settlements.c.currency, orders.c.riel_rate,
        func.sum(settlements.c.amount * sign).label("amount"),
    ).join(orders, orders.c.id == settlements.c.order_id)  # fmt: skip
    here = (settlements.c.at >= span.start, settlements.c.at < span.end)
    part = (orders.c.payment_status == PaymentStatus.DUE) & (orders.c.prepaid > 0)  # its rest comes at the door
    earned = (settlements.c.kind.in_([Kind.RECEIVED, Kind.OWED]),
              (orders.c.payment_status == PaymentStatus.PAID) | part, orders.c.status.not_in(list(UNSOLD)))  # fmt: skip
    by = (orders.c.payment_method, settlements.c.currency, orders.c.riel_rate)
    money: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in tx.execute(query.where(*here, *earned).group_by(*by)):
        riel = row.currency == Currency.KHR
        sums, amount = money[row.payment_method], int(row.amount)
        sums[riel] += amount
        sums[2] += amount * 100 // row.riel_rate if riel else amount
    many = select(orders.c.payment_method, func.count(distinct(orders.c.id)).label("orders")).join(
        settlements, orders.c.id == settlements.c.order_id
    )
    counts = {row.payment_method: row.orders for row in tx.execute(many.where(*here, *earned).group_by(by[0]))}
    return [
        Taken(PaymentMethod(method), counts[method], Cash(cents, riel), worth)
        for method, (cents, riel, worth) in sorted(money.items(), reverse=True)
    ]


def top(tx: Connection, span: Span) -> list[Sold]:
    """The products of which the most units were ordered, by what they were called when they were."""
    units, cents = func.sum(order_lines.c.quantity), func.sum(order_lines.c.quantity * order_lines.c.unit_price)
    names = (func.max(order_lines.c.name_en).label("name_en"), func.max(order_lines.c.name_km).label("name_km"))
    query = (
        select(*names, units.label("units"), cents.label("cents"))
        .select_from(orders)
        .join(order_lines, order_lines.c.order_id == orders.c.id)
        .join(variants, variants.c.id == order_lines.c.variant_id)
        .where(*_placed_in(span), orders.c.status.not_in(list(UNSOLD)))
        .group_by(variants.c.product_id)
        .order_by(units.desc(), cents.desc(), variants.c.product_id)
    )
    return [Sold(row.name_en, row.name_km, int(row.units), int(row.cents)) for row in tx.execute(query.limit(TOP))]


def open_cases(tx: Connection) -> int:
    """How many cases of money wait for a person."""
    waiting = text("payment_cases.state <> 'done'")  # as the partial index is written
    return int(tx.execute(select(func.count()).select_from(payment_cases).where(waiting)).scalar_one())


def running_low(tx: Connection) -> int:
    """Of how many variants staff were told that little is left."""
    low = (stock.c.low_told_at.is_not(None),)
    return int(tx.execute(select(func.count()).select_from(stock).where(*low)).scalar_one())
