"""Days on which the shop is closed, as a list that is kept, as spans that are read, as a line that is typed. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from core.errors import Refused
from core.settings.reading import plain

MOST = 100
"""As many days are kept (``ALLOWED["holidays"]``)."""
EXAMPLE = "14.04.2027 – 16.04.2027"
Span = tuple[date, date]
"""The first and the last day."""

_NAMES = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
          "december")  # fmt: skip
_KHMER = ("មករា", "កុម្ភៈ", "មីនា", "មេសា", "ឧសភា", "មិថុនា", "កក្កដា", "សីហា", "កញ្ញា", "តុលា", "វិច្ឆិកា", "ធ្នូ")
_FROM, _TO = re.compile(r"^(?:from |(?:ចាប់)?ពី ?)"), re.compile(r" ?(?:-|–|—|to|until|(?:រហូត)?ដល់) ?")
_BEFORE_DAY = re.compile(r"^(?:ថ្ងៃ ?)?(?:ទី ?)?")
_DAY, _MONTH, _YEAR = r"(?P<day>\d{1,2})", r"(?P<month>\d{1,2})", r"(?P<year>\d{4})"
_NTH = rf"{_DAY}(?:st|nd|rd|th)?"
_WORD = rf"(?P<word>[a-z]{{3,9}}|{'|'.join(_KHMER)})\.?"
_FORMS = tuple(re.compile(form) for form in (
    rf"{_YEAR}(?P<by>[-./]){_MONTH}(?P=by){_DAY}",  # 2027-04-14
    rf"{_DAY}(?P<by>[-./]){_MONTH}(?P=by){_YEAR}",  # 14.04.2027
    rf"{_DAY}(?:(?P<by>[./]){_MONTH})?\.?",  # 14.04 or 14, where the last names the rest
    rf"{_NTH} ?(?:of |ខែ ?)?{_WORD}(?:,? ?(?:ឆ្នាំ ?)?{_YEAR})?",  # 14 April 2027
    rf"{_WORD} ?{_NTH}(?:(?:, ?| ){_YEAR})?",  # April 14, 2027
    rf"{_NTH}(?:, ?{_YEAR})?",  # 14th; the last of: April 14 – 16, 2027
))  # fmt: skip
"""How one day may be named, each as a whole."""
_MONTHS, _YEAR_DAYS, _LAST_YEAR = 12, 365, 2099


@dataclass(frozen=True, slots=True)
class _Named:
    """What a line says of one day, None what it leaves out; ``either``: who wrote it may have put the month first."""

    day: int
    month: int | None
    year: int | None
    either: bool = False

    def __str__(self) -> str:
        return f"{self.day:02}.{self.month:02}.{self.year:04}"


def days(value: str, today: str = "") -> list[date]:
    """List the days of a value of the rule from ``today`` on; one that no calendar has is left out."""
    return sorted({found for one in value.split() if one >= today and (found := _iso(one)) is not None})


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def spans(value: str, today: str = "") -> list[Span]:
    """Join days that follow each other."""
    found: list[Span] = []
    for day in days(value, today):
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def written(some: Iterable[date]) -> str:
    """Write days as the rule keeps them."""
    return " ".join(day.isoformat() for day in sorted(set(some)))


def read(line: str, today: date) -> list[date]:
    """Read a day, or a first and a last one: ``14.04.2027``, ``2027-04-14 – 2027-04-16``, ``30 April – 2 May 2027``.

    The first takes from the last what it does not name, over the end of a year the year before. Of a range that has
    begun the days from ``today`` on count. Whatever :func:`core.settings.words.span` writes is read too.

    ``Refused`` for what is none, for what could be two days (``04/05/2027``), for days that are over, for too many.
    """
    first, last = _span(line)
    if last < first:
        raise Refused("holiday_backwards")
    if last < today:
        raise Refused("holiday_over", day=f"{last:%d.%m}.{last.year:04}")
    first = max(first, today)
    if (last - first).days >= MOST:
        raise Refused("holiday_many", most=MOST)
    return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]


def _span(line: str) -> Span:
    """Read the line in the one way in which it names days; none or several are refused."""
    text = plain(line).lower().rstrip(" .។")
    ends = _FROM.sub("", text)
    pairs = [(_named(ends[: to.start()]), _named(ends[to.end() :])) for to in _TO.finditer(ends)]
    alone = _named(text)
    found = {pair for first, last in [(alone, alone), *pairs] if (pair := _whole(first, last)) is not None}
    if len(found) != 1:
        raise _unread()
    first, last = found.pop()
    end = _day(last)
    return _begin(first, end), end


def _named(text: str) -> _Named | None:
    """Read what names one day, or a part of it; None where it is nothing such."""
    bare = _BEFORE_DAY.sub("", text)
    found = next((match for form in _FORMS if (match := form.fullmatch(bare))), None)
    if found is None:
        return None
    said = found.groupdict()
    day, month, year = (int(said[part]) if said.get(part) else None for part in ("day", "month", "year"))
    month = _number(said["word"]) if said.get("word") else month
    either = said.get("by") in {"/", "-"} and found.start("day") < found.start("month")
    return None if month == 0 or day is None else _Named(day, month, year, either)


def _number(word: str) -> int:
    """Tell which month a word names, 0 for none."""
    return next((i for i, (name, khmer) in enumerate(zip(_NAMES, _KHMER, strict=True), 1)
                 if word == khmer or name.startswith(word)), 0)  # fmt: skip


def _whole(first: _Named | None, last: _Named | None) -> tuple[_Named, _Named] | None:
    """Complete both: month and year stand with the last, or the month with the first: ``April 14 – 16, 2027``."""
    if first is None or last is None or last.year is None:
        return None
    last = replace(last, month=last.month or first.month)
    if last.month is None or (first.year and not first.month):
        return None
    return replace(first, month=first.month or last.month), last


def _begin(first: _Named, end: date) -> date:
    """Read the first day; its year is the last's, or the one before: ``30 December – 2 January 2028``."""
    if first.year is not None:
        return _day(first)
    begin = _day(replace(first, year=end.year))
    over_new_year = (begin - end).days > _YEAR_DAYS - MOST
    return _day(replace(first, year=end.year - 1)) if over_new_year else begin


def _day(named: _Named) -> date:
    """Make a day; by points the day stands first, as the shop writes it itself, by strokes nobody knows."""
    day, month, year = named.day, named.month, named.year
    if not (month and year and month <= _MONTHS and year <= _LAST_YEAR):
        raise _unread()
    if named.either and day != month and 0 < day <= _MONTHS:
        other = str(replace(named, day=month, month=day))
        raise Refused("setting_twice", one=str(named), other=other, example=EXAMPLE)
    try:
        return date(year, month, day)
    except ValueError:
        raise Refused("holiday_none", day=str(named)) from None


def _unread() -> Refused:
    return Refused("holiday_unread", example=EXAMPLE)
