"""The last calls of the bot, as the inspector shows them: what was asked, what was answered, what was odd about it.

Every call is one small object that keeps what is there anyway; words are made of it only when somebody looks. What is
kept of one call is bounded (about 4 KB of arguments and 4 KB of answer), and the bot's token is never shown.
"""

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.call import Call
from bot.sandbox.events import Events
from bot.sandbox.journal import encode

KEPT = 500  # calls
ROOM = 4096  # characters of the arguments, and of the answer, that are kept of one call
_VALUE = 1000  # characters of one text
_NAME = 64  # of a chat's name
_ITEMS = 100  # of one list or object
_DEEP = 12  # levels
_BATCH = 0.1  # seconds: a page is told ten times a second at most, however fast the bot is
_BATCH_MOST = 100  # calls told at once; a page that wants those between asks for them
_HIDDEN = "$TOKEN"

Json = dict[str, Any]


@dataclass(slots=True)
class Seen:
    """One call: when it began (epoch seconds), how long it took, and what `Calls.whole` makes words of."""

    n: int
    at: float
    ms: float
    method: str
    arguments: Json
    files: Sequence[tuple[str, str, int]]  # argument, name, bytes
    answer: Any  # JSON text, or a shortened value
    error: str | None
    code: int
    fault: str | None
    findings: Sequence[str]

    def line(self, hide: str) -> Json:
        """Return what the list shows of it; the text `hide` is not in it."""
        chat = self.arguments.get("chat_id")
        chat = chat[:_NAME].replace(hide, _HIDDEN) if isinstance(chat, str) else chat
        return {
            "n": self.n,
            "at": self.at,
            "method": self.method,
            "chat": chat if isinstance(chat, int | str) else None,
            "ok": self.error is None,
            "error": self.error,
            "code": self.code,
            "ms": self.ms,
            "fault": self.fault,
            "findings": list(self.findings),
        }


class Calls:
    """The calls of one bot, newest last; `findings` counts every (method, finding) since the last reset."""

    def __init__(self, events: Events, token: str) -> None:
        self.findings: Counter[tuple[str, str]] = Counter()
        self._events = events
        self._token = token
        self._kept: deque[Seen] = deque(maxlen=KEPT)
        self._count = 0
        self._told = 0
        self._telling: asyncio.TimerHandle | None = None

    def __iter__(self) -> Iterator[Json]:
        """Yield the line of each call kept."""
        return (seen.line(self._token) for seen in self._kept)

    def note(
        self,
        call: Call,
        *,
        name: str,
        at: float,
        findings: Sequence[str],
        answer: str,
        error: str | None = None,
        code: int = 200,
    ) -> None:
        """Keep one call; `answer` is the JSON text the bot got."""
        for finding in findings:
            self.findings[name, finding] += 1
        self._count += 1
        arguments = (
            call.arguments if call.size is not None and call.size <= ROOM else brief(call.arguments, self._token)
        )
        files = [(key, file.name, len(file.data)) for key, file in call.uploads.items()] if call.uploads else ()
        ms = round((time.perf_counter() - call.began) * 1000, 2)
        kept = answer if len(answer) <= ROOM else brief(json.loads(answer), self._token)
        self._kept.append(Seen(self._count, at, ms, name, arguments, files, kept, error, code, call.fault, findings))
        if self._events.watched and self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(_BATCH, self._tell)

    def whole(self, number: int) -> Json | None:
        """Return everything about one call, None when it is no longer kept; long values are cut, files named."""
        seen = next((one for one in self._kept if one.n == number), None)
        if seen is None:
            return None
        answer = json.loads(seen.answer) if isinstance(seen.answer, str) else seen.answer
        files = [{"argument": key, "name": name, "size": size} for key, name, size in seen.files]
        more = {"arguments": brief(seen.arguments, self._token), "files": files, "answer": brief(answer, self._token)}
        text = encode({**seen.line(self._token), **more})
        found: Json = json.loads(text.replace(self._token, _HIDDEN))
        return found

    def total(self) -> Json:
        """Return how many calls there were, and how many findings since the last reset."""
        return {"count": self._count, "findings": self.findings.total()}

    def clear(self) -> None:
        """Forget the calls and findings so far; numbers go on."""
        self._kept.clear()
        self.findings.clear()
        self._told = self._count
        self._events.ring("calls", {"calls": [], "cleared": True, **self.total()}, watchers=True)

    def _tell(self) -> None:
        self._telling = None
        fresh = min(self._count - self._told, len(self._kept), _BATCH_MOST)
        lines = [self._kept[index].line(self._token) for index in range(-fresh, 0)]
        self._told = self._count
        self._events.ring("calls", {"calls": lines, **self.total()}, watchers=True)


def brief(value: Any, hide: str) -> Any:
    """Return a JSON value shortened to about `ROOM` characters; `hide` is nowhere in it.

    Long texts, lists and objects say what is left out.
    """
    return _Shortener(hide).short(value, _DEEP)


class _Shortener:
    """Shortens one value; `room` is what may still be written."""

    def __init__(self, hide: str) -> None:
        self.room = ROOM
        self._hide = hide

    def short(self, value: Any, deep: int) -> Any:
        """Shorten a value that may be `deep` levels deep."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict | list):
            if deep == 0 or self.room <= 0:
                return "…"
            self.room -= 2
            return self._object(value, deep) if isinstance(value, dict) else self._list(value, deep)
        self.room -= 8
        return value

    def _text(self, text: str) -> str:
        text = text.replace(self._hide, _HIDDEN)
        most = max(0, min(_VALUE, self.room))
        self.room -= min(len(text), most) + 2
        return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"

    def _list(self, items: list[Any], deep: int) -> list[Any]:
        found: list[Any] = []
        for item in items[:_ITEMS]:
            if self.room <= 0:
                break
            found.append(self.short(item, deep - 1))
        if len(found) < len(items):
            found.append(f"… ({len(items) - len(found)} more)")
        return found

    def _object(self, fields: Json, deep: int) -> Json:
        found: Json = {}
        for name, value in list(fields.items())[:_ITEMS]:
            if self.room <= 0:
                break
            key = str(name).replace(self._hide, _HIDDEN)[:_VALUE]
            self.room -= len(key) + 2
            found[key] = self.short(value, deep - 1)
        if len(found) < len(fields):
            found["…"] = f"({len(fields) - len(found)} more)"
        return found
