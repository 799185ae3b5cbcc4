"""Updates for the bot: kept in order until confirmed, handed out by getUpdates or posted to a webhook.

Source: telegram-bot-api Client.cpp process_get_updates_query, do_get_updates, abort_long_poll; docs getUpdates.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from bot.sandbox import refusals as no
from bot.sandbox.call import Call
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.refusals import RefusalError
from bot.sandbox.state import Entry, State

LONGEST_POLL = 50  # seconds
_FUTURE = 10  # an offset this far above the last update is from another time (td: TQueue.cpp get, "in the future")
_NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
KINDS = frozenset(
    {
        *("message", "edited_message", "channel_post", "edited_channel_post", "inline_query", "chosen_inline_result"),
        *("callback_query", "shipping_query", "pre_checkout_query", "poll", "poll_answer", "my_chat_member"),
        *("chat_member", "chat_join_request", "message_reaction", "message_reaction_count", "chat_boost"),
        *("removed_chat_boost", "business_connection", "business_message", "edited_business_message"),
        *("deleted_business_messages", "purchased_paid_media", "managed_bot", "guest_message"),
    }
)


class Updates:
    """The queue between Telegram and one bot; `commit` records a change and applies it to `state`.

    An update that a fault holds back is in the state already, and nobody is told of it yet.
    """

    def __init__(self, state: State, commit: Callable[[Entry], None], faults: Faults, clock: Clock) -> None:
        self._state = state
        self._commit = commit
        self._faults = faults
        self._clock = clock
        self._waiter: asyncio.Future[None] | None = None
        self._held: set[int] = set()
        self._mixed: list[int] = []  # held until all that are to be mixed up are there; then the order to hand out
        self._twice: set[int] = set()
        self._later: set[asyncio.Task[None]] = set()
        self.on_added: Callable[[dict[str, Any]], None] | None = None

    def add(self, kind: str, body: dict[str, Any]) -> None:
        """Queue an update unless the bot asked not to get its kind."""
        allowed = self._state.settings.get("allowed_updates")
        if (kind not in allowed) if allowed else (kind in _NOT_BY_DEFAULT):
            return
        number = self._state.last_update + 1
        fault = self._faults.take_update(kind, place_of(body))
        self._commit({"do": "update", "update": {"update_id": number, kind: body}})
        if fault:
            self._meet(fault, number)
        else:
            self._release([number])

    def _meet(self, fault: Fault, number: int) -> None:
        """Let an update come twice, later, or in another order."""
        match fault.kind:
            case "duplicate":
                self._twice.add(number)
                self._release([number])
            case "late":
                self._held.add(number)
                task = asyncio.create_task(self._wait_for(number, fault.seconds))
                self._later.add(task)
                task.add_done_callback(self._later.discard)
            case "reorder":
                self._held.add(number)
                self._mixed.append(number)
                if fault.times <= 0:
                    self._mixed.reverse()
                    self._release(self._mixed)
                    if self.on_added:
                        self._mixed.clear()

    async def _wait_for(self, number: int, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._release([number])

    def _release(self, ids: Iterable[int]) -> None:
        """Let the bot have updates."""
        self._held.difference_update(ids)
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)
        if self.on_added:
            for number in ids:
                if number in self._state.updates:
                    self.on_added(self._state.updates[number])

    def release_all(self) -> None:
        """Let the bot have every update that is held back, in order."""
        for task in self._later:
            task.cancel()
        self._mixed.clear()
        self._twice.clear()
        if self._held:
            self._release(sorted(self._held))

    def ready(self) -> list[dict[str, Any]]:
        """Return what the bot may have now, in the order it gets it."""
        found = self._state.updates
        if self._held:
            found = {number: update for number, update in found.items() if number not in self._held}
        if not self._mixed or self._held.intersection(self._mixed):
            return list(found.values())
        order = iter([number for number in self._mixed if number in found])
        mixed = [found[next(order)] if number in self._mixed else update for number, update in found.items()]
        self._mixed.clear()
        return mixed

    async def poll(self, call: Call) -> list[dict[str, Any]]:
        """Answer getUpdates: confirm, then return what is there or wait for it; raise RefusalError 409."""
        if self._state.settings.get("webhook"):
            raise no.WEBHOOK_ACTIVE.error()
        offset = call.number("offset")
        limit = call.number("limit", 100, 1, 100)
        timeout = call.number("timeout", 0, 0, LONGEST_POLL)
        self.allow(call)
        self._confirm(offset)
        found = self.ready()
        if not found and timeout:
            await self._wait(timeout)
            found = self.ready()
        return found[:limit]

    def allow(self, call: Call) -> None:
        """Remember the kinds of update the bot wants, if this call says."""
        given = call.json("allowed_updates")
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            return
        kinds = [one.lower() for one in given]
        call.findings += [f"allowed_updates: {kind} is no kind of update" for kind in kinds if kind not in KINDS]
        wanted = [kind for kind in kinds if kind in KINDS]
        if wanted != (self._state.settings.get("allowed_updates") or []):
            self._commit({"do": "setting", "name": "allowed_updates", "value": wanted or None})

    def confirmed(self, ids: Iterable[int]) -> None:
        """Forget updates the bot has; one that is to come twice stays this time."""
        gone = [number for number in ids if number in self._state.updates and number not in self._held]
        if self._twice:
            again = self._twice.intersection(gone)
            self._twice -= again
            gone = [number for number in gone if number not in again]
        if gone:
            self._commit({"do": "confirmed", "ids": gone})

    def drop_all(self) -> None:
        """Forget every update still waiting."""
        self.release_all()
        self.confirmed(list(self._state.updates))

    def abort(self, reason: RefusalError) -> None:
        """Send the waiting getUpdates away."""
        if self._waiter and not self._waiter.done():
            self._waiter.set_exception(reason)
        self._waiter = None

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self.confirmed(list(self._state.updates)[:offset])
        elif 0 < offset <= self._state.last_update + 1 + _FUTURE:
            self.confirmed([number for number in self._state.updates if number < offset])

    async def _wait(self, timeout: float) -> None:  # noqa: ASYNC109 -- Telegram's own parameter
        self.abort(no.OTHER_POLLER.error())
        self._waiter = waiter = asyncio.get_running_loop().create_future()
        done, _ = await asyncio.wait([waiter], timeout=timeout)
        if done:
            waiter.result()  # raises when another request took our place
        if self._waiter is waiter:
            self._waiter = None


def place_of(body: dict[str, Any]) -> int | None:
    """Return the chat an update's content is from, else its person (source: client webhook_queue_id)."""
    place = body.get("chat") or body.get("message", {}).get("chat") or body.get("from") or body.get("user") or {}
    number: int | None = place.get("id")
    return number
