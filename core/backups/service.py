"""Use cases of backups, the same behind command, job and button: write one that is read back, keep what rules keep.

Whoever asks in chat is given as ``by``: admins and owners only, and the audit says who did it.
"""

import asyncio
import json
import logging
import secrets
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection

from core.backups import backup as writing
from core.backups import forms, ledger, postgres, pruning, shelf, store
from core.backups.archive import Fault
from core.backups.ledger import Copy
from core.backups.manifest import Manifest
from core.backups.pruning import Plan
from core.backups.retention import Reason, Retention
from core.backups.shelf import Check, Standing
from core.backups.snapshot import Source
from core.config import ROOT, version
from core.database import FILE, REFUSALS, marker
from core.errors import Refused
from core.people.rules import Person, Rank
from core.settings import store as settings
from core.shop import Shop
from core.storage import service as storage
from core.storage.usage import sqlite_file

log = logging.getLogger(__name__)
ENDS = {"dir": "", "json": ".json"}
NOTE = 200
"""Characters of a note, at the most."""
ANSWER = 16 << 20
"""Bytes of one line from the worker, at the most: a folder with thousands of strange files has as many faults."""
Told = Callable[[str, int, int], None]
"""Called with a table's name when it stands, how many do, and of how many."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was read back and found equal."""

    path: Path
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Listed:
    """A backup as it is listed: what stands there, what the rules will do with it and why, its copies elsewhere."""

    standing: Standing
    keep: bool
    reason: Reason
    copies: tuple[Copy, ...]


# ── write ────────────────────────────────────────────────────────────────────────────────────────────────────────────
async def backup(
    shop: Shop, series: str = "", *, folder: Path | None = None, form: str = "dir", compress: bool = False,
    encrypt: bool | None = None, note: str = "", by: Person | None = None, told: Told | None = None,
) -> Backup:  # fmt: skip
    """Write a verified backup in a process of its own, then remove what no rule keeps.

    ``series`` is ``database`` for the schedule's and, what it is where somebody asks, ``manual``.
    ``folder`` is elsewhere than the backup folder; there nothing is removed. ``form`` is ``dir``, or ``json`` for one
    file for the eye, packed with ``compress``. ``encrypt`` None means: where there is a key to encrypt for.

    ``Refused`` says why there is none; then nothing is left over, and nothing is removed.
    """
    may(by)
    about = _about(shop, series or ("manual" if by else "database"), form, note, compress=compress, encrypt=encrypt)
    if not await storage.watch_database(shop):
        raise Refused("database_moved", name=FILE)
    await _be_born(shop)
    made = await _written(shop, folder or shop.config.backup_dir, about, told)
    if by:
        await shop.db.write(write_down, shop.clock.now(), by, "backup.make", made.path.name)
    if folder is None:
        await prune(shop)
    return made


async def _be_born(shop: Shop) -> None:
    """Give the shop its number before its first backup; where nothing can be written, the backup says none."""
    if await shop.db.read(store.number):
        return
    try:
        await shop.db.write(store.give_number, secrets.randbits(52) or 1)
    except REFUSALS as error:
        log.warning("the shop has no number yet: %s", type(error).__name__)


def _about(
    shop: Shop, series: str, form: str, note: str, *, compress: bool, encrypt: bool | None
) -> writing.About:  # fmt: skip
    recipient = shop.config.backup_recipient or ""
    wanted = bool(recipient) if encrypt is None else encrypt
    note = " ".join(note.split())
    if form not in ENDS:
        raise Refused("backup_form", form=form[:20])
    if len(note) > NOTE:
        raise Refused("backup_note_long", most=NOTE)
    if wanted and not recipient:
        raise Refused("backup_no_recipient", setting="HAANG_BACKUP_RECIPIENT")
    if wanted and ENDS[form]:
        raise Refused("backup_readable_encrypted", option="--no-encrypt")
    end = ENDS[form] + (".gz" if compress and ENDS[form] else "")
    return writing.About(0, version(), series, note, recipient if wanted else "", end)


async def _written(shop: Shop, folder: Path, about: writing.About, told: Told | None) -> Backup:
    place = await asyncio.to_thread(source, shop)
    about = replace(about, order_number=marker.number(shop.config.data_dir))
    order = {
        "do": "backup", "dialect": place.dialect, "where": place.where, "folder": str(folder), "about": asdict(about),
        "exports": [(export.table, export.columns, export.query) for export in place.exports],
        "at": shop.clock.now().astimezone(shop.config.zone).isoformat(),
    }  # fmt: skip
    path = Path((await in_worker(order, told))["path"])
    return Backup(path, await asyncio.to_thread(forms.read_manifest, path))


def source(shop: Shop) -> Source:
    """Say where the shop's database is, for whoever reads it from outside."""
    file, url = sqlite_file(shop.config), shop.config.database_url
    if file:
        return Source("sqlite", str(file), postgres.exports())
    return Source("postgresql", url.get_secret_value() if url else "")


# ── read back ────────────────────────────────────────────────────────────────────────────────────────────────────────
async def check(shop: Shop, name: str, identity: str = "", by: Person | None = None) -> tuple[Fault, ...]:
    """Read a backup in the backup folder back whole, by its name; see :func:`read_back`."""
    may(by)
    found = await read_back(forms.at(shop.config.backup_dir, name), identity, shop.clock.now())
    if by:
        await shop.db.write(write_down, shop.clock.now(), by, "backup.check", name)
    return found


async def read_back(path: Path, identity: str = "", note_at: datetime | None = None) -> tuple[Fault, ...]:
    """Read a backup back whole, wherever it lies; returns what is wrong with it, file by file.

    ``identity`` is the secret key of an encrypted one; without it its files are compared as they lie there, what is in
    them was compared before it was encrypted. With ``note_at`` it is known from then on as whole, or as damaged.

    ``Refused`` for what is no backup, or whose manifest cannot be read.
    """
    try:
        answer = await in_worker(_check_order(path, identity), None)
    except Refused as error:
        if error.key == "errors.backup_damaged" and note_at:
            await asyncio.to_thread(shelf.note_check, path, Check(note_at, whole=False))
        raise
    found = tuple(Fault(**fault) for fault in answer["faults"])
    if note_at:
        await asyncio.to_thread(shelf.note_check, path, Check(note_at, whole=not found))
    return found


def _check_order(path: Path, identity: str) -> dict[str, Any]:
    return {"do": "check", "path": str(path.absolute()), "identity": identity, "folder": str(path.parent)}


async def last_verified(shop: Shop) -> datetime | None:
    """When the newest backup was made that was read back and is still as it was; None where there is none.

    One that was dated by a clock that ran ahead says nothing.
    """
    there = await asyncio.to_thread(lambda: list(shelf.standing(shop.config.backup_dir)))
    number = await shop.db.read(store.number)
    now = shop.clock.now()
    ours = (one for one in there if one.verified and (one.manifest is None or one.manifest.shop in {0, number}))
    return max((one.at for one in ours if one.at <= now), default=None)


# ── keep ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
async def listing(shop: Shop, by: Person | None = None) -> tuple[Listed, ...]:
    """List what stands in the backup folder, the newest first."""
    may(by)
    plan = await prune(shop, dry_run=True)
    copies: dict[str, list[Copy]] = {}
    for copy in await shop.db.read(ledger.standing):
        copies.setdefault(copy.backup, []).append(copy)
    kept = {one.name for one in plan.keep}
    there = sorted((*plan.keep, *plan.remove), key=lambda one: one.name, reverse=True)
    return tuple(
        Listed(one, one.name in kept, plan.reasons[one.name], tuple(copies.get(one.name, ()))) for one in there
    )


async def prune(
    shop: Shop, *, dry_run: bool = False, daily: int | None = None, weekly: int | None = None,
    monthly: int | None = None, by: Person | None = None,
) -> Plan:  # fmt: skip
    """Remove the backups that no rule keeps, or only say which; the shop's own rules hold where none is given.

    ``Refused`` for rules that would keep nothing; then nothing is removed.
    """
    may(by)
    await shop.refresh()
    own = Retention(shop.policy.keep_daily, shop.policy.keep_weekly, shop.policy.keep_monthly)
    given = {"daily": daily, "weekly": weekly, "monthly": monthly}
    rules = replace(own, **{word: most for word, most in given.items() if most is not None})
    folder, zone, number = shop.config.backup_dir, shop.config.zone, await shop.db.read(store.number)
    plan = await asyncio.to_thread(pruning.prune, folder, rules, shop.clock.now(), zone, number, dry_run=dry_run)
    if by and not dry_run:
        await shop.db.write(write_down, shop.clock.now(), by, "backup.prune", f"{len(plan.remove)}")
    return plan


async def pin(shop: Shop, name: str, *, pinned: bool = True, by: Person | None = None) -> Standing:
    """Let no rule remove a backup, or let them decide again; returns how it stands now."""
    may(by)
    path = forms.at(shop.config.backup_dir, name)
    await asyncio.to_thread(lambda: shelf.pin(path, shop.clock.now()) if pinned else shelf.unpin(path))
    if by:
        await shop.db.write(write_down, shop.clock.now(), by, "backup.pin" if pinned else "backup.unpin", name)
    return await asyncio.to_thread(shelf.look, path)


def may(by: Person | None) -> None:
    """Refuse who is neither an admin nor an owner; nobody (None) is the schedule or the command line."""
    if by is not None:
        by.must_be(Rank.ADMIN)


def write_down(tx: Connection, now: datetime, by: Person, action: str, name: str) -> None:
    """Write down who did what with a backup."""
    settings.write_audit(tx, now, by.id, action, "backup", detail={"name": name})


# ── the process ──────────────────────────────────────────────────────────────────────────────────────────────────────
async def in_worker(order: dict[str, Any], told: Told | None) -> dict[str, Any]:
    """Have an order carried out in the process of its own; ``Refused`` with what that refused."""
    command = (sys.executable, "-m", "core.backups.worker")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE, limit=ANSWER)
    try:
        answer = await _conversation(process, order, told)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    if "refused" in answer:
        raise Refused(answer["refused"], **answer["values"])
    return answer


async def _conversation(process: Process, order: dict[str, Any], told: Told | None) -> dict[str, Any]:
    asking, said = cast("asyncio.StreamWriter", process.stdin), cast("asyncio.StreamReader", process.stdout)
    asking.write(json.dumps(order).encode())
    asking.close()
    answer: dict[str, Any] = {}
    try:
        async for line in said:
            answer = json.loads(line)
            if told and "table" in answer:
                told(answer["table"], answer["done"], answer["of"])
    except ValueError:
        answer = {}
    await process.wait()
    if not answer or "table" in answer:
        raise Refused("storage_failed", folder=Path(order["folder"]).name)
    return answer
