"""What a promo code takes off and why it may not: pure, to the cent and to the second."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.money import usd
from core.promotions.rules import Promo, PromoKind, discount, normalised, refusal

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TEN = Promo(1, "ROSE10", PromoKind.PERCENT, 10)
TWO_DOLLARS = Promo(2, "TWO", PromoKind.FIXED, 200)


@pytest.mark.parametrize(
    ("promo", "goods", "off"),
    [
        (TEN, 1200, 120),
        (TEN, 1205, 121),  # half a cent goes up
        (TEN, 1204, 120),
        (TEN, 4, 0),
        (replace(TEN, cap=100), 5000, 100),
        (replace(TEN, value=100), 1234, 1234),
        (TWO_DOLLARS, 1200, 200),
        (TWO_DOLLARS, 150, 150),  # never more than the goods
    ],
)
def test_what_it_takes_off(promo: Promo, goods: int, off: int) -> None:
    """Percent of the goods rounded half up, capped; a fixed amount; never more than the goods cost."""
    assert discount(promo, usd(goods)) == usd(off)


@given(st.sampled_from(PromoKind), st.integers(1, 100), st.none() | st.integers(1, 10_000), st.integers(0, 10**9))
def test_it_never_takes_more_than_there_is(kind: PromoKind, value: int, cap: int | None, goods: int) -> None:
    """Whatever the code says, the goods never cost less than nothing, and the cap holds."""
    off = discount(Promo(1, "X1", kind, value, cap), usd(goods)).amount
    assert 0 <= off <= goods
    assert cap is None or off <= cap


@pytest.mark.parametrize(
    ("changes", "used", "key"),
    [
        ({}, 5, None),
        ({"active": False}, 0, "promo_unknown"),
        ({"starts_at": NOW}, 0, None),
        ({"starts_at": NOW + timedelta(seconds=1)}, 0, "promo_early"),
        ({"ends_at": NOW + timedelta(seconds=1)}, 0, None),
        ({"ends_at": NOW}, 0, "promo_over"),
        ({"person_limit": 1}, 0, None),
        ({"person_limit": 1}, 1, "promo_used"),
        ({"use_limit": 3, "used": 2}, 0, None),
        ({"use_limit": 3, "used": 3}, 0, "promo_spent"),
        ({"minimum": 1200}, 0, None),
        ({"minimum": 1201}, 0, "promo_minimum"),
    ],
)
def test_why_it_may_not(changes: dict[str, object], used: int, key: str | None) -> None:
    """Each limit holds from exactly its edge on; a code switched off sounds like one that never was."""
    found = refusal(replace(TEN, **changes), usd(1200), used, NOW)
    assert (found.key if found else None) == (f"errors.{key}" if key else None)
    unknown = refusal(None, usd(1200), 0, NOW)
    assert unknown is not None
    assert unknown.key == "errors.promo_unknown"


@pytest.mark.parametrize(
    "typed", ["ROSE10", "rose10", " Rose10 \n", "rose 10", "ｒｏｓｅ１０", "rose១០", "r\u200bose\u00a010"]
)
def test_however_it_is_typed(typed: str) -> None:
    """Any case, spaces, seen or not, Khmer digits, full-width letters name one code (hole 9: lower-case failed)."""
    assert normalised(typed) == "ROSE10"


@pytest.mark.parametrize("typed", ["", "x", "សួស្តី", "A" * 33, "A'; DROP", "🌹🌹"])
def test_what_is_no_code(typed: str) -> None:
    """What cannot be a code is refused like one that is not there."""
    with pytest.raises(Refused) as caught:
        normalised(typed)
    assert caught.value.key == "errors.promo_unknown"
