"""How a process on SQLite hears that another one changed something: a mark in the file's header.

Whoever rings bells sets it anew in the same transaction; whoever finds one that is not their own has missed some.
``PRAGMA user_version`` is the application's own number (SQLite reference); asking for it costs some microseconds, and
unlike ``data_version`` it tells a process's own commits from those of others.
"""

import secrets
import sqlite3
from pathlib import Path
from typing import Any

PULSE = 1.0
"""Seconds between two looks for who only waits: pages that follow an order, the outbox."""
BITS = 31


class Overhearing:
    """A process's ear at one file: asked on its event loop, told on its writer's thread."""

    def __init__(self, path: Path) -> None:
        self._ear = sqlite3.connect(path, isolation_level=None, timeout=0)
        self._heard = self._mine = _mark(self._ear)

    def set(self, writer: Any) -> bool:
        """Set a mark of ours within the writer's transaction (a ``sqlite3.Connection``); True where others' stood."""
        before = _mark(writer)
        missed = before not in {self._heard, self._mine}
        if not missed:  # else it is only heard once this is committed
            self._heard = before
        self._mine = secrets.randbits(BITS)
        writer.execute(f"PRAGMA user_version={self._mine}").close()
        return missed

    def missed(self) -> bool:
        """Tell, once, whether others changed something since; what cannot be read just now is read next time."""
        try:
            mark = _mark(self._ear)
        except sqlite3.Error:
            return False
        if mark in {self._heard, self._mine}:
            return False
        self._heard = mark
        return True

    def close(self) -> None:
        """Let go of the file."""
        self._ear.close()


def _mark(connection: Any) -> int:
    (mark,) = connection.execute("PRAGMA user_version").fetchall()[0]
    return int(mark)
