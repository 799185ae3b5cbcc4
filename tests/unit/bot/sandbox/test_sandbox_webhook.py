"""Updates posted to a webhook: the secret, the order, retries, a method in the reply."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from tests.support.patience import PATIENCE


class Receiver:
    """A bot's webhook that answers as told and remembers what came."""

    def __init__(self) -> None:
        self.got: list[tuple[str | None, dict[str, Any]]] = []
        self.answers: list[Callable[[], web.StreamResponse]] = []
        self.arrived = asyncio.Event()
        self.url = ""

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Take one update."""
        self.got.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), await request.json()))
        self.arrived.set()
        return self.answers.pop(0)() if self.answers else web.Response()

    async def wait(self, count: int) -> None:
        """Wait until so many posts came."""
        async with asyncio.timeout(PATIENCE):
            while len(self.got) < count:
                self.arrived.clear()
                await self.arrived.wait()

    def texts(self) -> list[str]:
        """The texts that came."""
        return [update["message"]["text"] for _, update in self.got]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A webhook listening on loopback."""
    listening = Receiver()
    app = web.Application()
    app.router.add_post("/hook", listening.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listening.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield listening
    await runner.cleanup()


async def quiet(desk: Any, left: int = 0) -> dict[str, Any]:
    """Wait until no more than so many are pending; return the webhook's info."""
    async with asyncio.timeout(PATIENCE):
        while True:
            info: dict[str, Any] = await desk.bot("getWebhookInfo")
            if info["pending_update_count"] <= left:
                return info
            await asyncio.sleep(0.01)


async def failed(desk: Any) -> None:
    """Wait until a try has failed."""
    async with asyncio.timeout(PATIENCE):
        while "last_error_date" not in await desk.bot("getWebhookInfo"):
            pass


async def test_waiting_and_new_updates_are_posted(desk: Any, receiver: Receiver) -> None:
    """What waited and what comes is posted in order, with the secret, and confirmed."""
    await desk.bot("setWebhook", url=receiver.url, secret_token="made-up_secret")
    await desk.act("send", person=1, chat=1, text="a")
    await desk.act("send", person=1, chat=1, text="b")
    await receiver.wait(3)
    assert receiver.texts() == ["/start", "a", "b"]
    assert {secret for secret, _ in receiver.got} == {"made-up_secret"}
    info = await quiet(desk)
    assert (info["url"], info["max_connections"]) == (receiver.url, 40)


async def test_failures_are_retried_in_order(opened: Any, receiver: Receiver) -> None:
    """A refused update comes again before the next of its chat."""
    async with opened(webhook_delay=0.005) as desk:
        receiver.answers = [lambda: web.Response(status=500)] * 3
        await desk.bot("setWebhook", url=receiver.url)
        await desk.act("send", person=1, chat=1, text="a")
        await desk.act("send", person=1, chat=1, text="b")
        await receiver.wait(5)
        assert receiver.texts() == ["a", "a", "a", "a", "b"]
        info = await quiet(desk)
        assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"


async def test_a_chat_waits_for_no_other(desk: Any, receiver: Receiver) -> None:
    """While an update is refused the next of its chat waits, and another chat's is posted."""
    receiver.answers = [lambda: web.Response(status=503, headers={"Retry-After": "3600"})]
    await desk.bot("setWebhook", url=receiver.url, drop_pending_updates=True)
    await desk.act("send", person=1, chat=1, text="a")
    await desk.act("send", person=1, chat=1, text="b")
    await receiver.wait(1)
    await desk.act("send", person=2, chat=2, text="c")
    await receiver.wait(2)
    assert receiver.texts() == ["a", "c"]


async def test_method_in_the_reply(desk: Any, receiver: Receiver) -> None:
    """A method in the webhook's reply is executed; one that asks or sets the webhook is not."""
    receiver.answers = [
        lambda: web.json_response({"method": "sendMessage", "chat_id": 1, "text": "in the reply"}),
        lambda: web.json_response({"method": "deleteWebhook"}),
    ]
    await desk.bot("setWebhook", url=receiver.url)
    await desk.act("send", person=1, chat=1, text="a")
    await receiver.wait(2)
    await quiet(desk)
    texts = [one["text"] for one in (await desk.get("chats/1/messages"))["messages"]]
    assert texts[-1] == "in the reply" or texts[-2] == "in the reply"
    assert (await desk.bot("getWebhookInfo"))["url"] == receiver.url


async def test_webhook_survives_a_restart(opened: Any, receiver: Receiver, tmp_path: Any) -> None:
    """The webhook and what waits for it outlive the process."""
    async with opened(folder=tmp_path) as desk:
        await desk.bot("setWebhook", url="http://127.0.0.1:9/nobody")
        await desk.act("send", person=1, chat=1, text="a")
    async with opened(folder=tmp_path) as desk:
        assert (await desk.bot("getWebhookInfo"))["pending_update_count"] == 1
        await desk.bot("setWebhook", url=receiver.url)
        await receiver.wait(1)
        assert receiver.texts() == ["a"]


async def test_updates_twice_late_and_mixed_up(desk: Any, receiver: Receiver) -> None:
    """Faults reach a webhook too: one update is posted twice, two come the other way round, one when the clock says."""
    await desk.bot("setWebhook", url=receiver.url, drop_pending_updates=True)
    for fault in ({"kind": "duplicate"}, {"kind": "reorder", "times": 2}, {"kind": "late", "seconds": 60}):
        await desk.act("faults", **fault)
    for text in ("a", "b", "c", "d", "e"):
        await desk.act("send", person=1, chat=1, text=text)
    await receiver.wait(5)
    assert receiver.texts() == ["a", "a", "c", "b", "e"]
    assert (await quiet(desk, left=1))["pending_update_count"] == 1
    await desk.act("clock", by=60)
    await receiver.wait(6)
    assert receiver.texts()[5:] == ["d"]
    assert (await quiet(desk))["pending_update_count"] == 0


async def test_a_webhook_set_later_waits_for_a_late_update_too(desk: Any, receiver: Receiver) -> None:
    """What a fault holds back is not among what a webhook set afterwards finds waiting."""
    await desk.act("faults", kind="late", seconds=60)
    for text in ("a", "b"):
        await desk.act("send", person=1, chat=1, text=text)
    await desk.bot("setWebhook", url=receiver.url)
    await receiver.wait(2)
    await desk.act("clock", by=60)
    await receiver.wait(3)
    assert receiver.texts() == ["/start", "b", "a"]


async def test_a_clock_moved_on_ends_the_back_off(desk: Any, receiver: Receiver) -> None:
    """A webhook that asked for an hour's rest gets its update again as soon as the clock jumps over it."""
    receiver.answers = [lambda: web.Response(status=503, headers={"Retry-After": "3600"})]
    await desk.bot("setWebhook", url=receiver.url, drop_pending_updates=True)
    await desk.act("send", person=1, chat=1, text="a")
    await failed(desk)
    await desk.act("clock", by=3600)
    await receiver.wait(2)
    assert receiver.texts() == ["a", "a"]


async def test_a_webhook_set_again(desk: Any, receiver: Receiver) -> None:
    """Set again as it is, a webhook goes on as it was; one that is refused takes the one before it along."""
    receiver.answers = [lambda: web.Response(status=503, headers={"Retry-After": "3600"})]
    await desk.bot("setWebhook", url=receiver.url, drop_pending_updates=True)
    await desk.act("send", person=1, chat=1, text="a")
    await failed(desk)
    await desk.bot("setWebhook", url=receiver.url)
    assert "last_error_date" in await desk.bot("getWebhookInfo")
    await desk.raw("setWebhook", url=receiver.url, secret_token="a b")
    info = await desk.bot("getWebhookInfo")
    assert (info["url"], info["pending_update_count"], receiver.texts()) == ("", 1, ["a"])


async def test_a_reply_too_deep_to_read(desk: Any, receiver: Receiver) -> None:
    """A reply of a hundred thousand brackets is no method, and the next update of the chat is posted all the same."""
    receiver.answers = [lambda: web.Response(text="[" * 100_000, content_type="application/json")]
    await desk.bot("setWebhook", url=receiver.url, drop_pending_updates=True)
    for text in ("a", "b"):
        await desk.act("send", person=1, chat=1, text=text)
    await receiver.wait(2)
    assert receiver.texts() == ["a", "b"]
