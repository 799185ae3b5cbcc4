"""What is typed and tapped for a promo code is read strictly; a draft asks for what is left, and never contradicts."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.errors import Refused
from core.promotions import drafting, rules
from core.promotions.drafting import NONE, USUAL, PromoField
from core.promotions.rules import Promo, PromoKind

ZONE = ZoneInfo("Asia/Phnom_Penh")
NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)  # 22 November there already
PERCENT, FIXED = PromoKind.PERCENT, PromoKind.FIXED
F = PromoField


def _at(day: int, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, tzinfo=ZONE)


@pytest.mark.parametrize(("field", "line", "values"), [
    (F.CODE, " rose-10 ", {"code": "ROSE-10"}), (F.CODE, "ABC", {"code": "ABC"}), (F.CODE, "១២៣", {"code": "123"}),
    (F.CODE, "A" * 32, {"code": "A" * 32}),
    (F.OFF, "10%", {"kind": PERCENT, "value": 10}), (F.OFF, "១០ %", {"kind": PERCENT, "value": 10}),
    (F.OFF, "100%", {"kind": PERCENT, "value": 100}), (F.OFF, "$5", {"kind": FIXED, "value": 500}),
    (F.OFF, "3.5", {"kind": FIXED, "value": 350}), (F.OFF, "1,000.25$", {"kind": FIXED, "value": 100_025}),
    (F.CAP, "5", {"cap": 500}), (F.CAP, "$7.50", {"cap": 750}), (F.MINIMUM, "0", {"minimum": 0}),
    (F.MINIMUM, "20", {"minimum": 2000}), (F.START, "31.12.2026", {"starts_at": _at(31, 12)}),
    (F.END, "31.12.2026", {"ends_at": _at(1, 1, 2027)}), (F.END, "2026-11-22", {"ends_at": _at(23)}),
    (F.USES, "100", {"use_limit": 100}), (F.EACH, "១", {"person_limit": 1}),
    (F.ENGLISH, "  New   year ", {"description_en": "New year"}), (F.KHMER, "ឆ្នាំថ្មី", {"description_km": "ឆ្នាំថ្មី"}),
])  # fmt: skip
def test_what_is_understood(field: PromoField, line: str, values: dict[str, Any]) -> None:
    """Latin and Khmer digits, two ways to write a day; an end is the end of that day in the shop's zone."""
    assert drafting.typed(field, line, NOW, ZONE) == values


@pytest.mark.parametrize(("field", "line", "key"), [
    (F.CODE, "AB", "form"), (F.CODE, "A" * 33, "form"), (F.CODE, "ROSE 10", "form"), (F.CODE, "-ROSE", "form"),
    (F.CODE, "ROSE_1", "form"), (F.CODE, "កូដ", "form"), (F.CODE, "É10", "form"), (F.CODE, "", "form"),
    (F.OFF, "10", "off"), (F.OFF, "0%", "off"), (F.OFF, "101%", "off"), (F.OFF, "10.5%", "off"), (F.OFF, "-5%", "off"),
    (F.OFF, "$0", "off"), (F.OFF, "$5 %", "off"), (F.OFF, "5៛.", "off"), (F.OFF, "$1$", "off"),
    (F.OFF, "1.234$", "off"), (F.OFF, "$10,000.01", "too_much"), (F.CAP, "0", "dollars"), (F.CAP, "five", "dollars"),
    (F.CAP, "1,00", "dollars"),
    (F.MINIMUM, "-1", "dollars"), (F.MINIMUM, "20000", "too_much"),
    (F.START, "31.2.2027", "date"), (F.START, "1.1.27", "date"), (F.START, "tomorrow", "date"),
    (F.START, "04/05/2027", "date"),
    (F.START, "1.1.2099", "date"), (F.END, "21.11.2026", "past"), (F.END, "12-31-2026", "date"),
    (F.USES, "0", "count"), (F.USES, "1.5", "count"), (F.USES, "-1", "count"), (F.USES, "1000001", "count"),
    (F.EACH, "two", "count"), (F.PROMOTER, "Chan", "pick"),
])  # fmt: skip
def test_what_is_asked_again(field: PromoField, line: str, key: str) -> None:
    """Whatever could be meant in two ways, or in none, is refused in words that say how it is written."""
    with pytest.raises(Refused) as caught:
        drafting.typed(field, line, NOW, ZONE)
    assert caught.value.key == f"errors.promo_{key}"


@pytest.mark.parametrize(("field", "word", "values"), [
    (F.OFF, "p15", {"kind": PERCENT, "value": 15}), (F.OFF, "f500", {"kind": FIXED, "value": 500}),
    (F.CAP, NONE, {"cap": None}), (F.CAP, "500", {"cap": 500}), (F.MINIMUM, NONE, {"minimum": 0}),
    (F.START, NONE, {"starts_at": None}), (F.START, "d1", {"starts_at": _at(23)}),
    (F.END, "d7", {"ends_at": _at(30)}), (F.END, "month", {"ends_at": _at(1, 12)}),
    (F.END, "year", {"ends_at": _at(1, 1, 2027)}), (F.USES, "50", {"use_limit": 50}),
    (F.PROMOTER, "7", {"promoter_id": 7}), (F.PROMOTER, NONE, {"promoter_id": None}),
    (F.KHMER, NONE, {"description_km": ""}),
])  # fmt: skip
def test_what_is_tapped(field: PromoField, word: str, values: dict[str, Any]) -> None:
    """The usual answers, by the shop's own day; seven days from the 22nd end with the 29th."""
    assert drafting.chosen(field, word, NOW, ZONE) == values


def test_every_button_is_understood_and_no_other() -> None:
    """Each usual word of each field gives its fields; a made-up one is an old button; a made-up code can be typed."""
    for field, words in USUAL.items():
        for word in words:
            assert set(drafting.chosen(field, word, NOW, ZONE)) <= set(drafting.KEYS[field])
        with pytest.raises(Refused):
            drafting.chosen(field, "p99", NOW, ZONE)
    codes = {drafting.chosen(F.CODE, "any", NOW, ZONE)["code"] for _ in range(50)}
    assert len(codes) == 50
    assert all(re.fullmatch("[A-Z2-9]{8}", code) and not set(code) & set("IO01") for code in codes)
    assert all(drafting.typed(F.CODE, code, NOW, ZONE) == {"code": code} == {"code": rules.normalised(code)}
               for code in codes)  # fmt: skip


def test_a_draft_asks_for_what_is_left() -> None:
    """In order, a cap only of percent, a promoter only where there are some; as JSON it is the same."""
    answers = {F.CODE: "ABC", F.OFF: "10%", F.CAP: "5", F.MINIMUM: "20", F.START: "1.12.2026", F.END: "31.12.2026",
               F.USES: "100", F.EACH: "1", F.ENGLISH: "x", F.KHMER: "ក"}  # fmt: skip
    values: dict[str, Any] = {}
    asked = []
    while (field := drafting.following(values, promoters=False)) is not None:
        asked.append(field)
        values = drafting.read(
            drafting.written(drafting.with_(values, drafting.typed(field, answers[field], NOW, ZONE)))
        )
    assert asked == [field for field in F if field is not F.PROMOTER]
    assert drafting.following(values, promoters=True) is F.PROMOTER
    assert drafting.made(values) == Promo(
        0, "ABC", PERCENT, 10, 500, 2000, _at(1, 12), _at(1, 1, 2027), 100, 1, description_en="x", description_km="ក"
    )
    fixed = drafting.with_(values, {"kind": FIXED, "value": 100})
    assert "cap" not in fixed
    assert drafting.following(fixed, promoters=False) is None


BACKWARDS = {"starts_at": _at(2, 12), "ends_at": _at(2, 12)}


@pytest.mark.parametrize(("more", "key"), [
    (BACKWARDS, "promo_backwards"), ({"use_limit": 2, "person_limit": 3}, "promo_each"), ({"code": None}, None),
    ({"use_limit": 2, "person_limit": 2}, None), ({"starts_at": _at(1, 12), "ends_at": _at(2, 12)}, None),
])  # fmt: skip
def test_what_contradicts_itself(more: dict[str, Any], key: str | None) -> None:
    """An end before the start, more for each than for all: neither a draft nor a change can be that."""
    values = {"code": "ABC", "kind": PERCENT, "value": 10}
    for attempt in (lambda: drafting.with_(values, more), lambda: drafting.edited(Promo(1, "ABC", PERCENT, 10), more)):
        if key is None:
            attempt()
            continue
        with pytest.raises(Refused) as caught:
            attempt()
        assert caught.value.key == f"errors.{key}"


@pytest.mark.parametrize(("limit", "fits"), [(6, False), (7, True), (8, True), (None, True)])
def test_a_limit_is_not_below_what_is_used(limit: int | None, *, fits: bool) -> None:
    """Seven orders used it: seven uses are allowed, six are not; what is below already may stay so."""
    promo = Promo(1, "ABC", PERCENT, 10, used=7)
    if fits:
        assert drafting.edited(promo, {"use_limit": limit}).use_limit == limit
        return
    with pytest.raises(Refused) as caught:
        drafting.edited(promo, {"use_limit": limit})
    assert (caught.value.key, caught.value.values) == ("errors.promo_below", {"used": 7})
    below = Promo(1, "ABC", PERCENT, 10, use_limit=6, used=7)
    assert drafting.edited(below, {"value": 20}).value == 20


def test_a_fixed_sum_loses_its_cap() -> None:
    """Percent with a cap becomes $5.00 off: nothing caps it; the stamp is another, by uses it is not."""
    promo = Promo(1, "ABC", PERCENT, 10, 300)
    after = drafting.edited(promo, {"kind": FIXED, "value": 500})
    assert (after.value, after.cap) == (500, None)
    assert after.stamp != promo.stamp
    assert Promo(1, "ABC", PERCENT, 10, 300, used=9).stamp == promo.stamp
