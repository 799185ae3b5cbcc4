"""A wire to the tests' PostgreSQL that can be cut and mended: a shop that goes by it meets a server that stopped."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Self

from pydantic import SecretStr
from sqlalchemy import make_url

from core.config import Config

SOCKET = ".s.PGSQL.5432"
"""What PostgreSQL calls its socket in the folder that an address names as the host."""


class Wire:
    """``config`` is a shop's, by way of a port of this machine; after ``cut`` nobody answers there until ``mend``.

    With a ``folder``, whose name is short, it is a socket of this machine there, which goes when the wire is cut.
    """

    def __init__(self, config: Config, folder: Path | None = None) -> None:
        assert config.database_url is not None
        self._url, self._plain = make_url(config.database_url.get_secret_value()), config
        self._socket, self._port = folder and folder / SOCKET, 0
        self._ends: list[asyncio.StreamWriter] = []
        self._carrying: set[asyncio.Task[None]] = set()

    @property
    def config(self) -> Config:
        """The settings of a shop that goes by the wire."""
        place = f"@/{self._url.database}?host={self._socket.parent}" if self._socket else self._by_port
        return self._plain.model_copy(update={"database_url": SecretStr(f"postgresql://{self._url.username}{place}")})

    @property
    def _by_port(self) -> str:
        return f"@127.0.0.1:{self._port}/{self._url.database}"

    async def __aenter__(self) -> Self:
        """Listen on a free port, or at the socket."""
        await self.mend()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Cut it, where it still stands."""
        self.cut()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    def cut(self) -> None:
        """End every connection, and take none any more."""
        self._server.close()
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()
        if self._socket:
            self._socket.unlink(missing_ok=True)

    async def mend(self) -> None:
        """Answer where it answered before."""
        if self._socket:
            self._server = await asyncio.start_unix_server(self._begin, self._socket)
            return
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _begin(self, asks: asyncio.StreamReader, asker: asyncio.StreamWriter) -> None:
        answers, server = await asyncio.open_unix_connection(Path(str(self._url.query["host"])) / SOCKET)
        self._ends += [asker, server]
        for source, target in ((asks, server), (answers, asker)):
            self._carrying.add(asyncio.create_task(_carry(source, target)))


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Hand on what comes, until one end is gone."""
    with suppress(ConnectionError):
        while piece := await source.read(1 << 16):
            target.write(piece)
            await target.drain()
    target.close()
