"""One request to the Bot API: its method, arguments and files, however they came (query, form, JSON, multipart).

Arguments keep the form they came in; those whose type in the schema is an object or array are decoded from JSON first,
as the Bot API server does. The readers below turn the rest into text, numbers and flags as leniently as it does.
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage

from bot.sandbox import refusals as no
from bot.sandbox.check import schema

_HALF = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")  # in JSON text: what may be half a surrogate pair
_HALF_BYTES = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")
_INTEGER = re.compile(r"-?\d{1,20}")
_TRUE = frozenset({"true", "yes", "1"})
_PLAIN = frozenset({"str", "int", "bool", "float", "InputFile"})
_FAR = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Upload:
    """A file sent along: its name as the sender gave it (what is no UTF-8 in it becomes "?"), and its bytes."""

    name: str
    data: bytes

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name.encode(errors="replace").decode())


@dataclass(slots=True)
class Call:
    """A method (lower case) with its arguments and uploads; `findings` collects what a careful bot would not send.

    `size` is how many bytes came, None when nobody said; `began` is when, by the machine's counter; `fault` is what was
    asked to go wrong with it.
    """

    method: str
    arguments: dict[str, Any] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    size: int | None = None
    began: float = field(default_factory=time.perf_counter)
    fault: str | None = None

    def text(self, name: str) -> str:
        """Return an argument as text, "" when absent."""
        value = self.arguments.get(name, "")
        if isinstance(value, str):
            return value
        return json.dumps(value) if isinstance(value, bool | dict | list) else str(value)

    def number(self, name: str, default: int = 0, low: int = -_FAR, high: int = _FAR) -> int:
        """Return an argument as an integer within bounds; what is no number counts as 0, as in the source."""
        value = self.arguments.get(name)
        if isinstance(value, bool) or value in (None, ""):
            return default
        if not isinstance(value, int):
            found = _INTEGER.match(str(value).strip())
            value = int(found[0]) if found else 0
        return max(low, min(high, value))

    def flag(self, name: str) -> bool:
        """Return an argument as a yes or no."""
        return self.text(name).strip().lower() in _TRUE

    def json(self, name: str) -> Any:
        """Return a decoded argument; text that is no JSON stays text; None when absent or empty."""
        value = self.arguments.get(name)
        return None if value in ("", None) else value


@cache
def _json_names(method: str) -> frozenset[str]:
    fields = schema().methods.get(method, {})
    return frozenset(name for name, one in fields.items() if any(kind not in _PLAIN for kind in one.kinds))


def make_call(method: str, arguments: Mapping[str, Any], uploads: dict[str, Upload] | None = None) -> Call:
    """Return a call with its JSON arguments decoded; raise RefusalError when a text is not UTF-8."""
    names = _json_names(method)
    decoded: dict[str, Any] = {}
    for name, value in arguments.items():
        if value is None:
            continue
        decoded[name] = _decoded(value) if name in names and isinstance(value, str) else value
    return Call(method, decoded, uploads or {})


def _decoded(value: str) -> Any:
    try:
        decoded = json.loads(value) if value else value
        return sound(decoded) if _HALF.search(value) else decoded
    except (ValueError, RecursionError):
        return value


def sound(value: Any) -> Any:
    """Return a JSON value, or raise RefusalError when it holds half a surrogate pair, which no UTF-8 can carry."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise no.NOT_UTF8.error() from error
    return value


async def read_call(method: str, request: web.Request) -> Call:
    """Read a call from a request; raise RefusalError for a broken or oversized body."""
    arguments: dict[str, Any] = sound(dict(request.query)) if request.query_string else {}
    uploads: dict[str, Upload] = {}
    kind = request.content_type
    try:
        if kind == "multipart/form-data":
            await _read_form(request, arguments, uploads)
        elif request.can_read_body:
            body = await request.read()
            arguments.update(_read_json(body) if kind == "application/json" else _read_urlencoded(body))
    except web.HTTPRequestEntityTooLarge as error:
        raise no.TOO_LARGE.error() from error
    except UnicodeDecodeError as error:
        raise no.NOT_UTF8.error() from error
    except (ValueError, RecursionError) as error:
        raise no.BAD_FORM.error() from error
    name = method.lower() or str(arguments.get("method", "")).lower()
    call = make_call(name, arguments, uploads)
    call.size = request.content_length if request.can_read_body else 0
    return call


def _read_urlencoded(body: bytes) -> dict[str, Any]:
    return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict"))


def _read_json(body: bytes) -> dict[str, Any]:
    value = json.loads(body) if body else {}
    if _HALF_BYTES.search(body):
        sound(value)
    if not isinstance(value, dict):
        raise no.BAD_FORM.error()
    return value


async def read_form(request: web.Request) -> Mapping[str, Any]:
    """Read a form; raise ValueError for one that cannot be read, whatever is wrong with it."""
    try:
        return await request.post()
    except (BadHttpMessage, LookupError, RuntimeError) as error:  # a bad header, charset, transfer encoding
        raise ValueError("the form cannot be read") from error


async def _read_form(request: web.Request, arguments: dict[str, Any], uploads: dict[str, Upload]) -> None:
    for name, part in (await read_form(request)).items():
        sound(name)
        if isinstance(part, web.FileField):
            with part.file:
                uploads[name] = Upload(part.filename, part.file.read())
        else:
            arguments[name] = part if isinstance(part, str) else bytes(part).decode()
