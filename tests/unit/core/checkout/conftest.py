"""What every race for goods is held to."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _no_deadlocks(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No race here may end in a deadlock, not even one that is tried again where nobody sees it."""
    caplog.set_level(logging.INFO, "core.database.postgres")
    yield
    said = [record.getMessage() for phase in ("setup", "call", "teardown") for record in caplog.get_records(phase)]
    assert not [line for line in said if "ran into another" in line]
