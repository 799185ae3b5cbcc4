"""What a day's figures say: on the picture, and in the line below it."""

from babel.dates import format_date

from core.cards.shared import both
from core.cash.rules import Cash
from core.i18n import Translator
from core.money import usd
from core.orders.rules import Status
from core.pictures.day import DaySheet
from core.pictures.sheet import Bar, Chart, Figure
from core.reports.rules import DayReport, shares
from core.shop import Reader, Shop


def day_sheet(shop: Shop, found: DayReport, reader: Reader) -> DaySheet:
    """Write a day for the picture: amounts in both currencies, the riel at today's rate."""
    t, rate = reader.t, shop.policy.riel_rate
    money = Figure(t("day.revenue"), str(usd(found.revenue)), str(usd(found.revenue).in_riel(rate)))
    title = t("day.until", time=t.when(found.until, shop.config.zone, "HH:mm")) if found.until else t("day.title")
    figures = (
        Figure(t("day.placed"), str(found.orders), both(usd(found.ordered), rate)),
        Figure(t("day.unsold"), str(found.unsold), both(usd(found.lost), rate)),
        Figure(t("day.held"), _held(found.held, rate), t("day.couriers", count=found.couriers)),
        Figure(t("day.open"), str(found.cases), t("day.low", count=found.low), warns=bool(found.cases)),
    )  # fmt: skip
    return DaySheet(shop.policy.shop_name, title, _date(t, found), money, figures, _charts(found, t, rate))


def _held(held: Cash, rate: int) -> str:
    """Write what couriers hold as it is: notes of both kinds; one kind alone with its worth in the other."""
    return both(usd(held.cents), rate) if not held.riel else str(held)


def _date(t: Translator, found: DayReport) -> str:
    return format_date(found.day, "d MMMM y", locale=t.language)


def _charts(found: DayReport, t: Translator, rate: int) -> tuple[Chart, ...]:
    methods = shares(one.cents for one in found.taken)
    paid = tuple(
        Bar(t("day.method", method=t(f"day.{one.method}"), count=one.orders), _taken(one.money, one.cents, rate), share)
        for one, share in zip(found.taken, methods, strict=True)
    )
    standing = [(status, found.placed[status]) for status in Status if found.placed.get(status)]
    counted = tuple(
        Bar(t("day.waiting" if status is Status.PENDING else f"status.{status}"), str(count), share)
        for (status, count), share in zip(standing, shares(count for _, count in standing), strict=True)
    )
    units = shares(one.units for one in found.top)
    best = tuple(
        Bar(t.pick(one.name_en, one.name_km), t("day.units", count=one.units, amount=both(usd(one.cents), rate)), share)
        for one, share in zip(found.top, units, strict=True)
    )
    return (
        Chart(t("day.by_method"), paid, t("day.no_money")),
        Chart(t("day.by_status"), counted, t("day.no_orders")),
        Chart(t("day.top"), best, t("day.no_orders")),
    )


def _taken(money: Cash, cents: int, rate: int) -> str:
    return f"{money} = {usd(cents)}" if money.cents and money.riel else both(usd(cents), rate)


def day_caption(shop: Shop, found: DayReport, reader: Reader) -> tuple[str, ...]:
    """Write the same in a few lines, for who reads no pictures."""
    t, rate = reader.t, shop.policy.riel_rate
    lines = [t("day.line_revenue", amount=both(usd(found.revenue), rate)),
             t("day.line_orders", count=found.orders, unsold=found.unsold)]  # fmt: skip
    if found.couriers:
        lines.append(t("day.line_held", amount=found.held, count=found.couriers))
    if found.cases:
        lines.append(t("day.line_cases", count=found.cases))
    if found.low:
        lines.append(t("day.line_low", count=found.low))
    return (_date(t, found), *lines)
