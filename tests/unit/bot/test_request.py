"""The aiohttp request class against real servers on loopback."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, InputMediaDocument
from telegram.error import NetworkError, RetryAfter, TelegramError
from telegram.request import RequestData

from bot.request import AiohttpRequest, Unclear, Unreached, is_stranger, may_be_delivered
from tests.support.patience import PATIENCE
from tests.support.still import move, still

TOKEN = "12345:made-up-token"
MESSAGE = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "ok"}
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Api:
    """A Bot API that keeps what it was sent; `answer` says what it replies; where it `waits`, not before `go`."""

    answer: Callable[[web.Request], Awaitable[web.StreamResponse]]
    waits: bool = False
    fields: list[dict[str, tuple[str | None, bytes]]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    connections: set[object] = field(default_factory=set)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Keep the connection, the path and the fields, then answer."""
        assert request.transport is not None
        self.connections.add(request.transport.get_extra_info("peername"))
        self.paths.append(request.path)
        if request.content_type.startswith("multipart/"):
            parts = [(part.name, part.filename, await part.read()) async for part in await request.multipart()]
            self.fields.append({name: (filename, content) for name, filename, content in parts})
        else:
            self.fields.append({name: (None, value.encode()) for name, value in (await request.post()).items()})
        self.arrived.set()
        if self.waits:
            await self.go.wait()
        return await self.answer(request)


async def ok(_request: web.Request) -> web.Response:
    """Answer as to any method that sends a message."""
    return web.json_response({"ok": True, "result": MESSAGE})


@asynccontextmanager
async def serving(
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]] = ok, *, waits: bool = False
) -> AsyncIterator[tuple[Api, str]]:
    """Serve an Api on loopback and give it with its address."""
    api = Api(answer, waits)
    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_route("*", "/{tail:.*}", api.handle)
    server = TestServer(app)
    await server.start_server()
    try:
        yield api, f"http://127.0.0.1:{server.port}"
    finally:
        await server.close()


def a_bot(address: str, request: AiohttpRequest) -> Bot:
    """Make a bot that talks to the address."""
    return Bot(TOKEN, base_url=f"{address}/bot", base_file_url=f"{address}/file/bot", request=request)


def patient() -> AiohttpRequest:
    """Make a request class whose limits are not what is tested."""
    return AiohttpRequest(read_timeout=PATIENCE, connect_timeout=PATIENCE, pool_timeout=PATIENCE)


async def test_a_call_without_parameters_and_a_download() -> None:
    """POST getMe, GET a file: both arrive at the right path, and the bytes come back whole."""
    content = bytes(range(256)) * 4096

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            return web.Response(body=content)
        result = {"file_id": "f", "file_unique_id": "u", "file_path": "photos/file 1.jpg", "file_size": len(content)}
        return web.json_response({"ok": True, "result": result})

    async with serving(answer) as (api, address), patient() as request:
        file = await a_bot(address, request).get_file("f")
        assert bytes(await file.download_as_bytearray()) == content
    assert api.paths == [f"/bot{TOKEN}/getFile", f"/file/bot{TOKEN}/photos/file 1.jpg"]


async def test_parameters_arrive_as_they_were() -> None:
    """Khmer, ampersands, plus signs and a keyboard survive the form encoding."""
    text = "សួស្តី & 1+1=2 % \n“ok”"
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("ទិញ", callback_data="b:1")]])
    async with serving() as (api, address), patient() as request:
        await a_bot(address, request).send_message(-7, text, reply_markup=keyboard)
    sent = api.fields[0]
    assert sent["text"] == (None, text.encode())
    assert sent["chat_id"] == (None, b"-7")
    assert b'"callback_data": "b:1"' in sent["reply_markup"][1]


async def test_several_files_with_khmer_names() -> None:
    """Every file of an album arrives whole under its own Khmer name, with the text fields beside."""
    files = {"ផ្កាឈូក.pdf": b"\x00\xff" * 50_000, "វិក្កយបត្រ ២.pdf": b"second"}
    media = [InputMediaDocument(content, filename=name) for name, content in files.items()]

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "result": [MESSAGE, MESSAGE]})

    async with serving(answer) as (api, address), patient() as request:
        await a_bot(address, request).send_media_group(7, media, caption="រូបភាព")
    sent = api.fields[0]
    assert dict(part for part in sent.values() if part[0]) == files
    assert (
        "រូបភាព".encode()
        in sent["media"][1].decode("unicode-escape").encode("utf-16", "surrogatepass").decode("utf-16").encode()
    )
    assert sent["chat_id"] == (None, b"7")


async def test_a_hostile_file_name_stays_inside_its_field() -> None:
    """Quotes, backslashes and line ends in a file name cannot add a field or break the form."""
    name = 'a" name="chat_id"\r\n\r\n666\\.txt'
    async with serving() as (api, address), patient() as request:
        await a_bot(address, request).send_document(7, b"text", filename=name)
    sent = api.fields[0]
    assert sent["chat_id"] == (None, b"7")
    assert sent["document"] == ('a" name="chat_id"  666\\.txt', b"text")


async def test_an_open_file_is_streamed() -> None:
    """A file handle that the library did not read is read here."""
    content = b"x" * 3_000_000
    async with serving() as (api, address), patient() as request:
        document = InputFile(io.BytesIO(content), filename="a.bin", read_file_handle=False)
        await a_bot(address, request).send_document(7, document)
    assert api.fields[0]["document"] == ("a.bin", content)


REFUSAL = b'{"ok": false, "description": "no"}'


@pytest.mark.parametrize(
    ("status", "body"), [(200, b"<b>page</b>"), (302, REFUSAL), (400, REFUSAL), (413, b"<b>page</b>"), (502, b"<b>")]
)
async def test_any_status_passes_with_its_body(status: int, body: bytes) -> None:
    """What Telegram, or a gateway of its, says is handed on untouched, and a redirect is not followed."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, body=body, headers={"Location": "/elsewhere"})

    async with serving(answer) as (api, address), patient() as request:
        assert await request.do_request(f"{address}/here", "POST") == (status, body)
    assert api.paths == ["/here"]


@pytest.mark.parametrize(
    ("status", "body", "delivered"),
    [(403, b"<b>denied</b>", False), (401, b"", False), (404, b'{"error": "no"}', False), (302, b"[]", False),
     (409, b'"no"', False), (200, b"<b>sign in</b>", True), (200, b'{"result": 1}', True)],
)  # fmt: skip
async def test_a_page_before_telegram_is_no_answer_of_its(
    caplog: pytest.LogCaptureFixture, status: int, body: bytes, *, delivered: bool
) -> None:
    """A proxy's page blocks nobody, voids no token and logs no traceback; one that refuses was surely not delivered."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, body=body)

    async with serving(answer) as (_, address), patient() as request:
        with pytest.raises(TelegramError) as page:
            await a_bot(address, request).send_message(7, "a")
    assert is_stranger(page.value)
    assert may_be_delivered(page.value) is delivered
    assert caplog.text == ""


async def test_a_flood_wait_and_a_bad_gateway_become_the_library_s_errors() -> None:
    """A 429 tells how long; a 502 with a page instead of JSON is a network error that leaves the effect open."""
    flood = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 3}}
    replies = [web.json_response(flood, status=429), web.Response(status=502, text="<html>")]

    async def answer(_request: web.Request) -> web.Response:
        return replies.pop(0)

    async with serving(answer) as (_, address), patient() as request:
        bot = a_bot(address, request)
        with pytest.raises(RetryAfter) as wait:
            await bot.send_message(7, "a")
        with pytest.raises(NetworkError) as gateway:
            await bot.send_message(7, "a")
    assert wait.value.retry_after == timedelta(seconds=3)
    assert not may_be_delivered(wait.value)
    assert may_be_delivered(gateway.value)


async def test_twenty_calls_on_one_connection() -> None:
    """Connections are kept: twenty calls, form and files alike, use one."""
    async with serving() as (api, address), patient() as request:
        bot = a_bot(address, request)
        for _ in range(10):
            await bot.send_message(7, "a")
            await bot.send_document(7, b"text", filename="a.txt")
    assert len(api.paths) == 20
    assert len(api.connections) == 1


async def test_calls_run_at_once() -> None:
    """Thirty calls are under way together: the server answers none before it holds all."""
    together = asyncio.Barrier(30)

    async def answer(request: web.Request) -> web.StreamResponse:
        await together.wait()
        return await ok(request)

    async with serving(answer) as (_, address), patient() as request:
        bot = a_bot(address, request)
        await asyncio.gather(*(bot.send_message(7, str(n)) for n in range(30)))


@still
async def test_no_free_connection_is_surely_not_delivered() -> None:
    """A call that waits in vain for a connection was not sent."""
    async with serving(waits=True) as (api, address), AiohttpRequest(connection_pool_size=1) as request:
        bot = a_bot(address, request)
        first = asyncio.create_task(bot.send_message(7, "a"))
        await api.arrived.wait()
        second = asyncio.create_task(bot.send_message(7, "b", connect_timeout=1, pool_timeout=1))
        await move(0)
        await move(2.5)
        assert second.done()
        with pytest.raises(Unreached):
            await second
        api.go.set()
        await first
    assert len(api.paths) == 1


@still
async def test_silence_after_sending_is_unclear() -> None:
    """A read timeout after the call arrived may mean delivered, and says so."""
    async with serving(waits=True) as (api, address), AiohttpRequest(read_timeout=3) as request:
        call = asyncio.create_task(a_bot(address, request).send_message(7, "a"))
        await api.arrived.wait()
        await move(2.5)
        assert not call.done()
        await move(1)
        assert call.done()
        with pytest.raises(Unclear) as silence:
            await call
    assert may_be_delivered(silence.value)
    assert len(api.paths) == 1


@still
async def test_a_call_may_choose_its_read_timeout() -> None:
    """A number or None in the call stands above the default; the default is told."""
    async with serving(waits=True) as (api, address), AiohttpRequest(read_timeout=2) as request:
        assert request.read_timeout == 2
        bot = a_bot(address, request)
        for chosen in (50, None):
            call = asyncio.create_task(bot.send_message(7, "a", read_timeout=chosen))
            await api.arrived.wait()
            await move(40)
            assert not call.done()
            api.go.set()
            assert await call
            api.arrived.clear()
            api.go.clear()
        call = asyncio.create_task(bot.send_message(7, "a"))
        await api.arrived.wait()
        await move(3)
        assert call.done()
        with pytest.raises(Unclear):
            await call


@still
async def test_a_download_may_last_while_it_keeps_coming() -> None:
    """A slow file is not cut by the sum of the limits, only by a silence."""
    piece = b"x" * 30_000_000  # more than lies between the two: who could write it knows that the other reads

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for some in (piece, b"the end"):
            await move(8)
            await response.write(some)
        return response

    limits = {"connect_timeout": 1, "pool_timeout": 1, "write_timeout": 1, "read_timeout": 10}
    async with serving(drip) as (_, address), AiohttpRequest() as request:
        assert await request.retrieve(f"{address}/file", **limits) == piece + b"the end"


async def test_a_cancelled_call_gives_its_connection_back() -> None:
    """With one connection allowed, a call cancelled in the middle does not stop the next."""
    async with (
        serving(waits=True) as (api, address),
        AiohttpRequest(connection_pool_size=1, read_timeout=PATIENCE) as request,
    ):
        bot = a_bot(address, request)
        first = asyncio.create_task(bot.send_message(7, "a"))
        await api.arrived.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        api.go.set()
        assert await bot.send_message(7, "b", connect_timeout=PATIENCE)


async def test_closed_twice_opened_again() -> None:
    """Shutdown twice and initialize twice are harmless; between them a call is refused; afterwards it works."""
    request = patient()
    async with serving() as (_, address):
        with pytest.raises(RuntimeError, match="not initialized"):
            await request.do_request(address, "POST")
        for _ in range(2):
            await request.initialize()
            await request.initialize()
            assert (await request.do_request(address, "POST"))[0] == 200
            await request.shutdown()
            await request.shutdown()
        with pytest.raises(NetworkError, match="not initialized"):
            await a_bot(address, request).send_message(7, "a")


async def test_shutdown_under_a_call_leaves_it_unclear() -> None:
    """Closing the session ends the call under way at once, and honestly: nothing else would end this one."""
    async with serving(waits=True) as (api, address):
        request = AiohttpRequest(read_timeout=None)
        await request.initialize()
        call = asyncio.create_task(a_bot(address, request).send_message(7, "a"))
        await api.arrived.wait()
        await request.shutdown()
        with pytest.raises(Unclear):
            await asyncio.wait_for(call, PATIENCE)


async def test_an_empty_form_is_a_call_all_the_same() -> None:
    """Parameters that are there but empty make an empty form."""
    async with serving() as (api, address), patient() as request:
        assert (await request.do_request(f"{address}/x", "POST", RequestData([])))[0] == 200
    assert api.fields == [{}]
