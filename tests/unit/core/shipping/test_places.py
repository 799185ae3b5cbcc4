"""Where parcels go: the 25 provinces with what is in them, and what bringing one there costs."""

import pytest

from core.errors import Refused
from core.money import usd
from core.settings.rules import Policy
from core.shipping import rules


def test_all_25_provinces_with_both_names() -> None:
    """The capital first; each has a two-digit code, an English and a Khmer name, and districts of its own."""
    found = rules.provinces()
    assert (len(found), found[0].name_en) == (25, "Phnom Penh")
    assert len({place.code for place in found}) == 25
    for place in found:
        assert len(place.code) == 2
        assert place.name_en.isascii()
        assert any("\u1780" <= letter <= "\u17ff" for letter in place.name_km)
        districts = rules.districts(place.code)
        assert districts
        assert all(district.code.startswith(place.code) and len(district.code) == 4 for district in districts)
    assert sum(len(rules.districts(place.code)) for place in found) == 210


@pytest.mark.parametrize("code", ["", "1", "99", "1299", "00", "12x", "ab", "120101", "១២"])
def test_codes_that_are_no_place(code: str) -> None:
    """A forged code finds nothing, and nobody delivers there."""
    assert rules.place(code) is None
    assert not rules.districts(code)
    with pytest.raises(Refused) as refused:
        rules.fee(code, usd(100), Policy())
    assert refused.value.key == "errors.no_zone"


@pytest.mark.parametrize(
    ("province", "subtotal", "cents"),
    [("12", 100, 150), ("12", 4999, 150), ("12", 5000, 0), ("02", 100, 250), ("02", 5000, 0), ("25", 4999, 250)],
)
def test_the_fee(province: str, subtotal: int, cents: int) -> None:
    """1.50 in Phnom Penh, 2.50 elsewhere, nothing from 50 dollars of goods on."""
    assert rules.fee(province, usd(subtotal), Policy()) == usd(cents)


def test_every_province_has_a_fee() -> None:
    """No address of the country lies in no zone; free delivery can be switched off."""
    always = Policy(free_delivery_from=0)
    fees = [rules.fee(place.code, usd(1_000_000), always).amount for place in rules.provinces()]
    assert fees == [150, *[250] * 24]


def test_an_address_in_both_languages() -> None:
    """Street as typed, district and province by their names; what is not known is left out."""
    district = rules.districts("12")[0]
    english, khmer = rules.written("12", district.code, "12 Street 100")
    assert english == f"12 Street 100, {district.name_en}, Phnom Penh"
    assert khmer == f"12 Street 100, {district.name_km}, {rules.provinces()[0].name_km}"
    assert rules.written("12", "", "") == ("Phnom Penh", rules.provinces()[0].name_km)
