"""Updates posted to the bot's own address: ordered in each chat, retried with back-off, a method in the reply executed.

Source: telegram-bot-api WebhookActor.cpp; docs setWebhook. Telegram takes HTTPS on four ports only; plain HTTP on
loopback is the sandbox's explicit exception.
"""

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox import links
from bot.sandbox import refusals as no
from bot.sandbox.call import Call, make_call
from bot.sandbox.clock import Clock
from bot.sandbox.refusals import RefusalError
from bot.sandbox.state import Entry, State
from bot.sandbox.updates import Updates, place_of

_PORTS = frozenset({80, 88, 443, 8443})
_SECRET_LIMIT = 256
_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_LONGEST_DELAY = 60.0  # seconds between two tries
_LONGEST_RETRY_AFTER = 3600
_TIMEOUT = aiohttp.ClientTimeout(total=60)
_NOT_IN_REPLY = frozenset({"setwebhook", "deletewebhook", "close", "logout"})
_FAILED = 300


class Webhook:
    """Posts waiting updates while a webhook is set; `execute` runs a method found in a reply."""

    def __init__(
        self,
        state: State,
        updates: Updates,
        commit: Callable[[Entry], None],
        clock: Clock,
        execute: Callable[[Call], Awaitable[object]],
        *,
        delay: float,
    ) -> None:
        self._state = state
        self._updates = updates
        self._commit = commit
        self._clock = clock
        self._execute = execute
        self._delay = delay
        self._session: aiohttp.ClientSession | None = None
        self._rows: dict[str, deque[dict[str, Any]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(40)
        self._last_error: dict[str, Any] = {}

    def set(self, call: Call) -> bool:
        """Set or, with an empty url, remove the webhook; raise RefusalError, and the one before is gone as well."""
        url = call.text("url") if call.method == "setwebhook" else ""
        connections = call.number("max_connections", 40, 1, 100)
        secret = call.text("secret_token")
        wanted = {"url": url, "secret_token": secret, "max_connections": connections}
        drop = call.flag("drop_pending_updates")
        if wanted == self._state.settings.get("webhook") and not drop:
            self._updates.allow(call)
            return True
        if url:
            self._updates.abort(no.POLL_ENDED.error())
        self._put(None)
        if drop:
            self._updates.drop_all()
        if url:
            _check(url, secret)
            self._updates.allow(call)
            self._put(wanted)
        return True

    def _put(self, hook: dict[str, Any] | None) -> None:
        """Put a webhook, or none, in the place of the one there is."""
        self.stop()
        if hook != self._state.settings.get("webhook"):
            self._commit({"do": "setting", "name": "webhook", "value": hook})
        self._last_error = {}
        self.start()

    def info(self) -> dict[str, Any]:
        """Return the Bot API WebhookInfo."""
        hook = self._state.settings.get("webhook") or {}
        shown = {"url": hook.get("url", ""), "has_custom_certificate": False}
        shown["pending_update_count"] = len(self._state.updates)
        shown.update(self._last_error)
        if hook:
            shown["max_connections"] = hook["max_connections"]
            shown["ip_address"] = "127.0.0.1"
        allowed = self._state.settings.get("allowed_updates")
        return {**shown, "allowed_updates": allowed} if allowed else shown

    def start(self) -> None:
        """Begin to post, if a webhook is set: what waits already and what comes."""
        hook = self._state.settings.get("webhook")
        if not hook:
            return
        self._places = asyncio.Semaphore(hook["max_connections"])
        self._updates.on_added = self._sort
        for update in self._updates.ready():
            self._sort(update)

    def stop(self) -> None:
        """Stop posting; what is under way is broken off and stays in the queue."""
        self._updates.on_added = None
        for task in self._tasks:
            task.cancel()
        self._rows.clear()

    def again(self) -> None:
        """Begin anew with the updates and the webhook that are there now."""
        self.stop()
        self._last_error = {}
        self.start()

    async def close(self) -> None:
        """Stop for good."""
        self.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session:
            await self._session.close()

    def _sort(self, update: dict[str, Any]) -> None:
        """Put an update into the row of its chat; a row is worked off one by one."""
        name = _row(update)
        row = self._rows.get(name)
        if row is not None:
            row.append(update)
            return
        self._rows[name] = deque([update])
        task = asyncio.create_task(self._work_off(name))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work_off(self, name: str) -> None:
        row = self._rows[name]
        while row:
            number = row[0]["update_id"]
            await self._deliver(row[0])
            self._updates.confirmed([number])
            if number not in self._state.updates:  # else it is to come twice
                row.popleft()
        if self._rows.get(name) is row:
            del self._rows[name]

    async def _deliver(self, update: dict[str, Any]) -> None:
        delay, failures = self._delay, 0
        while True:
            async with self._places:
                wait = await self._post(update)
            if wait is None:
                return
            if not wait and failures:  # the first failure is tried again at once, as in the source
                delay = min(_LONGEST_DELAY, delay * 2)
                wait = delay
            failures += 1
            await self._clock.sleep(wait)

    async def _post(self, update: dict[str, Any]) -> float | None:
        """Post once; return None when taken, else the seconds the bot asked for in Retry-After (0 if it did not)."""
        hook = self._state.settings["webhook"]
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook["secret_token"]} if hook["secret_token"] else {}
        self._session = self._session or aiohttp.ClientSession(timeout=_TIMEOUT)
        try:
            async with self._session.post(_address(hook["url"]), json=update, headers=headers) as response:
                if response.status < _FAILED:
                    await self._follow(response)
                    return None
                self._note(f"Wrong response from the webhook: {response.status} {response.reason}")
                asked = response.headers.get("Retry-After", "")
                return min(float(asked), _LONGEST_RETRY_AFTER) if asked.isdecimal() else 0.0
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._note("Connection refused" if isinstance(error, OSError) else "Webhook connection closed")
            return 0.0

    async def _follow(self, response: aiohttp.ClientResponse) -> None:
        """Execute a method given in the reply; Telegram says nothing about its outcome."""
        if response.content_type != "application/json":
            return
        try:
            reply = await response.json()
        except (ValueError, RecursionError):
            return
        method = str(reply.get("method", "")).lower() if isinstance(reply, dict) else ""
        if method and method not in _NOT_IN_REPLY and not method.startswith("get"):
            reply.pop("method")
            with contextlib.suppress(RefusalError):
                await self._execute(make_call(method, reply))

    def _note(self, error: str) -> None:
        self._last_error = {"last_error_date": int(self._clock()), "last_error_message": error}


def _address(url: str) -> str:
    return url if "://" in url else f"https://{url}"


def _check(url: str, secret: str) -> None:
    """Raise RefusalError for an address or a secret that Telegram does not take."""
    try:
        parts = urlsplit(_address(url))
        port = parts.port or (80 if parts.scheme == "http" else 443)
    except ValueError as error:
        raise no.WEBHOOK_URL.error() from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise no.WEBHOOK_URL.error()
    if len(secret) > _SECRET_LIMIT:
        raise no.SECRET_LONG.error()
    if not _SECRET.fullmatch(secret):
        raise no.SECRET_CHARACTERS.error()
    if not links.is_loopback(url):
        if parts.scheme == "http":
            raise no.WEBHOOK_HTTPS.error()
        if port not in _PORTS:
            raise no.WEBHOOK_PORT.error()


def _row(update: dict[str, Any]) -> str:
    """Return the name of the row an update waits in."""
    return str(place_of(next(value for name, value in update.items() if name != "update_id")))
