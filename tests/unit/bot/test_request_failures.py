"""The aiohttp request class where the far side fails: raw TCP on loopback says what happens on each connection."""

import asyncio
import contextlib
import logging
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from telegram import Bot
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.request import AiohttpRequest, Unclear, Unreached, may_be_delivered
from tests.support.patience import PATIENCE
from tests.support.still import move, still

TOKEN = "12345:made-up-token"
OK = b'{"ok":true,"result":{"message_id":1,"date":1,"chat":{"id":7,"type":"private"},"text":"ok"}}'
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[str]:
    """Serve raw TCP on loopback: `talk` says what happens on each connection."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.append(asyncio.current_task())
        with contextlib.suppress(asyncio.CancelledError, ConnectionError), contextlib.closing(writer):
            await talk(reader, writer)

    tasks: list[asyncio.Task[None] | None] = []
    server = await asyncio.start_server(one, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            assert task is not None
            task.cancel()
        await asyncio.gather(*[task for task in tasks if task], return_exceptions=True)


def a_bot(address: str, request: AiohttpRequest) -> Bot:
    """Make a bot that talks to the address."""
    return Bot(TOKEN, base_url=f"{address}/bot", request=request)


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Take the head of a request, then nothing more."""
    await reader.readuntil(b"\r\n\r\n")
    await asyncio.Event().wait()


async def test_a_connection_closed_while_idle_is_replaced() -> None:
    """A server that hangs up between calls costs a new connection, not an error."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        gone.set()

    gone = asyncio.Event()
    async with talking(talk) as address, AiohttpRequest(read_timeout=PATIENCE) as request:
        for _ in range(3):
            assert await request.do_request(address, "POST") == (200, b"ok")
            await gone.wait()
            gone.clear()
            await asyncio.sleep(0.02)  # the hanging up arrives


@contextmanager
def nobody() -> Iterator[str]:
    """Give an address where nobody listens, and nobody else can: the port is held."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


async def test_nobody_there_is_surely_not_delivered() -> None:
    """A refused connection is a plain network error of the kind that may be sent again."""
    with nobody() as address:
        async with AiohttpRequest() as request:
            with pytest.raises(Unreached) as refused:
                await a_bot(address, request).send_message(7, "a")
    assert not may_be_delivered(refused.value)


async def test_a_connection_that_is_never_made_is_surely_not_delivered() -> None:
    """TLS with a server that does not speak it runs into the connect timeout, before anything was sent."""
    async with talking(silent) as address, AiohttpRequest(connect_timeout=0.03, pool_timeout=0.01) as request:
        with pytest.raises(Unreached):
            await a_bot(address.replace("http:", "https:"), request).send_message(7, "a")


@still
async def test_a_stuck_upload_ends() -> None:
    """A file nobody takes ends by the limit for files, however long the ordinary one is."""
    arrived = asyncio.Event()

    async def stuck(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.set()
        await asyncio.Event().wait()

    limits = {"connect_timeout": 1, "pool_timeout": 1, "read_timeout": 1, "write_timeout": 100}
    async with talking(stuck) as address, AiohttpRequest(**limits, media_write_timeout=2) as request:
        call = asyncio.create_task(a_bot(address, request).send_document(7, b"x" * 30_000_000, filename="a.bin"))
        await arrived.wait()
        await move(6)
        assert call.done()
        with pytest.raises(Unclear):
            await call


@still
async def test_an_upload_may_last_beyond_the_limit_for_words() -> None:
    """A file goes through to a server that takes its time, though the ordinary write limit is over."""

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert b"multipart/form-data" in await reader.readuntil(b"\r\n\r\n")
        await move(10)
        while not (await reader.read(2**20)).endswith(b"--\r\n"):
            pass
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(OK), OK))
        await writer.drain()

    limits = {"connect_timeout": 1, "pool_timeout": 1, "read_timeout": 2, "write_timeout": 1}
    async with talking(slow) as address, AiohttpRequest(**limits) as request:
        assert await a_bot(address, request).send_document(7, b"x" * 30_000_000, filename="a.bin")


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", b"nonsense\r\n\r\n"])
async def test_a_connection_cut_after_the_call_is_unclear(reply: bytes) -> None:
    """Hung up before the answer, in the middle of it, or nonsense instead: the effect is open."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        await writer.drain()

    async with talking(talk) as address, AiohttpRequest(connect_timeout=PATIENCE) as request:
        with pytest.raises(Unclear) as cut:
            await a_bot(address, request).send_message(7, "a")
    assert may_be_delivered(cut.value)


def via(proxy: str) -> str:
    """Write a proxy's address with a name and a password."""
    return proxy.replace("//", "//user:secret@")


async def test_calls_go_through_the_proxy() -> None:
    """The proxy gets the whole address and the credentials; the server itself, which is not there, is never asked."""
    seen: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()

    async with talking(talk) as proxy, AiohttpRequest(proxy=via(proxy), connect_timeout=PATIENCE) as request:
        assert await request.do_request("http://127.0.0.1:9/x", "POST") == (200, b"ok")
    assert seen[0].startswith(b"POST http://127.0.0.1:9/x HTTP/1.1")
    assert b"Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=" in seen[0]


async def test_a_proxy_that_refuses_the_tunnel_is_surely_not_delivered() -> None:
    """A proxy's 407 to CONNECT ends the call before anything was sent, credentials unsaid."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"CONNECT ")
        writer.write(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with talking(talk) as proxy, AiohttpRequest(proxy=via(proxy), connect_timeout=PATIENCE) as request:
        with pytest.raises(Unreached) as refused:
            await a_bot("https://127.0.0.1:9", request).send_message(7, "a")
    assert "secret" not in whole_text(refused.value)


def test_a_proxy_of_another_kind_is_refused_at_once() -> None:
    """A SOCKS address is refused with a sentence that does not repeat its password."""
    with pytest.raises(ValueError, match="http") as refused:
        AiohttpRequest(proxy="socks5://user:secret@127.0.0.1:9")
    assert "secret" not in str(refused.value)


def whole_text(error: BaseException) -> str:
    """Everything an error could print: its traceback, and the errors behind it even where they are hidden."""
    behind = [error]
    while behind[-1].__context__ is not None:
        behind.append(behind[-1].__context__)
    return "".join("".join(traceback.format_exception(each)) + repr(each) for each in behind)


@pytest.mark.parametrize("failure", ["refused", "silence", "cut", "no address", "no tls"])
async def test_the_token_is_in_no_error_and_no_log(failure: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever fails, neither the error, nor what hides behind it, nor any log line shows the token."""

    async def hang_up(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    caplog.set_level(logging.DEBUG)
    with nobody() as refuses:
        async with (
            talking(silent if failure == "silence" else hang_up) as live,
            AiohttpRequest(read_timeout=0.03, connect_timeout=0.03, pool_timeout=0.01) as request,
        ):
            addresses = {"refused": refuses, "no address": "http://[bad", "no tls": live.replace("http:", "https:")}
            with pytest.raises(TelegramError) as caught:
                await request.post(f"{addresses.get(failure, live)}/bot{TOKEN}/getMe")
    assert TOKEN not in whole_text(caught.value)
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("error", [BadRequest("x"), Forbidden("x"), RetryAfter(1), Unreached("x"), ValueError("x")])
def test_a_refusal_was_not_delivered(error: Exception) -> None:
    """What Telegram refused, and what never left, may be sent again or given up without a thought."""
    assert not may_be_delivered(error)


@pytest.mark.parametrize("error", [Unclear("x"), NetworkError("Bad Gateway (502)"), TelegramError("Invalid response")])
def test_a_lost_answer_may_have_been_delivered(error: Exception) -> None:
    """Silence, a gateway's error and an unreadable success all leave the effect open."""
    assert may_be_delivered(error)
