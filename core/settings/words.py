"""The value of a rule as people write it: ``$1.50``, ``4,100៛ for $1``, ``2 h``, ``never``. Pure."""

from core.i18n import Translator
from core.money import Currency, Money, usd
from core.settings import holidays
from core.settings.known import Kind, Rule

_HOUR, _DAY, _GIGA = 60, 1440, 1024
_MINUTES = {Kind.MINUTES: 1, Kind.HOURS: _HOUR, Kind.DAYS: _DAY}
SHOWN = 3
"""As many holidays are named; the rest are counted."""


def name(rule: Rule, t: Translator) -> str:
    """Name a rule in few words."""
    return t(f"policy.name.{rule}")


def about(rule: Rule, t: Translator) -> str:
    """Say what it does."""
    return t(f"policy.about.{rule}")


def said(rule: Rule, value: str | int, t: Translator, today: str = "") -> str:
    """Write a value; of holidays those from ``today`` on, a day as ``2027-04-14``."""
    if rule.stops and value == 0:
        return t("policy.is.never")
    if rule.kind is Kind.DAYS_OFF:
        return _days_off(str(value), t, today)
    if rule.kind is Kind.PROVINCES:
        count = len(str(value).split())
        return t("policy.is.provinces", count=count) if count else t("policy.is.none")
    if isinstance(value, int):
        return _number(rule.kind, value, t)
    return t(f"policy.is.{value}") if rule.kind is Kind.LANGUAGE else value or t("policy.is.none")


def _number(kind: Kind, value: int, t: Translator) -> str:
    if kind in _MINUTES:
        return _span(value * _MINUTES[kind], t)
    if kind in {Kind.SWITCH, Kind.CHAT}:
        ends = ("off", "on") if kind is Kind.SWITCH else ("unlinked", "linked")
        return t(f"policy.is.{ends[bool(value)]}")
    size = f"{value // _GIGA} GB" if value % _GIGA == 0 else f"{value:,} MB"
    told = {Kind.DOLLARS: str(usd(value)), Kind.MEGABYTES: size, Kind.PERCENT: f"{value}%",
            Kind.RATE: t("policy.is.rate", riel=Money(value, Currency.KHR))}  # fmt: skip
    return told.get(kind, f"{value:,}")


def _span(minutes: int, t: Translator) -> str:
    """Write a time in the largest unit that it has whole ones of."""
    if minutes % _DAY == 0 and minutes:
        return t("policy.is.day" if minutes == _DAY else "policy.is.days", count=minutes // _DAY)
    if minutes % _HOUR == 0 and minutes:
        return t("policy.is.hours", count=minutes // _HOUR)
    return t("policy.is.minutes", count=minutes)


def _days_off(value: str, t: Translator, today: str) -> str:
    found = holidays.spans(value, today)
    if not found:
        return t("policy.is.none")
    told = [span(one, t) for one in found[:SHOWN]]
    more = [t("policy.is.more", count=len(found) - SHOWN)] if len(found) > SHOWN else []
    return ", ".join([*told, *more])


def span(one: holidays.Span, t: Translator) -> str:
    """Write a day or a range of days: ``14 Apr 2027``, ``14–16 Apr 2027``, ``30 Apr – 2 May 2027``."""
    first, last = one
    if first == last:
        return t.day(last)
    if first.year != last.year:
        return f"{t.day(first)} – {t.day(last)}"
    begun = f"{first.day}–" if first.month == last.month else f"{t.day(first, 'd MMM')} – "
    return begun + t.day(last)
