"""Statements are compiled once for all connections of a process."""

from sqlalchemy import Connection, literal_column, select

from core.database import compiled
from core.shop import Shop


async def test_what_one_connection_compiled_another_reads(shop: Shop) -> None:
    """A question asked of the writer and then of a reader is compiled once; a new one is compiled."""

    def ask(tx: Connection, name: str) -> int:
        return int(tx.execute(select(literal_column("1").label(name))).scalar_one())

    answers = [await shop.db.write(ask, "once")]
    known = len(compiled._KEPT)
    answers += [await shop.db.read(ask, "once") for _ in range(3)]
    assert (answers, len(compiled._KEPT)) == ([1] * 4, known)
    await shop.db.read(ask, "another")
    assert len(compiled._KEPT) == known + 1
