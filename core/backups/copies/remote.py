"""The store off this server, a bucket or a folder, through obstore; what goes wrong there is one word, without secrets.

What obstore says of an error holds the address and the provider's answer, so none of it goes on: a caller hears
``Refused("copy_…")``, and the log the kind of error alone.
"""

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit
from urllib.request import url2pathname

from core.config import Config
from core.errors import Refused
from core.files import sync_folder

if TYPE_CHECKING:
    from obstore.store import ObjectStore

CHUNK = 1 << 20
KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
"""Names of ours in the store: nothing there can lead out of a folder."""
_RETRY: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=30)}
_TIMES: dict[str, Any] = {"connect_timeout": "10s", "timeout": "300s"}
_WORDS = {
    "NotFoundError": "copy_missing",
    "FileNotFoundError": "copy_missing",
    "PermissionDeniedError": "copy_not_allowed",
    "PermissionError": "copy_not_allowed",
    "UnauthenticatedError": "copy_not_allowed",
}
_NAMES = {
    "s3": ("aws_access_key_id", "aws_secret_access_key", "aws_endpoint"),
    "az": ("azure_storage_account_name", "azure_storage_account_key", "azure_storage_endpoint"),
}
_NO_KEYS = re.compile(r"\b40[13]\b|AccessDenied|SignatureDoesNotMatch|InvalidAccessKeyId")
_NO_PLACE = re.compile(r"\b404\b|NoSuchBucket|UnableToCanonicalize")
_NO_ROOM = re.compile(r"StorageFull|QuotaExceeded|os error (28|122)\b")


@dataclass(frozen=True, slots=True)
class Stored:
    """One object of the store: bytes, and when it was written by the store's own clock."""

    key: str
    bytes: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Remote:
    """An open store. Every method raises ``Refused("copy_…")`` for what the store refuses or cannot do.

    ``folder`` is where it is a folder: what is written there is synced.
    """

    store: "ObjectStore" = field(repr=False)
    folder: Path | None = None

    async def put(self, key: str, path: Path) -> None:
        """Write a file under a key, all of it or nothing; what stood there is replaced."""
        with _told():
            await self.store.put_async(_ours(key), path)
        if self.folder is not None:
            await asyncio.to_thread(_sync, self.folder / key)

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """Stream an object, a megabyte or so at a time."""
        with _told():
            found = await self.store.get_async(_ours(key))
            async for chunk in found.stream(min_chunk_size=CHUNK):
                yield bytes(chunk)

    async def digest(self, key: str) -> tuple[int, str]:
        """Read an object to its end: its bytes and SHA-256."""
        size, sha = 0, hashlib.sha256()
        async for chunk in self.read(key):
            size += len(chunk)
            sha.update(chunk)
        return size, sha.hexdigest()

    async def fetch(self, key: str, target: Path) -> tuple[int, str]:
        """Write an object into a new file and sync it; its bytes and SHA-256."""
        size, sha = 0, hashlib.sha256()
        with target.open("xb") as file:
            async for chunk in self.read(key):
                size += len(chunk)
                sha.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(_flush, file)
        return size, sha.hexdigest()

    async def list(self, prefix: str) -> tuple[Stored, ...]:
        """List everything below a prefix, by key; names that cannot be ours are passed over."""
        found: list[Stored] = []
        with _told():
            async for batch in self.store.list(prefix):
                found += [Stored(one["path"], one["size"], one["last_modified"]) for one in batch]
        return tuple(sorted((one for one in found if KEY.fullmatch(one.key)), key=lambda one: one.key))

    async def names(self, prefix: str) -> tuple[str, ...]:
        """Name what stands right below a prefix, as a folder would."""
        with _told():
            found = await self.store.list_with_delimiter_async(prefix)
        paths = (*found["common_prefixes"], *(one["path"] for one in found["objects"]))
        return tuple(sorted({path.rstrip("/").rsplit("/", 1)[-1] for path in paths}))

    async def remove(self, key: str) -> None:
        """Remove an object; one that is not there is fine."""
        with suppress(_Missing), _told(missing=_Missing):
            await self.store.delete_async(_ours(key))


class _Missing(Exception):
    """There is nothing of that name."""


def open_remote(config: Config) -> Remote | None:
    """Open the store that the settings name, None for none; no call is made yet.

    ``Refused("copy_missing")`` for a folder that is not there: an empty mount point is not the disk that belongs there.
    """
    if not config.backup_store:
        return None
    from obstore.store import LocalStore, from_url  # noqa: PLC0415 - 50 ms that a shop without a store need not spend

    address = urlsplit(config.backup_store)
    if address.scheme == "file":
        folder = Path(url2pathname(address.path))
        if not folder.is_dir():
            raise Refused("copy_missing")
        return Remote(LocalStore(folder), folder)
    client = _TIMES | {"allow_http": (config.backup_store_endpoint or "").startswith("http://")}
    more: dict[str, Any] = {"config": _options(config, address.scheme), "client_options": client}
    with _told():
        return Remote(from_url(config.backup_store, retry_config=_RETRY, **more))


def _options(config: Config, scheme: str) -> dict[str, str]:
    """What the settings say beside the address; what they do not say is the provider's own variables' to say."""
    key_id, secret = config.backup_store_key_id, config.backup_store_secret
    names = _NAMES.get(scheme)
    if names is None:
        return {}
    said = {names[0]: key_id and key_id.get_secret_value(), names[1]: secret and secret.get_secret_value(),
            names[2]: config.backup_store_endpoint}  # fmt: skip
    if scheme == "s3":
        said["aws_region"] = config.backup_store_region
    return {name: value for name, value in said.items() if value}


@contextmanager
def _told(missing: type[Exception] | None = None) -> Iterator[None]:
    """Turn what the store says into one word of ours."""
    from obstore.exceptions import BaseError  # noqa: PLC0415 - as above

    try:
        yield
    except (BaseError, OSError) as error:
        word = _word(error)
        if missing is not None and word == "copy_missing":
            raise missing from None
        raise Refused(word) from None


def _word(error: Exception) -> str:
    if (word := _WORDS.get(type(error).__name__)) is not None:
        return word
    said = str(error)
    for pattern, word in ((_NO_ROOM, "copy_full"), (_NO_KEYS, "copy_not_allowed"), (_NO_PLACE, "copy_missing")):
        if pattern.search(said):
            return word
    return "copy_unreachable"


def _ours(key: str) -> str:
    if not KEY.fullmatch(key):
        raise Refused("copy_damaged", name=key[:80])
    return key


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    sync_folder(path.parent)


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
