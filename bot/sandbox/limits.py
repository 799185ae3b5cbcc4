"""How fast a bot may send, as Telegram says, and what goes wrong on demand.

Source of the figures: https://core.telegram.org/bots/faq#broadcasting-to-users: about 30 messages a second over all
chats, about one a second in one chat with short bursts allowed, 20 a minute in one group. Telegram gives no figure for
the burst; ours is small enough that a bot without pacing meets it.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox import refusals as no

OVERALL = 30
PRIVATE_BURST = 10
GROUP_MINUTE = 20
_MINUTE = 60.0
KINDS = ("429", "500", "502", "delay", "cut_before", "cut_after")


@dataclass(slots=True)
class _Bucket:
    """Tokens that refill steadily: `capacity` at most, `rate` a second."""

    capacity: float
    rate: float
    level: float
    at: float

    def wait(self, now: float) -> float:
        """Return the seconds until one token is there, 0 when it is now."""
        self.level = min(self.capacity, self.level + max(0.0, now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.level >= 1 else (1 - self.level) / self.rate


class Limits:
    """Telegram's limits on sending; `clock` gives epoch seconds."""

    def __init__(self, clock: Callable[[], float], *, on: bool) -> None:
        self.on = on
        self._clock = clock
        self._chats: dict[int, _Bucket] = {}
        self._all = self._bucket(OVERALL, OVERALL)

    def take(self, chat: int, *, private: bool) -> None:
        """Count one message to a chat; raise RefusalError 429 with the seconds to wait."""
        if not self.on:
            return
        now = self._clock()
        bucket = self._chats.get(chat)
        if bucket is None:
            new = self._bucket(PRIVATE_BURST, 1) if private else self._bucket(GROUP_MINUTE, GROUP_MINUTE / _MINUTE)
            bucket = self._chats[chat] = new
        wait = max(self._all.wait(now), bucket.wait(now))
        if wait > 0:
            raise no.retry_after(math.ceil(wait))
        self._all.level -= 1
        bucket.level -= 1

    def clear(self) -> None:
        """Forget what was sent so far."""
        self._chats.clear()
        self._all = self._bucket(OVERALL, OVERALL)

    def _bucket(self, capacity: float, rate: float) -> _Bucket:
        return _Bucket(capacity, rate, capacity, self._clock())


@dataclass(slots=True)
class Fault:
    """Something to go wrong: on which method (lower case, "*" for any), which kind, how many times, how long."""

    method: str
    kind: str
    times: int = 1
    seconds: float = 1.0


class Faults:
    """The faults still to come, oldest first."""

    def __init__(self) -> None:
        self._waiting: deque[Fault] = deque()

    def add(self, fault: Fault) -> None:
        """Ask for a fault; raise ValueError for a kind that does not exist."""
        if fault.kind not in KINDS:
            raise ValueError(f"a fault is one of {', '.join(KINDS)}")
        self._waiting.append(fault)

    def take(self, method: str) -> Fault | None:
        """Return the fault this call meets, and count it."""
        if not self._waiting:
            return None
        fault = next((one for one in self._waiting if one.method in {"*", method}), None)
        if fault:
            fault.times -= 1
            if fault.times <= 0:
                self._waiting.remove(fault)
        return fault

    def clear(self) -> None:
        """Call off what has not happened yet."""
        self._waiting.clear()
