"""The sandbox's own clock: the machine's, or a test's, moved by what somebody asked for; and waiting by it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

SETTING = "clock"  # the name under which the journal keeps how far the clock was moved


class Clock:
    """Epoch seconds of `base` plus what `settings` says it was moved by; `sleep` is how a real wait is made."""

    def __init__(
        self,
        base: Callable[[], float],
        settings: Callable[[], Mapping[str, Any]],
        sleep: Callable[[float], Awaitable[Any]],
    ) -> None:
        self._base = base
        self._settings = settings
        self._sleep = sleep
        self._moved = asyncio.Event()

    def __call__(self) -> float:
        """Return the time."""
        by: float = self._settings().get(SETTING, 0.0)
        return self._base() + by

    def moved(self) -> None:
        """Tell everybody who waits that the clock was moved."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Wait; a clock moved past the end ends the wait at once, one moved back does not lengthen it."""
        until = self() + seconds
        real = asyncio.ensure_future(self._sleep(seconds))
        try:
            while not real.done() and self() < until:
                moved = asyncio.ensure_future(self._moved.wait())
                await asyncio.wait({real, moved}, return_when=asyncio.FIRST_COMPLETED)
                moved.cancel()
        finally:
            real.cancel()
