"""What was asked ends with what was done about it, in one transaction; refused, both are as they were."""

from dataclasses import replace

import pytest

from core.errors import OutOfDate
from core.fulfilment import cases, changing
from core.fulfilment.rules import Wanted
from core.people import service as people
from core.shop import Shop
from tests.support import builders


async def test_a_picture_of_a_payment(shop: Shop) -> None:
    """A picture for an order that is nothing to pay of leaves the question; taken as a claim it closes it."""
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    order, _ = await builders.khqr_order(shop)
    dara = await builders.customer(shop)
    cash = await builders.order(shop, dara, order.lines[0].variant_id)
    asked = await people.ask(shop, dara, "paid", order_id=order.id)
    with pytest.raises(OutOfDate):
        await cases.claim(shop, dara, cash.id, "picture", 5, asked)
    assert await people.question(shop, dara) == asked
    await cases.claim(shop, dara, order.id, "picture", 5, asked)
    assert await people.question(shop, dara) is None


async def test_a_changed_order(shop: Shop) -> None:
    """Another total than was seen leaves the draft; the change closes it, and no other that took its place."""
    sokha, dara = await builders.worker(shop), await builders.customer(shop)
    order = await builders.order(shop, dara, await builders.product(shop), 3)
    for units, other in ((2, False), (1, True)):
        asked = await people.ask(shop, sokha, "change", order_id=order.id)
        order, wanted = await builders.read(shop, order), Wanted({order.lines[0].variant_id: units})
        with pytest.raises(OutOfDate):
            await changing.change(shop, sokha, order.id, order.version, wanted, 1, question=asked)
        assert await people.question(shop, sokha) == asked
        stands = await people.ask(shop, sokha, "note", order_id=order.id) if other else None
        await changing.change(shop, sokha, order.id, order.version, wanted, units * 1200 + 150, question=asked)
        assert await people.question(shop, sokha) == stands
    await builders.sound(shop)


async def test_whose_draft_it_is(shop: Shop) -> None:
    """By its stamp anybody's draft of an order is found while it stands, and afterwards who confirmed it."""
    sokha, bopha = await builders.worker(shop), await builders.worker(shop, telegram_id=2002, name="Bopha")
    order = await builders.order(shop, await builders.customer(shop), await builders.product(shop), 3)
    asked = await people.ask(shop, sokha, "change", order_id=order.id)
    stamp, wanted = asked.stamp, Wanted({order.lines[0].variant_id: 2})
    assert await people.is_asked(shop, "change", stamp, order.id)
    for kind, at, number in (("note", stamp, order.id), ("change", stamp + 1, order.id), ("change", stamp, 99)):
        assert not await people.is_asked(shop, kind, at, number)
    assert not await people.has_answered(shop, sokha, stamp)
    await changing.change(shop, sokha, order.id, order.version, wanted, 2550, question=replace(asked, answers=7))
    assert not await people.is_asked(shop, "change", stamp, order.id)
    assert await people.has_answered(shop, sokha, stamp)
    assert not await people.has_answered(shop, sokha, stamp + 1)
    assert not await people.has_answered(shop, bopha, stamp)
