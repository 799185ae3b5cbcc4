"""Use cases of the copies off this server: send what is owed, read it back, let go what no rule keeps, bring it back.

A copy that was not read back is none. What a rule keeps here is kept there; what is gone here is kept there as long as
the same rules keep it among the copies.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.backups import ledger, names, retention, shelf, store
from core.backups.copies import carrying, pieces
from core.backups.copies.remote import Remote, open_remote
from core.backups.ledger import Copy
from core.backups.media import backup as media
from core.backups.retention import Backup, Retention
from core.backups.service import may
from core.config import Config
from core.errors import Refused
from core.people.rules import Person
from core.shop import Shop
from core.storage import health
from core.storage.alerts import owe_alert

log = logging.getLogger(__name__)

STORE = "store"
LONGEST = timedelta(hours=6)
"""Between two tries, at the most."""
LATE = timedelta(days=3)
AGAIN = timedelta(days=1)
"""How often the admins hear that no copy succeeds."""
ALIVE = ledger.LEASE / 3
_HOPELESS = frozenset({"copy_missing", "copy_not_allowed", "copy_unreachable", "copy_full"})
"""What the next backup would meet as well."""
Told = Callable[[str, int, int], None]
"""Called with a backup's name, how many of its bytes are there, and of how many."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a run did: names sent and read back, what failed with a word for each, names removed in the store.

    ``running``: names that another run is at.
    """

    sent: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    running: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """Every copy that is or should be, the newest first; ``there``: what the store has that nobody here knows of."""

    copies: tuple[Copy, ...]
    there: tuple[str, ...]
    trouble: str = ""


def pause(attempts: int) -> timedelta:
    """How long until the next try, after so many: 1 minute, doubling to 6 hours."""
    return min(timedelta(minutes=2 ** min(attempts, 20)), LONGEST)


def late(copies: Sequence[Copy], here: Collection[str], now: datetime, zone: ZoneInfo) -> timedelta:
    """How long the oldest backup of a series waits that was tried and is newer than every good copy; 0 for none."""
    waits = [timedelta()]
    for series in (pieces.DATABASE, media.SERIES):
        mine = [(copy, names.made_at(copy.backup, zone)) for copy in copies if copy.backup.startswith(series)]
        good = max((at for copy, at in mine if copy.good), default=None)
        tried = [at for copy, at in mine if not copy.good and copy.attempts and copy.backup in here]
        waits += [now - at for at in tried if good is None or at > good]
    return max(waits)


# ── send ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
async def send_due(shop: Shop) -> Sent:
    """Copy what is owed and due, then remove in the store what no rule keeps; the job behind the schedule.

    A run in which anything failed removes nothing. Where nothing was copied for three days, the admins hear of it.
    """
    if not shop.config.backup_store:
        return Sent()
    sent = await send(shop)
    removed = () if sent.failed else await _let_go(shop)
    await shop.db.write(_tell, shop, await asyncio.to_thread(_here, shop, await shop.db.read(store.number)))
    return Sent(sent.sent, sent.failed, removed)


async def send(shop: Shop, *, now: bool = False, told: Told | None = None, by: Person | None = None) -> Sent:
    """Copy what is owed, the newest backup first, and read it back; with ``now`` also what waits for its next try.

    What cannot be reached is not asked again for the others; what another run is at is left to it.
    ``Refused("copy_nowhere")`` where no store is set.
    """
    may(by)
    if not shop.config.backup_store:
        raise Refused("copy_nowhere")
    here = await asyncio.to_thread(_here, shop, await shop.db.read(store.number))
    await shop.db.write(_owe, tuple(here), shop.clock.now())
    sent, failed, running = list[str](), list[tuple[str, str]](), list[str]()
    for copy in await shop.db.read(ledger.standing, STORE):
        if copy.good or copy.backup not in here:
            continue
        if not await _claimed(shop, copy, now=now):
            running += [copy.backup] if now else []
            continue
        word = await _sent(shop, copy, here[copy.backup], told)
        if not word:
            sent.append(copy.backup)
        else:
            failed.append((copy.backup, word))
            if word in _HOPELESS:
                break
    return Sent(tuple(sent), tuple(failed), running=tuple(running))


async def waited(shop: Shop) -> timedelta:
    """How long a backup waits to be copied to the store though it was tried (:func:`late`); 0 where none is set."""
    if not shop.config.backup_store:
        return timedelta()
    here = await asyncio.to_thread(_here, shop, await shop.db.read(store.number))
    return late(await shop.db.read(ledger.standing, STORE), here, shop.clock.now(), shop.config.zone)


def _here(shop: Shop, number: int) -> dict[str, Path]:
    """What stands here whole and is this shop's, by name."""
    root = shop.config.backup_dir
    found = {
        one.name: one.path
        for one in shelf.standing(root)
        if one.verified and one.manifest and one.manifest.shop in {0, number}
    }
    return found | {path.stem: path for path in media.manifests(root / media.FOLDER)}


def _owe(tx: Connection, names: Sequence[str], now: datetime) -> None:
    for name in names:
        ledger.owe(tx, name, STORE, now)


async def _claimed(shop: Shop, copy: Copy, *, now: bool) -> bool:
    return await shop.db.write(ledger.claim, copy, shop.clock.now(), whenever=now)


async def _sent(shop: Shop, copy: Copy, path: Path, told: Told | None) -> str:
    """Carry one backup there and read it back; "" or one word for what went wrong, which is written down."""
    try:
        await _carry(shop, copy, path, told)
    except (Refused, OSError) as error:
        word = error.key.removeprefix("errors.") if isinstance(error, Refused) else health.reason(error)
        log.warning("backup %s was not copied: %s", copy.backup, word)
        until = shop.clock.now() + pause(copy.attempts)
        await shop.db.write(ledger.put_off, copy, word, until)
        return word
    await shop.db.write(ledger.proved, copy, shop.clock.now())
    return ""


async def _carry(shop: Shop, copy: Copy, path: Path, told: Told | None) -> None:
    is_media = copy.backup.startswith(media.SERIES)
    bundle = await asyncio.to_thread(pieces.of_media if is_media else pieces.of_database, path)
    parts = bundle.parts[-1:] if is_media else bundle.parts
    remote = _store(shop.config)
    await shop.db.write(ledger.arrived, copy, parts, bundle.bytes, shop.clock.now(), whole=False)
    written = await carrying.upload(remote, bundle, _going(shop, copy, bundle.bytes, told))
    await shop.db.write(ledger.arrived, copy, parts, bundle.bytes, shop.clock.now(), whole=True)
    first = copy.attempts == 0  # then whatever was there was read back when it was written
    wanted = [[one.key, one.bytes, one.sha256] for one in written] if is_media and first else bundle.parts
    await carrying.prove(remote, wanted, _going(shop, copy, bundle.bytes, None))
    await carrying.prove_there(remote, bundle)


def _going(shop: Shop, copy: Copy, whole: int, told: Told | None) -> carrying.Going:
    """Say how far it is, and now and then that it goes on; ``Refused("copy_taken")`` where another has begun."""
    said, tell = shop.clock.now(), _telling(copy, told, whole)

    async def going(size: int) -> None:
        nonlocal said
        await tell(size)
        if abs(shop.clock.now() - said) > ALIVE:
            said = shop.clock.now()
            if not await shop.db.write(ledger.go_on, copy, said):
                raise Refused("copy_taken", name=copy.backup)

    return going


def _telling(copy: Copy, told: Told | None, whole: int = 0) -> carrying.Going:
    done = 0

    async def telling(size: int) -> None:
        nonlocal done
        done += size
        if told:
            told(copy.backup, done, whole or copy.bytes)

    return telling


# ── let go ───────────────────────────────────────────────────────────────────────────────────────────────────────────
async def _let_go(shop: Shop) -> tuple[str, ...]:
    """Remove in the store what is gone here and no rule keeps there; what fails is left for the next run."""
    here = await asyncio.to_thread(_here, shop, await shop.db.read(store.number))
    copies = await shop.db.read(ledger.standing, STORE)
    gone = [copy for copy in _outdated(copies, shop) if copy.backup not in here]
    removed: list[str] = []
    try:
        remote = _store(shop.config)
        for copy in gone:
            await carrying.remove(remote, copy.parts or ())
            await shop.db.write(ledger.forget, copy)
            removed.append(copy.backup)
        if any(name.startswith(media.SERIES) for name in removed):
            await carrying.sweep(remote)
    except Refused as error:
        log.warning("old copies were not removed: %s", error.key)
    return tuple(removed)


def _outdated(copies: Sequence[Copy], shop: Shop) -> list[Copy]:
    """Which copies no rule keeps, each series by itself; what was never finished is kept by none."""
    zone, policy = shop.config.zone, shop.policy
    rules = Retention(policy.keep_daily, policy.keep_weekly, policy.keep_monthly)
    gone = {copy.backup for copy in copies if not copy.good}
    for series in (pieces.DATABASE, media.SERIES):
        good = [copy.backup for copy in copies if copy.good and copy.backup.startswith(series)]
        plan = retention.plan((Backup(name, names.made_at(name, zone)) for name in good), rules, shop.clock.now(), zone)
        gone |= {one.name for one in plan.remove}
    return [copy for copy in copies if copy.backup in gone]


def _tell(tx: Connection, shop: Shop, here: Collection[str]) -> None:
    now = shop.clock.now()
    waited = late(ledger.standing(tx, STORE), here, now, shop.config.zone)
    if waited >= LATE:
        data = {"metric": "copies", "level": "critical", "days": waited.days}
        owe_alert(tx, shop.policy, "copies", data, now, apart=AGAIN)


# ── look, and bring back ─────────────────────────────────────────────────────────────────────────────────────────────
async def listing(shop: Shop, by: Person | None = None) -> Listing:
    """List every copy; where the store cannot be asked, what is written down here, and why."""
    may(by)
    copies = tuple(await shop.db.read(ledger.standing))
    try:
        remote = open_remote(shop.config)
        there = await carrying.names(remote) if remote else ()
    except Refused as error:
        return Listing(copies, (), error.key)
    known = {copy.backup for copy in copies if copy.target == STORE}
    return Listing(copies, tuple(name for name in there if name not in known))


async def verify(shop: Shop, name: str, told: Told | None = None, by: Person | None = None) -> int:
    """Read a copy back whole; its bytes. ``Refused("copy_damaged")`` then it is owed again."""
    may(by)
    found = [copy for copy in await shop.db.read(ledger.standing, STORE) if copy.backup == name and copy.parts]
    remote = _store(shop.config)
    if not found:
        raise Refused("backup_missing", name=name[:80])
    (copy,) = found
    try:
        parts = await _parts(remote, copy)
        await carrying.prove(remote, parts, _telling(copy, told))
    except Refused as error:
        if error.key in {"errors.copy_damaged", "errors.backup_damaged"}:
            await shop.db.write(ledger.doubt, copy, "copy_damaged", shop.clock.now())
        raise
    return sum(int(part[1]) for part in parts)


async def _parts(remote: Remote, copy: Copy) -> list[Sequence[Any]]:
    """Every piece of a copy; of media, the contents that its manifest in the store names, too."""
    parts = list(copy.parts)
    if copy.backup.startswith(media.SERIES):
        manifest = await carrying.media_manifest(remote, copy.backup)
        contents = {file.sha256: file.bytes for file in manifest.files}
        parts += [(pieces.blob_key(sha), size, sha) for sha, size in contents.items()]
    return parts


async def fetch(config: Config, name: str) -> Path:
    """Bring a backup back from the store into the backup folder, checked; needs no database: it may be all there is."""
    remote = _store(config)
    try:
        return await carrying.fetch(remote, name, config.backup_dir)
    except OSError as error:
        raise Refused(health.reason(error), folder=config.backup_dir.name) from error


def _store(config: Config) -> Remote:
    remote = open_remote(config)
    if remote is None:
        raise Refused("copy_nowhere")
    return remote
