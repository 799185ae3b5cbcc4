"""Put a restored shop in the place of another, so that at every instant one of the two stands there whole.

SQLite: the new shop is a file beside the old one, loaded, compared and checked there; then the old one's WAL is folded
in, and one rename replaces it. PostgreSQL: the old tables go and the new ones come in one transaction. Whoever is
killed leaves the old shop, or the new one, and at most a file with a dot that the next start removes (:func:`sweep`).
"""

import logging
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, NullPool, StaticPool, create_engine, event, inspect, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from core.backups.loading import VERSION
from core.config import Config
from core.database.tables import metadata
from core.errors import Refused
from core.files import sync_folder
from core.storage.store import order_number
from core.storage.usage import sqlite_file

log = logging.getLogger(__name__)
T = TypeVar("T")

FRESH = ".haang.sqlite3.restoring"
SIDE = ("-wal", "-shm", "-journal")
BUSY_SECONDS = 1.0
_OWN = {"counters", "media_files", "job_runs", "storage_samples", "storage_alerts"}
"""What a shop writes of itself when it is opened: rows there are nobody's loss."""
ROOM = 32_000_000
"""Bytes that stay free beside what a restore needs."""
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in the shop's place: whether it can be read, has rows, its schema, last order's number, bytes.

    ``shop`` is the number that it was given at its birth, 0 where it has none yet.
    """

    there: bool = False
    readable: bool = True
    filled: bool = False
    schema: str = ""
    order_number: int = 0
    bytes: int = 0
    shop: int = 0


async def standing(config: Config) -> Standing:
    """Look at what would be replaced, without changing it."""
    file = sqlite_file(config)
    if file is None:
        return await look(config, lambda tx: _facts(tx, 0))
    size = file.stat().st_size if file.exists() else 0
    if not size:
        return Standing()
    try:
        return await look(config, lambda tx: _facts(tx, size))
    except (DBAPIError, sqlite3.Error) as error:
        if not is_damage(error):
            raise
        log.warning("what stands in the shop's place is damaged: %s", type(error).__name__)
        return Standing(there=True, readable=False, filled=True, bytes=size)


def is_damage(error: Exception) -> bool:
    """Tell whether SQLite says that a file is no database, or one with broken pages: nothing that passes by itself."""
    return _code(error) in _DAMAGED


def is_busy(error: Exception) -> bool:
    """Tell whether somebody else has the database, and keeps it."""
    return _code(error) in _BUSY


def _code(error: Exception) -> int:
    plain = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return int(getattr(plain, "sqlite_errorcode", 0)) & 0xFF


async def look(config: Config, work: Callable[[Connection], T]) -> T:
    """Read from what stands there, whatever its schema; the errors are the database's own."""
    file = sqlite_file(config)
    if file is not None:
        address = f"{file.resolve().as_uri()}?mode=ro"
        engine = create_engine("sqlite://", creator=lambda: _connected(address), poolclass=NullPool)
        with engine.begin() as tx:
            return work(tx)
    async with create_async_engine(_address(config), poolclass=NullPool, hide_parameters=True).begin() as connection:
        return await connection.run_sync(work)


def _connected(address: str) -> sqlite3.Connection:
    return sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS)


def _facts(tx: Connection, size: int) -> Standing:
    names = [name for name in inspect(tx).get_table_names() if name != VERSION]
    filled = any(
        tx.exec_driver_sql(f'SELECT 1 FROM "{name}" LIMIT 1').first() for name in names if name not in _OWN
    )  # fmt: skip
    schema = MigrationContext.configure(tx).get_current_revision() or ""
    number = order_number(tx) if "counters" in names else 0
    shop = tx.exec_driver_sql("SELECT value FROM counters WHERE name = 'shop'").scalar() if "counters" in names else 0
    return Standing(
        bool(names), filled=filled, schema=schema, order_number=number, bytes=size, shop=int(shop or 0)
    )  # fmt: skip


def must_have_room(config: Config, raw: int, before: int) -> None:
    """Refuse where the disk has too little for ``raw`` bytes of rows and a copy of what is there (``before`` bytes).

    A copy is made whole before it is packed. What a PostgreSQL has room for, it says itself.
    """
    rows = 0 if config.database_url else raw
    copy = before + before // 2
    data, backups = _standing_part(config.data_dir), _standing_part(config.backup_dir)
    if data.stat().st_dev == backups.stat().st_dev:
        must_have_space(data, rows, copy)
        return
    must_have_space(data, rows)
    must_have_space(backups, 0, copy)


def _standing_part(folder: Path) -> Path:
    """The folder, or of one that is still to be made the parent that is there."""
    return next(part for part in (folder.absolute(), *folder.absolute().parents) if part.exists())


def must_have_space(folder: Path, raw: int, more: int = 0) -> None:
    """Refuse where a disk has too little for ``raw`` bytes of rows, twice as many in a database, and ``more``."""
    needs, has = 2 * raw + more + ROOM, shutil.disk_usage(folder).free
    if needs > has:
        raise Refused("restore_no_room", needs=f"{needs / 1e6:,.0f}", has=f"{has / 1e6:,.0f}")


_FILLING = (
    "auto_vacuum=INCREMENTAL", "journal_mode=MEMORY", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-64000"
)  # fmt: skip
"""Nothing need last before the file is whole; how it gives pages back must be said of the first."""


# ── SQLite ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def sweep(folder: Path) -> None:
    """Remove what a killed restore left in a data folder; only who has the shop for themselves may call it."""
    for end in ("", *SIDE):
        (folder / (FRESH + end)).unlink(missing_ok=True)


def build(folder: Path, fill: Callable[[Connection], None], settle: Callable[[Connection], T]) -> tuple[Path, T]:
    """Make the new shop's file: ``fill`` it, ``settle`` it, check it, sync it. Nothing is left of a failed one.

    While it is filled references are not watched; then they are, for what goes takes along or empties what names it.
    """
    sweep(folder)
    fresh = folder / FRESH
    try:
        with closing(sqlite3.connect(fresh, isolation_level=None, check_same_thread=False)) as raw:
            for pragma in _FILLING:
                raw.execute(f"PRAGMA {pragma}")
            engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool, hide_parameters=True)
            event.listen(engine, "begin", lambda tx: tx.exec_driver_sql("BEGIN"))
            with engine.begin() as tx:
                fill(tx)
            raw.execute("PRAGMA foreign_keys=ON")  # does nothing within a transaction
            with engine.begin() as tx:
                done = settle(tx)
            must_be_sound(raw)
        _synced(fresh)
    except BaseException:
        sweep(folder)
        raise
    return fresh, done


def must_be_sound(raw: sqlite3.Connection) -> None:
    """Refuse a file whose pages, rows or references are not in order."""
    said = raw.execute("PRAGMA integrity_check").fetchone()[0]
    lost = raw.execute("PRAGMA foreign_key_check").fetchone()
    if said != "ok" or lost is not None:
        raise Refused("restore_differs", table=lost[0] if lost else "?")


def copied(live: Path, stamp: str) -> Path:
    """Copy the file as it is, for a shop that no backup of this Haang can hold; returns where."""
    kept = live.with_name(f"{live.name}.before_{stamp}")
    with closing(sqlite3.connect(live, timeout=BUSY_SECONDS)) as old, closing(sqlite3.connect(kept)) as new:
        old.backup(new, pages=-1)
    _synced(kept)
    return kept


def set_aside(live: Path, stamp: str) -> Path:
    """Copy a damaged file, and what lies beside it, for somebody who knows more; returns where."""
    kept = live.with_name(f"{live.name}.damaged_{stamp}")
    for end in ("", *SIDE):
        if live.with_name(live.name + end).exists():
            _synced(Path(shutil.copyfile(live.with_name(live.name + end), kept.with_name(kept.name + end))))
    return kept


def _synced(kept: Path) -> None:
    """Let a copy last before what it is of goes; its name lasts with the folder, which ``replace`` syncs."""
    with kept.open("rb+") as file:
        os.fsync(file.fileno())


def replace(live: Path, fresh: Path) -> None:
    """Give the new file the old one's name. Whoever still has the old one open is found, and nothing is changed."""
    if live.exists():
        _fold(live)
    for end in SIDE:
        live.with_name(live.name + end).unlink(missing_ok=True)
    sync_folder(live.parent)
    fresh.replace(live)
    sync_folder(live.parent)


def _fold(live: Path) -> None:
    """Fold the WAL into the file, which SQLite only does for the last who has it open; a damaged one stays as it is."""
    try:
        with closing(sqlite3.connect(live, isolation_level=None, timeout=BUSY_SECONDS)) as old:
            old.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        if is_busy(error):
            raise Refused("restore_in_use") from None
        if not is_damage(error):
            raise


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────────────────────────
async def renew(
    config: Config, tables: set[str], fill: Callable[[Connection], None], settle: Callable[[Connection], T]
) -> T:
    """Drop the shop's tables, let ``fill`` make new ones and ``settle`` them, in one transaction: all, or nothing."""

    def anew(tx: Connection) -> T:
        tx.exec_driver_sql("SET LOCAL lock_timeout = '15s'")
        for name in sorted({*tables, *metadata.tables, VERSION}):
            tx.exec_driver_sql(f'DROP TABLE IF EXISTS "{name}" CASCADE')
        fill(tx)
        return settle(tx)

    async with create_async_engine(_address(config), poolclass=NullPool, hide_parameters=True).begin() as connection:
        return await connection.run_sync(anew)


def _address(config: Config) -> str:
    url = config.database_url.get_secret_value() if config.database_url else ""
    return make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
