"""Load a backup into an empty database of either engine; what stands there afterwards is compared before it counts."""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

from core import changes
from core.database import Database
from core.database.migrate import head
from core.database.tables import metadata
from core.errors import Refused
from core.messages import store as messages
from core.storage import archive, store, values
from core.storage.archive import Manifest

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was loaded; how many messages and updates were set aside, and how far order numbers have come now.

    ``forgotten``: so many people were in it who had asked to be forgotten since.
    """

    manifest: Manifest
    messages: int
    updates: int
    order_number: int
    forgotten: int = 0


async def restore(
    folder: Path, database: Database, order_number: int = 0, forget: Callable[[Connection], int] = lambda _tx: 0
) -> Restored:
    """Load the backup in ``folder`` in one transaction: all of it, read back and equal, or nothing.

    What it still owed is not sent again, and no order gets a number a second time: they go on above the backup's and
    above ``order_number``, which the data folder remembers.

    ``forget`` empties again who had asked for it (``core.privacy``), in the same transaction.

    ``Refused`` for a damaged backup, one of another schema than this code's, one whose rows break this database's
    rules, and for a database that has rows already.
    """
    manifest = await asyncio.to_thread(archive.check, folder)
    if manifest.schema != head():
        raise Refused("backup_schema", name=folder.name, schema=manifest.schema)
    if {table.table for table in manifest.tables} != set(metadata.tables):
        raise Refused("backup_damaged", name=folder.name)
    try:
        return await database.write(_load, folder, manifest, order_number, forget)
    except (DBAPIError, ValueError, KeyError) as error:  # a value that this database's own rules refuse
        log.warning("backup %s cannot be loaded: %s", folder.name, type(error).__name__)  # its text would hold rows
        raise Refused("backup_not_loadable", name=folder.name) from None


def _load(
    tx: Connection, folder: Path, manifest: Manifest, order_number: int, forget: Callable[[Connection], int]
) -> Restored:
    filled = store.filled(tx)
    if filled:
        raise Refused("restore_not_empty", table=filled[0])
    files = {table.table: table for table in manifest.tables}
    for table in metadata.sorted_tables:
        lines = archive.read_table(folder, files[table.name])
        store.load(tx, table, values.rows(table, files[table.name].columns, lines))
    store.go_on_counting(tx)
    for table in metadata.sorted_tables:
        if digest(tx, table) != files[table.name].sha256:
            raise Refused("restore_differs", table=table.name)
    for kind in ("settings", "product", "person"):
        changes.note(tx, kind)
    aside, number = messages.set_aside(tx), store.go_on_from(tx, max(manifest.order_number, order_number))
    store.remind_no_more(tx, datetime.fromisoformat(manifest.made_at))
    store.let_nobody_in(tx, datetime.fromisoformat(manifest.made_at))
    return Restored(manifest, *aside, number, forget(tx))


def digest(tx: Connection, table: Table) -> str:
    """SHA-256 in hex over a table's rows as a backup writes them: the same on both engines."""
    found = hashlib.sha256()
    for block in values.lines(table, store.rows(tx, table)):
        found.update(block)
    return found.hexdigest()
