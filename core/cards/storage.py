"""What the storage report says: on the picture, and in the lines below it."""

from datetime import datetime, timedelta

from babel.dates import format_date

from core.i18n import Translator
from core.pictures.sheet import Bar, Chart, Figure
from core.pictures.storage import Gauge, StorageSheet, Tone
from core.shop import Shop
from core.storage.figures import Forecast, Growth, Report, Watched, readable
from core.storage.rules import Level

TONES = {Level.OK: Tone.CALM, Level.WARNING: Tone.WARNING, Level.CRITICAL: Tone.CRITICAL,
         Level.EMERGENCY: Tone.EMERGENCY}  # fmt: skip
FRESH = timedelta(hours=26)
"""A verified backup that is older warns."""
FAR = 3650
"""Days beyond which a date of being full is no news."""


def storage_sheet(shop: Shop, report: Report, t: Translator, backed_up: datetime | None = None) -> StorageSheet:
    """Write a report for the picture; ``backed_up`` is when the last verified backup was made."""
    total, usage = report.of("total"), report.usage
    return StorageSheet(
        shop.policy.shop_name,
        t("figures.title"),
        format_date(usage.at.astimezone(shop.config.zone), "d MMMM y", locale=t.language),
        Figure("", readable(usage.total), t("figures.together", limit=readable(total.metric.limit))),
        _figures(shop, report, t, backed_up),
        t("figures.limits"),
        tuple(_gauge(shop, one, t) for one in report.limits),
        Chart(t("figures.kinds"), _kinds(report, t), t("figures.nothing")),
    )


def _figures(shop: Shop, report: Report, t: Translator, backed_up: datetime | None) -> tuple[Figure, ...]:
    """Four figures: what is free, how old the backup is, how much came, what is full first."""
    disk, now = report.usage.disk, report.usage.at
    free = Figure(t("figures.free"), readable(disk.free), t("figures.free_of", size=readable(disk.total)),
                  warns=report.of("disk").level is not Level.OK)  # fmt: skip
    old = backed_up is None or now - backed_up > FRESH
    when = t.when(backed_up, shop.config.zone) if backed_up else ""
    return (free, Figure(t("figures.backup"), ago(t, backed_up, now), when, warns=old), _grown(shop, report, t),
            _first(report, t))  # fmt: skip


def ago(t: Translator, moment: datetime | None, now: datetime) -> str:
    """Write how long ago something was, in hours and then in days; None is never."""
    if moment is None:
        return t("figures.backup_none")
    hours = (now - moment) // timedelta(hours=1)
    if hours < 1:
        return t("figures.backup_now")
    return t("figures.backup_hours", count=hours) if hours < 48 else t("figures.backup_days", count=hours // 24)  # noqa: PLR2004


def _grown(shop: Shop, report: Report, t: Translator) -> Figure:
    one = _total(report)
    if one.more is None or one.since is None:
        return Figure(t("figures.grown"), "—", t("figures.grown_unknown"))
    since = t("figures.grown_since", when=t.when(one.since, shop.config.zone, "d MMM"))
    return Figure(t("figures.grown"), signed(one.more), since)


def _total(report: Report) -> Growth:
    return next(one for one in report.growth if one.name == "total")


def signed(size: int) -> str:
    """Write bytes that came or went."""
    return f"{'+' if size > 0 else ''}{readable(size)}"


def _first(report: Report, t: Translator) -> Figure:
    """What is full first, where anything is within ten years."""
    label = t("figures.first")
    dated = [(one.forecast.days, one) for one in report.limits if one.forecast.days is not None]
    if not dated:
        return Figure(label, "—", t("figures.first_unknown"))
    days, one = min(dated, key=lambda found: found[0])
    if days > FAR:
        return Figure(label, "—", t("figures.first_none"))
    name = t(f"figures.limit.{one.name}")
    return Figure(label, name, full(t, one.forecast), warns=days <= 7)  # noqa: PLR2004 - a week to see to it


def full(t: Translator, forecast: Forecast) -> str:
    """Write when something is full."""
    days = forecast.days
    if days is None or forecast.word != "days":
        return t(f"figures.full.{forecast.word}")
    if days > FAR:
        return t("figures.full.years")
    return t("figures.full.day") if round(days) <= 1 else t("figures.full.days", count=f"{days:,.0f}")


def _gauge(shop: Shop, one: Watched, t: Translator) -> Gauge:
    metric = one.metric
    words = {"size": readable(metric.bytes), "limit": readable(metric.limit), "percent": f"{metric.percent:.0f}"}
    calm = one.level is Level.OK
    text = t("figures.gauge", **words) if calm else t(
        "figures.gauge_level", level=t(f"alert.level.{one.level.word}"), **words)  # fmt: skip
    return Gauge(t(f"figures.limit.{one.name}"), text, metric.percent / 100, full(t, one.forecast), TONES[one.level],
                 shop.policy.warn_percent / 100)  # fmt: skip


def _kinds(report: Report, t: Translator) -> tuple[Bar, ...]:
    """Every kind that there is, the largest first."""
    files = {kind.name: kind.files for kind in report.usage.kinds}
    files["database"] = sum(rows for _, rows in report.usage.tables)
    there = sorted((one for one in report.growth if one.bytes and one.name in files), key=lambda one: -one.bytes)
    return tuple(
        Bar(t(f"figures.kind_of.{one.name}"), _amount(one, files[one.name], t), one.bytes / there[0].bytes)
        for one in there
    )


def _amount(one: Growth, files: int, t: Translator) -> str:
    key = "rows" if one.name == "database" else "kind"
    words = {"size": readable(one.bytes), "files": f"{files:,}"}
    return t(f"figures.{key}_more", more=signed(one.more), **words) if one.more else t(f"figures.{key}", **words)


def storage_caption(
    shop: Shop, report: Report, t: Translator, backed_up: datetime | None = None
) -> tuple[str, ...]:  # fmt: skip
    """Write the same in a few lines, for who reads no pictures: all of it, what is too much or soon will be."""
    total, grown = report.of("total"), _total(report)
    lines = [t("figures.line_total", size=readable(report.usage.total), limit=readable(total.metric.limit))]
    if grown.more is not None and grown.since is not None:
        since = t.when(grown.since, shop.config.zone, "d MMM")
        lines.append(t("figures.line_grown", when=since, more=signed(grown.more)))
    for one in report.limits:
        name, metric = t(f"figures.limit.{one.name}"), one.metric
        if one.level is not Level.OK:
            lines.append(t("figures.line_limit", name=name, percent=f"{metric.percent:.0f}",
                           limit=readable(metric.limit)))  # fmt: skip
        elif one.forecast.days is not None and one.forecast.days <= 90:  # noqa: PLR2004 - before the next three reports
            lines.append(t("figures.line_full", name=name, when=full(t, one.forecast)))
    lines.append(t("figures.line_backup", when=ago(t, backed_up, report.usage.at)))
    return tuple(lines)
