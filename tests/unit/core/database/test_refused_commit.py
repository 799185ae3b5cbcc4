"""A COMMIT that the database refuses: SQLite stays within the transaction then, which nobody may inherit."""

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from core.database.tables import favourites
from core.shop import Shop
from tests.support import builders


async def test_what_cannot_be_committed_holds_up_nobody(sqlite_shop: Shop) -> None:
    """A key that points nowhere is found at the end: that transaction is undone, and the next begins as ever."""
    person = await builders.customer(sqlite_shop)

    def write(tx: Connection) -> None:
        tx.exec_driver_sql("PRAGMA defer_foreign_keys=1")
        row = {"person_id": person.id, "product_id": 4_711, "at": sqlite_shop.clock.now()}
        tx.execute(insert(favourites).values(row))

    for _ in range(2):
        with pytest.raises(IntegrityError):
            await sqlite_shop.db.write(write)
    assert await sqlite_shop.db.write(lambda tx: tx.execute(select(favourites)).all()) == []
