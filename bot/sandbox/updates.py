"""Updates for the bot: kept in order until confirmed, handed out by getUpdates or posted to a webhook.

Source: telegram-bot-api Client.cpp process_get_updates_query, do_get_updates, abort_long_poll; docs getUpdates.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.refusals import RefusalError
from bot.sandbox.state import Entry, State

LONGEST_POLL = 50  # seconds
_NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
KINDS = frozenset(
    {
        *("message", "edited_message", "channel_post", "edited_channel_post", "inline_query", "chosen_inline_result"),
        *("callback_query", "shipping_query", "pre_checkout_query", "poll", "poll_answer", "my_chat_member"),
        *("chat_member", "chat_join_request", "message_reaction", "message_reaction_count", "chat_boost"),
        *("removed_chat_boost", "business_connection", "business_message", "edited_business_message"),
        *("deleted_business_messages", "purchased_paid_media"),
    }
)


class Updates:
    """The queue between Telegram and one bot; `commit` records a change and applies it to `state`."""

    def __init__(self, state: State, commit: Callable[[Entry], None]) -> None:
        self._state = state
        self._commit = commit
        self._waiter: asyncio.Future[None] | None = None
        self.on_added: Callable[[dict[str, Any]], None] | None = None

    def add(self, kind: str, body: dict[str, Any]) -> None:
        """Queue an update unless the bot asked not to get its kind."""
        allowed = self._state.settings.get("allowed_updates")
        if (kind not in allowed) if allowed else (kind in _NOT_BY_DEFAULT):
            return
        update = {"update_id": self._state.last_update + 1, kind: body}
        self._commit({"do": "update", "update": update})
        self._wake()
        if self.on_added:
            self.on_added(update)

    async def poll(self, call: Call) -> list[dict[str, Any]]:
        """Answer getUpdates: confirm, then return what is there or wait for it; raise RefusalError 409."""
        if self._state.settings.get("webhook"):
            raise no.WEBHOOK_ACTIVE.error()
        offset = call.number("offset")
        limit = call.number("limit", 100, 1, 100)
        timeout = call.number("timeout", 0, 0, LONGEST_POLL)
        self.allow(call)
        self._confirm(offset)
        if not self._state.updates and timeout:
            await self._wait(timeout)
        return list(self._state.updates.values())[:limit]

    def allow(self, call: Call) -> None:
        """Remember the kinds of update the bot wants, if this call says."""
        given = call.json("allowed_updates")
        if not isinstance(given, list):
            return
        kinds = [str(one).lower() for one in given]
        call.findings += [f"allowed_updates: {kind} is no kind of update" for kind in kinds if kind not in KINDS]
        wanted = [kind for kind in kinds if kind in KINDS]
        if wanted != (self._state.settings.get("allowed_updates") or []):
            self._commit({"do": "setting", "name": "allowed_updates", "value": wanted or None})

    def confirmed(self, ids: Iterable[int]) -> None:
        """Forget updates the bot has."""
        gone = [number for number in ids if number in self._state.updates]
        if gone:
            self._commit({"do": "confirmed", "ids": gone})

    def drop_all(self) -> None:
        """Forget every update still waiting."""
        self.confirmed(list(self._state.updates))

    def abort(self, reason: RefusalError) -> None:
        """Send the waiting getUpdates away."""
        if self._waiter and not self._waiter.done():
            self._waiter.set_exception(reason)
        self._waiter = None

    def _confirm(self, offset: int) -> None:
        ids = list(self._state.updates)
        if offset < 0:
            self.confirmed(ids[:offset])
        elif offset > 0:
            self.confirmed(number for number in ids if number < offset)

    async def _wait(self, timeout: float) -> None:  # noqa: ASYNC109 -- Telegram's own parameter
        self.abort(no.OTHER_POLLER.error())
        self._waiter = waiter = asyncio.get_running_loop().create_future()
        done, _ = await asyncio.wait([waiter], timeout=timeout)
        if done:
            waiter.result()  # raises when another request took our place
        if self._waiter is waiter:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)
