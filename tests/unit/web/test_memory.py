"""What is kept until the bell says it is no longer true; nothing stale is ever kept, whatever comes in between."""

import asyncio
from dataclasses import replace

import pytest

from core.changes import Change, Changes
from web.memory import OVERHEAD, Made, Memory

ONE, TWO, ANY = Change("product", 1), Change("product", 2), Change("product")


class Maker:
    """Makes numbered values, counting how often; waits for ``go`` where it is told to."""

    def __init__(self, *shows: Change, size: int = 10, slow: bool = False, first: int = 1) -> None:
        self.shows, self.size, self.times, self.first = frozenset(shows), size, 0, first
        self.go, self.begun = asyncio.Event(), asyncio.Event()
        if not slow:
            self.go.set()

    async def __call__(self) -> Made[int]:
        """Make the next value."""
        self.times += 1
        self.begun.set()
        mine = self.times + self.first - 1
        await self.go.wait()
        return Made(mine, self.size, self.shows)


async def test_made_once_until_what_it_shows_changes():
    """Another product's change leaves it; its own, any product's, and a settings change drop it."""
    memory, bells, make = Memory[int](), Changes(), Maker(ONE)
    stop = memory.listen(bells)
    assert [await memory.get("a", make) for _ in range(3)] == [1, 1, 1]
    bells.ring([TWO, Change("order", 1), Change("outbox")])
    assert await memory.get("a", make) == 1
    for change, expected in ((ONE, 2), (ANY, 3), (Change("settings"), 4)):
        bells.ring([change])
        assert memory.find("a") is None
        assert await memory.get("a", make) == expected
    stop()
    bells.ring([ONE])
    assert memory.find("a") == 4


async def test_what_shows_any_row_is_dropped_by_each():
    """A list shows any product: each product's change drops it, an order's does not."""
    memory, make = Memory[int](), Maker(ANY)
    await memory.get("list", make)
    memory.drop(Change("order", 1))
    assert memory.find("list") == 1
    memory.drop(TWO)
    assert memory.find("list") is None


async def test_many_at_once_wait_for_one_making():
    """A hundred askers, one making."""
    memory, make = Memory[int](), Maker(ONE, slow=True)
    asking = [asyncio.create_task(memory.get("a", make)) for _ in range(100)]
    await asyncio.sleep(0)
    make.go.set()
    assert set(await asyncio.gather(*asking)) == {1}
    assert make.times == 1


@pytest.mark.parametrize("change", [ONE, ANY, Change("settings")])
async def test_what_was_overtaken_is_not_kept(change):
    """A change while it is being made: those who asked before get it, nobody after, and it is made again."""
    memory, slow, quick = Memory[int](), Maker(ONE, slow=True), Maker(ONE, first=50)
    before = asyncio.create_task(memory.get("a", slow))
    await slow.begun.wait()
    memory.drop(change)
    after = await memory.get("a", quick)
    slow.go.set()
    assert (await before, after, quick.times) == (1, 50, 1)
    memory.drop(TWO)
    assert memory.find("a") == 50


async def test_what_is_not_lasting_is_given_and_not_kept():
    """Those who asked together get it; the next one has it made anew."""
    memory, make = Memory[int](), Maker(ONE)

    async def passing() -> Made[int]:
        return replace(await make(), lasting=False)

    assert await asyncio.gather(*(memory.get("a", passing) for _ in range(3))) == [1, 1, 1]
    assert (memory.find("a"), memory.size) == (None, 0)
    assert [await memory.get("a", make) for _ in range(2)] == [2, 2]


async def test_an_error_reaches_all_who_wait_and_is_not_kept():
    """The next one tries again."""
    memory = Memory[int]()

    async def fail() -> Made[int]:
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            await memory.get("a", fail)
    assert await memory.get("a", Maker()) == 1


async def test_one_who_leaves_takes_nothing_from_the_others():
    """The first asker is cancelled; the second still gets the page that was begun for the first."""
    memory, make = Memory[int](), Maker(slow=True)
    first, second = (asyncio.create_task(memory.get("a", make)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    make.go.set()
    assert (await second, make.times) == (1, 1)


async def test_it_forgets_what_was_asked_for_longest_ago():
    """Never more bytes than it may hold; what is asked for stays."""
    memory = Memory[int](largest=3 * (OVERHEAD + 100))
    for key in "abc":
        await memory.get(key, Maker(size=100))
    memory.find("a")
    await memory.get("d", Maker(ONE, size=100))
    assert [memory.find(key) for key in "abcd"] == [1, None, 1, 1]
    assert memory.size == 3 * (OVERHEAD + 100)
    await memory.get("huge", Maker(size=10**6))
    assert (len(memory), memory.size) == (0, 0)
