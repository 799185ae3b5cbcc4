"""Bring a backup back, in the place of a whole shop or where none is (``swap.py``)."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from core.backups import backup, loading, store, swap
from core.backups.contents import Contents
from core.backups.loading import Told, quietly
from core.backups.manifest import Manifest
from core.backups.snapshot import Source
from core.backups.swap import Standing
from core.config import Config, version
from core.database import marker
from core.database.migrate import head
from core.errors import Refused
from core.messages import store as messages
from core.storage import health
from core.storage import store as storage
from core.storage.usage import sqlite_file

log = logging.getLogger(__name__)
Forget = Callable[[Connection], int]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was loaded; how many messages and updates were set aside, and how far order numbers have come now.

    ``forgotten``: so many people were in it who had asked to be forgotten since. ``kept``: the backup of what stood
    there before, or a copy of its file where none could be made.
    """

    manifest: Manifest
    messages: int
    updates: int
    order_number: int
    forgotten: int = 0
    kept: Path | None = None


def nobody(_tx: Connection) -> int:
    """Forget nobody again."""
    return 0


def _settle(tx: Connection, manifest: Manifest, order_number: int, forget: Forget) -> Restored:
    """Let nothing go on in a restored shop that may have been done since: messages, invitations, reminders, numbers."""
    made_at = datetime.fromisoformat(manifest.made_at)
    aside, number = messages.set_aside(tx), storage.go_on_from(tx, max(manifest.order_number, order_number))
    store.remind_no_more(tx, made_at)
    store.let_nobody_in(tx, made_at)
    return Restored(manifest, *aside, number, forget(tx))


# ── in the place of a shop ───────────────────────────────────────────────────────────────────────────────────────────
async def standing(config: Config) -> Standing:
    """Look at what would be replaced; ``Refused`` where it can neither be read nor is plainly damaged."""
    try:
        return await swap.standing(config)
    except (OSError, sqlite3.Error, DBAPIError) as error:
        raise _trouble(config, error) from None


def may_replace(contents: Contents, there: Standing, *, foreign: bool = False) -> None:
    """Refuse a backup of a newer Haang, and one of another shop than the one that stands there, unless ``foreign``."""
    loading.may_load(contents)
    strange = there.shop and contents.manifest.shop and there.shop != contents.manifest.shop
    if strange and not foreign:
        raise Refused("backup_foreign", name=contents.name)


async def bring_back(
    config: Config, contents: Contents, now: datetime, *, forget: Forget = nobody, foreign: bool = False,
    told: Told = quietly,
) -> Restored:  # fmt: skip
    """Put a backup in the place of the shop that ``config`` names, or where none is; a backup of that one first.

    To be called by who has the shop alone (``core.database.aside``). Whatever goes wrong, and whenever this process is
    killed, the shop that was there is there, or the new one is. ``Refused`` says why nothing was changed.
    """
    there = await standing(config)
    may_replace(contents, there, foreign=foreign)
    raw = sum(table.bytes for table in contents.manifest.tables)
    swap.must_have_room(config, raw, there.bytes if there.filled else 0)
    number = max(there.order_number, marker.number(config.data_dir))
    try:
        kept = await asyncio.to_thread(_keep, config, there, now, number)

        def fill(tx: Connection) -> None:
            loading.load(tx, contents, told)

        def settle(tx: Connection) -> Restored:
            return replace(_settle(tx, contents.manifest, number, forget), kept=kept)

        file = sqlite_file(config)
        if file is None:
            return await swap.renew(config, set(contents.files), fill, settle)
        return await asyncio.to_thread(_replaced, config, file, fill, settle)
    except (OSError, sqlite3.Error, DBAPIError) as error:
        raise _trouble(config, error) from None


def _replaced(
    config: Config, file: Path, fill: Callable[[Connection], None], settle: Callable[[Connection], Restored]
) -> Restored:
    fresh, done = swap.build(config.data_dir, fill, settle)
    try:
        swap.replace(file, fresh)
    finally:
        swap.sweep(config.data_dir)
    return done


def _keep(config: Config, there: Standing, now: datetime, number: int) -> Path | None:
    """Back up what stands there; a damaged file, or one of another schema than this code's, is copied as it is."""
    if not there.filled:
        return None
    file, at = sqlite_file(config), now.astimezone(config.zone)
    if there.readable and there.schema == head():
        url = config.database_url.get_secret_value() if config.database_url else ""
        source = Source("postgresql", url) if file is None else Source("sqlite", str(file))
        about = backup.About(number, version(), "pre_restore", recipient=config.backup_recipient or "")
        try:
            return backup.make(source, config.backup_dir, at, about)[0]
        except sqlite3.Error as error:
            if file is None or not swap.is_damage(error):
                raise
    if file is None:
        raise Refused("restore_not_kept", schema=there.schema)
    stamp = f"{at:%Y%m%d_%H%M%S}"
    return swap.copied(file, stamp) if there.readable and there.schema != head() else swap.set_aside(file, stamp)


def _trouble(config: Config, error: OSError | sqlite3.Error | DBAPIError) -> Refused:
    """Say in one sentence what the disk or the database said, without its text, which may hold rows."""
    log.warning("a restore failed: %s", type(error).__name__)
    plain = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if swap.is_busy(error):
        return Refused("restore_in_use")
    if isinstance(plain, (OSError, sqlite3.Error)):
        return Refused(health.reason(plain), folder=config.data_dir.name)
    full = getattr(plain, "sqlstate", "") == "53100"
    busy = getattr(plain, "sqlstate", "") == "55P03"
    key = "storage_full" if full else "restore_in_use" if busy else "storage_failed"
    return Refused(key, folder=config.data_dir.name)
