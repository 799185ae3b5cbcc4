"""The shop's own watch: every five minutes what fills quickly, every hour all of it.

Here, because it asks what lies below (disk, files, database) and how old the last verified backup is.
"""

import asyncio
import logging
import os
from datetime import datetime

from sqlalchemy import Connection

from core.backups import service as backups
from core.database import REFUSALS
from core.shop import Shop
from core.storage import accounting, alerts, figures, reserve, rules, store, watching
from core.storage import service as storage
from core.storage import usage as sizes
from core.storage.reserve import Deed
from core.storage.rules import MB, Level, Metric, Usage
from core.storage.watching import Concern

log = logging.getLogger(__name__)

GROWING = (Concern.DISK, Concern.DATABASE, Concern.MEDIA, Concern.TOTAL)
"""What is told before it is full."""
WAL_LIMIT = 64 * MB
"""More than this in the database's journal means that nobody could fold it in for long."""


async def look(shop: Shop) -> None:
    """Look at what fills within minutes: the disk, its inodes, the database and its journal, the age of the backup.

    Two looks running raise an alert, so that a filling disk is told of within ten minutes.
    """
    await shop.refresh()
    now = shop.clock.now()
    await _write(shop, (*await asyncio.to_thread(_quick, shop), await _backup(shop, now)), now)


def _quick(shop: Shop) -> tuple[Metric, ...]:
    """Bytes and inodes of the disk that the data folder is on; the database's file and its journal, on SQLite."""
    disk = sizes.disk(shop.config)
    found = [Metric(Concern.DISK, disk.total - disk.free, disk.total), _inodes(shop)]
    file = sizes.sqlite_file(shop.config)
    if file is not None:
        wal = file.with_name(f"{file.name}-wal")
        found.append(Metric(Concern.DATABASE, sizes.sqlite_bytes(file), shop.policy.database_limit_mb * MB))
        found.append(Metric(Concern.WAL, wal.stat().st_size if wal.exists() else 0, WAL_LIMIT))
    return tuple(found)


def _inodes(shop: Shop) -> Metric:
    """Count inodes that are taken; a file system that makes them as it goes has no limit, nor has Windows."""
    if not hasattr(os, "statvfs"):
        return Metric(Concern.INODES, 0, 0)
    found = os.statvfs(shop.config.data_dir)
    return Metric(Concern.INODES, found.f_files - found.f_ffree, found.f_files)


async def _backup(shop: Shop, now: datetime) -> Metric:
    """How old the last verified backup is; a shop that never made one has its first day."""
    verified = await backups.last_verified(shop)
    if verified is None:
        known = (await shop.db.read(store.alerts)).get(Concern.BACKUP_AGE)
        if known is not None and known.level is not Level.OK:
            return watching.backup_metric(watching.NO_BACKUP_FOR)
        verified = known.since if known else now
    return watching.backup_metric(now - verified)


async def check_storage(shop: Shop) -> Usage:
    """Measure everything, write the samples down, and owe the admins what they must hear of it."""
    await storage.watch_database(shop)
    found = await accounting.report(shop)
    sizes_now, now = rules.metrics(found.usage, shop.policy), found.usage.at
    forecasts = [_forecast(of, found.of(of).forecast.days) for of in GROWING]
    await _write(shop, (*sizes_now, *forecasts), now, samples=figures.samples_of(found.usage, shop.policy))
    return found.usage


def _forecast(of: Concern, days: float | None) -> Metric:
    """What never fills is a long way off; what is full already has an alert of its own."""
    return watching.forecast_metric(of, None if days == 0 else days)


async def _write(
    shop: Shop, metrics: tuple[Metric, ...], now: datetime, samples: tuple[Metric, ...] = ()
) -> None:  # fmt: skip
    """Write it down. A full disk takes the reserve; one that takes nothing still lets the log say what is wrong.

    Nothing is lost by that: the next look measures again, and what is told is what is true then.
    """

    def write(tx: Connection) -> None:
        store.sample(tx, samples, now)
        alerts.take(tx, shop.policy, metrics, now)

    try:
        await shop.db.write(write)
    except REFUSALS:
        if await asyncio.to_thread(reserve.tend, shop.config.data_dir) is Deed.GIVEN_UP:
            await shop.db.write(write)
            return
        for line in _bad(shop, metrics):
            log.warning("%s, and the database takes nothing", line)
        raise


def _bad(shop: Shop, metrics: tuple[Metric, ...]) -> list[str]:
    """Say of everything that is not well how bad it is."""
    thresholds = rules.Thresholds.of(shop.policy)
    levels = [(one, thresholds.level(one.percent) if one.level is None else one.level) for one in metrics]
    return [f"{one.name} is {level.word} ({one.percent:.0f}%)" for one, level in levels if level is not Level.OK]
