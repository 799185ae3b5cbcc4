"""Taps: what a button carries fits Telegram's 64 bytes, comes back as it was, and nothing else is taken for one."""

import re
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import taps
from bot.taps import BadTap, Tap

KINDS = sorted(taps.KINDS.values(), key=lambda kind: kind.__name__)
FOLDER = Path(taps.__file__).parent
LARGEST = 2**63 - 1
"""The largest id either database can give."""
WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_", max_size=12)


def _values(kind: Any) -> st.SearchStrategy[Any]:
    """What a field of a tap may hold."""
    if kind is int:
        return st.integers(-(10**18) + 1, 10**18 - 1)
    return WORDS if kind is str else st.sampled_from(kind)


def _taps(kind: type[Tap]) -> st.SearchStrategy[Tap]:
    return st.builds(kind, **{field.name: _values(field.type) for field in fields(kind)})


def _largest(kind: Any) -> Any:
    """The value of a field that takes most room."""
    if issubclass(kind, Enum):
        return max(kind, key=lambda member: len(str(member.value)))
    return LARGEST if kind is int else "a" * 12


@given(st.one_of([_taps(kind) for kind in KINDS]))
def test_every_tap_comes_back_as_it_was(tap: Tap) -> None:
    """Packed and unpacked, any tap with any ids is the same tap."""
    assert taps.unpack(tap.pack()) == tap


@pytest.mark.parametrize("kind", KINDS)
def test_the_largest_ids_fit(kind: type[Tap]) -> None:
    """With the largest id a database can give in every field, no button is refused by Telegram."""
    packed = kind(**{field.name: _largest(field.type) for field in fields(kind)}).pack()
    assert len(packed.encode()) <= 64


def test_a_tap_that_is_too_long_is_refused_here() -> None:
    """A value that Telegram would refuse raises before it is sent."""
    with pytest.raises(BadTap):
        taps.Speak("km" * 30, 1).pack()


def test_prefixes_are_short_and_unique() -> None:
    """Each kind is found by its own prefix; none is empty, none holds the separator.

    They are read from the files: of two that share one the later would take the other's place without a word.
    """
    written = re.compile(r"^class (\w+)\(Tap\):(?:\n(?:    .*)?)*?\n    prefix = \"(\w*)\"$", re.MULTILINE)
    found = [pair for path in FOLDER.glob("*.py") for pair in written.findall(path.read_text("utf-8"))]
    owners = {prefix: sorted(name for name, other in found if other == prefix) for _, prefix in found}
    assert {prefix: names for prefix, names in owners.items() if len(names) > 1} == {}
    assert {prefix: [kind.__name__] for prefix, kind in taps.KINDS.items()} == owners
    assert all(1 <= len(prefix) <= 2 and prefix.isalpha() for prefix in taps.KINDS)


@given(st.text(max_size=64))
def test_any_text_is_a_tap_or_refused(text: str) -> None:
    """Whatever a chat sends, it becomes a tap that packs to a button of ours, or ``BadTap``: no other error."""
    try:
        tap = taps.unpack(text)
    except BadTap:
        return
    assert taps.unpack(tap.pack()) == tap


@given(st.sampled_from(KINDS), st.lists(st.text("0123456789-:.x៥ ", max_size=22), max_size=6))
def test_any_values_behind_a_prefix_are_a_tap_or_refused(kind: type[Tap], values: list[str]) -> None:
    """The same for what looks like one of ours: too many values, too few, signs, points, other digits."""
    text = ":".join([kind.prefix, *values])
    try:
        tap = taps.unpack(text)
    except BadTap:
        return
    assert type(tap) is kind
    assert text.isascii()


@pytest.mark.parametrize(
    "text",
    ["", ":", "x", "H", "h:", "h:1", "b", "b:", "b:1:2", "b:1.0", "b:+1", "b: 1", "b:1\n", "b:--1", "b:0x1", "b:៥",
     "b:" + "9" * 19, "o:1:card:5", "o:1:COD:5", "ov:1:fly:1", "ls:a-b:0", "ls:ខ្មែរ:0", "wp:1:" + "1" * 13 + ":0"],
)  # fmt: skip
def test_what_no_button_holds_is_refused(text: str) -> None:
    """Shapes beside the right ones: each is refused by name."""
    with pytest.raises(BadTap):
        taps.unpack(text)
