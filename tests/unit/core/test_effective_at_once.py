"""What another process changed is what this one goes by: rules, goods and roles, kept in memory or not."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core import changes
from core.changes import KINDS, Change
from core.checkout import service as checkout
from core.checkout.service import Wish
from core.config import ROOT, Config
from core.database.engine import SqliteDatabase
from core.database.overhearing import Overhearing
from core.errors import OutOfDate
from core.money import Money, usd
from core.orders.rules import PaymentMethod
from core.people import service as people
from core.people.rules import Role
from core.policy import service as policy
from core.policy.rules import stamp
from core.settings.known import Rule
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.patience import PATIENCE

ELSEWHERE = """
import asyncio, sys
from pathlib import Path
from core.clock import SteppedClock
from core.config import Config
from core.payments.bakong import ManualBank
from core.people import service as people
from core.policy import service as policy
from core.policy.rules import stamp
from core.settings.known import Rule
from core.sheets import service as sheets
from core.shop import open_shop

url, data, listed = sys.stdin.read().split("\\n")[:3]

async def main():
    config = Config(_env_file=None, database_url=url or None, data_dir=Path(data), port=0)
    shop = await open_shop(config, ManualBank(), SteppedClock())
    boss = await people.arrive(shop, 9001, "Boss")
    await policy.change(shop, boss, Rule.FEE_CAPITAL, 300, stamp(150))
    await sheets.take(shop, Path(listed))
    await people.revoke(shop, 2001)
    await shop.close()

asyncio.run(main())
"""


def elsewhere(config: Config, listed: Path) -> None:
    """Let another process change a rule, goods and a role."""
    url = config.database_url.get_secret_value() if config.database_url else ""
    order = f"{url}\n{config.data_dir}\n{listed}\n"
    subprocess.run([sys.executable, "-c", ELSEWHERE], input=order, text=True, cwd=ROOT, check=True, timeout=PATIENCE)


async def _prices(shop: Shop) -> set[Money]:
    return {one.price for found in (await shop.catalogue.now()).products.values() for one in found.variants}


async def test_what_another_process_changed_is_what_this_one_goes_by(shop: Shop, tmp_path: Path) -> None:
    """A fee is asked for by the very next order, a new price is in the catalogue, who was let go may do nothing."""
    await builders.worker(shop, Role.OWNER, 9001, "Boss")
    await builders.worker(shop)
    rose, dara = await builders.product(shop), await builders.customer(shop)
    cart_id = await builders.cart(shop, dara, (rose, 1))
    seen = await checkout.review(shop, dara, cart_id)
    assert (await people.arrive(shop, 2001, "Sokha")).role is Role.STAFF
    assert await _prices(shop) == {usd(1200)}
    listed = tmp_path / "list.csv"
    listed.write_text("sku,price,name,stock\nROSE-30,11,,\nNEW-1,5,Balm,3\n", "utf-8")
    with shop.changes.bell("person", 2001) as rung:
        elsewhere(shop.config, listed)
        with pytest.raises(OutOfDate):
            await checkout.place(shop, dara, Wish(cart_id, PaymentMethod.COD, seen.total.amount))
        if shop.db.dialect == "postgresql":  # its line brings it with one of the loop's next turns
            await asyncio.wait_for(rung.wait(), PATIENCE)
    made = await builders.place(shop, dara, cart_id)
    assert (made.delivery_fee, made.subtotal) == (usd(300), usd(1100))
    assert await _prices(shop) == {usd(1100), usd(500)}
    assert (await people.arrive(shop, 2001, "Sokha")).role is None


async def test_the_next_order_obeys_before_the_bell_is_heard(config: Config, open_shop: OpenShop) -> None:
    """The bell is on its way still, or lost: a rule is read in the order's own transaction, which goes by it."""
    one, deaf = await open_shop(config), await open_shop(config)
    boss, dara = await builders.worker(one, Role.OWNER, 9001), await builders.customer(one)
    rose = await builders.product(one)
    deaf.changes._listeners.clear()
    await policy.change(one, boss, Rule.FEE_CAPITAL, 300, stamp(150))
    cart_id = await builders.cart(deaf, dara, (rose, 1))
    assert deaf.policy.fee_capital == 150
    made = await checkout.place(deaf, dara, Wish(cart_id, PaymentMethod.COD, 1500))
    assert made.delivery_fee == usd(300)


async def _two_that_look_when_told(config: Config, open_shop: OpenShop) -> tuple[Shop, Shop]:
    """Two shops on one SQLite file, without the look that each takes by itself every second."""
    both = await open_shop(config), await open_shop(config)
    for shop in both:
        assert isinstance(shop.db, SqliteDatabase)
        shop.db._waiting.cancel()
    return both


async def test_only_what_others_changed_rings_for_everything(sqlite_config: Config, open_shop: OpenShop) -> None:
    """One's own changes ring as they are, each once; another's ring "any of them", also before one's own next one."""
    one, two = await _two_that_look_when_told(sqlite_config, open_shop)
    heard: list[Change] = []
    for kind in KINDS:
        one.changes.listen(kind, heard.append)
    for number in (1, 2):
        await one.db.write(lambda tx, number=number: changes.note(tx, "order", number))
        one.db.overhear()
    assert heard == [Change("order", 1), Change("order", 2)]
    heard.clear()
    await two.db.write(lambda tx: changes.note(tx, "order", 3))
    await one.db.write(lambda tx: changes.note(tx, "order", 4))
    assert heard == [Change(kind) for kind in KINDS]
    one.db.overhear()
    await two.db.write(lambda _tx: None)
    one.db.overhear()
    assert len(heard) == len(KINDS)
    await two.db.write(lambda tx: changes.note(tx, "order", 5))
    one.db.overhear()
    assert len(heard) == 2 * len(KINDS)


async def test_what_is_undone_rings_nowhere(sqlite_config: Config, open_shop: OpenShop) -> None:
    """A transaction that fails leaves no mark; one's own next change is no stranger's."""
    one, two = await _two_that_look_when_told(sqlite_config, open_shop)
    heard: list[Change] = []
    for shop in (one, two):
        shop.changes.listen("stock", heard.append)

    def fail(tx: object) -> None:
        changes.note(tx, "order", 1)
        raise LookupError

    with pytest.raises(LookupError):
        await two.db.write(fail)
    await two.db.write(lambda tx: changes.note(tx, "order", 2))
    two.db.overhear()
    assert heard == []
    one.db.overhear()
    assert heard == [Change("stock")]


def test_a_mark_that_waits_for_its_commit_is_no_strangers(tmp_path: Path) -> None:
    """A look at any moment of one's own transactions, also between the mark and the commit, finds nobody else."""
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3", isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        with closing(Overhearing(tmp_path / "shop.sqlite3")) as ear:
            for _ in range(2):
                writer.execute("BEGIN IMMEDIATE")
                looks = [ear.set(writer), ear.missed()]
                writer.execute("COMMIT")
                assert [*looks, ear.missed()] == [False, False, False]


async def test_who_only_waits_is_rung_for(sqlite_config: Config, open_shop: OpenShop) -> None:
    """A page that follows an order asks nothing: the process itself looks, every second."""
    one, two = await open_shop(sqlite_config), await open_shop(sqlite_config)
    assert isinstance(one.db, SqliteDatabase)
    with one.changes.bell("order", 7) as rung:
        await two.db.write(lambda tx: changes.note(tx, "order", 7))
        await asyncio.wait_for(rung.wait(), PATIENCE)
