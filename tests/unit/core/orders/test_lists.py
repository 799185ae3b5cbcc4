"""Lists of orders: in their order, whole, page by page, in two statements however many they are."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Connection, event

from core.orders import store
from core.orders.rules import Move, Order, Status
from core.shop import Shop
from tests.support import builders


async def _placed(shop: Shop, size: int) -> list[Order]:
    """Let one person order ``size`` times, a minute apart: one piece, then two, and so on, with a second line each."""
    rose, mask = await builders.product(shop, 100), await builders.product(shop, 100, sku="MASK-1")
    dara, made = await builders.customer(shop), []
    for units in range(1, size + 1):
        shop.clock.move(timedelta(minutes=1))
        made.append(await builders.place(shop, dara, await builders.cart(shop, dara, (rose, units), (mask, 1))))
    return made


async def _statements(shop: Shop, look: Callable[[Connection], list[Order]]) -> tuple[list[Order], int]:
    """What a list holds, and how many statements it took."""
    asked: list[str] = []

    def counted(tx: Connection) -> list[Order]:
        def note(_tx: object, _cursor: object, statement: str, *_rest: object) -> None:
            asked.append(statement)

        event.listen(tx, "before_cursor_execute", note)
        return look(tx)

    return await shop.db.read(counted), len(asked)


async def test_a_persons_orders_the_newest_first(shop: Shop) -> None:
    """Each as it is read alone, lines in their order; nobody else's; the next page follows by key."""
    made = await _placed(shop, 4)
    chan = await builders.customer(shop, 1002, "Chan")
    await builders.order(shop, chan, await builders.product(shop, sku="OIL-1"))
    person_id = made[0].person_id
    found, asked = await _statements(shop, lambda tx: store.of_person(tx, person_id, 3))
    assert found == [made[3], made[2], made[1]]
    assert [[line.quantity for line in order.lines] for order in found] == [[4, 1], [3, 1], [2, 1]]
    assert asked == 2
    assert await shop.db.read(store.of_person, person_id, 3, found[-1].id) == [made[0]]
    assert await _statements(shop, lambda tx: store.of_person(tx, 999)) == ([], 1)


async def test_orders_that_stand_somewhere_the_oldest_first(shop: Shop) -> None:
    """Those of one status only, with who holds each."""
    made = await _placed(shop, 4)
    sokha = await builders.worker(shop)
    taken = [await builders.moved(shop, sokha, order, Move.CONFIRM) for order in (made[3], made[1])]
    found, asked = await _statements(shop, lambda tx: store.in_status(tx, Status.CONFIRMED))
    assert found == [await builders.read(shop, order) for order in reversed(taken)]
    assert asked == 2
    assert await shop.db.read(store.in_status, Status.PENDING, 10, made[0].id) == [made[2]]


async def test_a_page_leaves_nobody_out_who_came_before_their_number(sqlite_shop: Shop) -> None:
    """After a clock that jumped back the newest number is the oldest order: page by page each is there once."""
    made = await _placed(sqlite_shop, 2)
    sqlite_shop.clock.move(-timedelta(hours=1))
    dara = await builders.customer(sqlite_shop)
    made.append(await builders.order(sqlite_shop, dara, await builders.product(sqlite_shop, sku="OIL-1")))
    after, found = 0, []
    while page := await sqlite_shop.db.read(store.in_status, Status.PENDING, 1, after):
        after = page[-1].id
        found.append(after)
        assert len(found) <= len(made)
    assert found == [made[2].id, made[0].id, made[1].id]
