"""How long a test waits for what must come: on a machine that others use, that is stopped now and then, too."""

import asyncio
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds after which something does not come at all; where everything is well nobody waits that long."""


async def until(true: Callable[[], object]) -> None:
    """Wait until something is so, looked at every hundredth of a second.

    ``TimeoutError`` where it is not after all.
    """
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - what is waited for rings no bell
            await asyncio.sleep(0.01)
