"""The way back of docs/deploy/update.md on PostgreSQL: the older version and the backup of before, both together."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from pydantic import SecretStr
from sqlalchemy import Connection, inspect, text

from core.backups import contents
from core.backups import service as backups
from core.changes import Changes
from core.config import Config
from core.database import connect
from core.database.migrate import FOLDER, alembic_config, head
from core.database.postgres import PostgresDatabase
from core.errors import StartRefused
from core.privacy import service as privacy
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.databases import Cluster

STEP = f'''"""What a newer version adds to every order."""

import sqlalchemy as sa
from alembic import op

revision = "newer"
down_revision = "{head()}"


def upgrade() -> None:
    op.add_column("orders", sa.Column("gift", sa.Text(), server_default="none", nullable=False))
'''


@pytest.fixture
def beside(postgres_config: Config, postgres: Cluster) -> Iterator[Config]:
    """Settings of the same shop with an empty database beside the one it has."""
    url = postgres.empty()
    yield postgres_config.model_copy(update={"database_url": SecretStr(url)})
    postgres.drop(url)


def _carry_over(tx: Connection, folder: Path) -> None:
    """Do to a shop's database what the next version does, which knows one step more."""
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "newer.py").write_text(STEP, "utf-8")
    config = alembic_config()
    config.set_main_option("script_location", str(folder))
    config.attributes["connection"] = tx
    command.upgrade(config, "head")


def _gifts(tx: Connection) -> dict[str, str]:
    """What the newer version wrote at each order, by its number."""
    return {str(number): gift for number, gift in tx.execute(text("SELECT number, gift FROM orders"))}


async def test_the_older_version_opens_with_the_backup_of_before(
    postgres_config: Config, beside: Config, open_shop: OpenShop, tmp_path: Path
) -> None:
    """Orders of before are there and can be gone on with; the newer database is refused, and left as it is.

    Lost is what came after the backup, but for its number, which no other order is given.
    """
    shop = await open_shop(postgres_config)
    dara, rose = await builders.customer(shop), await builders.product(shop)
    kept = await builders.order(shop, dara, rose, 2)
    made = await backups.backup(shop, note="before the update")
    lost = await builders.order(shop, dara, rose)
    await shop.close()

    assert postgres_config.database_url is not None
    newer = await PostgresDatabase.open(postgres_config.database_url.get_secret_value(), Changes())
    await newer.write(_carry_over, tmp_path / "newer")
    with pytest.raises(StartRefused, match=r"written by a newer Haang \(schema newer; .*backup made before that"):
        await connect(postgres_config, Changes())
    assert await newer.read(_gifts) == {kept.number: "none", lost.number: "none"}
    await newer.close()

    await privacy.bring_back(beside, contents.opened(made.path), shop.clock.now())
    again = await open_shop(beside)
    assert "gift" not in await again.db.read(lambda tx: {one["name"] for one in inspect(tx).get_columns("orders")})
    assert await builders.read(again, kept) == kept
    next_one = await builders.order(again, dara, rose, 3)
    assert next_one.number > lost.number
    assert (await builders.figures(again, rose))[1] == 5
    await builders.sound(again)
