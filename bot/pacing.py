"""Telegram's limits kept before Telegram has to enforce them, with room for people ahead of broadcasts.

The figures are those of https://core.telegram.org/bots/faq: one message a second in a chat with short bursts allowed
(PTB's own AIORateLimiter keeps to none at all there), 20 a minute in a group, about 30 a second altogether. Its authors
add (tdlib/td#2592, tdlib/td#3034, tdlib/telegram-bot-api#648) that sends and edits share a chat's limit, that answering
a callback query has none, and that the 30 a second are about broadcasts: a bot that answers people's taps hardly meets
a limit. So an edit in a private chat is counted for that chat alone and waits for nothing but a flood wait.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, inf
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

BULK = "bulk"
"""The `rate_limit_args` of a call that may wait behind everyone else, such as a broadcast's."""

_MESSAGES = ("send", "edit", "copy", "forward")  # how the methods begin that show something in a chat
_NO_MESSAGES = frozenset({"sendChatAction"})
_FEW = 256  # chats remembered without asking which of them are idle
_Reply = bool | dict[str, Any] | list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many messages in how many seconds, and how a flood wait is met."""

    overall: tuple[int, float] = (30, 1.0)
    bulk: int = 25  # of the overall while people are written to; at any instant the rest is free for them
    alone: int = 29  # while nobody is
    private: tuple[int, float] = (5, 5.0)  # one a second; five at once are the "short bursts", undocumented in size
    group: tuple[int, float] = (20, 60.0)
    retries: int = 3  # after a 429; then it is the caller's
    patience: float = 60.0  # seconds; a longer flood wait is the caller's at once


class _Window:
    """At most `limit` messages in any `span` seconds: each leaves it when it is so old."""

    __slots__ = ("limit", "sent", "span")

    def __init__(self, limit: int, span: float) -> None:
        self.limit, self.span = limit, span
        self.sent: deque[float] = deque(maxlen=limit)  # when the last ones went

    def wait(self, now: float, messages: int = 1, limit: int | None = None) -> float:
        """Seconds until there is room for so many within `limit`; more than that many need all of it."""
        limit = limit or self.limit
        last = limit - min(messages, limit) + 1  # the newest but so many must have left the window
        return max(0.0, self.sent[-last] + self.span - now) if len(self.sent) >= last else 0.0

    def take(self, now: float, messages: int) -> None:
        """Count messages that go now."""
        self.sent.extend([now] * min(messages, self.limit))

    def free(self, now: float) -> int:
        """How many messages may go now."""
        return self.limit - sum(at + self.span > now for at in self.sent)

    def is_idle(self, now: float) -> bool:
        """Tell whether nothing counts any more."""
        return not self.sent or self.sent[-1] + self.span <= now


class _Bucket:
    """`limit` messages at once, and one more each `span / limit` seconds: nobody waits for a whole span.

    What went without waiting counts too, but an empty bucket is never more than empty.
    """

    __slots__ = ("every", "full_at", "limit")

    def __init__(self, limit: int, span: float) -> None:
        self.limit, self.every = limit, span / limit
        self.full_at = -inf  # when all that went is forgotten

    def wait(self, now: float, messages: int = 1) -> float:
        """Seconds until there is room for so many; more than fit at once need all of it."""
        return max(0.0, self.full_at - (self.limit - min(messages, self.limit)) * self.every - now)

    def take(self, now: float, messages: int) -> None:
        """Count messages that go now."""
        self.full_at = min(max(self.full_at, now) + messages * self.every, now + self.limit * self.every)

    def free(self, now: float) -> int:
        """How many messages may go now."""
        return self.limit - ceil(max(0.0, self.full_at - now) / self.every)

    def is_idle(self, now: float) -> bool:
        """Tell whether nothing counts any more."""
        return self.full_at <= now


class _Chat:
    """What one chat may take, the end of its flood wait, and its two queues, where calls keep their order."""

    __slots__ = ("paused", "queues", "window")

    def __init__(self, window: _Window | _Bucket) -> None:
        self.window = window
        self.paused = -inf
        self.queues = _queues()

    def is_idle(self, now: float) -> bool:
        """Tell whether forgetting the chat would change nothing."""
        return self.paused <= now and self.window.is_idle(now) and not any(lock.locked() for lock in self.queues)


@dataclass(frozen=True, slots=True)
class _Call:
    """What matters of a call: its chat (None without one), the messages it shows, whether it may wait."""

    chat: int | str | None
    messages: int
    bulk: bool
    prompt: bool  # counted, and not held back


class Pacing(BaseRateLimiter[str]):
    """Paces a bot's calls, and tells the outbox which chat may receive.

    A call without a chat, or one that shows nothing, waits for flood waits only. A 429 pauses the chat it concerned, or
    every call if it concerned none, and is tried again. `clock` gives monotonic seconds.
    """

    _chats: dict[int | str, _Chat]
    _overall: _Window
    _paused: float  # the end of everyone's flood wait
    _people_at: float  # when somebody's own message went last
    _sweep_at: int  # with so many chats, look for idle ones

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._limits = limits or Limits()
        self._clock, self._sleep = clock, sleep
        self._forget()

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Forget everything, so that the next start, perhaps on another loop, starts afresh."""
        self._forget()

    def delay(self, chat_id: int | str, now: float) -> float:
        """Seconds from `now`, by the pacing's clock, until the chat may receive a message; 0 is now."""
        chat = self._chats.get(_key(chat_id))
        room = chat.window.wait(now) if chat else 0.0
        return max(room, self._overall.wait(now), self._pause_left(_key(chat_id), now))

    def bulk_delay(self, now: float) -> float:
        """Seconds until one more bulk message may go to a chat that has room."""
        return max(self._overall.wait(now, 1, self._bulk_cap(now)), self._pause_left(None, now))

    def _bulk_cap(self, now: float) -> int:
        """How many of the whole are for bulk: nearly all, while no person was written to within its span."""
        busy = now < self._people_at + self._limits.overall[1]
        return self._limits.bulk if busy else self._limits.alone

    def free(self, chat_id: int | str, now: float) -> int:
        """How many messages the chat may receive at this moment of the pacing's clock."""
        if self.delay(chat_id, now) > 0:
            return 0
        chat, limits = self._chats.get(_key(chat_id)), self._limits
        of_chat = (limits.group if _is_group(_key(chat_id)) else limits.private)[0]
        return min(chat.window.free(now) if chat else of_chat, self._overall.free(now))

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, _Reply]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: str | None,
    ) -> _Reply:
        """Make the call when the limits allow it, again after a flood wait; `RetryAfter` where that is no help."""
        call = _call(endpoint, data, rate_limit_args)
        tries = 0 if call.bulk else self._limits.retries  # who sends many stops all of it, and asks again later
        while True:
            await self._turn(call)
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as flood:
                self._pause(call.chat, flood)
                if tries == 0:
                    raise
            tries -= 1

    async def _turn(self, call: _Call) -> None:
        """Wait until the call may go, and count it."""
        if call.chat is None or call.messages == 0 or call.prompt:
            await self._until(lambda now: self._flood(call, now))
            if call.chat is not None and call.prompt:
                self._chat(call.chat).window.take(self._clock(), call.messages)
            return
        chat = self._chat(call.chat)
        async with chat.queues[call.bulk]:
            await self._line_up(call, chat)

    async def _line_up(self, call: _Call, chat: _Chat) -> None:
        """Wait for the chat, then for the whole; a chat that has to wait holds up nobody else."""

        def here(now: float) -> float:
            return max(self._flood(call, now), chat.window.wait(now, call.messages))

        while True:
            await self._until(here)
            async with self._queues[call.bulk]:
                await self._until(lambda now: self._overall.wait(now, call.messages, self._cap(call, now)))
                now = self._clock()
                if here(now) == 0:  # else another call of this chat was quicker, or it met a flood wait
                    chat.window.take(now, call.messages)
                    self._overall.take(now, call.messages)
                    self._people_at = self._people_at if call.bulk else now
                    return

    def _cap(self, call: _Call, now: float) -> int:
        return self._bulk_cap(now) if call.bulk else self._limits.overall[0]

    async def _until(self, wait: Callable[[float], float]) -> None:
        """Sleep until nothing is left to wait for; what changes meanwhile counts."""
        while (seconds := wait(self._clock())) > 0:
            await self._sleep(seconds)

    def _flood(self, call: _Call, now: float) -> float:
        """Seconds the call has to wait because of a 429; `RetryAfter` where they are too many."""
        left = self._pause_left(call.chat, now)
        if left > self._limits.patience:
            raise RetryAfter(timedelta(seconds=ceil(left)))
        return left

    def _pause_left(self, key: int | str | None, now: float) -> float:
        """Seconds left of the flood wait of everyone and of this chat."""
        chat = None if key is None else self._chats.get(key)
        return max(0.0, self._paused - now, chat.paused - now if chat else 0.0)

    def _pause(self, key: int | str | None, flood: RetryAfter) -> None:
        """Begin a flood wait; a longer one that is under way stays."""
        wait = flood.retry_after
        until = self._clock() + (wait.total_seconds() if isinstance(wait, timedelta) else wait)
        if key is None:
            self._paused = max(self._paused, until)
        else:
            chat = self._chat(key)
            chat.paused = max(chat.paused, until)

    def _chat(self, key: int | str) -> _Chat:
        """Find or begin a chat; now and then the idle ones go, so that memory follows the chats that talk."""
        if key not in self._chats:
            if len(self._chats) >= self._sweep_at:
                now = self._clock()
                self._chats = {other: chat for other, chat in self._chats.items() if not chat.is_idle(now)}
                self._sweep_at = max(_FEW, 2 * len(self._chats))
            limits = self._limits
            self._chats[key] = _Chat(_Window(*limits.group) if _is_group(key) else _Bucket(*limits.private))
        return self._chats[key]

    def _forget(self) -> None:
        """Begin with no chat, no message sent and no flood wait."""
        self._chats = {}
        self._sweep_at = _FEW
        self._overall = _Window(*self._limits.overall)
        self._queues = _queues()
        self._paused = self._people_at = -inf


def _queues() -> tuple[asyncio.Lock, asyncio.Lock]:
    """Make the queues of people's calls and of bulk ones: first come, first served; who is cancelled leaves."""
    return asyncio.Lock(), asyncio.Lock()


def _key(chat_id: int | str) -> int | str:
    """Give one chat one name: its number also where it came as text, else its @name in small letters."""
    text = str(chat_id)
    return int(text) if text.removeprefix("-").isdecimal() else text.lower()


def _is_group(key: int | str) -> bool:
    """Tell groups and channels, which have negative numbers or public names, from private chats."""
    return isinstance(key, str) or key < 0


def _call(endpoint: str, data: dict[str, Any], rate_limit_args: str | None) -> _Call:
    """Read what matters; refuse a priority that does not exist rather than guess it."""
    if rate_limit_args not in {None, BULK}:
        raise ValueError(f"rate_limit_args is {BULK!r} or None, not {rate_limit_args!r}")
    chat_id = data.get("chat_id")
    key = None if chat_id is None else _key(chat_id)
    bulk = rate_limit_args == BULK
    prompt = endpoint.startswith("edit") and not bulk and key is not None and not _is_group(key)
    return _Call(key, _messages(endpoint, data), bulk=bulk, prompt=prompt)


def _messages(endpoint: str, data: dict[str, Any]) -> int:
    """Count the messages a call shows: albums and copies of several are several."""
    if endpoint in _NO_MESSAGES or not endpoint.startswith(_MESSAGES):
        return 0
    several = data.get("media") or data.get("message_ids")
    return len(several) if isinstance(several, (list, tuple)) else 1
