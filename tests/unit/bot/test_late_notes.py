"""A note that waited its turn says nothing that is no longer true when it is sent."""

from bot import letters
from core.fulfilment import service as fulfilment
from core.messages.rules import MessageKind, Owed
from core.orders.rules import Move, Order, ReturnReason
from core.shop import Shop
from tests.support import builders

OUT = (Move.CONFIRM, Move.PREPARE, Move.READY, Move.OUT)


async def _out(shop: Shop) -> Order:
    """A parcel on its way."""
    rose = await builders.product(shop)
    made = await builders.order(shop, await builders.customer(shop), rose)
    return await builders.moved(shop, await builders.worker(shop), made, *OUT)


async def _brought(shop: Shop, order: Order, kind: MessageKind) -> str:
    owed = Owed(1, 1001, kind, order.id, {}, 0, shop.clock.now())
    screen = await letters.screen_for(shop, owed)
    return str(screen.text) if screen is not None else ""  # type: ignore[union-attr]


async def test_no_parcel_is_on_its_way_that_came_back(sqlite_shop: Shop) -> None:
    """The chat was full and the courier quick: the customer is not told that it comes, with the reason why not."""
    shop = sqlite_shop
    order = await _out(shop)
    assert "on its way" in await _brought(shop, order, MessageKind.NOTE_OUT)
    await fulfilment.move(
        shop, await builders.worker(shop), order.id, Move.RETURN, order.version, reason=ReturnReason.NO_MONEY
    )
    assert await _brought(shop, order, MessageKind.NOTE_OUT) == ""
