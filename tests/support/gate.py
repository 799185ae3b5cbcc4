"""A gate at which the process that writes a backup waits, in the middle of its tables, until a test lets it go on.

Pipes with a name, so POSIX only.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HOLD = """
import sys

held = []


def hold(event, words):
    if event == "open" and not held and str(words[0]).endswith("order_events.jsonl.zst"):
        held.append(event)
        try:
            open({gate!r}, "rb").read()
        except FileNotFoundError:
            pass


sys.addaudithook(hold)
"""
"""What every Python imports first; it waits before that file is written, for as long as somebody holds the gate."""


class Gate:
    """The pipe; who stands there waits for its other end to be taken and let go."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._end: int | None = None

    def holds(self) -> bool:
        """Hold who stands there, until it is opened; False while nobody does."""
        if self._end is None:
            try:
                self._end = os.open(self._place, os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
        return self._end is not None

    def deserted(self) -> bool:
        """Tell whether the process that was held is gone."""
        assert self._end is not None
        try:
            os.write(self._end, b"on with it")
        except BrokenPipeError:
            return True
        return False

    def open(self) -> None:
        """Let everybody pass from now on: who is held, who stands there, and who comes later."""
        if self._place.exists():
            both = os.open(self._place, os.O_RDWR | os.O_NONBLOCK)  # nobody waits for the other end any more
            self._place.unlink()
            os.close(both)
        if self._end is not None:
            os.close(self._end)
            self._end = None


@contextmanager
def standing(folder: Path) -> Iterator[Gate]:
    """Put the gate before every process that is started meanwhile; at the end it is open."""
    first = folder / "first"
    first.mkdir()
    (first / "sitecustomize.py").write_text(HOLD.format(gate=str(folder / "gate")))
    os.mkfifo(folder / "gate")
    gate = Gate(folder / "gate")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(first), prepend=os.pathsep)
        try:
            yield gate
        finally:
            gate.open()
