"""A flood of the same warning: one line at once, then one a period with how often it came since."""

import asyncio
import logging

import pytest

from core.logs import Sparing


async def _pass(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let so many seconds go by for the loop, and what is due then be done."""
    loop = asyncio.get_running_loop()
    began = loop.time
    monkeypatch.setattr(loop, "time", lambda: began() + seconds)
    for _ in range(3):
        await asyncio.sleep(0)


async def test_a_flood_is_a_line_and_a_count(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty of one person are two lines; another person's is a line of its own; silence ends it."""
    spare = Sparing(logging.getLogger("haang.test"))
    for _ in range(50):
        spare.warning("forged tap by person 1")
    spare.warning("forged tap by person 2")
    said = [record.message for record in caplog.records]
    assert said == ["forged tap by person 1", "forged tap by person 2"]
    await _pass(monkeypatch, 61)
    assert [record.message for record in caplog.records][2:] == ["forged tap by person 1: 49 more"]
    spare.warning("forged tap by person 1")
    assert len(caplog.records) == 3
    await _pass(monkeypatch, 61)
    assert [record.message for record in caplog.records][3:] == ["forged tap by person 1: 1 more"]
    await _pass(monkeypatch, 61)
    assert (len(caplog.records), spare._more) == (4, {})


async def test_an_error_is_spared_apart_from_a_warning(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same words as an error and as a warning are two things, each counted at its own level."""
    spare = Sparing(logging.getLogger("haang.test"))
    for _ in range(3):
        spare.error("gone")
    spare.warning("gone")
    await _pass(monkeypatch, 61)
    said = [(record.levelno, record.message) for record in caplog.records]
    assert said == [(logging.ERROR, "gone"), (logging.WARNING, "gone"), (logging.ERROR, "gone: 2 more")]


async def test_a_percent_sign_is_a_percent_sign(caplog: pytest.LogCaptureFixture) -> None:
    """What is warned of is no pattern to be filled in."""
    Sparing(logging.getLogger("haang.test")).warning("100 %s of it")
    assert caplog.records[0].getMessage() == "100 %s of it"
