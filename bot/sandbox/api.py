"""The Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

import math
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.sandbox import refusals as no
from bot.sandbox.call import Call, read_call
from bot.sandbox.check import schema
from bot.sandbox.faults import Fault
from bot.sandbox.files import FOLDERS
from bot.sandbox.journal import encode
from bot.sandbox.methods import METHODS
from bot.sandbox.refusals import RefusalError
from bot.sandbox.webhook import Webhook
from bot.sandbox.world import TOKEN, World

WAITING = frozenset({"getupdates", "setwebhook", "deletewebhook", "getwebhookinfo"})  # served here, not in METHODS
_OK = 200
_JSON = "application/json"


class BotApi:
    """The bot's side of the sandbox; `webhook_delay` is the first back-off in seconds."""

    def __init__(self, world: World, *, webhook_delay: float = 1.0) -> None:
        self._world = world
        self.webhook = Webhook(world.state, world.updates, world.commit, world.clock, self.execute, delay=webhook_delay)
        world.again = self.webhook.again
        self._waiting: dict[str, Callable[[Call], Awaitable[Any]]] = {"getupdates": world.updates.poll}
        self._hooks: dict[str, Callable[[Call], Any]] = {
            "setwebhook": self.webhook.set,
            "deletewebhook": self.webhook.set,
            "getwebhookinfo": lambda _call: self.webhook.info(),
        }

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add the two addresses."""
        router.add_route("*", "/bot{token:[^/]+}/{method:[^/]*}", self._serve)
        router.add_get(f"/file/bot{{token:[^/]+}}/{{folder:{'|'.join(FOLDERS)}}}/{{name:[^/]+}}", self._download)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        call = Call(method.lower())
        try:
            self._check_token(request.match_info["token"])
            call = await read_call(method, request)
            fault = self._world.faults.take(call.method, self._chat(call))
            if fault:
                call.fault = fault.kind
                await self._before(fault, call, request)
        except RefusalError as error:
            return _refusal(error, self._refused(call, error))
        try:
            status, text = await self.execute(call)
        except RefusalError as error:
            return _refusal(error, encode(error.body()))
        if fault and fault.kind == "cut_after":
            _cut(request)
        return _answer(status, text, None)

    async def execute(self, call: Call) -> tuple[int, str]:
        """Run one call; return its HTTP status and JSON text. A refusal for speed is raised, to carry its header."""
        try:
            result = await self._run(call)
        except RefusalError as error:
            text = self._refused(call, error)
            if error.code == no.retry_after(1).code:
                raise
            return error.code, text
        text = f'{{"ok":true,"result":{encode(result)}}}'
        self._record(call, text)
        return _OK, text

    async def _run(self, call: Call) -> Any:
        method = METHODS.get(call.method)
        if method:
            return method(self._world, call)
        hook = self._hooks.get(call.method)
        if hook:
            return hook(call)
        waiting = self._waiting.get(call.method)
        if waiting:
            return await waiting(call)
        raise no.METHOD_NOT_FOUND.error()

    def _chat(self, call: Call) -> object:
        """Return the chat a call is about as its arguments say it, None when it says none."""
        query = self._world.state.queries.get(call.text("callback_query_id"))
        return query.chat if query else call.arguments.get("chat_id")

    def _check_token(self, token: str) -> None:
        if token == self._world.token:
            return
        raise (no.UNAUTHORIZED if TOKEN.fullmatch(token) else no.INVALID_TOKEN).error()

    def _refused(self, call: Call, error: RefusalError) -> str:
        """Record a refused call; return the JSON text of the refusal."""
        text = encode(error.body())
        self._record(call, text, error.description, error.code)
        return text

    def _record(self, call: Call, answer: str, error: str | None = None, code: int = _OK) -> None:
        known = schema()
        self._world.calls.note(
            call,
            name=known.names.get(call.method, call.method),
            at=self._world.clock(),
            findings=[*known.findings(call.method, call.arguments), *call.findings],
            answer=answer,
            error=error,
            code=code,
        )

    async def _before(self, fault: Fault, call: Call, request: web.Request) -> None:
        """Let a fault happen that comes before the effect."""
        match fault.kind:
            case "429":
                raise no.retry_after(max(1, math.ceil(fault.seconds)))
            case "500":
                raise no.SERVER_ERROR.error()
            case "502":
                raise no.BAD_GATEWAY.error()
            case "too_big":
                raise (no.FILE_TOO_BIG if call.method == "getfile" else no.TOO_LARGE).error()
            case "delay":
                await self._world.clock.sleep(fault.seconds)
            case "cut_before":
                self._record(call, "null", "the connection was cut", 0)
                _cut(request)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        info = request.match_info
        try:
            self._check_token(info["token"])
            file = self._world.state.contents.get(info["name"].partition(".")[0])
            content = self._world.file_content(file) if file else None
            if content is None:
                raise no.NOT_FOUND.error()
        except RefusalError as error:
            return _answer(error.code, encode(error.body()), None)
        return web.Response(body=content, content_type="application/octet-stream")


def _cut(request: web.Request) -> None:
    """Break the connection off, as a network does."""
    if request.transport:
        request.transport.abort()
    raise web.HTTPInternalServerError  # reaches nobody


def _refusal(error: RefusalError, text: str) -> web.Response:
    return _answer(error.code, text, error.parameters.get("retry_after"))


def _answer(status: int, text: str, retry_after: int | None) -> web.Response:
    headers = {"Retry-After": str(retry_after)} if retry_after else None
    return web.Response(body=text.encode(), status=status, content_type=_JSON, headers=headers)
