"""Is it well: a row is written and read back, what is wrong has a word, and many questions are one look."""

import resource
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from core.config import Config
from core.shop import Shop
from core.storage import health, store
from core.storage.health import Health, Pulse, look
from tests.conftest import OpenShop

FILE = "haang.sqlite3"


async def test_a_shop_that_is_well(shop: Shop) -> None:
    """Each look writes another number and finds it."""
    found = [(await look(shop), await shop.db.read(store.last_beat)) for _ in range(2)]
    assert [word for word, _ in found] == [Health.OK] * 2
    assert found[0][1] != found[1][1]


@pytest.mark.skipif(sys.platform == "win32", reason="file-size limits are POSIX")
async def test_a_full_disk(sqlite_shop: Shop) -> None:
    """Nothing more can be written: said so, though every read is answered; with room again all is well."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        found = await look(sqlite_shop)
        await sqlite_shop.db.read(store.last_beat)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert found is Health.FULL
    assert await look(sqlite_shop) is Health.OK


def _spoil(file: Path) -> None:
    with file.open("r+b") as raw:
        raw.write(b"certainly not a database" * 2_000)  # page 2 is no table's


async def test_a_malformed_database(sqlite_shop: Shop) -> None:
    """Another program wrote into the file: what the shop's own connections still remember does not hide it."""
    for _ in range(3):  # the writer and both readers have seen it well
        assert await look(sqlite_shop) is Health.OK
        assert await sqlite_shop.db.read(store.last_beat)
    _spoil(sqlite_shop.config.data_dir / FILE)
    assert await look(sqlite_shop) is Health.MALFORMED


@pytest.mark.parametrize("how", ["deleted", "replaced"])
async def test_another_file(sqlite_shop: Shop, how: str) -> None:
    """The file was moved away, perhaps with another in its place."""
    file = sqlite_shop.config.data_dir / FILE
    away = file.rename(file.with_name("away"))
    if how == "replaced":
        file.write_bytes(away.read_bytes())
    assert await look(sqlite_shop) is Health.MOVED


@pytest.mark.parametrize(
    ("sqlstate", "word"),
    [("53100", Health.FULL), ("25006", Health.READ_ONLY), ("XX001", Health.MALFORMED), ("57P03", Health.DATABASE)],
)
async def test_what_postgresql_says(postgres_config: Config, open_shop: OpenShop, sqlstate: str, word: Health) -> None:
    """A server's own code becomes the same words."""
    shop = await open_shop(postgres_config)
    raising = f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlstate}'; END $$"
    with pytest.raises(DBAPIError) as error:
        await shop.db.write(lambda tx: tx.exec_driver_sql(raising) and None)
    assert health._word(error.value) is word


async def test_a_closed_database(sqlite_shop: Shop) -> None:
    """Whatever has no word of its own is the database's."""
    await sqlite_shop.db.close()
    assert await look(sqlite_shop) is Health.DATABASE


async def test_many_questions_are_one_look(sqlite_shop: Shop) -> None:
    """Within its seconds an answer stands; after them it is felt again."""
    beats = []
    for kept in (60.0, 0.0):
        pulse = Pulse(sqlite_shop, kept)
        for _ in range(5):
            assert await pulse.feel() is Health.OK
            beats.append(await sqlite_shop.db.read(store.last_beat))
    assert len(set(beats[:5])) == 1
    assert len(set(beats[5:])) == 5
