"""Cash as a courier takes it: dollars and riel together, in minor units (cents, whole riel). Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self
from zoneinfo import ZoneInfo

from core.errors import Refused
from core.money import DOLLARS, RIEL, Currency, Money
from core.people.rules import clean_line

NOTE = 200
"""As many characters of a note are taken."""
MOST = {Currency.USD: 10_000_00, Currency.KHR: 50_000_000}
"""More than this no courier carries: $10,000, 50,000,000 riel. A line that says more is a slip of the hand."""
SLACK = 20_00
"""Cents by which a parcel's cash may pass twice its price: a large note for a small parcel, not a lost point."""


@dataclass(frozen=True, slots=True)
class Cash:
    """What was put into a hand: ``cents`` and ``riel``, and why it is another sum than the parcel's."""

    cents: int = 0
    riel: int = 0
    note: str = ""

    @classmethod
    def exact(cls, due: Money) -> Self:
        """Make the very sum, in its own currency."""
        return cls(riel=due.amount) if due.currency is Currency.KHR else cls(due.amount)

    @property
    def amounts(self) -> tuple[Money, ...]:
        """Both amounts, those that are nothing left out."""
        both = (Money(self.cents, Currency.USD), Money(self.riel, Currency.KHR))
        return tuple(money for money in both if money.amount)

    @property
    def sums(self) -> tuple[int, int]:
        """What it is, whatever is said of it."""
        return self.cents, self.riel

    def __str__(self) -> str:
        """Write ``$10.00 + 14,000៛``; nothing is ``$0.00``."""
        return " + ".join(map(str, self.amounts)) or str(Money(0))


def together(many: Iterable[Cash]) -> Cash:
    """Add up what lies in one hand."""
    all_of_it = list(many)
    return Cash(sum(one.cents for one in all_of_it), sum(one.riel for one in all_of_it))


@dataclass(frozen=True, slots=True)
class Collection:
    """Cash taken for one parcel; ``hand_in_id`` once it was handed in."""

    order_id: int
    number: str
    courier_id: int
    courier: str
    taken: Cash
    collected_at: datetime
    hand_in_id: int | None = None


@dataclass(frozen=True, slots=True)
class HandIn:
    """What a courier brought of what they took; ``counted`` is what an admin found it to be, and why it differs."""

    id: int
    courier_id: int
    courier: str
    brought: Cash
    handed_at: datetime
    counted: Cash | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str = ""
    confirmed_by_id: int | None = None

    @property
    def difference(self) -> tuple[Money, ...]:
        """What was counted less what was brought, each currency that differs; the courier's to explain."""
        if self.counted is None:
            return ()
        dollars, riel = self.counted.cents - self.brought.cents, self.counted.riel - self.brought.riel
        return tuple(one for one in (Money(dollars), Money(riel, Currency.KHR)) if one.amount)


@dataclass(frozen=True, slots=True)
class Day:
    """One of the shop's own days: what a courier took on it and still holds."""

    day: date
    taken: Cash
    collections: tuple[Collection, ...]


@dataclass(frozen=True, slots=True)
class Purse:
    """What one courier holds, what they handed in that nobody counted yet, and their last ones that differed."""

    courier_id: int
    courier: str
    held: Cash
    days: tuple[Day, ...]
    waiting: tuple[HandIn, ...] = ()
    differed: tuple[HandIn, ...] = ()


@dataclass(frozen=True, slots=True)
class Holding:
    """How much one courier holds, from how many parcels."""

    courier_id: int
    courier: str
    held: Cash
    parcels: int


@dataclass(frozen=True, slots=True)
class Till:
    """All cash that is out: who holds what, and what was handed in and waits to be counted."""

    holdings: tuple[Holding, ...]
    waiting: tuple[HandIn, ...]


def by_day(collections: Sequence[Collection], zone: ZoneInfo) -> tuple[Day, ...]:
    """Lay collections out by the shop's own days (its midnight, not Greenwich's), the oldest first."""
    days: dict[date, list[Collection]] = {}
    for one in sorted(collections, key=lambda one: (one.collected_at, one.order_id)):
        days.setdefault(one.collected_at.astimezone(zone).date(), []).append(one)
    return tuple(Day(day, together(one.taken for one in some), tuple(some)) for day, some in days.items())


# ── one typed line ───────────────────────────────────────────────────────────────────────────────────────────────────
_NUMBER = r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d{1,2})?)(?![\d]|[.,]\d)"
_AMOUNT = re.compile(
    rf"(?:(?P<before>{DOLLARS}|{RIEL})\s*)?{_NUMBER}(?(before)|(?:\s*(?P<behind>{DOLLARS}|{RIEL})(?![\w$៛]))?)",
    re.IGNORECASE,
)
_JOINED = re.compile(r"\s*(?:\+|&|(?:and|និង)(?=[\s\d$៛]))\s*", re.IGNORECASE)
_PAUSE = re.compile(r"\s*[,;]?\s*")
_ELSE = re.compile(
    r"(?:baht|bath|thb|eur|dong|vnd|yuan|cny|បាត|ដុង|យូរ៉ូ|យាន់|k\b|thousand|ពាន់|[-−]?\s*\d|[+%])", re.IGNORECASE
)
"""What cannot stand behind an amount: other money, thousands, a sum to take off, a number that says not of what."""
_PUNCTUATION = " .,;:·()–—"
_NO_WIDTH = "\u200b\u200c\u200d\ufeff\u2060"


def parse(line: str) -> Cash:
    """Read what somebody says was in a hand: ``10 + 14000៛ had no more dollars``.

    Dollars and riel in any order, in Latin or Khmer digits, with or without commas; a number without a sign is dollars,
    for 10,000 of them somebody forgot ``៛``. What follows is the note. ``Refused`` where it is no such line.
    """
    text = _spaced(line)
    sums = dict.fromkeys(Currency, 0)
    at, seen = len(text) - len(text.lstrip()), set[Currency]()
    found = _AMOUNT.match(text, at)
    if found is None:
        raise Refused("cash_unread")
    while found is not None:
        money = _money(found)
        sums[money.currency] += money.amount
        seen.add(money.currency)
        at = found.end()
        found = _next(text, at, seen)
    rest = text[at:]
    if rest[:1].isalnum() or rest[:1] == "_" or _foreign(rest.lstrip(_PUNCTUATION)):
        raise Refused("cash_unread")
    if any(sums[currency] > most for currency, most in MOST.items()):
        raise Refused("cash_too_much")
    said = line[len(text) - len(rest.lstrip(_PUNCTUATION)) :]
    note = clean_line(said.rstrip(_PUNCTUATION), NOTE) if any(map(str.isalnum, said)) else ""
    return Cash(sums[Currency.USD], sums[Currency.KHR], note)


def _spaced(line: str) -> str:
    """Write every odd space as a space, those of Khmer that have no width too; places stay."""
    return "".join(" " if char.isspace() or char in _NO_WIDTH else char for char in line)


def _next(text: str, at: int, seen: set[Currency]) -> re.Match[str] | None:
    """Find the next amount: one that is joined, or one of the other currency that says so itself."""
    joined = _JOINED.match(text, at)
    if joined is not None:
        return _AMOUNT.match(text, joined.end())
    pause = _PAUSE.match(text, at)
    found = _AMOUNT.match(text, pause.end()) if pause and pause.end() > at else None
    signed = found is not None and (found["before"] or found["behind"])
    return found if found is not None and signed and _currency(found) not in seen else None


def _currency(found: re.Match[str]) -> Currency:
    sign = found["before"] or found["behind"] or ""
    return Currency.KHR if re.fullmatch(RIEL, sign, re.IGNORECASE) else Currency.USD


def _money(found: re.Match[str]) -> Money:
    currency = _currency(found)
    whole, _, part = found["number"].replace(",", "").partition(".")
    if len(whole) > 12 or (part and currency is Currency.KHR):  # noqa: PLR2004 - far above all there is
        raise Refused("cash_too_much" if len(whole) > 12 else "cash_unread")  # noqa: PLR2004 - as above
    return Money(int(whole) * 100 + int(part.ljust(2, "0")) if currency is Currency.USD else int(whole), currency)


def _foreign(rest: str) -> bool:
    """Whether what stands behind an amount makes it another one."""
    return bool(rest) and (unicodedata.category(rest[0]) == "Sc" or _ELSE.match(rest) is not None)


def taken_for(due: Money, riel_rate: int, taken: Cash) -> Cash:
    """Take a sum for a parcel that costs ``due``; ``Refused`` for none, for far too much, for another without a note.

    What it is worth is told at the order's own rate, in cents.
    """
    if not taken.amounts:
        raise Refused("cash_nothing")
    worth = taken.cents + taken.riel * 100 // riel_rate
    if worth > 2 * _cents(due, riel_rate) + SLACK:
        raise Refused("cash_too_much")
    same = taken.sums == Cash.exact(due).sums
    if not same and not taken.note:
        raise Refused("cash_note")
    return taken


def _cents(due: Money, riel_rate: int) -> int:
    return due.amount if due.currency is Currency.USD else due.amount * 100 // riel_rate


def counted_as(brought: Cash, counted: Cash | None) -> Cash:
    """Take what an admin counted, None for the very sums; ``Refused`` for others without a note."""
    if counted is None:
        return replace(brought, note="")
    if counted.sums != brought.sums and not counted.note:
        raise Refused("cash_note")
    return counted
