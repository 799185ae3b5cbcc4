"""A loop whose clock stands until a test moves it: limits of seconds pass in no time, and on a slow machine as late."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any

TURNS = 50
"""Turns of the loop that are enough for whatever a moved clock ends."""


class StillLoop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own, in seconds; sockets work in it as in any."""

    now = 1000.0

    def time(self) -> float:
        """Tell the time by which everything here waits."""
        return self.now


def still(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run a test on a loop of its own whose clock stands."""

    @functools.wraps(test)
    def run(*given: Any, **named: Any) -> None:
        with asyncio.Runner(loop_factory=StillLoop) as runner:
            runner.run(test(*given, **named))  # type: ignore[arg-type]

    return run


async def move(seconds: float) -> None:
    """Let so many seconds pass at once, with what ends in them."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, StillLoop)
    loop.now += seconds
    for _ in range(TURNS):
        await asyncio.sleep(0)
