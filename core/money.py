"""Money as integer minor units with a currency: cents for USD, whole riel for KHR. Never a float."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import total_ordering
from typing import Self

from babel.numbers import format_decimal


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
            return format_decimal(self.amount, format="#,##0", locale="en") + "៛"
        sign = "-" if self.amount < 0 else ""
        return f"{sign}${format_decimal(abs(self.major), format='#,##0.00', locale='en')}"

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
