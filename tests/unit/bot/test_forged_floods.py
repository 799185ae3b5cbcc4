"""What an outsider can make the log write: a line for a forged tap, not one for each of a flood."""

import logging

import pytest

from tests.support.talk import BOPHA, DARA, Talk


async def test_a_flood_of_forged_taps_is_one_line(sqlite_talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """Twenty forged taps of one person are one line, another's is a second; everybody is answered each time."""
    caplog.set_level(logging.WARNING, "haang.security")
    for person, times in ((DARA, 20), (BOPHA, 2)):
        (message,) = await sqlite_talk.say(person, "/cart")
        for number in range(times):
            assert (await sqlite_talk.tap(person, message["message_id"], f"forged:{number}")).get("text")
    lines = [record.message for record in caplog.records if record.name == "haang.security"]
    assert lines == ["forged or outdated tap by person 1", "forged or outdated tap by person 2"]
