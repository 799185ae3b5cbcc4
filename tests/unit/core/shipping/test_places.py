"""Where parcels go: the 25 provinces with what is in them, and what bringing one there costs."""

import pytest

from core.errors import NotFound, Refused
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


@pytest.mark.parametrize("code", ["", "1", "99", "1299", "00", "12x", "ab", "១២"])
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


def test_all_1661_communes() -> None:
    """Every district has communes; each is found by its code, and its way leads over district and province."""
    found = [one for p in rules.provinces() for d in rules.districts(p.code) for one in rules.communes(d.code)]
    assert len({one.code for one in found}) == 1661
    for one in found:
        assert rules.place(one.code) == one
        assert [place.code for place in rules.path(one.code)] == [one.code[:2], one.code[:4], one.code]


@pytest.mark.parametrize("code", ["", "1", "99", "1299", "12x", "120", "129999", "12010", "12010101", "១២"])
def test_a_way_to_no_place(code: str) -> None:
    """A forged code has no way: it is not found, at whichever level it is wrong."""
    with pytest.raises(NotFound):
        rules.path(code)


def test_a_code_taken_apart() -> None:
    """As an address keeps it, as far as it reaches."""
    assert rules.codes("120101") == {"province_code": "12", "district_code": "1201", "commune_code": "120101"}
    assert rules.codes("12") == {"province_code": "12", "district_code": "", "commune_code": ""}


def test_khmer_lists_are_in_the_order_of_the_khmer_alphabet() -> None:
    """The capital first, then by the dictionary: a vowel with a sign last, an independent one with its sound."""
    names = [place.name_km for place in rules.provinces("km")]
    assert names == [
        "រាជធានីភ្នំពេញ", "កណ្ដាល", "កែប", "កំពង់ចាម", "កំពង់ឆ្នាំង", "កំពង់ធំ", "កំពង់ស្ពឺ", "កំពត", "កោះកុង", "ក្រចេះ",
        "តាកែវ", "ត្បូងឃ្មុំ", "បន្ទាយមានជ័យ", "បាត់ដំបង", "ប៉ៃលិន", "ពោធិ៍សាត់", "ព្រៃវែង", "ព្រះវិហារ", "ព្រះសីហនុ", "មណ្ឌលគិរី",
        "រតនគិរី", "សៀមរាប", "ស្ទឹងត្រែង", "ស្វាយរៀង", "ឧត្ដរមានជ័យ",
    ]  # fmt: skip
    districts = [place.name_km for place in rules.districts("12", "km")]
    assert districts.index("មានជ័យ") < districts.index("ឫស្សីកែវ") < districts.index("សែនសុខ")


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(0, 0), (13.75, 100.5), (10.8, 108.3), (16.5, 104.7), (9.0, 104.0)]
)
def test_a_location_in_another_country(latitude: float, longitude: float) -> None:
    """Bangkok, the sea, Laos: nobody delivers there; Phnom Penh and the islands are in."""
    with pytest.raises(Refused) as refused:
        rules.must_be_here(latitude, longitude)
    assert refused.value.key == "errors.no_zone"
    rules.must_be_here(11.5564, 104.9282)
    rules.must_be_here(10.2, 102.98)


def test_a_commune_is_written() -> None:
    """Between street and district, in both languages."""
    english, khmer = rules.written("12", "1201", "12 Street 100", "120101")
    assert english == "12 Street 100, Tonle Basak, Chamkar Mon, Phnom Penh"
    assert khmer == "12 Street 100, ទន្លេបាសាក់, ចំការមន, រាជធានីភ្នំពេញ"
