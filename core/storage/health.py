"""Is the shop's memory well: one row written, and read back from where it is kept. Cheap enough for every question."""

import asyncio
import secrets
import sqlite3
import time
from enum import StrEnum

from sqlalchemy.exc import DBAPIError

from core.database import REFUSALS
from core.files import reason
from core.shop import Shop
from core.storage import store

__all__ = ["KEPT", "Health", "Pulse", "look", "reason"]
PATIENCE = 3.0
"""Seconds the database may take."""
KEPT = 3.0
"""Seconds that an answer stands: however many ask, the disk is written to no more often."""
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, "53100"}
_READ_ONLY = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, "25006"}
_MALFORMED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, "XX001", "XX002"}


class Health(StrEnum):
    """One word for whoever watches; all but the first are bad."""

    OK = "ok"
    DATABASE = "database"
    MOVED = "database_moved"
    MALFORMED = "database_malformed"
    FULL = "disk_full"
    READ_ONLY = "read_only"


class Pulse:
    """Feels the pulse of a shop, once for all who ask within ``kept`` seconds."""

    def __init__(self, shop: Shop, kept: float = KEPT) -> None:
        self._shop, self._kept = shop, kept
        self._felt, self._at = Health.OK, float("-inf")
        self._feeling = asyncio.Lock()

    async def feel(self) -> Health:
        """Answer from a moment ago, or look."""
        async with self._feeling:
            if time.monotonic() - self._at >= self._kept:
                self._felt = await look(self._shop)
                self._at = time.monotonic()
            return self._felt


async def look(shop: Shop) -> Health:
    """Write one row and read it back, by another connection than wrote it."""
    if not shop.db.in_place():
        return Health.MOVED
    try:
        async with asyncio.timeout(PATIENCE):
            await shop.db.write(store.beat, secrets.randbits(53))
            found = await shop.db.read(store.last_beat)
    except REFUSALS as error:
        return _word(error)
    except (ValueError, TimeoutError):  # ValueError: aiosqlite's word for a closed connection
        return Health.DATABASE
    return Health.OK if found is not None else Health.DATABASE


def _word(error: Exception) -> Health:
    """Name what a database said: by SQLite's code or PostgreSQL's SQLSTATE, the driver's error before SQLAlchemy's."""
    plain = error.orig if isinstance(error, DBAPIError) and error.orig else error
    code = getattr(plain, "sqlite_errorcode", 0) & 0xFF or getattr(plain, "sqlstate", None)
    for codes, word in ((_FULL, Health.FULL), (_READ_ONLY, Health.READ_ONLY), (_MALFORMED, Health.MALFORMED)):
        if code in codes:
            return word
    return Health.DATABASE
