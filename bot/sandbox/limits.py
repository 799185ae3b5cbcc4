"""How fast a bot may send, as Telegram says.

Source of the figures: https://core.telegram.org/bots/faq#broadcasting-to-users: about 30 messages a second over all
chats, about one a second in one chat with short bursts allowed, 20 a minute in one group. Telegram gives no figure for
the burst; ours is small enough that a bot without pacing meets it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox import refusals as no

OVERALL = 30
PRIVATE_BURST = 10
GROUP_MINUTE = 20
_MINUTE = 60.0


@dataclass(slots=True)
class _Bucket:
    """Tokens that refill steadily: `capacity` at most, `rate` a second."""

    capacity: float
    rate: float
    level: float
    at: float

    def wait(self, now: float, count: int) -> float:
        """Return the seconds until `count` tokens are there, 0 when they are now; a full bucket is never too small."""
        self.level = min(self.capacity, self.level + max(0.0, now - self.at) * self.rate)
        self.at = now
        missing = min(count, self.capacity) - self.level
        return missing / self.rate if missing > 0 else 0.0


class Limits:
    """Telegram's limits on sending; `clock` gives epoch seconds."""

    def __init__(self, clock: Callable[[], float], *, on: bool) -> None:
        self.on = on
        self._clock = clock
        self._chats: dict[int, _Bucket] = {}
        self._all = self._bucket(OVERALL, OVERALL)

    def take(self, chat: int, *, private: bool, count: int = 1) -> None:
        """Count a message to a chat, or the messages of an album; raise RefusalError 429 with the seconds to wait."""
        if not self.on:
            return
        now = self._clock()
        bucket = self._chats.get(chat)
        if bucket is None:
            new = self._bucket(PRIVATE_BURST, 1) if private else self._bucket(GROUP_MINUTE, GROUP_MINUTE / _MINUTE)
            bucket = self._chats[chat] = new
        wait = max(self._all.wait(now, count), bucket.wait(now, count))
        if wait > 0:
            raise no.retry_after(math.ceil(wait))
        self._all.level -= count
        bucket.level -= count

    def clear(self) -> None:
        """Forget what was sent so far."""
        self._chats.clear()
        self._all = self._bucket(OVERALL, OVERALL)

    def _bucket(self, capacity: float, rate: float) -> _Bucket:
        return _Bucket(capacity, rate, capacity, self._clock())
