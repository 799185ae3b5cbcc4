"""A person's orders page by page, by key: nothing twice, nothing left out, whatever arrives or is imported then."""

from datetime import timedelta

from sqlalchemy import Connection

from core.database.tables import orders as table
from core.orders import service, store
from core.orders.rules import Order, OrderPage, Turn
from core.people.rules import Person
from core.shop import Shop
from tests.support import builders


async def _placed(shop: Shop, person: Person, size: int) -> list[Order]:
    """Let somebody order ``size`` times, a minute apart; the newest first."""
    rose, made = await builders.product(shop, 200, sku=f"R-{person.id}"), []
    for _ in range(size):
        shop.clock.move(timedelta(minutes=1))
        made.append(await builders.order(shop, person, rose))
    return made[::-1]


def _ids(page: OrderPage) -> list[int]:
    return [order.id for order in page.orders]


async def test_down_and_up_again(shop: Shop) -> None:
    """Twelve orders are a page of ten and one of two; back up is the first page, whole; arrows only where they lead."""
    dara = await builders.customer(shop)
    made = [order.id for order in await _placed(shop, dara, 12)]
    first = await service.mine(shop, dara)
    assert (_ids(first), first.newer, first.older) == (made[:10], False, True)
    last = await service.mine(shop, dara, Turn.OLDER, made[9])
    assert (_ids(last), last.newer, last.older) == (made[10:], True, False)
    assert await service.mine(shop, dara, Turn.NEWER, made[10]) == first


async def test_a_page_in_the_middle(sqlite_shop: Shop) -> None:
    """Of thirty, up from the last page is the ten just above it, with ways to both sides; exactly ten above are all."""
    shop = sqlite_shop
    dara = await builders.customer(shop)
    made = [order.id for order in await _placed(shop, dara, 21)]
    middle = await service.mine(shop, dara, Turn.NEWER, made[20])
    assert (_ids(middle), middle.newer, middle.older) == (made[10:20], True, True)
    top = await service.mine(shop, dara, Turn.NEWER, made[10])
    assert (_ids(top), top.newer, top.older) == (made[:10], False, True)


async def test_new_orders_move_no_page(shop: Shop) -> None:
    """While somebody turns the pages two more orders arrive: the next page is what it would have been."""
    dara = await builders.customer(shop)
    made = [order.id for order in await _placed(shop, dara, 12)]
    edge = (await service.mine(shop, dara)).orders[-1].id
    rose = await builders.product(shop, sku="NEW-1")
    newer = [(await builders.order(shop, dara, rose)).id for _ in range(2)]
    assert _ids(await service.mine(shop, dara, Turn.OLDER, edge)) == made[10:]
    assert _ids(await service.mine(shop, dara))[:2] == newer[::-1]


async def test_what_was_imported_stands_where_its_day_is(shop: Shop) -> None:
    """An order written later but placed earlier is on the page of its day, once; two of one moment are both there."""
    dara = await builders.customer(shop)
    made = [order.id for order in await _placed(shop, dara, 12)]

    def import_old(tx: Connection) -> None:
        rows = {row.id: row.placed_at for row in tx.execute(table.select())}
        tx.execute(table.update().where(table.c.id == made[0]).values(placed_at=rows[made[11]] - timedelta(days=1)))
        tx.execute(table.update().where(table.c.id == made[10]).values(placed_at=rows[made[9]]))

    await shop.db.write(import_old)
    first = await service.mine(shop, dara)
    rest = await service.mine(shop, dara, Turn.OLDER, first.orders[-1].id)
    assert _ids(first) + _ids(rest) == [*made[1:], made[0]]


async def test_only_ones_own(shop: Shop) -> None:
    """Another's order as the edge, or none that there is: one's own newest, nothing of theirs."""
    dara, chan = await builders.customer(shop), await builders.customer(shop, 1002, "Chan")
    mine, theirs = await _placed(shop, dara, 2), await _placed(shop, chan, 1)
    for edge in (theirs[0].id, 999, -1):
        for turn in Turn:
            assert _ids(await service.mine(shop, dara, turn, edge)) == [order.id for order in mine]
    assert await shop.db.read(store.of_person, dara.id, 10, theirs[0].id) == []
