"""Stock: one guarded change and one movement for every unit; what does not add up is found."""

import pytest
from sqlalchemy import select, text

from core.database.tables import stock_movements
from core.errors import Refused
from core.orders.rules import Move
from core.shop import Shop
from core.stock import rules, store
from core.stock.rules import CHANGES, HoldState
from tests.support import builders


async def _receive(shop: Shop, variant: int, units: int) -> None:
    await shop.db.write(store.receive, variant, units, shop.clock.now())


def test_wanted_adds_up_in_variant_order() -> None:
    """Two lines of one variant are one want, and rows are locked lowest first."""
    assert list(rules.wanted([(7, 1), (3, 2), (7, 4)]).items()) == [(3, 2), (7, 5)]


def test_no_turn_makes_or_loses_a_unit() -> None:
    """Free units (on hand, less held and allocated) change only where a promise is made, let go, or goods come back."""
    free = {turn: c.on_hand - c.held - c.allocated for turn, c in CHANGES.items()}
    made = {turn for turn, change in free.items() if change == -1}
    assert made == {(None, HoldState.ACTIVE), (HoldState.RELEASED, HoldState.ACTIVE)}
    assert {turn[1] for turn, change in free.items() if change == 1} == {HoldState.RELEASED}
    assert set(free.values()) <= {-1, 0, 1}


async def test_receiving_and_losing(shop: Shop) -> None:
    """Units come in and are written off, each with its movement; never below what is promised."""
    rose = await builders.product(shop, 10)
    await builders.order(shop, await builders.customer(shop), rose, 6)
    await _receive(shop, rose, -4)
    with pytest.raises(Refused):
        await _receive(shop, rose, -1)
    await _receive(shop, rose, 3)
    assert await builders.figures(shop, rose) == (9, 6, 0)
    kinds = await shop.db.read(lambda tx: list(tx.execute(select(stock_movements.c.kind)).scalars()))
    assert kinds == ["received", "held", "adjusted", "received"]
    await builders.sound(shop)


async def test_a_line_that_cannot_be_had_holds_none(shop: Shop) -> None:
    """Of three lines the last is sold out: nothing of the others is held."""
    shelf = [await builders.product(shop, units, 100, f"S-{units}") for units in (5, 4, 0)]
    dara = await builders.customer(shop)
    cart_id = await builders.cart(shop, dara, *((variant, 1) for variant in shelf))
    with pytest.raises(Refused):
        await builders.place(shop, dara, cart_id)
    assert [(await builders.figures(shop, variant))[1] for variant in shelf] == [0, 0, 0]
    await builders.sound(shop)


async def test_turning_again_changes_nothing(shop: Shop) -> None:
    """A hold brought where it stands already moves no unit; a turn that cannot be is an error and moves none."""
    rose = await builders.product(shop)
    order = await builders.order(shop, await builders.customer(shop), rose, 2)
    order = await builders.moved(shop, await builders.worker(shop), order, Move.CONFIRM)
    await shop.db.write(store.turn, order.id, HoldState.COMMITTED, shop.clock.now())
    assert await builders.figures(shop, rose) == (10, 0, 2)
    with pytest.raises(KeyError):
        await shop.db.write(store.turn, order.id, HoldState.ACTIVE, shop.clock.now())
    assert await builders.figures(shop, rose) == (10, 0, 2)
    await builders.sound(shop)


@pytest.mark.parametrize(
    "drift",
    ["UPDATE stock SET on_hand = on_hand + 1", "UPDATE stock SET held = held - 1",
     "UPDATE stock SET allocated = allocated + 1", "DELETE FROM stock_movements",
     "UPDATE holds SET state = 'released'", "UPDATE holds SET quantity = 1"],
)  # fmt: skip
async def test_drift_is_found(shop: Shop, drift: str) -> None:
    """A figure, a movement or a hold changed behind the shop's back: the variant is named."""
    rose = await builders.product(shop)
    await builders.order(shop, await builders.customer(shop), rose, 2)
    assert await shop.db.read(store.unexplained) == []
    await shop.db.write(lambda tx: tx.execute(text(drift)))
    assert await shop.db.read(store.unexplained) == [rose]


async def test_what_is_left(shop: Shop) -> None:
    """On hand, less what is held and what is allocated."""
    rose, mask = await builders.product(shop, 10), await builders.product(shop, 3, sku="MASK-1")
    dara, staff = await builders.customer(shop), await builders.worker(shop)
    await builders.order(shop, dara, rose, 2)
    await builders.moved(shop, staff, await builders.order(shop, dara, rose, 3), Move.CONFIRM)
    assert await shop.db.read(store.left, {rose: 1, mask: 1}) == {rose: 5, mask: 3}
