"""What a promo code takes off, and why it may not: pure (PRODUCT A3, C7)."""

import re
import zlib
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from core.errors import Refused
from core.money import Money
from core.settings.reading import plain

LONGEST = 32
_CODE = re.compile(rf"[A-Z0-9][A-Z0-9_-]{{1,{LONGEST - 1}}}")


class PromoKind(StrEnum):
    """Percent of the goods, or a fixed amount."""

    PERCENT = "percent"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Promo:
    """A promo code. ``value`` is whole percent or cents, ``cap`` and ``minimum`` are cents.

    A limit of None is none; ``used`` counts the orders that hold a use now; ``promoter_id`` is who brings by it.
    """

    id: int
    code: str
    kind: PromoKind
    value: int
    cap: int | None = None
    minimum: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    use_limit: int | None = None
    person_limit: int | None = None
    used: int = 0
    active: bool = True
    promoter_id: int | None = None
    description_en: str = ""
    description_km: str = ""

    @property
    def stamp(self) -> int:
        """Tell what was seen from what another admin made of it since; that it was used meanwhile is no matter."""
        return zlib.crc32(repr(replace(self, id=0, used=0)).encode())


@dataclass(frozen=True, slots=True)
class Usage:
    """What a code did so far: orders that hold a use took ``given`` cents off; ``last``: when the last was placed."""

    promo: Promo
    promoter: str = ""
    given: int = 0
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """One order that used a code: ``discount`` in cents; ``returned``: it ended unsold, the use is free again."""

    order_id: int
    number: str
    discount: int
    at: datetime
    returned: bool = False


@dataclass(frozen=True, slots=True)
class PromoPage:
    """A page of a list, numbered from 0; ``more``: there is another behind it."""

    usages: tuple[Usage, ...]
    number: int = 0
    more: bool = False


def normalised(text: str) -> str:
    """Write a code as it is kept, however it was typed: any case, Khmer digits, full-width letters, spaces anywhere.

    What a Khmer keyboard puts in unseen is nothing. ``Refused`` where nothing like a code was typed.
    """
    code = plain(text).replace(" ", "").upper()
    if not _CODE.fullmatch(code):
        raise Refused("promo_unknown")
    return code


def discount(promo: Promo, goods: Money) -> Money:
    """What the code takes off goods of this worth: rounded half up to the cent, capped, never more than the goods."""
    if promo.kind is PromoKind.FIXED:
        off = promo.value
    else:
        off = int((Decimal(goods.amount) * promo.value / 100).quantize(Decimal(1), ROUND_HALF_UP))
    if promo.cap is not None:
        off = min(off, promo.cap)
    return Money(min(off, goods.amount), goods.currency)


def refusal(promo: Promo | None, goods: Money, used_by_person: int, now: datetime) -> Refused | None:
    """Why a code takes nothing off, None when it does. One switched off sounds like one that never was."""
    if promo is None or not promo.active:
        return Refused("promo_unknown")
    wrong = {
        "promo_early": promo.starts_at is not None and now < promo.starts_at,
        "promo_over": promo.ends_at is not None and now >= promo.ends_at,
        "promo_used": promo.person_limit is not None and used_by_person >= promo.person_limit,
        "promo_spent": promo.use_limit is not None and promo.used >= promo.use_limit,
        "promo_minimum": goods.amount < promo.minimum,
    }
    key = next((key for key, holds in wrong.items() if holds), None)
    return Refused(key, code=promo.code, amount=Money(promo.minimum, goods.currency)) if key else None
