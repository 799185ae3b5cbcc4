"""A shop grows by no more than 5 KB of database and 100 KB of files with each order (PRODUCT, O14)."""

import pytest

from tests.support.growth import measure

DATABASE, FILES = 5 * 1024, 100 * 1024


async def test_an_order_takes_little(sqlite_shop, clock):
    """Some delivered orders of new customers, once what goes by age is gone; a QR's picture beside it."""
    found = await measure(sqlite_shop, clock, orders=25, before=12)
    assert 1024 < found.database <= DATABASE
    assert 1024 < found.files <= FILES


@pytest.mark.soak
async def test_many_orders_take_little_each(sqlite_shop, clock):
    """Four hundred, where half-empty pages count for little."""
    found = await measure(sqlite_shop, clock, orders=400, before=100)
    assert 1024 < found.database <= DATABASE
