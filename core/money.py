"""Money as integer minor units with a currency: cents for USD, whole riel for KHR. Never a float."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import total_ordering
from typing import Self


class Currency(StrEnum):
    """ISO 4217 code. USD has two decimals; KHR, by the country's custom, none."""

    USD = "USD"
    KHR = "KHR"

    @property
    def decimals(self) -> int:
        """How many digits of the amount stand behind the point."""
        return 2 if self is Currency.USD else 0


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """``amount`` in minor units (cents, riel) of ``currency``. Two currencies never mix: ``ValueError``."""

    amount: int
    currency: Currency = Currency.USD

    def __add__(self, other: Self) -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Self) -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.amount * times, self.currency)

    def __lt__(self, other: Self) -> bool:
        return self.amount < self._same(other)

    def __str__(self) -> str:
        """Write ``$12.00`` or ``49,200៛``: the same in both languages, Latin digits (PRODUCT, "Money is written")."""
        if self.currency is Currency.KHR:
            return f"{self.amount:,}៛"
        dollars, cents = divmod(abs(self.amount), 100)
        return f"{'-' if self.amount < 0 else ''}${dollars:,}.{cents:02}"

    @property
    def major(self) -> Decimal:
        """The amount in dollars or riel."""
        return Decimal(self.amount).scaleb(-self.currency.decimals)

    def in_riel(self, rate: int) -> "Money":
        """Convert to KHR at ``rate`` riel for one dollar, rounded half up to the 100 riel that change exists for."""
        if self.currency is Currency.KHR:
            return self
        hundreds = (self.major * rate / 100).quantize(Decimal(1), ROUND_HALF_UP)
        return Money(int(hundreds) * 100, Currency.KHR)

    def _same(self, other: "Money") -> int:
        if other.currency is not self.currency:
            msg = f"{self.currency} and {other.currency} are not of one kind"
            raise ValueError(msg)
        return other.amount


def usd(cents: int) -> Money:
    """Dollars from integer cents."""
    return Money(cents, Currency.USD)


# ── as people write it ───────────────────────────────────────────────────────────────────────────────────────────────
DOLLARS, RIEL = r"us\$|\$|usd|dollars?|ដុល្លារ?", r"៛|khr|riels?|រៀល"
"""The signs of both, as parts of a pattern that ignores case."""
NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,3}(?:\.\d{3})+|\d+(?:\.\d{1,2})?)(?![\d]|[.,]\d)"
POINTED = re.compile(r"\d{1,3}(?:\.\d{3})+")
"""49.200: riel by thousands, which have no parts; of dollars it is a doubt."""
_SHORT_RIEL = re.compile(r"(?<=\d00)r(?![\w/-])", re.IGNORECASE)
_ALONE = re.compile(rf"(?:(?P<before>{DOLLARS}|{RIEL})\s*)?(?P<number>{NUMBER})\s*(?P<behind>{DOLLARS}|{RIEL})?",
                    re.IGNORECASE)  # fmt: skip


def is_riel(sign: str) -> bool:
    """Tell whether a sign is one of riel."""
    return re.fullmatch(RIEL, sign, re.IGNORECASE) is not None


def spelt(text: str) -> str:
    """Write 6000r, as people type riel, with its sign; only behind whole hundreds, so that a size 12R stays one."""
    return _SHORT_RIEL.sub("៛", text)


def one_amount(text: str) -> tuple[str, str] | None:
    """Take one amount in Latin digits apart: its number and its sign, "" for none; None where it is no amount."""
    found = _ALONE.fullmatch(spelt(text.strip()))
    if found is None or (found["before"] and found["behind"]):
        return None
    return found["number"], found["before"] or found["behind"] or ""


def in_cents(number: str, sign: str, rate: int) -> int | None:
    """Bring a number and its sign to cents, riel at ``rate`` rounded half up; None for parts of a riel, or 49.200$."""
    riel = is_riel(sign)
    if POINTED.fullmatch(number):
        number = number.replace(".", "") if riel else ""
    whole, _, part = number.replace(",", "").partition(".")
    if not 0 < len(whole) <= 12 or (riel and part):  # noqa: PLR2004 - far above all there is
        return None
    return (int(whole) * 200 + rate) // (2 * rate) if riel else int(whole) * 100 + int((part or "0").ljust(2, "0"))
