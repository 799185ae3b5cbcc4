"""What is written below a photo: read in any order, in both scripts and currencies; doubts are asked."""

from typing import Any

import pytest

from core.catalog.captions import Caption, Counting, one_price, parse
from core.catalog.rules import Badge, Category

RATE = 4100
SHELVES = [Category(1, "skin", "Skin care", "ថែស្បែក", ""), Category(2, "sale", "Sale", "", "")]
THERE, MORE, EXACT = Counting.THERE, Counting.MORE, Counting.EXACT
BOTH = {"name_en": "Rose Serum", "name_km": "សេរ៉ូមផ្កាកុលាប"}
SAID: list[tuple[str, dict[str, Any]]] = [
    ("Rattan bag 18$ x 5", {"name_en": "Rattan bag", "price": 1800, "units": 5, "counting": THERE}),
    ("Jasmine soap / សាប៊ូម្លិះ 6000r x 5",
     {"name_en": "Jasmine soap", "name_km": "សាប៊ូម្លិះ", "price": 146, "units": 5, "counting": THERE}),
    ("Tyre 12R 49,200R", {"name_en": "Tyre 12R", "price": 1200}),
    ("ម្រេចកំពត 100g 8$", {"name_km": "ម្រេចកំពត 100g", "price": 800}),
    ("50 ml / ៥០ មល $18", {"name_en": "50 ml", "name_km": "50 មល", "price": 1800}),
    ("Towel 5$ x 3kg", {"name_en": "Towel x 3kg", "price": 500}),
    ("Coffee 49.200៛ ×20", {"name_en": "Coffee", "price": 1200, "units": 20, "counting": THERE}),
    ("Rose Serum / សេរ៉ូមផ្កាកុលាប\n$12.00 (was $15)\n20 pcs",
     BOTH | {"price": 1200, "old_price": 1500, "units": 20, "counting": THERE}),
    ("20 pcs\n(was $15) $12.00\nសេរ៉ូមផ្កាកុលាប | Rose Serum",
     BOTH | {"price": 1200, "old_price": 1500, "units": 20, "counting": THERE}),
    ("Rose Serum\nសេរ៉ូមផ្កាកុលាប\n12$", BOTH | {"price": 1200}),
    ("សេរ៉ូមផ្កាកុលាប\nRose Serum\n៤៩,២០០៛", BOTH | {"price": 1200}),
    ("Rose 30 ml $12.50", {"name_en": "Rose 30 ml", "price": 1250}),
    ("Vitamin B12\n4 usd", {"name_en": "Vitamin B12", "price": 400}),
    ("Rose\n1,200.50$", {"name_en": "Rose", "price": 120_050}),
    ("Rose\nតម្លៃ៖ ១២ដុល្លារ\nតម្លៃដើម ១៥$", {"name_en": "Rose", "price": 1200, "old_price": 1500}),
    ("Rose $12 cost $7", {"name_en": "Rose", "price": 1200, "cost": 700}),
    ("Rose\nថ្លៃដើម 28,700៛", {"name_en": "Rose", "cost": 700}),
    ("ROSE-30 +20", {"sku": "ROSE-30", "units": 20, "counting": MORE}),
    ("+២០", {"units": 20, "counting": MORE}),
    ("Rose 1,000 pcs", {"name_en": "Rose", "units": 1000, "counting": THERE}),
    ("= 20", {"units": 20, "counting": EXACT}),
    ("Rose\nstock: +5 pcs", {"name_en": "Rose", "units": 5, "counting": MORE}),
    ("Rose\nស្តុក៖ ២០", {"name_en": "Rose", "units": 20, "counting": THERE}),
    ("Rose\nsku: rose-30", {"name_en": "Rose", "sku": "ROSE-30"}),
    ("Rose #skin #new", {"name_en": "Rose", "shelf": "skin", "badge": Badge.NEW}),
    ("Rose\n#Skin_care #bestseller", {"name_en": "Rose", "shelf": "skin", "badge": Badge.BEST_SELLER}),
    ("Rose\nថែស្បែក", {"name_en": "Rose", "shelf": "skin"}),
    ("Rose\ncategory: Hair", {"name_en": "Rose", "shelf": "Hair"}),
    ("Rose\nGood for dry skin\nល្អសម្រាប់ស្បែកស្ងួត",
     {"name_en": "Rose", "description_en": "Good for dry skin", "description_km": "ល្អសម្រាប់ស្បែកស្ងួត"}),
    ("សេរ៉ូម COSRX / COSRX Serum", {"name_en": "COSRX Serum", "name_km": "សេរ៉ូម COSRX"}),
    ("km: សេរ៉ូម COSRX", {"name_km": "សេរ៉ូម COSRX"}),
    ("", {}),
]  # fmt: skip
ASKED: list[tuple[str, str]] = [
    ("Rose\n12", "number"), ("Rose\n12.50", "number"), ("Rose\n12k", "number"), ("Rose\n20%", "number"),
    ("Rose €12", "money"), ("Rose $12k", "money"), ("Rose $0", "money"), ("Rose\n12.50៛", "money"),
    ("Rose\n$12/pc", "money"), ("Rose 12,50$", "money"), ("Rose 1,5 usd", "money"), ("Rose 49 200៛", "money"),
    ("Rose\n$999,999,999", "money"),
    ("Rose $12 $15", "two_price"), ("Rose was $9 was $8", "two_old_price"), ("Rose\n5 pcs\n6 pcs", "two_units"),
    ("Rose\n+5 pcs\n5 pcs", "two_counting"), ("Rose #skin\n#hair", "two_shelf"), ("Rose #new #limited", "two_badge"),
    ("Rose\nsku: A-1\nsku: A-2", "two_sku"), ("Rose សេរ៉ូម", "name"), ("Rose #sale", "tag"),
    ("Rose\n9999999 pcs", "units"),
]  # fmt: skip


@pytest.mark.parametrize(("caption", "said"), SAID)
def test_what_is_said_is_read(caption: str, said: dict[str, Any]) -> None:
    """Each field by its sign or label, whatever stands before or after it."""
    assert parse(caption, RATE, SHELVES) == Caption(**said)


@pytest.mark.parametrize(("caption", "doubt"), ASKED)
def test_what_could_be_two_things_is_asked(caption: str, doubt: str) -> None:
    """It is named, and nothing of it is guessed: the field stays empty."""
    found = parse(caption, RATE, SHELVES)
    assert doubt in found.doubts
    assert {"number": found.price, "money": found.price}.get(doubt) is None
    field = doubt.removeprefix("two_")
    assert not (field != doubt and getattr(found, field))


@pytest.mark.parametrize("line", ["ប្រេងដូង 18,000៛ ថ្លៃដើម 9000៛ 15", "ប្រេងដូង 18,000៛ 15", "ប្រេងដូង 18,000៛, 15"])
def test_a_number_behind_the_price_is_asked_about_and_is_no_part_of_the_name(line: str) -> None:
    """What was meant for stock must not end in the name unseen."""
    found = parse(line, RATE, SHELVES)
    assert (found.name_km, found.units, found.doubts) == ("ប្រេងដូង", None, ("number",))


def test_a_correction_changes_only_what_it_says() -> None:
    """A later line goes before; what it does not name stays, and its doubts take the place of the earlier ones."""
    first = parse("Rose Serum $12 $15\n20 pcs", RATE)
    fixed = first.corrected(parse("$12 was $15", RATE))
    assert fixed == Caption("Rose Serum", price=1200, old_price=1500, units=20, counting=THERE)
    assert Caption.read(fixed.written()) == fixed


@pytest.mark.parametrize(("text", "cents"), [("12", 1200), ("$12.5", 1250), ("៤៩,២០០ ៛", 1200), ("49200", None),
                                              ("$1,200", 120_000), ("12 13", None), ("-5", None), ("0", None),
                                              ("$12$", None), ("៤៩.២០០៛", 1200), ("49.200", None),
                                              ("$1.000", None)])  # fmt: skip
def test_one_price(text: str, cents: int | None) -> None:
    """Asked for, a number alone is dollars, but for one that may well be riel."""
    assert one_price(text, RATE) == cents
