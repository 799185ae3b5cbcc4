"""What is made once and kept until the bell says that it is no longer true: pages, pictures, live fragments.

Many who ask at once wait for one making. What was overtaken by a change while it was being made is given to those who
asked before the change, and not kept.
"""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.changes import Change, Changes

T = TypeVar("T")

LARGEST = 24 * 1024 * 1024
"""Bytes one memory holds before it forgets what was asked for longest ago."""
OVERHEAD = 1024
"""Bytes counted for each entry besides its own size: keys, headers, objects."""
KINDS = ("product", "order", "settings")


@dataclass(frozen=True, slots=True)
class Made(Generic[T]):
    """Something made: its value, its size in bytes, and the rows it shows (id 0: any row of that kind).

    What is not ``lasting`` is given to those who asked, and not kept.
    """

    value: T
    size: int
    shows: frozenset[Change] = frozenset()
    lasting: bool = True


class Memory(Generic[T]):
    """Kept values by key, at most ``largest`` bytes of them."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._size = 0
        self._kept: OrderedDict[Hashable, Made[T]] = OrderedDict()
        self._showing: defaultdict[Change, set[Hashable]] = defaultdict(set)
        self._making: dict[Hashable, asyncio.Task[T]] = {}
        self._heard: dict[object, set[Change]] = {}

    def listen(self, changes: Changes) -> Callable[[], None]:
        """Drop what changes; returns how to stop."""
        stops = [changes.listen(kind, self.drop) for kind in KINDS]

        def stop() -> None:
            for one in stops:
                one()

        return stop

    def find(self, key: Hashable) -> T | None:
        """Give what is kept under ``key``, at once."""
        made = self._kept.get(key)
        if made is None:
            return None
        self._kept.move_to_end(key)
        return made.value

    async def get(self, key: Hashable, make: Callable[[], Awaitable[Made[T]]]) -> T:
        """Give what is kept under ``key``, or make it; what ``make`` raises is raised to all who wait."""
        found = self.find(key)
        if found is not None:
            return found
        making = self._making.get(key)
        if making is None:
            making = self._making[key] = asyncio.create_task(self._make(key, make))
            making.add_done_callback(lambda task: self._finished(key, task))
        return await asyncio.shield(making)

    def drop(self, change: Change) -> None:
        """Forget what shows ``change``; a settings change, or one without an id, is shown by everything."""
        for heard in self._heard.values():
            heard.add(change)
        self._making.clear()
        if change.kind == "settings" or not change.id:
            self._forget(list(self._kept))
        else:
            self._forget(self._showing.pop(change, set()) | self._showing.pop(Change(change.kind), set()))

    @property
    def size(self) -> int:
        """Bytes held."""
        return self._size

    def __len__(self) -> int:
        return len(self._kept)

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[Made[T]]]) -> T:
        me, heard = object(), set[Change]()
        self._heard[me] = heard
        try:
            made = await make()
        finally:
            del self._heard[me]
        if made.lasting and not any(_touches(change, made) for change in heard):
            self._keep(key, made)
        return made.value

    def _finished(self, key: Hashable, task: asyncio.Task[T]) -> None:
        if self._making.get(key) is task:
            del self._making[key]
        if not task.cancelled():
            task.exception()  # seen: whoever waited was told

    def _keep(self, key: Hashable, made: Made[T]) -> None:
        self._forget([key])
        self._kept[key] = made
        self._size += made.size + OVERHEAD
        for change in made.shows:
            self._showing[change].add(key)
        while self._size > self._largest:
            self._forget([next(iter(self._kept))])

    def _forget(self, keys: list[Hashable] | set[Hashable]) -> None:
        for key in keys:
            made = self._kept.pop(key, None)
            if made is None:
                continue
            self._size -= made.size + OVERHEAD
            for change in made.shows:
                showing = self._showing.get(change)
                if showing is not None:
                    showing.discard(key)
                    if not showing:
                        del self._showing[change]


def _touches(change: Change, made: Made[T]) -> bool:
    """Tell whether a change makes untrue what was made."""
    everything = change.kind == "settings" or not change.id
    return everything or change in made.shows or Change(change.kind) in made.shows
