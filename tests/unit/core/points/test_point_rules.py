"""What points are worth and what they take off: pure, whatever the settings."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import usd
from core.points.rules import Redemption, earned, redeemable, worth
from core.settings.rules import Policy

POLICY = Policy()


@pytest.mark.parametrize(("paid", "points"), [(0, 0), (99, 0), (100, 1), (199, 1), (1350, 13)])
def test_a_point_for_each_whole_dollar(paid: int, points: int) -> None:
    """Cents beyond a whole dollar earn nothing (PRODUCT, "Points")."""
    assert earned(usd(paid), POLICY) == points
    assert earned(usd(paid), replace(POLICY, points_per_dollar=0)) == 0


@pytest.mark.parametrize(
    ("balance", "goods", "rate", "points", "value"),
    [
        (100, 1200, 100, 100, 100),
        (5000, 1200, 100, 1200, 1200),  # never more than the goods
        (0, 1200, 100, 0, 0),
        (1999, 1200, 1000, 1990, 199),  # nine points would take off no cent
        (7, 1200, 1000, 0, 0),
        (100, 0, 100, 0, 0),
    ],
)
def test_as_many_as_have_a_use(balance: int, goods: int, rate: int, points: int, value: int) -> None:
    """Points take off whole cents, no more than the goods cost; those that would take off nothing are kept."""
    found = redeemable(balance, usd(goods), replace(POLICY, points_for_dollar=rate))
    assert found == Redemption(points, usd(value))


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 100_000))
def test_no_point_is_lost_and_no_cent_given_away(balance: int, goods: int, rate: int) -> None:
    """Never more points than there are, never more cents than they are worth or the goods cost."""
    policy = replace(POLICY, points_for_dollar=rate)
    found = redeemable(balance, usd(goods), policy)
    assert 0 <= found.points <= balance
    assert found.value.amount <= min(goods, worth(balance, policy).amount)
    assert worth(found.points, policy) >= found.value
    assert found.points == 0 or worth(found.points - 1, policy) < found.value
