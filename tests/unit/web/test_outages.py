"""The shop window while the database is away: open as it was known last, and no longer than that."""

import pytest

from core.changes import KINDS, Change
from core.config import Config
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders, opinions
from tests.support.patience import until
from tests.support.wire import Wire
from tests.unit.web.conftest import OpenSite, Visitor
from tests.unit.web.test_catalog_pages import read
from web.site import SITE

ROSE = "/p/p-rose-30"


@pytest.fixture
async def by_wire(wire: Wire, open_shop: OpenShop) -> Shop:
    """A shop that goes by it, with a rose of which a buyer said something."""
    shop = await open_shop(wire.config)
    rose = await builders.product(shop)
    await opinions.opinion(shop, await builders.customer(shop), rose, 4, "Soft")
    return shop


async def _outage(wire: Wire, shop: Shop) -> None:
    """Cut the wire and mend it; whatever may have changed meanwhile was rung for when this returns."""
    heard: set[Change] = set()
    stops = [shop.changes.listen(kind, heard.add) for kind in KINDS]
    wire.cut()
    await wire.mend()
    await until(lambda: heard >= {Change(kind) for kind in KINDS})
    for stop in stops:
        stop()


async def _window(visit: Visitor, shelf: str) -> list[str]:
    return [await read(visit, path) for path in ("/", shelf, ROSE)]


async def test_the_second_outage_finds_the_window_as_open_as_the_first(
    wire: Wire, by_wire: Shop, open_site: OpenSite
) -> None:
    """Away, back, nobody looks, away again: home, shelf and product as they were, but what buyers say of it."""
    visit = await open_site(by_wire)
    (shelf,) = (f"/c/{one.slug}" for one in (await by_wire.catalogue.now()).categories.values())
    before = await _window(visit, shelf)
    assert "Soft" in before[2]
    await _outage(wire, by_wire)
    wire.cut()
    for _ in range(2):
        home, listed, rose = await _window(visit, shelf)
        assert [home, listed] == before[:2]
        assert "$12.00" in rose
        assert "Soft" not in rose


async def test_what_was_known_last_is_not_kept(wire: Wire, by_wire: Shop, open_site: OpenSite) -> None:
    """A page that was drawn while the database was away is drawn anew for the next one, bell or no bell."""
    visit = await open_site(by_wire)
    kept = visit.app[SITE].pages
    await read(visit, ROSE)
    await _outage(wire, by_wire)
    wire.cut()
    await read(visit, ROSE)
    assert len(kept) == 0
    await wire.mend()
    assert "Soft" in await read(visit, ROSE)


async def test_a_price_of_meanwhile_is_seen_once_the_database_is_back(
    wire: Wire, by_wire: Shop, open_site: OpenSite, postgres_config: Config, open_shop: OpenShop
) -> None:
    """Another process changes it during the outage: the old one meanwhile, the new one at the first look after."""
    visit, other = await open_site(by_wire), await open_shop(postgres_config)
    assert "$12.00" in await read(visit, ROSE)
    await _outage(wire, by_wire)
    wire.cut()
    (product,) = (await other.catalogue.now()).products.values()
    await builders.reprice(other, product.variants[0].id, 1500)
    assert "$12.00" in await read(visit, ROSE)
    await wire.mend()
    assert "$15.00" in await read(visit, ROSE)


async def test_a_shop_that_was_never_read_has_nothing_to_show(wire: Wire, by_wire: Shop, open_site: OpenSite) -> None:
    """Away before the first look: what went wrong is said, and no empty shelves are shown."""
    visit = await open_site(by_wire)
    wire.cut()
    async with visit.get("/") as answer:
        assert (answer.status, "went wrong" in await answer.text()) == (500, True)


async def test_what_is_broken_is_not_covered_up(sqlite_shop: Shop, open_site: OpenSite) -> None:
    """A table that is missing is no outage: the page says that something went wrong, though the shelves are known."""
    visit = await open_site(sqlite_shop)
    await builders.product(sqlite_shop)
    await read(visit, ROSE)
    await sqlite_shop.db.write(lambda tx: tx.exec_driver_sql("ALTER TABLE products RENAME TO elsewhere"))
    sqlite_shop.changes.ring([Change("product")])
    async with visit.get(ROSE) as answer:
        assert answer.status == 500
