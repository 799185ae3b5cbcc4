"""python-telegram-bot talking HTTP through aiohttp: about five times the calls per CPU second of its own httpx backend.

The contract is `BaseRequest` of python-telegram-bot 22.8. A call's address holds the bot's token: no error repeats it.
"""

import io
import json
import os
from typing import Any

import aiohttp
from telegram._utils.defaultvalue import DefaultValue  # no public name; BaseRequest's own signature is written with it
from telegram._utils.types import ODVInput
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

os.environ.setdefault("PTB_TIMEDELTA", "true")  # RetryAfter.retry_after as it will be; without it each 429 warns
_KEEP_ALIVE = 50.0  # seconds: less than servers keep (60 to 75), more than aiohttp's 15, a TLS handshake for each tap
_EARLY = (
    aiohttp.ClientConnectorError,  # refused, unknown host, TLS
    aiohttp.ClientHttpProxyError,  # the proxy would not open its tunnel
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)

_PAGES = frozenset(range(300, 500)) - {413}
"""Statuses with which a page refuses or sends elsewhere; Telegram's own gateway says so of too large a file."""


class Unreached(NetworkError):
    """No connection could be made: the call was surely not delivered."""


class Stranger(Unreached):
    """Whoever refused the call is not Telegram, but a proxy or a sign-in page before it: it went no further."""


class Unclear(TimedOut):
    """The call left and no answer came back: it may have been delivered, or not."""


def may_be_delivered(error: BaseException) -> bool:
    """Tell whether a failed call may have had its effect all the same.

    False where Telegram refused the call or nobody was reached. True for `Unclear`, for 5xx answers (a gateway gives up
    on calls that then succeed) and for a success whose body could not be read (`TelegramError` itself).
    """
    lost = isinstance(error, NetworkError) and not isinstance(error, (BadRequest, Unreached))
    return lost or type(error) is TelegramError


def is_stranger(error: BaseException) -> bool:
    """Tell whether what answered is not Telegram: it refused the call with a page, or took it with one."""
    return isinstance(error, Stranger) or type(error) is TelegramError


class AiohttpRequest(BaseRequest):
    """One keep-alive aiohttp session, made by `initialize`, closed by `shutdown`, and made again if asked.

    Timeouts are seconds, None for no limit. `write_timeout` bounds the sending of a whole body (`media_write_timeout`
    takes its place when files go along), `read_timeout` each silence of the server (a download may last while it keeps
    coming), `pool_timeout` the wait for one of `connection_pool_size` connections. `proxy` is an `http://` or `https://`
    address, credentials allowed; the environment's are not read. Redirects would carry the token along: not followed.
    """

    def __init__(
        self,
        *,
        connection_pool_size: int = 256,
        read_timeout: float | None = 5.0,
        write_timeout: float | None = 5.0,
        connect_timeout: float | None = 5.0,
        pool_timeout: float | None = 1.0,
        media_write_timeout: float | None = 20.0,
        proxy: str | None = None,
    ) -> None:
        self._pool_size = connection_pool_size
        self._read, self._write, self._media_write = read_timeout, write_timeout, media_write_timeout
        self._connect, self._pool = connect_timeout, pool_timeout
        if proxy and not proxy.startswith(("http://", "https://")):
            raise ValueError("The proxy must be an http:// or https:// address")  # unrepeated: it may hold a password
        self._proxy = proxy or None
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds of silence allowed where a call does not say."""
        return self._read

    async def initialize(self) -> None:
        """Open the session; an open one stays."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._pool_size, keepalive_timeout=_KEEP_ALIVE),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                proxy=self._proxy,
            )

    async def shutdown(self) -> None:
        """Close the session and its connections; calls still under way end as `Unclear`."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Return the status and body of one call; raise `Unreached` or `Unclear` without one.

        A page that refuses is `Stranger`: Telegram refuses in JSON, and a proxy's 403 is no customer's.
        """
        if self._session is None:
            raise RuntimeError("This AiohttpRequest is not initialized!")
        has_files = request_data is not None and request_data.contains_files
        connect = _chosen(connect_timeout, self._connect)
        reach = _sum(_chosen(pool_timeout, self._pool), connect)
        write = _chosen(write_timeout, self._media_write if has_files else self._write)
        read = _chosen(read_timeout, self._read)
        total = None if method == "GET" else _sum(reach, write, read)  # aiohttp bounds no writing by itself
        timeout = aiohttp.ClientTimeout(total=total, connect=reach, sock_connect=connect, sock_read=read)
        body = _body(request_data) if request_data else None
        try:
            async with self._session.request(
                method, url, data=body, timeout=timeout, allow_redirects=False
            ) as response:
                status, payload = response.status, await response.read()
        except (aiohttp.ClientError, OSError) as error:
            failure = _failure(error)
        else:
            if status not in _PAGES or _telegrams(payload):
                return status, payload
            failure = Stranger(f"What answered ({status}) is not Telegram")
        raise failure  # outside the handler: aiohttp's error, which shows the address, is not chained to ours

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read an answer of the Bot API; `TelegramError` for anything else, where PTB would log a traceback."""
        found = _telegrams(payload)
        if found is None:
            raise TelegramError("What answered is not Telegram")
        return found


def _telegrams(payload: bytes) -> dict[str, Any] | None:
    """Read what Telegram says, an object with an ``ok``; None for what is not its."""
    try:
        found = json.loads(payload.decode(errors="replace"))
    except ValueError:
        return None
    return found if isinstance(found, dict) and "ok" in found else None


def _failure(error: Exception) -> NetworkError:
    """Name the failure by its class alone; only what surely came before the first byte counts as unreached."""
    kind, what = (Unreached, "Telegram was not reached") if isinstance(error, _EARLY) else (Unclear, "No answer")
    return kind(f"{what}: {type(error).__name__}")


def _chosen(given: ODVInput[float], default: float | None) -> float | None:
    """Take the caller's timeout (None: no limit), or the default where the caller did not say."""
    return default if isinstance(given, DefaultValue) else given


def _sum(*phases: float | None) -> float | None:
    """Add timeouts up: no limit on one is no limit on the sum."""
    return None if None in phases else sum(phase or 0.0 for phase in phases)


def _body(data: RequestData) -> aiohttp.FormData | aiohttp.BytesPayload:
    """Encode the parameters: multipart with files, a plain form without."""
    if not data.contains_files:
        form = data.url_encoded_parameters().encode()
        return aiohttp.BytesPayload(form, content_type="application/x-www-form-urlencoded")
    parts = aiohttp.FormData(quote_fields=False)  # file names as UTF-8: percent-encoded, Khmer ones would arrive so
    for name, value in data.json_parameters.items():
        parts.add_field(name, value)
    for name, (filename, content, mimetype) in data.multipart_data.items():
        file = io.BytesIO(content) if isinstance(content, bytes) else content  # sent piece by piece
        parts.add_field(name, file, filename=" ".join(filename.splitlines()), content_type=mimetype)
    return parts
