"""A wire to the tests' PostgreSQL that can be cut: a shop that goes by it meets a server that stopped."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Self

from pydantic import SecretStr
from sqlalchemy import make_url

from core.config import Config


class Wire:
    """``config`` is a shop's, by way of a port of this machine; after ``cut`` nobody answers there."""

    def __init__(self, config: Config) -> None:
        assert config.database_url is not None
        self._url, self._plain = make_url(config.database_url.get_secret_value()), config
        self._ends: list[asyncio.StreamWriter] = []
        self._carrying: set[asyncio.Task[None]] = set()

    @property
    def config(self) -> Config:
        """The settings of a shop that goes by the wire."""
        port = self._server.sockets[0].getsockname()[1]
        url = f"postgresql://{self._url.username}@127.0.0.1:{port}/{self._url.database}"
        return self._plain.model_copy(update={"database_url": SecretStr(url)})

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
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

    async def _begin(self, asks: asyncio.StreamReader, asker: asyncio.StreamWriter) -> None:
        answers, server = await asyncio.open_unix_connection(Path(str(self._url.query["host"])) / ".s.PGSQL.5432")
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
