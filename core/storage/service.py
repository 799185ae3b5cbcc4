"""Use cases of storage, the same behind command, job and button: how much is there, clean up, back up, watch."""

import asyncio
import json
import logging
import sys
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from core.config import ROOT
from core.database import FILE, marker
from core.errors import Refused
from core.messages import store as messages
from core.shop import Shop
from core.storage import archive, cleanup, pruning, rules, store, worker
from core.storage import usage as sizes
from core.storage.alerts import owe_alert
from core.storage.archive import Manifest
from core.storage.cleanup import Cleanup
from core.storage.retention import Retention
from core.storage.rules import Level, Metric, Usage

log = logging.getLogger(__name__)

AHEAD = 100
"""Orders between two looks at the counter, at the very most; restored numbers leave a gap of up to twice as many."""
INBOX_DAYS, OUTBOX_DAYS, CART_DAYS = 7, 30, 90


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was read back and found equal."""

    path: Path
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows went, of each kind."""

    updates: int
    messages: int
    carts: int
    told: int


async def usage(shop: Shop) -> Usage:
    """Measure what the shop takes up."""
    state = await shop.db.read(store.state)
    file = sizes.sqlite_file(shop.config)
    kinds, disk, database = await asyncio.to_thread(
        lambda: (sizes.kinds(shop.config), sizes.disk(shop.config), sizes.sqlite_bytes(file) if file else state.bytes)
    )
    return Usage(shop.clock.now(), kinds, database, state.tables, disk)


async def cleanup_qr(
    shop: Shop, days: int | None = None, *, dry_run: bool = False, force: bool = False
) -> Cleanup:  # fmt: skip
    """Remove QR pictures older than ``days`` (else the shop's rule), of any age with ``force``; never one being paid.

    ``Refused("storage_read_only")`` when the folder lets nothing go.
    """
    keep = timedelta(days=shop.policy.qr_days if days is None else days)
    older_than = None if force else shop.clock.now() - keep
    live = await shop.db.read(store.live_numbers)
    found = await asyncio.to_thread(cleanup.plan, shop.config.media_dir, older_than, live)
    if dry_run:
        return Cleanup(found, dry_run=True)
    live = await shop.db.read(store.live_numbers)
    try:
        return await asyncio.to_thread(cleanup.apply, found, live)
    except OSError as error:
        raise Refused(worker.reason(error), folder=cleanup.FOLDER) from error


async def backup(shop: Shop) -> Backup:
    """Write a verified backup in a process of its own, then remove what no rule keeps (7 days, 4 weeks, 12 months).

    ``Refused`` says why there is none; then nothing is left over, and nothing is removed.
    """
    if not await watch_database(shop):
        raise Refused("database_moved", name=FILE)
    file, url = sizes.sqlite_file(shop.config), shop.config.database_url
    where = str(file) if file else url.get_secret_value() if url else ""
    order = {
        "dialect": shop.db.dialect, "where": where, "folder": str(shop.config.backup_dir),
        "at": shop.clock.now().astimezone(shop.config.zone).isoformat(),
        "number": marker.number(shop.config.data_dir),
    }  # fmt: skip
    answer = await _in_worker(order)
    if "refused" in answer:
        raise Refused(answer["refused"], **answer["values"])
    path = Path(answer["path"])
    made = Backup(path, await asyncio.to_thread(archive.read_manifest, path))
    await asyncio.to_thread(pruning.prune, path.parent, Retention(), shop.clock.now(), shop.config.zone)
    return made


async def _in_worker(order: dict[str, Any]) -> dict[str, Any]:
    command = (sys.executable, "-m", "core.storage.worker")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE)
    try:
        said, _ = await process.communicate(json.dumps(order).encode())
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    try:
        answer: dict[str, Any] = json.loads(said)
    except ValueError:
        raise Refused("storage_failed", folder=Path(order["folder"]).name) from None
    return answer


async def watch_database(shop: Shop) -> bool:
    """Tell whether the database's file stands where it was opened; the admins hear of it once when it does not.

    The shop goes on in the file that it holds open, so even the alert is kept there: it is lost when the shop stops.
    How far order numbers have come is kept beside the database, for the day it is restored from before.
    """
    await shop.refresh()
    await _note_numbers(shop)
    metric = rules.file_metric(there=shop.db.in_place())
    if metric.bytes or metric.name in await shop.db.read(store.alerts):
        await shop.db.write(_watch, shop, (metric,), shop.clock.now())
    return not metric.bytes


async def _note_numbers(shop: Shop) -> None:
    """Write down, well ahead, a number that no order has had yet: seldom, and before it can be reached.

    A folder that takes nothing is said in the log, and by whoever writes there for more than this.
    """
    given, folder = await shop.db.read(store.order_number), shop.config.data_dir
    if given + AHEAD <= marker.number(folder):
        return
    try:
        await asyncio.to_thread(marker.write, folder, marker.Marker(given + 2 * AHEAD))
    except OSError as error:
        log.warning("how far order numbers have come is not written down: %s", type(error).__name__)


async def check_storage(shop: Shop) -> Usage:
    """Measure, write the samples down, and owe the admins an alert for every level that changed."""
    await watch_database(shop)
    now = await usage(shop)
    await shop.db.write(_measure, shop, rules.metrics(now, shop.policy), now.at)
    return now


def _measure(tx: Connection, shop: Shop, metrics: tuple[Metric, ...], now: datetime) -> None:
    store.sample(tx, metrics, now)
    _watch(tx, shop, metrics, now)


def _watch(tx: Connection, shop: Shop, metrics: tuple[Metric, ...], now: datetime) -> None:
    known = store.alerts(tx)
    for metric in metrics:
        before = known.get(metric.name) or rules.quiet(metric.name, now)
        after = rules.watch(before, metric.percent, now)
        store.save_alert(tx, after)
        if rules.worth_telling(before, after):
            _tell(tx, shop, metric, after.level, now)


def _tell(tx: Connection, shop: Shop, metric: Metric, level: Level, now: datetime) -> None:
    data = {"metric": metric.name, "level": level.word, "percent": round(metric.percent, 1), "bytes": metric.bytes,
            "limit": metric.limit}  # fmt: skip
    owe_alert(tx, shop.policy, f"storage {metric.name} {level.word}", data, now)


async def forget_old(shop: Shop) -> Forgotten:
    """Remove rows that nobody needs any more: updates after 7 days, sent messages after 30, idle carts after 90.

    Who was told that something is back leaves that list with the message.
    """
    return await shop.db.write(_forget, shop.clock.now())


def _forget(tx: Connection, now: datetime) -> Forgotten:
    return Forgotten(
        messages.forget_done(tx, now - timedelta(days=INBOX_DAYS)),
        messages.forget_sent(tx, now - timedelta(days=OUTBOX_DAYS))
        + store.forget_papers(tx, now - timedelta(days=OUTBOX_DAYS)),
        store.forget_carts(tx, now - timedelta(days=CART_DAYS)),
        store.forget_told(tx, now - timedelta(days=OUTBOX_DAYS)),
    )
