"""Days on which the shop is closed, as a list that is kept, as spans that are read, as a line that is typed. Pure."""

import re
from collections.abc import Iterable
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
_TO = r" ?(?:-|–|—|to|until|ដល់) ?"
_WORD = rf"(?:[a-z]{{3,9}}|{'|'.join(_KHMER)})"
_NAMED = re.compile(rf"(?P<first>\d{{1,2}})"
                    rf"(?:(?: (?:ខែ)?(?P<month>{_WORD})\.?,?(?: (?P<year>\d{{4}}))?)?{_TO}(?P<last>\d{{1,2}}))?"
                    rf" (?:ខែ)?(?P<last_month>{_WORD})\.?,? (?P<last_year>\d{{4}})", re.IGNORECASE)  # fmt: skip
"""One day, or two of which the first has the other's month and year where it names none of its own."""
_DAY = r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{4}"
_LINE = re.compile(rf"(?P<first>{_DAY})(?:{_TO}(?P<last>{_DAY}))?", re.IGNORECASE)
_MONTHS = 12


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

    Whatever :func:`core.settings.words.span` writes is read too, in either language.

    ``Refused`` for what is none, for what could be two days (``04/05/2027``), for days that are over, for too many.
    """
    found = _LINE.fullmatch(_by_figures(plain(line)))
    if found is None:
        raise Refused("holiday_unread", example=EXAMPLE)
    first = _day(found["first"])
    last = _day(found["last"]) if found["last"] else first
    if last < first:
        raise Refused("holiday_backwards")
    if first < today:
        raise Refused("holiday_over", day=f"{first:%d.%m.%Y}")
    if (last - first).days >= MOST:
        raise Refused("holiday_many", most=MOST)
    return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]


def _by_figures(line: str) -> str:
    """Write months that are named as their numbers; any other line as it is."""
    found = _NAMED.fullmatch(line)
    if found is None:
        return line
    months = _number(found["month"] or found["last_month"]), _number(found["last_month"])
    years = found["year"] or found["last_year"], found["last_year"]
    ends = zip(found.group("first", "last"), months, years, strict=True)
    return " - ".join(f"{day}.{month}.{year}" for day, month, year in ends if day)


def _number(month: str) -> int:
    """Tell which month a word names, 0 for none."""
    word = month.lower()
    return next((i for i, (name, khmer) in enumerate(zip(_NAMES, _KHMER, strict=True), 1)
                 if word == khmer or name.startswith(word)), 0)  # fmt: skip


def _day(text: str) -> date:
    """Read a day; by points the day stands first, as the shop writes it itself, by slashes nobody knows."""
    try:
        if "-" in text:
            year, month, day = map(int, text.split("-"))
            return date(year, month, day)
        day, month, year = map(int, re.split(r"[./]", text))
        if "/" in text and day != month and day <= _MONTHS and month <= _MONTHS:
            one, other = (f"{date(year, *pair):%d.%m.%Y}" for pair in ((month, day), (day, month)))
            raise Refused("setting_twice", one=one, other=other, example=EXAMPLE)
        return date(year, month, day)
    except ValueError:
        raise Refused("holiday_unread", example=EXAMPLE) from None
