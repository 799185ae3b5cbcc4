"""Cash as a courier takes it: dollars and riel together, in minor units (cents, whole riel). Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from core.money import Currency, Money


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


@dataclass(frozen=True, slots=True)
class Collection:
    """Cash taken for one parcel; ``hand_in_id`` once it was handed in."""

    order_id: int
    number: str
    courier_id: int
    taken: Cash
    collected_at: datetime
    hand_in_id: int | None = None


@dataclass(frozen=True, slots=True)
class HandIn:
    """What a courier brought of what they took; ``counted`` is what an admin found it to be."""

    id: int
    courier_id: int
    courier: str
    brought: Cash
    handed_at: datetime
    counted: Cash | None = None
    confirmed_at: datetime | None = None
