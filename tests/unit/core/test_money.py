"""Money: whole minor units, two currencies that never mix, written the same in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Currency, Money, usd

AMOUNTS = st.integers(-(10**9), 10**9)


@pytest.mark.parametrize(
    ("money", "written"),
    [(usd(1200), "$12.00"), (usd(5), "$0.05"), (usd(0), "$0.00"), (usd(123_456_789), "$1,234,567.89"),
     (usd(-150), "-$1.50"), (Money(49_200, Currency.KHR), "49,200៛"), (Money(0, Currency.KHR), "0៛"),
     (Money(-400, Currency.KHR), "-400៛")],
)  # fmt: skip
def test_how_it_is_written(money: Money, written: str) -> None:
    """``$12.00`` and ``49,200៛``: Latin digits, riel without decimals."""
    assert str(money) == written


@pytest.mark.parametrize(
    ("cents", "rate", "riel"),
    [(1200, 4100, 49_200), (1, 4100, 0), (2, 4100, 100), (1250, 4100, 51_300), (1251, 4100, 51_300),
     (1350, 4037, 54_500), (-1250, 4100, -51_300)],
)  # fmt: skip
def test_riel_are_rounded_to_hundreds(cents: int, rate: int, riel: int) -> None:
    """Half up to the hundred riel that change exists for; what is riel already stays."""
    found = usd(cents).in_riel(rate)
    assert found == Money(riel, Currency.KHR)
    assert found.in_riel(1) == found


@given(AMOUNTS, AMOUNTS, st.integers(0, 999))
def test_sums_are_exact(a: int, b: int, times: int) -> None:
    """Adding, taking away and multiplying cents loses none, for any amount."""
    assert (usd(a) + usd(b) - usd(b)).amount == a
    assert (usd(a) * times).amount == a * times
    assert isinstance((usd(a) + usd(b)).amount, int)
    assert float(str(abs(usd(a).major)).replace(",", "")) * 100 == pytest.approx(abs(a))


def test_currencies_never_mix() -> None:
    """Dollars and riel are not added, taken away or compared."""
    riel = Money(400, Currency.KHR)
    for mix in (lambda: usd(1) + riel, lambda: riel - usd(1), lambda: usd(1) < riel, lambda: riel >= usd(1)):
        with pytest.raises(ValueError, match="not of one kind"):
            mix()
    assert usd(400) != riel
    assert usd(1) < usd(2) <= usd(2)
    assert max(usd(3), usd(5)) == usd(5)
