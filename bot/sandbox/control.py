"""The control routes under `/sandbox/`: what the chat page shows and does, and what tests drive."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.sandbox import topics
from bot.sandbox.acts import ACTS, ENDS, VIEWS, Act, View
from bot.sandbox.acts.given import number as _number
from bot.sandbox.acts.groups import commands
from bot.sandbox.acts.messages import send_files
from bot.sandbox.call import Upload, read_form, sound
from bot.sandbox.files import FIELDS
from bot.sandbox.journal import encode
from bot.sandbox.methods.content import place_json
from bot.sandbox.people import ActError, People
from bot.sandbox.refusals import RefusalError
from bot.sandbox.roles import place_of
from bot.sandbox.state import Chat, Json
from bot.sandbox.world import World

_PAGE = 50
_MOST = 200
_LONGEST_WAIT = 60.0  # seconds a tap may wait for its answer
_INLINE = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """The routes, over one world and its people."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._people = People(world)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add every control route."""
        router.add_get("/sandbox/state", _edge(self._state))
        router.add_get("/sandbox/chats/{chat:-?[0-9]{1,18}}/messages", _edge(self._messages))
        router.add_get("/sandbox/events", self._events)
        router.add_get("/sandbox/commands", _edge(self._commands))
        router.add_get("/sandbox/calls", _edge(self._calls))
        router.add_delete("/sandbox/calls", _edge(self._forget_calls))
        router.add_get("/sandbox/calls/{n:[0-9]{1,15}}", _edge(self._call))
        router.add_get("/sandbox/findings", _edge(self._findings))
        router.add_get("/sandbox/files/{name:[A-Za-z0-9]+}", self._file)
        router.add_post("/sandbox/send", _edge(self._send))
        router.add_post("/sandbox/start", _edge(self._start))
        router.add_post("/sandbox/tap", _edge(self._tap))
        for name, act in ACTS.items():
            router.add_post(f"/sandbox/{name}", _edge(self._act(act)))
        for name, view in VIEWS.items():
            router.add_get(f"/sandbox/{name}", _edge(self._view(view)))
        for name, view in ENDS.items():
            router.add_delete(f"/sandbox/{name}", _edge(self._view(view)))

    async def _state(self, _request: web.Request) -> Json:
        world = self._world
        commands = world.state.settings.get("commands", {})
        names = [encode([scope, ""]) for scope in ("all_private_chats", "default")]
        return {
            "bot": {name: world.bot[name] for name in ("id", "username", "first_name")},
            "people": [
                {
                    **_without(one.user(), "is_bot"),
                    "started": one.started,
                    "blocked": one.blocked,
                    "deactivated": one.deactivated,
                }
                for one in world.state.people.values()
            ],
            "chats": [self._chat_json(chat) for chat in world.state.chats.values()],
            "links": world.links,
            "commands": next((commands[name] for name in names if name in commands), []),
            "menu": world.state.settings.get("menu"),
            "limits": world.limits.on,
        }

    def _chat_json(self, chat: Chat) -> Json:
        last = next(reversed(chat.messages.values()), None)
        people = [number for number, status in chat.members.items() if number in self._world.state.people]
        return {
            "id": chat.id,
            "type": chat.type,
            "title": chat.title,
            "bot_status": chat.members.get(self._world.bot["id"], "left"),
            "members": [number for number in people if place_of(chat, number).inside],
            "roles": {str(number): status for number, status in chat.members.items()},
            "forum": chat.forum,
            "topics": topics.known(chat),
            "moved_to": chat.moved_to or None,
            "last": self._world.shown(chat, last) if last else None,
        }

    async def _messages(self, request: web.Request) -> Json:
        chat = self._world.state.chats.get(int(request.match_info["chat"]))
        if chat is None:
            raise ActError("this chat is not there", 404)
        before = _whole(request.query, "before", 1 << 60)
        limit = max(1, min(_MOST, _whole(request.query, "limit", _PAGE)))
        ids = [number for number in chat.messages if number < before][-limit:]
        shown = [self._world.shown(chat, chat.messages[number]) for number in ids]
        return {"messages": shown, "keyboard": chat.keyboard}

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        await response.prepare(request)
        try:
            async for line in self._world.events.listen(calls="calls" in request.query):
                await response.write(line)
        except ConnectionResetError:
            pass  # the listener went away
        return response

    async def _calls(self, request: web.Request) -> Json:
        after = _whole(request.query, "after", 0)
        return {"calls": [call for call in self._world.calls if call["n"] > after], **self._world.calls.total()}

    async def _call(self, request: web.Request) -> Json:
        call = self._world.calls.whole(int(request.match_info["n"]))
        if call is None:
            raise ActError("this call is no longer kept", 404)
        return call

    async def _forget_calls(self, _request: web.Request) -> Json:
        self._world.calls.clear()
        return {}

    async def _commands(self, request: web.Request) -> Json:
        return commands(self._world, _number(request.query, "person"), _number(request.query, "chat"))

    async def _findings(self, _request: web.Request) -> Json:
        found = [
            {"method": method, "finding": finding, "count": count}
            for (method, finding), count in self._world.findings.items()
        ]
        return {"findings": found}

    async def _file(self, request: web.Request) -> web.StreamResponse:
        file = self._world.state.contents.get(request.match_info["name"])
        content = self._world.file_content(file) if file else None
        if file is None or content is None:
            raise web.HTTPNotFound
        headers = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        if file.mime not in _INLINE:  # a document may be a web page; it must not run beside the chat
            headers["Content-Disposition"] = "attachment"
            headers["Content-Security-Policy"] = "sandbox"
        return _part(request, content, file.mime, headers)

    async def _send(self, request: web.Request) -> Json:
        if request.content_type == "multipart/form-data":
            return await self._send_files(request)
        given = await _body(request)
        person, chat = _number(given, "person"), _number(given, "chat")
        reply_to = _number(given, "reply_to") if given.get("reply_to") is not None else None
        thread = _number(given, "thread", 0)
        if given.get("contact"):
            phone = str(given["phone"]) if given.get("phone") else None
            return {"message": self._people.share_contact(person, chat, phone, reply_to, thread)}
        place = given.get("location")
        if isinstance(place, dict):
            content = place_json(str(place.get("latitude", "")), str(place.get("longitude", "")))
            return {"message": self._people.send(person, chat, content, reply_to, thread)}
        return {"message": self._people.write(person, chat, str(given.get("text") or ""), reply_to, thread)}

    async def _send_files(self, request: web.Request) -> Json:
        form = await _form(request)
        parts = []
        for name, part in form.items():
            if isinstance(part, web.FileField) and name in FIELDS:
                with part.file:
                    parts.append((name, Upload(part.filename, part.file.read())))
        if not parts:
            raise ActError(f"send files named {', '.join(FIELDS)}")
        values = {key: value for key, value in form.items() if isinstance(value, str)}
        return send_files(self._world, self._people, sound(values), parts)

    async def _start(self, request: web.Request) -> Json:
        given = await _body(request)
        person, payload = _number(given, "person"), str(given.get("payload") or "")
        return {"message": self._people.write(person, person, f"/start {payload}".strip())}

    async def _tap(self, request: web.Request) -> Json:
        given = await _body(request)
        chat, message_id = _number(given, "chat"), _number(given, "message_id")
        data = given.get("data")
        if data is None:
            button = self._people.button(chat, message_id, _number(given, "row"), _number(given, "column"))
            opened = self._people.opened(button, _number(given, "person"))
            if opened:
                return opened
            data = button.get("callback_data", "")
        number = self._people.tap(_number(given, "person"), chat, message_id, str(data))
        seconds = given.get("wait")
        if isinstance(seconds, int | float) and seconds > 0:
            return {"callback_query_id": number, "answer": await self._answered(number, min(seconds, _LONGEST_WAIT))}
        return {"callback_query_id": number}

    async def _answered(self, number: str, seconds: float) -> Json | None:
        query = self._world.state.queries[number]
        if query.answer is None:
            waiting = self._world.answers.setdefault(number, asyncio.get_running_loop().create_future())
            await asyncio.wait([waiting], timeout=seconds)
            self._world.answers.pop(number, None)
        return self._world.state.queries.get(number, query).answer

    def _act(self, act: Act) -> Callable[[web.Request], Awaitable[Json]]:
        async def handle(request: web.Request) -> Json:
            done = act(self._world, self._people, await _body(request))
            return await done if isinstance(done, Awaitable) else done

        return handle

    def _view(self, view: View) -> Callable[[web.Request], Awaitable[Json]]:
        async def handle(_request: web.Request) -> Json:
            return view(self._world)

        return handle


def _part(request: web.Request, content: bytes, mime: str, headers: dict[str, str]) -> web.Response:
    """Answer with the part of a file that is asked for: a player jumps about in a film."""
    headers["Accept-Ranges"] = "bytes"
    try:
        wanted = request.http_range
    except ValueError as error:
        raise web.HTTPRequestRangeNotSatisfiable from error
    if wanted == slice(None, None, 1):
        return web.Response(body=content, content_type=mime, headers=headers)
    first, end, _ = wanted.indices(len(content))
    if first >= end:
        raise web.HTTPRequestRangeNotSatisfiable
    headers["Content-Range"] = f"bytes {first}-{end - 1}/{len(content)}"
    return web.Response(body=content[first:end], status=206, content_type=mime, headers=headers)


def _edge(handler: Callable[[web.Request], Awaitable[Json]]) -> Handler:
    """Answer with JSON, and an act nobody could do with its sentence."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return _json(await handler(request), 200)
        except ActError as error:
            return _json({"error": str(error)}, error.status)
        except RefusalError as error:
            return _json({"error": error.description}, 400)

    return handle


def _json(value: Json, status: int) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    return web.Response(
        body=encode(value).encode(errors="replace"), status=status, content_type="application/json", headers=headers
    )


async def _body(request: web.Request) -> Json:
    if not request.can_read_body:
        return {}
    try:
        value = await request.json()
    except (LookupError, ValueError, RecursionError) as error:
        raise ActError("the body is not JSON") from error
    if not isinstance(value, dict):
        raise ActError("the body is not a JSON object")
    sound(value)
    return value


async def _form(request: web.Request) -> Mapping[str, object]:
    try:
        return await read_form(request)
    except ValueError as error:
        raise ActError("the form cannot be read") from error


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    return _number(query, name) if name in query else default


def _without(value: Json, name: str) -> Json:
    return {key: one for key, one in value.items() if key != name}
