"""The bell: "order 7 changed", rung after commit, heard by pages, boards and the outbox worker.

A transaction notes what it changed with :func:`note`; the database rings after the commit, in this process at once and
in the others: on PostgreSQL through LISTEN/NOTIFY, on SQLite by a mark in the file, which says "any of them". Listeners
read the truth again: a bell carries no data.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

NOTES = "haang.changes"
KINDS = ("order", "product", "stock", "settings", "person", "outbox", "broadcast")
"""What can change; a process that may have missed some is told "any of them" of each."""


@dataclass(frozen=True, slots=True)
class Change:
    """``kind`` is one of :data:`KINDS`; ``id`` the row's, 0 for "any of them"."""

    kind: str
    id: int = 0


def note(tx: Connection, kind: str, id: int = 0) -> None:  # noqa: A002 - "id" is the row's own word
    """Note within a transaction that something changed; lost with it when it rolls back."""
    tx.info.setdefault(NOTES, {})[Change(kind, id)] = None


def noted(tx: Connection) -> list[Change]:
    """Take what the transaction noted, each once, in order."""
    return list(tx.info.pop(NOTES, {}))


class Changes:
    """The listeners of this process."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Callable[[Change], None]]] = defaultdict(list)

    def listen(self, kind: str, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call ``listener`` (quick, never awaiting) at every change of ``kind``; returns how to stop."""
        self._listeners[kind].append(listener)
        return lambda: self._listeners[kind].remove(listener)

    def ring(self, changes: Iterable[Change]) -> None:
        """Tell every listener."""
        for change in changes:
            for listener in tuple(self._listeners[change.kind]):
                listener(change)

    @contextmanager
    def bell(self, kind: str, id: int | None = None) -> Iterator[asyncio.Event]:  # noqa: A002 - as above
        """Give an event that is set by every change of ``kind`` (of one ``id``, if given)."""
        event = asyncio.Event()
        stop = self.listen(kind, lambda change: event.set() if id in (None, change.id) or not change.id else None)
        try:
            yield event
        finally:
            stop()
