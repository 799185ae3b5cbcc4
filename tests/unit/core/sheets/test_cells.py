"""What a cell means: prices, numbers, dates, yes and no, headings; what is dangerous in a spreadsheet made harmless."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.sheets import rules
from core.sheets.rules import DANGEROUS, GOODS, Kind, Wrong

ZONE = ZoneInfo("Asia/Phnom_Penh")


@pytest.mark.parametrize(
    ("read", "cell", "meant"),
    [
        (rules.cents, "12", 1200), (rules.cents, "$1,250.50", 125050), (rules.cents, 12.5, 1250),
        (rules.cents, 0.1 + 0.2, 30), (rules.cents, "", None), (rules.cents, None, None), (rules.cents, "១២.៥០", 1250),
        (rules.cents, "12,50", "money"), (rules.cents, "1.005", "money"), (rules.cents, "-3", "money"),
        (rules.cents, "49,200៛", "riel"), (rules.cents, "a", "money"), (rules.cents, 1e300, "money"),
        (rules.cents, float("nan"), "money"), (rules.cents, float("inf"), "money"),
        (rules.whole, 7.0, 7), (rules.whole, "1,200", 1200), (rules.whole, "7.5", "number"), (rules.whole, "", None),
        (rules.whole, "-1", "number"), (rules.whole, "1e99", "number"), (rules.whole, "NaN", "number"),
        (rules.switch, True, True), (rules.switch, "No", False), (rules.switch, 0.0, False), (rules.switch, "", None),
        (rules.switch, "perhaps", "switch"),
        (rules.badge, "Best Seller", "best_seller"), (rules.badge, "", ""), (rules.badge, "cheap", "badge"),
        (rules.code, " rose 10 ", "ROSE10"), (rules.code, "", "code"), (rules.slug, "rose-1", "rose-1"),
        (rules.slug, "../x", "slug"), (rules.discount, "Percentage", "percent"), (rules.discount, "x", "discount"),
        (rules.line(20), 7.0, "7"), (rules.line(20), " a\n\tb\x00 ", "a b"), (rules.line(3), "abcd", "long"),
        (rules.plain, "a\r\nb", "a\nb"), (rules.plain, "007", "007"),
    ],
)  # fmt: skip
def test_a_cell_says_what_it_says_or_is_refused(read: Callable[[object], Any], cell: object, meant: object) -> None:
    """Each spelling has one meaning; what could be read in two ways, or makes no sense, is named, never guessed."""
    try:
        found = read(cell)
    except Wrong as wrong:
        found = wrong.cause
    assert (found, type(found)) == (meant, type(meant))


@pytest.mark.parametrize(
    ("cell", "end", "meant"),
    [
        ("2026-05-31", False, datetime(2026, 5, 30, 17, tzinfo=UTC)),
        ("2026-05-31", True, datetime(2026, 5, 31, 17, tzinfo=UTC)),
        (date(2026, 5, 31), True, datetime(2026, 5, 31, 17, tzinfo=UTC)),
        (datetime(2026, 5, 31, 18), True, datetime(2026, 5, 31, 11, tzinfo=UTC)),  # noqa: DTZ001 - as a workbook has it
        ("2026-05-31T18:00:00+07:00", True, datetime(2026, 5, 31, 11, tzinfo=UTC)),
        ("", True, None), ("31/05/2026", True, "date"), ("9999-12-31", True, "date"), ("soon", False, "date"),
    ],
)  # fmt: skip
def test_a_day_ends_when_the_next_begins(cell: object, meant: object, *, end: bool) -> None:
    """A date alone is the shop's own day, to its end where something ends; a spelling of two meanings is refused."""
    try:
        found = rules.moment(cell, ZONE, end=end)
    except Wrong as wrong:
        found = wrong.cause
    assert found == meant


@given(st.text(alphabet=st.sampled_from(DANGEROUS + "'aក"), max_size=6))
def test_what_is_made_harmless_comes_back_as_it_was(text: str) -> None:
    """No cell begins as a formula does, and reading takes away exactly what writing put there."""
    assert rules.safe(text)[:1] not in set(DANGEROUS)
    assert rules.unsafe(rules.safe(text)) == text


def test_headings_in_any_spelling_and_strange_ones_named() -> None:
    """Case, spaces, brackets and the ancestor's words; what nobody reads is named; two of one meaning are refused."""
    found, unknown = rules.placed(["Name (KH)", "PRICE", " Old-Price ", "Image", "ស្តុក", "Colour", "created_at"], GOODS)
    assert [column.name for column in found.values()] == ["name_kh", "price", "old_price", "photo", "stock"]
    assert unknown == ["Colour"]
    with pytest.raises(Refused) as refused:
        rules.placed(["price", "Price"], GOODS)
    assert refused.value.key == "errors.sheet_twice"
    assert [rules.kind_of(["Code", "price"]), rules.kind_of(["Name"])] == [Kind.CODES, Kind.PRODUCTS]
    khmer = [["លេខកូដ", "ស្តុក"], ["ឈ្មោះ", "ប្រភេទ"], ["កូដ"]]
    assert [rules.kind_of(one) for one in khmer] == [Kind.PRODUCTS, Kind.PRODUCTS, Kind.CODES]
    found, unknown = rules.placed(["លេខកូដទំនិញ", "ចំនួន", "តម្លៃ"], GOODS)
    assert ([column.name for column in found.values()], unknown) == (["sku", "stock", "price"], [])
    with pytest.raises(Refused):
        rules.kind_of(["phone", "address"])
