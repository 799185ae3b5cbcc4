"""How much there is, and where it goes; and the rows that say what lies below the media folder.

Whoever writes or removes media says so (:func:`written`, :func:`removed`); a nightly look at the disk puts right what
was said wrong or not at all (:func:`reconcile`). So totals are asked of the database, in milliseconds.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from core.database import REFUSALS
from core.shop import Shop
from core.storage import figures, rules, store
from core.storage import usage as sizes
from core.storage.figures import File, MediaFile, Report
from core.storage.rules import Usage

log = logging.getLogger(__name__)

T = TypeVar("T")
BATCH = 5_000
"""Rows written by one transaction of a count: meanwhile nobody sells."""
LISTED = 50
"""As many large files are named."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a look at the media folder found: files and bytes that are there, and how many rows were wrong."""

    files: int
    bytes: int
    added: int
    changed: int
    removed: int


async def usage(shop: Shop) -> Usage:
    """Measure what the shop takes up: media by their rows, what lies beside them on the disk."""
    await _once_counted(shop)
    state = await shop.db.read(store.state)
    media = await shop.db.read(store.media_kinds)
    file = sizes.sqlite_file(shop.config)
    beside, disk, database = await asyncio.to_thread(
        lambda: (sizes.kinds(shop.config), sizes.disk(shop.config), sizes.sqlite_bytes(file) if file else state.bytes)
    )
    return Usage(shop.clock.now(), (*media, *beside), database, state.tables, disk)


async def report(shop: Shop) -> Report:
    """Measure, and say how everything stands against its limit, how it grows and when it is full."""
    await shop.refresh()
    found = await usage(shop)
    names = [metric.name for metric in rules.metrics(found, shop.policy)]
    lately = await shop.db.read(store.samples, names, found.at - figures.LOOKED_AT)
    before = await shop.db.read(store.month_ago, found.at)
    return figures.report(found, shop.policy, lately, before, await shop.db.read(store.media_counted))


async def large_files(shop: Shop, at_least: int, most: int = LISTED) -> list[File]:
    """The largest files of ``at_least`` bytes and more, the largest first; the database is one of them."""
    await _once_counted(shop)
    media = await shop.db.read(store.large_media, at_least, most)
    beside = await asyncio.to_thread(lambda: list(sizes.large(shop.config, at_least)))
    return sorted((*media, *beside), key=lambda file: (-file.bytes, file.path))[:most]


async def _once_counted(shop: Shop) -> None:
    if await shop.db.read(store.media_counted) is None:
        await reconcile(shop)


async def written(shop: Shop, path: Path, size: int) -> None:
    """Say that a media file of ``size`` bytes was written. It stays where that cannot be noted."""
    await _note(shop, store.media_written, [MediaFile(sizes.media_name(shop.config, path), size, shop.clock.now())])


async def removed(shop: Shop, paths: Iterable[Path]) -> None:
    """Say that media files are gone, or lie elsewhere now; as :func:`written`."""
    await _note(shop, store.media_removed, [sizes.media_name(shop.config, path) for path in paths])


async def _note(shop: Shop, note: Callable[[Connection, list[T]], None], what: list[T]) -> None:
    try:
        for start in range(0, len(what), BATCH):
            await shop.db.write(note, what[start : start + BATCH])
    except REFUSALS as error:  # a full disk, say: the nightly look puts it right
        log.warning("media files not noted: %s", type(error).__name__)


async def reconcile(shop: Shop) -> Reconciled:
    """Look at every media file once and put the rows right: each night, and before anything is said the first time.

    A row without a file is looked for again before it goes: its file may have been written meanwhile.
    """
    media = shop.config.media_dir
    there, known = await asyncio.to_thread(sizes.media, media), await shop.db.read(store.media_sizes)
    new, gone = await asyncio.to_thread(_differences, media, there, known)
    for start in range(0, len(new), BATCH):
        await shop.db.write(store.media_written, new[start : start + BATCH])
    for start in range(0, len(gone), BATCH):
        await shop.db.write(store.media_removed, gone[start : start + BATCH])
    await shop.db.write(store.count_media, shop.clock.now())
    added = sum(file.path not in known for file in new)
    size = sum(status.st_size for status in there.values())
    return Reconciled(len(there), size, added, len(new) - added, len(gone))


def _differences(
    media: Path, there: Mapping[str, os.stat_result], known: Mapping[str, int]
) -> tuple[list[MediaFile], list[str]]:
    new = [sizes.made(path, status) for path, status in there.items() if known.get(path) != status.st_size]
    gone = [path for path in known.keys() - there.keys() if not sizes.is_file(media / path)]
    return new, gone
