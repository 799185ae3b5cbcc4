"""One typed line, read as the value of a rule: strictly, in either digits; two meanings are refused. Pure.

``Refused("setting_unread")`` names an example, ``Refused("setting_twice")`` both readings,
``Refused("setting_beyond")`` what is allowed.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping

from core.errors import Refused
from core.money import RIEL, Currency, Money, in_cents, is_riel, one_amount, usd
from core.settings import rules
from core.settings.known import Kind, Rule

EXAMPLES: Mapping[Kind, str] = {
    Kind.NAME: "MADAM DA", Kind.PREFIX: "MD", Kind.ACCOUNT: "name@bank", Kind.CLOCK: "08:00", Kind.DOLLARS: "$1.50",
    Kind.RATE: "4100", Kind.COUNT: "100", Kind.MINUTES: "15", Kind.HOURS: "3", Kind.DAYS: "7", Kind.PERCENT: "80",
    Kind.MEGABYTES: "500",
}  # fmt: skip
_DIGITS = str.maketrans("០១២៣៤៥៦៧៨៩", "0123456789")
_NO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff\u2060"))
_WHOLE = r"(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,9})"
_GROUPED, _COMMA = re.compile(r"\d{1,3}\.\d{3}"), re.compile(r"(\d+),(\d{1,2})")
_RATE = re.compile(rf"(?:\$? ?1 ?\$? ?= ?)?{_WHOLE} ?(?:{RIEL})?", re.IGNORECASE)
_RIEL_BEHIND = re.compile(rf"(?<=\d)\.(?=\d{{3}} ?(?:{RIEL})$)", re.IGNORECASE)
_COUNT = re.compile(_WHOLE)
_PERCENT = re.compile(r"(?P<whole>\d{1,3}) ?(?:%|percent|ភាគរយ)?", re.IGNORECASE)
_SIZE = re.compile(rf"{_WHOLE}(?:\.(?P<part>\d))? ?(?P<unit>mb|gb)?", re.IGNORECASE)
_SPAN = re.compile(rf"{_WHOLE} ?(?P<unit>[a-z]+|នាទី|ម៉ោង|ថ្ងៃ)?", re.IGNORECASE)
_UNITS = {1: {"m", "min", "mins", "minute", "minutes", "នាទី"}, 60: {"h", "hour", "hours", "ម៉ោង"},
          1440: {"d", "day", "days", "ថ្ងៃ"}}  # fmt: skip
_BASE = {Kind.MINUTES: 1, Kind.HOURS: 60, Kind.DAYS: 1440}
_CLOCK = re.compile(r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))? ?(?P<half>am|pm|ព្រឹក|ល្ងាច)?", re.IGNORECASE)
_NEVER = {"never", "off", "none", "no", "មិនដែល", "គ្មាន", "បិទ"}
_NOON, _DAY_HOURS = 12, 24


def plain(text: str) -> str:
    """Write a line with Latin digits and single spaces, without what is not seen."""
    found = unicodedata.normalize("NFKC", text.translate(_NO_WIDTH)).translate(_DIGITS)
    return " ".join(found.split())


def read(rule: Rule, text: str, rate: int | None = None) -> str | int:
    """Read the value of a rule from a line; refused as the module says. Riel become dollars at the shop's ``rate``."""
    line = plain(text)
    if rule.stops and line.lower() in _NEVER:
        return 0
    reader = _READERS.get(rule.kind)
    value: str | int | None = reader(line, rule) if reader else None
    if rule.kind is Kind.DOLLARS:
        value = _dollars(line, rule, rate or int(Rule.RIEL_RATE.standard))
    if value is None:
        raise Refused("setting_unread", example=example(rule))
    return fitting(rule, value)


def example(rule: Rule) -> str:
    """Write a value as it may be typed: what the rule is by default, else one of its kind; "" where none is typed."""
    if rule.kind not in EXAMPLES or not rule.standard:
        return EXAMPLES.get(rule.kind, "")
    return str(usd(int(rule.standard))) if rule.kind is Kind.DOLLARS else str(rule.standard)


def fitting(rule: Rule, value: str | int) -> str | int:
    """Give a value back where the rule may be set to it; refused where not."""
    if rules.valid(rule, value):
        return value
    if rule.bounds is not None:
        least, most = (figure(rule, one) for one in rule.bounds)
        raise Refused("setting_beyond", least=least, most=most)
    raise Refused("setting_unread", example=example(rule))


def figure(rule: Rule, value: int) -> str:
    """Write a number as it is typed, without the words of its unit."""
    if rule.kind is Kind.DOLLARS:
        return str(usd(value))
    return str(Money(value, Currency.KHR)) if rule.kind is Kind.RATE else f"{value:,}"


def _twice(one: str, other: str, rule: Rule) -> None:
    raise Refused("setting_twice", one=one, other=other, example=example(rule))


def _number(line: str, rule: Rule) -> None:
    """Refuse ``1,50`` and ``4.100``: a comma or a point that parts either thousands or cents."""
    bare = line.strip("$៛ %").strip()
    if (found := _COMMA.fullmatch(bare)) is not None:
        _twice(f"{found[1]}.{found[2]}", f"{int(found[1] + found[2]):,}", rule)
    if _GROUPED.fullmatch(bare):
        _twice(bare.rstrip("0").rstrip("."), f"{int(bare.replace('.', '')):,}", rule)


def _dollars(line: str, rule: Rule, rate: int) -> int | None:
    found = one_amount(line)
    if found is None or not is_riel(found[1]):
        _number(line, rule)
    return in_cents(found[0], found[1] or "$", rate) if found else None


def _whole(found: re.Match[str]) -> str:
    return found["whole"].replace(",", "")


def _by(pattern: re.Pattern[str]) -> Callable[[str, Rule], int | None]:
    def whole(line: str, rule: Rule) -> int | None:
        plain_ = _RIEL_BEHIND.sub("", line)
        _number(plain_, rule)
        found = pattern.fullmatch(plain_)
        return int(_whole(found)) if found else None

    return whole


def _size(line: str, _rule: Rule) -> int | None:
    """Read megabytes: ``500``, ``1 GB``, ``1.5 GB``."""
    found = _SIZE.fullmatch(line)
    if found is None:
        return None
    tenths = int(_whole(found)) * 10 + int(found["part"] or 0)
    tenths *= 1024 if (found["unit"] or "").lower() == "gb" else 1
    return None if tenths % 10 else tenths // 10


def _span(line: str, rule: Rule) -> int | None:
    """Read a time in the rule's unit, or in another that makes whole ones of it: ``2 hours`` are 120 minutes."""
    _number(line, rule)
    found, base = _SPAN.fullmatch(line), _BASE[rule.kind]
    if found is None:
        return None
    unit = (found["unit"] or "").lower()
    size = next((minutes for minutes, names in _UNITS.items() if unit in names), None) if unit else base
    minutes = int(_whole(found)) * size if size else 1
    return None if size is None or minutes % base else minutes // base


def _clock(line: str, rule: Rule) -> str | None:
    """Read a time of day: ``08:00``, ``8 pm``; ``8`` alone is the morning's or the evening's."""
    found = _CLOCK.fullmatch(line)
    if found is None:
        return None
    hour, minute, half = int(found["hour"]), found["minute"] or "00", (found["half"] or "").lower()
    if half:
        late = half in {"pm", "ល្ងាច"}
        return f"{hour % _NOON + _NOON * late:02}:{minute}" if 1 <= hour <= _NOON else None
    if hour <= _NOON and not (len(found["hour"]) == 2 and found["minute"]):  # noqa: PLR2004 - two digits
        _twice(f"{hour % _NOON:02}:{minute}", f"{hour % _NOON + _NOON:02}:{minute}", rule)
    return f"{hour:02}:{minute}" if hour < _DAY_HOURS else None


_READERS: Mapping[Kind, Callable[[str, Rule], str | int | None]] = {
    Kind.NAME: lambda line, _rule: line,
    Kind.PREFIX: lambda line, _rule: line.upper(),
    Kind.ACCOUNT: lambda line, _rule: line,
    Kind.CLOCK: _clock,
    Kind.RATE: _by(_RATE),
    Kind.COUNT: _by(_COUNT),
    Kind.PERCENT: _by(_PERCENT),
    Kind.MINUTES: _span,
    Kind.HOURS: _span,
    Kind.DAYS: _span,
    Kind.MEGABYTES: _size,
}
