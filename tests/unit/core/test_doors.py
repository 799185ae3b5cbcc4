"""What a link's payload says: written, read again, and never trusted."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import doors
from core.doors import Door, Goal

CODE = "aB3_-x9ZqW"
CODES = st.from_regex(r"[A-Za-z0-9_-]{10}", fullmatch=True)
IDS = st.integers(0, 10**18 - 1)


@given(goal=st.sampled_from([one for one in Goal if one is not Goal.FRONT]), number=IDS, code=CODES | st.just(""))
def test_what_is_written_is_read(goal: Goal, number: int, code: str) -> None:
    """Every door, with a referral or without, fits Telegram's rule and comes back as it was."""
    door = Door(goal, number, code)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", door.payload)
    assert doors.read(door.payload) == door


def test_the_front_and_an_invitation() -> None:
    """No payload and ``home`` are the front; a bare code is an invitation to it."""
    assert [doors.read(text) for text in ("", "home")] == [Door(), Door()]
    assert doors.read(f"r_{CODE}") == Door(code=CODE)
    assert Door(code=CODE).payload == f"r_{CODE}"
    assert Door().payload == ""


@pytest.mark.parametrize(
    "payload",
    ["x", "p_", "p_-1", "p_1x", "p_١", "v_1_r_", f"v_1_r_{CODE}x", f"p_1r_{CODE}", f"_r_{CODE}", "p_" + "9" * 19,
     "b_1 ", "b_1\n", f"r_{CODE}_p_1", "q_1", "p_1_r_ក" + "a" * 9, "p" * 65, "'; drop table people; --"],
)  # fmt: skip
def test_what_is_none_of_ours(payload: str) -> None:
    """Forged, cut, other digits, a line break: the front, said not to be known; nothing of it is used."""
    assert doors.read(payload) == Door(known=False)


@given(st.text(max_size=80))
def test_nothing_breaks_it(payload: str) -> None:
    """Any text is read; what is known is written back as a payload that says the same."""
    door = doors.read(payload)
    assert doors.read(door.payload) == Door(door.goal, door.id, door.code)
