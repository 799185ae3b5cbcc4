"""The drill: bring the newest backup back on trial, beside the shop, and say whether every row was as it was.

A check reads what was written; the drill is the restore itself, into a scratch SQLite database in the worker's process.
"""

import asyncio
import logging
import shutil
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from core import environment
from core.backups import contents, forms, loading, service, shelf, store, swap
from core.backups.contents import Contents
from core.backups.shelf import Check
from core.errors import Refused
from core.people.rules import Person
from core.shop import Shop
from core.storage import store as storage
from core.storage.alerts import owe_alert

log = logging.getLogger(__name__)

SCRATCH = ".drill"
ALONE = ".drilling"
"""Beside it: a lock, so that one who asks does not sweep away what the weekly one just loads."""
COUNTER = "drill"
DAMAGED = frozenset({"backup_damaged", "backup_not_loadable", "restore_differs"})
"""What is wrong with the backup itself. A full disk, or another's key, says nothing of it."""


class Outcome(StrEnum):
    """How a drill ended; the values end the names of its alerts."""

    FINE = "drill_fine"
    SEALED = "drill_sealed"
    FAILED = "drill_failed"
    NONE = "drill_none"


@dataclass(frozen=True, slots=True)
class Drilled:
    """What a drill found. ``why`` names the sentence of a failed one (with its ``values``); seconds of work.

    A backup that is encrypted and whose key is not here is compared as it lies: ``SEALED``.
    """

    outcome: Outcome
    name: str = ""
    rows: int = 0
    seconds: float = 0.0
    why: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether nothing wrong was found."""
        return self.outcome in {Outcome.FINE, Outcome.SEALED}


async def drill(shop: Shop, name: str | Path = "", identity: str = "", by: Person | None = None) -> Drilled:
    """Bring a backup back on trial, the newest unless one is named; the admins hear how it went, and it is noted.

    ``by`` is who asked for it (an admin). ``NotAllowed`` for anybody else; what is wrong with a backup is no refusal.
    """
    service.may(by)
    path = name if isinstance(name, Path) else await asyncio.to_thread(_chosen, shop.config.backup_dir, name)
    done = await _tried(shop, path, identity) if path else Drilled(Outcome.NONE)
    if path and path.parent == shop.config.backup_dir and (done.good or done.why in DAMAGED):
        await _note(path, Check(shop.clock.now(), done.good))
    await shop.refresh()
    await shop.db.write(_told, shop, done, by, shop.clock.now())
    return done


async def last_success(shop: Shop) -> datetime | None:
    """When a drill last found everything as it was; None where none ever did."""
    at = await shop.db.read(storage.counted, COUNTER)
    return datetime.fromtimestamp(at, UTC) if at else None


def _chosen(folder: Path, name: str) -> Path | None:
    if name:
        return forms.at(folder, name)
    return max((one.path for one in shelf.standing(folder)), key=lambda path: path.name, default=None)


async def _tried(shop: Shop, path: Path, identity: str) -> Drilled:
    begun = time.monotonic()
    try:
        answer = await service.in_worker(_order(shop, path, identity), None)
    except Refused as refused:
        why = refused.key.removeprefix("errors.")
        return Drilled(Outcome.FAILED, path.name, seconds=time.monotonic() - begun, why=why, values=refused.values)
    seconds = round(time.monotonic() - begun, 1)
    return Drilled(Outcome.SEALED if answer["sealed"] else Outcome.FINE, path.name, answer["rows"], seconds)


def _order(shop: Shop, path: Path, identity: str) -> dict[str, Any]:
    scratch = shop.config.data_dir.absolute() / SCRATCH
    return {"do": "drill", "path": str(path.absolute()), "identity": identity, "folder": str(path.parent),
            "scratch": str(scratch)}  # fmt: skip


async def _note(path: Path, check: Check) -> None:
    try:
        await asyncio.to_thread(shelf.note_check, path, check)
    except OSError as error:
        log.warning("how the drill ended is not written down: %s", type(error).__name__)


def _told(tx: Connection, shop: Shop, done: Drilled, by: Person | None, now: datetime) -> None:
    if done.good:
        store.count_at(tx, COUNTER, int(now.timestamp()))
    data = {"metric": done.outcome.value, "level": "ok" if done.good else "critical", "name": done.name,
            "rows": f"{done.rows:,}", "seconds": f"{done.seconds:.1f}", "why": done.why,
            "values": {key: str(value) for key, value in done.values.items()}}  # fmt: skip
    owe_alert(tx, shop.policy, "drill", data, now)
    if by:
        service.write_down(tx, now, by, "backup.drill", done.name)


# ── in the worker's process ──────────────────────────────────────────────────────────────────────────────────────────
def carry_out(order: dict[str, Any]) -> dict[str, Any]:
    """Load the backup into a scratch database, compare every row, and leave nothing; ``Refused`` says what is wrong."""
    path, scratch = Path(order["path"]), Path(order["scratch"])
    manifest = contents.peek(path, order["identity"])
    if manifest.recipient and not order["identity"]:
        forms.check(path)
        return {"rows": manifest.rows, "sealed": True}
    found = contents.opened(path, order["identity"])
    loading.may_load(found)
    with environment.alone(scratch.with_name(ALONE)):
        _load(found, scratch)
    return {"rows": manifest.rows, "sealed": False}


def _load(found: Contents, scratch: Path) -> None:
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        scratch.mkdir(parents=True)
        swap.must_have_space(scratch, sum(table.bytes for table in found.manifest.tables))
        swap.build(scratch, lambda tx: loading.load(tx, found), lambda _tx: None)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
