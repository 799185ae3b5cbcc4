"""A tap that is worked again after a kill: the basket remembers the last update that added to it."""

from core.carts import service as carts
from core.shop import Shop
from tests.support import builders


async def test_the_same_update_adds_once(shop: Shop) -> None:
    """Worked twice, one unit more; the next update adds again, and what has no number adds each time."""
    dara, rose = await builders.customer(shop), await builders.product(shop)
    counts = []
    for update_id in (7, 7, 8, 8, 7, None, None):
        cart = await carts.add(shop, dara, rose, update_id)
        counts.append(cart.lines[0].quantity)
    assert counts == [1, 1, 2, 2, 3, 4, 5]
    assert (await carts.basket(shop, dara)) is not None


async def test_other_changes_keep_it(shop: Shop) -> None:
    """Counting a line down between the two does not make the same tap add again."""
    dara, rose = await builders.customer(shop), await builders.product(shop)
    cart = await carts.add(shop, dara, rose, 7)
    await carts.change(shop, dara, cart.id, rose, 3)
    assert (await carts.add(shop, dara, rose, 7)).lines[0].quantity == 3
